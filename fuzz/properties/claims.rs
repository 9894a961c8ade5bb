//! What a payload says is what is proved, and says the same when it is signed again.

use eloquent_identity::{Policy, Rejection, Token, VerifiedIdentity, Verifier};

use super::{
    strict,
    tokens::{AGENT, NOW, key, mint},
};

const HEADER: &[u8] = br#"{"alg":"HS256"}"#;

/// The bytes are a payload, which is signed.
pub(crate) fn check(data: &[u8]) {
    let token = mint(HEADER, data);
    match judge(&token) {
        Ok(identity) => {
            strict::assert_proved(&token, &identity);
            assert_signed_again(&identity);
        }
        Err(Rejection::NotJsonObjects) => assert!(strict::object(data).is_err()),
        Err(rejection) => assert_ne!(rejection, Rejection::SignatureInvalid),
    }
}

fn judge(token: &Token) -> Result<VerifiedIdentity, Rejection> {
    let keys = [key()];
    Verifier::new(AGENT, &keys, Policy::default()).verify(token, NOW)
}

fn assert_signed_again(identity: &VerifiedIdentity) {
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let user_id = Some(format!("\"user_id\":{}", text(identity.user_id().as_str())));
    let email = identity.email().map(|email| format!("\"email\":{}", text(email)));
    let claims = identity.claims().iter().map(|(name, value)| format!("{}:{value}", text(name)));
    let members: Vec<String> = user_id.into_iter().chain(email).chain(claims).collect();
    match judge(&mint(HEADER, format!("{{{}}}", members.join(",")).as_bytes())) {
        Ok(again) => {
            assert_eq!(again.user_id(), identity.user_id());
            assert_eq!(again.email(), identity.email());
            assert_eq!(again.claims(), identity.claims());
        }
        // Written without escapes it is never longer, but for control characters of two letters.
        Err(rejection) => assert_eq!(rejection, Rejection::TooLarge),
    }
}
