//! A JWT in compact form, taken apart. The payload stays shut until a key has verified it.

use std::fmt;

use base64::{DecodeSliceError, Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_types::id::KeyId;

use crate::{
    Rejection, Secret, Token, hs256,
    json::{NotStrict, Object},
    token::TOKEN_MAX_BYTES,
};

/// A token of the right form, which asks for HS256: checks 1 to 4 passed. Nobody has looked at its
/// signature or payload yet, and neither an agent nor a key is needed to come this far, so that what
/// fails here costs no database anything. Its `Debug` shows nothing.
pub struct Candidate<'t> {
    signing_input: &'t str,
    signature: &'t str,
    kid: Option<KeyId>,
    payload: Object,
}

/// The headers that JWT libraries write when nobody asks for more, encoded. There is nothing to read in
/// them but `HS256`.
const PLAIN_HEADERS: [&str; 3] =
    ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9"];

impl<'t> Candidate<'t> {
    /// Takes a token apart. The first check that fails decides.
    pub fn read(token: &'t Token) -> Result<Self, Rejection> {
        match token.expose() {
            "" => Err(Rejection::Missing),
            text if text.len() > TOKEN_MAX_BYTES => Err(Rejection::TooLarge),
            text => Self::parse(text).map_err(|rejection| {
                // Whatever else is wrong with it, it has the wrong number of parts.
                if text.matches('.').count() == 2 { rejection } else { Rejection::NotThreeParts }
            }),
        }
    }

    /// Takes three parts of canonical base64url, the first two of which are strict JSON objects, the
    /// first one a header that is accepted.
    fn parse(text: &'t str) -> Result<Self, Rejection> {
        let (signing_input, signature) = text.rsplit_once('.').ok_or(Rejection::NotThreeParts)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Rejection::NotThreeParts)?;
        require_base64url(signature)?;
        let plain = PLAIN_HEADERS.contains(&header);
        let header = if plain { Header::PLAIN } else { Header::of(&decode_object(header)?) };
        let payload = decode_object(payload)?;
        let kid = header.require_hs256()?;
        // An empty third part is how an unsecured JWT (RFC 7519 §6) is written, which has been refused by
        // its name.
        if signature.is_empty() {
            return Err(Rejection::NotThreeParts);
        }
        Ok(Self { signing_input, signature, kid, payload })
    }

    /// The header of a token of whatever form, where it can be read, for showing it.
    pub(crate) fn header_of(token: &Token) -> Option<Object> {
        let text = Some(token.expose()).filter(|text| text.len() <= TOKEN_MAX_BYTES)?;
        decode_object(text.split_once('.')?.0).ok()
    }

    /// The key that `kid` names. A `kid` of any other value or type names none, and means nothing.
    pub(crate) const fn kid(&self) -> Option<KeyId> {
        self.kid
    }

    /// Whether the signature is the MAC, under this secret, of the bytes that were received.
    pub(crate) fn verifies_under(&self, secret: &Secret) -> bool {
        hs256::verifies(self.signing_input, self.signature, secret.key())
    }

    /// The same under a key of any bytes: for telling what was used in a secret's place, and nothing else.
    pub(crate) fn has_mac_under(&self, key: &[u8]) -> bool {
        hs256::is_mac_under(self.signing_input, self.signature, key)
    }

    /// The signature as it stands in the token.
    pub(crate) const fn signature(&self) -> &'t str {
        self.signature
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

/// The members of a header that mean something.
struct Header {
    alg: Alg,
    critical: bool,
    kid: Option<KeyId>,
}

enum Alg {
    Hs256,
    None,
    Asymmetric,
    Other,
}

impl Header {
    const PLAIN: Self = Self { alg: Alg::Hs256, critical: false, kid: None };

    fn of(object: &Object) -> Self {
        let mut header = Self { alg: Alg::Other, critical: false, kid: None };
        object.each(|name, value| match &*name {
            "alg" => header.alg = value.as_string().map_or(Alg::Other, |name| Alg::of(&name)),
            "crit" => header.critical = true,
            "kid" => header.kid = value.as_string().and_then(|text| text.parse().ok()),
            _ => {}
        });
        header
    }

    /// Passes where `alg` is exactly `HS256` and nothing is critical. Gives the key that is named.
    const fn require_hs256(self) -> Result<Option<KeyId>, Rejection> {
        match self.alg {
            Alg::Hs256 if self.critical => Err(Rejection::Critical),
            Alg::Hs256 => Ok(self.kid),
            Alg::None => Err(Rejection::AlgNone),
            Alg::Asymmetric => Err(Rejection::AlgAsymmetric),
            Alg::Other => Err(Rejection::AlgNotHs256),
        }
    }
}

impl Alg {
    fn of(name: &str) -> Self {
        match name {
            "HS256" => Self::Hs256,
            _ if name.eq_ignore_ascii_case("none") => Self::None,
            // RS256, PS384, ES512, ES256K, EdDSA, …
            _ if ["RS", "PS", "ES", "Ed"].iter().any(|family| name.starts_with(family)) => Self::Asymmetric,
            _ => Self::Other,
        }
    }
}

fn decode_object(part: &str) -> Result<Object, Rejection> {
    if part.is_empty() {
        return Err(Rejection::NotThreeParts);
    }
    Object::parse(decode(part)?).map_err(|NotStrict| Rejection::NotJsonObjects)
}

/// Without padding, and with trailing bits of zero: one text for one sequence of bytes.
fn decode(part: &str) -> Result<Vec<u8>, Rejection> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Rejection::NotBase64Url)
}

/// The same, where nobody wants the bytes yet.
fn require_base64url(part: &str) -> Result<(), Rejection> {
    let mut mac = [0; 48];
    match URL_SAFE_NO_PAD.decode_slice(part, &mut mac) {
        Ok(_) => Ok(()),
        Err(DecodeSliceError::OutputSliceTooSmall) => decode(part).map(drop),
        Err(DecodeSliceError::DecodeError(_)) => Err(Rejection::NotBase64Url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let token = Token::new(format!("{}.e30.AAAA", PLAIN_HEADERS[0]));
        assert_eq!(format!("{:?}", Candidate::read(&token).unwrap()), "Candidate(…)");
    }

    #[test]
    fn a_plain_header_says_what_is_taken_from_it() {
        for header in PLAIN_HEADERS {
            let Header { alg, critical, kid } = Header::of(&decode_object(header).unwrap());
            assert!(matches!(alg, Alg::Hs256) && !critical && kid.is_none(), "{header}");
        }
    }
}
