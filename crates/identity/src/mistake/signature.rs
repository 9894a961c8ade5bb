//! Which key signed instead of an active one of the agent, or what was made of the right one before it
//! signed. Nothing of the payload is read for it.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use eloquent_types::id::KeyId;
use zeroize::Zeroizing;

use super::SecretUse;
use crate::{Advice, Candidate, Key, OtherKey, Suspicion};

/// The length of an HMAC-SHA-256, in bytes.
const MAC_LENGTH: usize = 32;

/// Takes what the decoders of most languages take.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why no active key verified the token, or not the one that it names.
pub(crate) fn suspect(candidate: &Candidate<'_>, keys: &[Key], others: &[OtherKey]) -> Option<Suspicion> {
    if let Some(signer) = keys.iter().find(|key| candidate.verifies_under(&key.secret)) {
        return if !signer.revoked {
            Some(Suspicion::WrongKid)
        } else if candidate.kid() == Some(signer.id) {
            None
        } else {
            Some(Suspicion::RevokedKey)
        };
    }
    if let Some(other) = others.iter().find(|other| candidate.verifies_under(&other.key.secret)) {
        return Some(Suspicion::OtherAgent { name: other.agent_name.clone() });
    }
    let active = || keys.iter().filter(|key| !key.revoked);
    active()
        .find_map(|key| misuse(candidate, key))
        .map(Suspicion::Secret)
        .or_else(|| named_elsewhere(candidate, others).map(|name| Suspicion::OtherAgentNamed { name }))
        .or_else(|| of_the_mac(candidate))
}

/// What is odd about the `kid` of a token whose signature held: `None` for one that is no key's id.
pub(crate) fn advise(kid: Option<KeyId>, keys: &[Key], others: &[OtherKey]) -> Option<Advice> {
    if keys.iter().any(|key| Some(key.id) == kid) {
        return None;
    }
    let other = others.iter().find(|other| Some(other.key.id) == kid);
    Some(other.map_or(Advice::UnknownKid, |other| Advice::KidOfOtherAgent { name: other.agent_name.clone() }))
}

fn named_elsewhere(candidate: &Candidate<'_>, others: &[OtherKey]) -> Option<String> {
    let kid = candidate.kid()?;
    others.iter().find(|other| other.key.id == kid).map(|other| other.agent_name.clone())
}

fn of_the_mac(candidate: &Candidate<'_>) -> Option<Suspicion> {
    let text = candidate.signature();
    let length = LENIENT.decode(text).ok()?.len();
    if text.len() == 2 * MAC_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Some(Suspicion::HexMac)
    } else if length == MAC_LENGTH {
        None
    } else {
        Some(Suspicion::MacLength(length))
    }
}

/// What was made of this key's secret, if the token was signed with that.
fn misuse(candidate: &Candidate<'_>, key: &Key) -> Option<SecretUse> {
    let secret = key.secret.expose();
    let body = secret.strip_prefix("elq_").unwrap_or(secret);
    let id = key.id.to_string();
    let text = |text: String| Zeroizing::new(text.into_bytes());
    let mut guesses = vec![
        (SecretUse::WithoutPrefix, text(body.to_owned())),
        (SecretUse::EncodedBase64, text(STANDARD.encode(secret))),
        (SecretUse::EnvLine, text(format!("ELOQUENT_SECRET={secret}"))),
        (SecretUse::Utf16, Zeroizing::new(secret.encode_utf16().flat_map(u16::to_le_bytes).collect())),
        (SecretUse::KeyId, text(id)),
        (SecretUse::DecodedHex, hex(body)),
    ];
    for shown in [secret, body] {
        guesses.extend(decoded(shown).map(|bytes| (SecretUse::DecodedBase64, bytes)));
        guesses
            .extend(["\"", "'", "`"].map(|mark| (SecretUse::Quoted, text(format!("{mark}{shown}{mark}")))));
        let ends = ["\n", "\r\n", "\r", " ", "\t", " \n"];
        guesses.extend(ends.map(|end| (SecretUse::Spaced, text(format!("{shown}{end}")))));
        guesses.push((SecretUse::Spaced, text(format!(" {shown}"))));
    }
    // What cannot be decoded is nothing, too.
    guesses.retain(|(_, bytes)| !bytes.is_empty());
    let nothing = ["", "undefined", "null", "None", "nil", "false"];
    guesses.extend(nothing.map(|nothing| (SecretUse::Nothing, text(nothing.to_owned()))));
    guesses.into_iter().find(|(_, bytes)| candidate.has_mac_under(bytes)).map(|(used, _)| used)
}

/// The bytes that decoders of base64 make of a text: most take both alphabets for one, others pass over
/// the characters that the standard one has not.
fn decoded(text: &str) -> [Zeroizing<Vec<u8>>; 2] {
    [text.to_owned(), text.replace(['-', '_'], "")].map(|mut text| {
        // A single character at the end is half a byte, and goes.
        text.truncate(if text.len() % 4 == 1 { text.len() - 1 } else { text.len() });
        Zeroizing::new(LENIENT.decode(text).unwrap_or_default())
    })
}

/// As decoders of hexadecimal go on until they meet something else.
fn hex(text: &str) -> Zeroizing<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    Zeroizing::new(pairs.iter().map_while(|&[high, low]| Some(digit(high)? * 16 + digit(low)?)).collect())
}
