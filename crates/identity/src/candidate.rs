//! A JWT in compact form, taken apart. The payload stays shut until a key has verified it.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_types::id::KeyId;

use crate::{
    Key, Rejection, Secret, Token, hs256,
    json::{self, Object, Value},
    token::TOKEN_MAX_BYTES,
};

/// A token of the right form, which asks for HS256: checks 1 to 4 passed. Nobody has looked at its
/// signature or payload yet, and neither an agent nor a key is needed to come this far, so that what
/// fails here costs no database anything. Its `Debug` shows nothing.
pub struct Candidate<'t> {
    signing_input: &'t str,
    signature: &'t str,
    header: Object,
    payload: Object,
}

impl<'t> Candidate<'t> {
    /// Takes a token apart. The first check that fails decides.
    pub fn read(token: &'t Token) -> Result<Self, Rejection> {
        let candidate = match token.expose() {
            "" => return Err(Rejection::Missing),
            text if text.len() > TOKEN_MAX_BYTES => return Err(Rejection::TooLarge),
            text => Self::parse(text)?,
        };
        candidate.require_hs256()?;
        Ok(candidate)
    }

    /// Takes three parts of canonical base64url, the first two of which are strict JSON objects.
    ///
    /// An empty third part passes: it is how an unsecured JWT (RFC 7519 §6) is written, which
    /// [`Candidate::require_hs256`] then refuses by its name.
    fn parse(text: &'t str) -> Result<Self, Rejection> {
        let (signing_input, signature) = text.rsplit_once('.').ok_or(Rejection::NotThreeParts)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Rejection::NotThreeParts)?;
        if payload.contains('.') {
            return Err(Rejection::NotThreeParts);
        }
        decode(signature)?;
        Ok(Self {
            signing_input,
            signature,
            header: decode_object(header)?,
            payload: decode_object(payload)?,
        })
    }

    /// The header of a token of whatever form, where it can be read, for showing it.
    pub(crate) fn header_of(token: &Token) -> Option<Object> {
        let text = Some(token.expose()).filter(|text| text.len() <= TOKEN_MAX_BYTES)?;
        decode_object(text.split_once('.')?.0).ok()
    }

    /// Passes where `alg` is exactly `HS256`, there is a signature, and nothing is critical.
    fn require_hs256(&self) -> Result<(), Rejection> {
        match self.header.get("alg") {
            Some(Value::String(alg)) if alg == "HS256" => {}
            Some(Value::String(alg)) if alg.eq_ignore_ascii_case("none") => return Err(Rejection::AlgNone),
            Some(Value::String(alg)) if is_asymmetric(alg) => return Err(Rejection::AlgAsymmetric),
            _ => return Err(Rejection::AlgNotHs256),
        }
        if self.header.contains_key("crit") {
            return Err(Rejection::Critical);
        }
        if self.signature.is_empty() {
            return Err(Rejection::NotThreeParts);
        }
        Ok(())
    }

    /// The key of the agent's that `kid` names. A `kid` of any other value or type names none, and
    /// means nothing.
    pub(crate) fn named_key<'k>(&self, keys: &'k [Key]) -> Option<&'k Key> {
        let Some(Value::String(kid)) = self.header.get("kid") else { return None };
        let id: KeyId = kid.parse().ok()?;
        keys.iter().find(|key| key.id == id)
    }

    /// Whether the signature is the MAC, under this secret, of the bytes that were received.
    pub(crate) fn verifies_under(&self, secret: &Secret) -> bool {
        hs256::verifies(self.signing_input, self.signature, secret)
    }

    /// The payload. Only for whoever has seen the signature verify.
    pub(crate) fn into_payload(self) -> Object {
        self.payload
    }
}

impl fmt::Debug for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Candidate(…)")
    }
}

/// Whether the name belongs to a signature with a key pair: RS256, PS384, ES512, ES256K, `EdDSA`, …
fn is_asymmetric(alg: &str) -> bool {
    ["RS", "PS", "ES", "Ed"].iter().any(|family| alg.starts_with(family))
}

fn decode_object(part: &str) -> Result<Object, Rejection> {
    if part.is_empty() {
        return Err(Rejection::NotThreeParts);
    }
    json::parse_object(&decode(part)?).map_err(|json::NotStrict| Rejection::NotJsonObjects)
}

/// Without padding, and with trailing bits of zero: one text for one sequence of bytes.
fn decode(part: &str) -> Result<Vec<u8>, Rejection> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejection::NotBase64Url)
}
