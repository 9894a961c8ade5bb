//! The agent, its key, and tokens that this key signs, whatever is in them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_identity::{Key, Secret, Token};
use eloquent_types::{
    id::{AgentId, KeyId},
    time::Timestamp,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The moment at which the golden tokens are judged.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

pub(crate) const AGENT: AgentId = AgentId::from_u128(7);

/// The golden tokens' key, so that they are inputs that verify.
pub(crate) fn key() -> Key {
    let id: KeyId = "key_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
    Key { id, secret: Secret::parse(format!("elq_{}", "A".repeat(43))).unwrap(), revoked: false }
}

/// These bytes, signed as they are.
pub(crate) fn mint(header: &[u8], payload: &[u8]) -> Token {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let mac = Hmac::<Sha256>::new_from_slice(key().secret.expose().as_bytes()).unwrap().chain_update(&input);
    Token::new(format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}
