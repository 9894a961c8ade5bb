//! HMAC-SHA-256 for `jsonwebtoken`, and no other algorithm: the crate asks its process-wide provider
//! for a signer or verifier, and ours knows `HS256` alone.

use std::sync::Once;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header,
    crypto::{self, CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
    signature::{self, Signer, Verifier},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Secret;

/// Whether `signature` (base64url) is the MAC of exactly these bytes. The comparison takes the same
/// time wherever the two differ.
pub(crate) fn verifies(signing_input: &str, signature: &str, key: &DecodingKey) -> bool {
    install();
    crypto::verify(signature, signing_input.as_bytes(), key, Algorithm::HS256).unwrap_or(false)
}

/// Whether `signature` is the MAC under a key of any bytes, none included. It verifies nothing: such a
/// key is a guess at what a secret was mistaken for.
pub(crate) fn is_mac_under(signing_input: &str, signature: &str, key: &[u8]) -> bool {
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(signing_input).finalize());
    mac.is_ok_and(|mac| URL_SAFE_NO_PAD.encode(mac.into_bytes()) == signature)
}

/// A token in compact form.
pub(crate) fn encode(header: &Header, claims: &impl serde::Serialize, secret: &Secret) -> Result<String> {
    install();
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.expose().as_bytes()))
}

/// Makes ours the process's provider, once, whoever comes first and from whichever thread.
fn install() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.family(), key.as_bytes())?)),
        verifier_factory: |algorithm, key| {
            Ok(Box::new(Hs256::new(*algorithm, key.family(), key.try_get_as_bytes()?)?))
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // It fails only where the program has installed another provider. That one knows HS256 too.
        let _ = PROVIDER.install_default();
    });
}

/// A key as the MAC takes it: filled up to a block of the hash, or hashed if it is longer (RFC 2104 §2).
struct Hs256(Zeroizing<[u8; BLOCK]>);

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

impl Hs256 {
    fn new(algorithm: Algorithm, family: AlgorithmFamily, secret: &[u8]) -> Result<Self> {
        // The empty key is a valid HMAC key, and anybody has it.
        if algorithm != Algorithm::HS256 || family != AlgorithmFamily::Hmac || secret.is_empty() {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let mut block = Zeroizing::new([0; BLOCK]);
        match block.get_mut(..secret.len()) {
            Some(start) => start.copy_from_slice(secret),
            None => block[..32].copy_from_slice(&Sha256::digest(secret)),
        }
        Ok(Self(block))
    }

    fn mac_of(&self, message: &[u8]) -> Hmac<Sha256> {
        Hmac::new((&*self.0).into()).chain_update(message)
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        Ok(self.mac_of(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], mac: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        self.mac_of(message).verify_slice(mac).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}
