//! Random bytes from the operating system, for ids, sessions, secrets and nonces.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use eloquent_types::session::SessionToken;

/// The operating system gave no random bytes. Nothing can be issued safely then.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct EntropyError;

/// `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| EntropyError)?;
    Ok(bytes)
}

/// A new visitor's session token.
pub fn session_token() -> Result<SessionToken, EntropyError> {
    SessionToken::parse(format!("vst_{}", base64url(&bytes::<32>()?))).map_err(|_| EntropyError)
}

/// 256 random bits in base64url, for a member's session cookie.
pub fn opaque_token() -> Result<String, EntropyError> {
    Ok(base64url(&bytes::<32>()?))
}

fn base64url(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ() {
        assert_ne!(session_token().unwrap(), session_token().unwrap());
        assert_ne!(opaque_token().unwrap(), opaque_token().unwrap());
        assert_eq!(opaque_token().unwrap().len(), 43);
    }
}
