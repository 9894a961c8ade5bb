//! Signing, for the command line, the demo shop and tests. A site's own server signs with a JWT
//! library of its own language.

use eloquent_types::id::KeyId;
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value};

use crate::{Secret, Token, hs256};

/// The claims could not be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// They could not be written as JSON.
    #[error("the claims cannot be written as a JWT")]
    Encoding,
}

/// Signs `claims` with `HS256`, as they are: nothing is added, checked or limited. `kid` goes into the
/// header.
///
/// ```
/// use eloquent_identity::{Secret, sign};
///
/// let secret = Secret::generate([7; 32]);
/// let claims = serde_json::json!({ "user_id": "42", "plan": "pro" });
/// let token = sign(&secret, claims.as_object().unwrap(), None)?;
/// assert_eq!(token.expose().split('.').count(), 3);
/// # Ok::<(), eloquent_identity::SignError>(())
/// ```
pub fn sign(secret: &Secret, claims: &Map<String, Value>, kid: Option<KeyId>) -> Result<Token, SignError> {
    let header = Header { kid: kid.map(|id| id.to_string()), ..Header::new(Algorithm::HS256) };
    hs256::encode(&header, claims, secret).map(Token::new).map_err(|_| SignError::Encoding)
}
