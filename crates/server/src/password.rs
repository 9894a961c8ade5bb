//! Members' passwords: Argon2id with the parameters that OWASP names as the least (19 MiB, 2 passes,
//! 1 lane), 12 to 128 characters, hashing limited in parallel so that a flood of logins cannot
//! exhaust the memory.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// The shortest password, in characters.
pub const MIN_CHARS: usize = 12;
/// The longest password, in characters.
pub const MAX_CHARS: usize = 128;

/// How many hashes are computed at once: each takes 19 MiB and a core.
static HASHING: Semaphore = Semaphore::const_new(2);

/// A password that satisfies the rules; shown by no `Debug`, wiped when dropped.
pub struct Password(Zeroizing<String>);

/// Why a password is not accepted, or could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Under [`MIN_CHARS`].
    #[error("a password has at least {MIN_CHARS} characters")]
    TooShort,
    /// Over [`MAX_CHARS`].
    #[error("a password has at most {MAX_CHARS} characters")]
    TooLong,
    /// One character over and over, or a plain run of the alphabet, the digits or the keyboard.
    #[error("this password is one of the first that an attacker would try")]
    Common,
    /// The hash could not be computed.
    #[error("the password could not be hashed")]
    Hashing,
}

impl Password {
    /// Checks the rules.
    pub fn parse(text: impl Into<String>) -> Result<Self, PasswordError> {
        let text = Zeroizing::new(text.into());
        match text.chars().count() {
            0..MIN_CHARS => return Err(PasswordError::TooShort),
            MIN_CHARS..=MAX_CHARS => {}
            _ => return Err(PasswordError::TooLong),
        }
        if is_common(&text) { Err(PasswordError::Common) } else { Ok(Self(text)) }
    }

    /// Hashes it with a new salt, in PHC string form.
    pub async fn hash(self) -> Result<String, PasswordError> {
        let permit = HASHING.acquire().await.map_err(|_| PasswordError::Hashing)?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let hash = argon2()?.hash_password(self.0.as_bytes());
            Ok(hash.map_err(|_| PasswordError::Hashing)?.to_string())
        })
        .await
        .map_err(|_| PasswordError::Hashing)?
    }
}

/// Whether `attempt` is the password behind `hash`. Without a hash (an unknown member) the same work
/// is done, so that both take the same time.
pub async fn verify(attempt: String, hash: Option<String>) -> bool {
    let attempt = Zeroizing::new(attempt);
    if attempt.chars().count() > MAX_CHARS {
        return false;
    }
    let Ok(permit) = HASHING.acquire().await else { return false };
    let check = move || {
        // It goes with the work, not with the request: one that is given up leaves the work running.
        let _permit = permit;
        let known = hash.is_some();
        let hash = hash.as_deref().unwrap_or(NOBODY);
        let (Ok(argon2), Ok(parsed)) = (argon2(), PasswordHash::new(hash)) else { return false };
        argon2.verify_password(attempt.as_bytes(), &parsed).is_ok() && known
    };
    tokio::task::spawn_blocking(check).await.unwrap_or(false)
}

/// The hash of a random password that nobody knows, with the same parameters.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGZvciBub2JvZHk$\
    4uN5mJbqQpQ2yA0m0wQ9x7v3b8Yh1K2L3M4N5O6P7Q8";

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|_| PasswordError::Hashing)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Long enough to pass the length rule, and still guessed first.
fn is_common(text: &str) -> bool {
    const RUNS: [&str; 4] = [
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890123456789",
        "qwertyuiopasdfghjklzxcvbnm",
        "passwordpassword",
    ];
    let folded = text.to_lowercase();
    let mut chars = folded.chars();
    let first = chars.next();
    chars.all(|c| Some(c) == first)
        || RUNS.iter().any(|run| run.contains(&folded))
        || ["password", "eloquent"].iter().any(|word| {
            folded.strip_prefix(word).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '!'))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        let refused = |text: &str| Password::parse(text).err();
        assert_eq!(refused("short"), Some(PasswordError::TooShort));
        assert_eq!(refused(&"é".repeat(11)), Some(PasswordError::TooShort));
        assert_eq!(refused(&"xy".repeat(65)), Some(PasswordError::TooLong));
        for common in
            ["aaaaaaaaaaaa", "abcdefghijklm", "Password1234", "123456789012", "qwertyuiopas", "eloquent2026!"]
        {
            assert_eq!(refused(common), Some(PasswordError::Common), "{common}");
        }
        assert_eq!(refused("correct horse battery"), None);
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hash = Password::parse("correct horse battery").unwrap().hash().await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse battery".into(), Some(hash.clone())).await);
        assert!(!verify("correct horse batterz".into(), Some(hash.clone())).await);
        assert!(!verify(String::new(), Some(hash)).await);
        assert!(!verify("correct horse battery".into(), None).await);
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
