//! One attempt to be identified.

use eloquent_identity::Rejection;
use eloquent_store::Attempt;
use eloquent_types::{
    id::{ConversationId, KeyId, ProfileId},
    identify::IdentityCode,
    text::UserId,
    time::Timestamp,
};
use serde::Serialize;

use super::Seconds;

/// An attempt. It never had the token.
#[derive(Clone, Debug, Serialize)]
pub struct AttemptView {
    /// By which the next page of the log begins.
    pub id: u64,
    /// When it was made.
    pub at: Timestamp,
    /// What the token came with.
    pub surface: &'static str,
    /// Whether it identified somebody.
    pub identified: bool,
    /// Why not; none if it did.
    pub code: Option<IdentityCode>,
    message: Option<&'static str>,
    hint: Option<&'static str>,
    enforcement: &'static str,
    would_be_refused: bool,
    /// The page's origin, where its browser sent one.
    pub origin: Option<String>,
    /// Seconds from the token's `iat` to the attempt.
    pub token_age: Option<Seconds>,
    /// Seconds by which the clock that signed is ahead of the server's, where it shows.
    pub clock_difference: Option<Seconds>,
    /// What was signed; only where the signature held.
    pub signed: Option<SignedView>,
    /// The conversation that it was for.
    pub conversation_id: Option<ConversationId>,
    /// The profile, where there is one of this user.
    pub profile_id: Option<ProfileId>,
}

/// What was signed. The times are seconds since 1970, as the token had them.
#[derive(Clone, Debug, Serialize)]
pub struct SignedView {
    /// The key that signed.
    pub key_id: KeyId,
    /// Who the token is for.
    pub user_id: Option<UserId>,
    iat: Option<Seconds>,
    nbf: Option<Seconds>,
    exp: Option<Seconds>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        let rejection = attempt.verdict.err();
        Self {
            id: attempt.id,
            at: attempt.at,
            surface: attempt.surface.as_str(),
            identified: rejection.is_none(),
            code: rejection.map(Rejection::code),
            message: rejection.map(Rejection::message),
            hint: rejection.map(Rejection::hint),
            enforcement: attempt.enforcement.as_str(),
            would_be_refused: attempt.would_be_refused(),
            token_age: attempt.token_age().map(Seconds),
            clock_difference: attempt.clock_difference().map(Seconds),
            signed: attempt.signed.map(|signed| SignedView {
                key_id: signed.key,
                user_id: signed.user_id,
                iat: signed.issued_at.map(Seconds),
                nbf: signed.not_before.map(Seconds),
                exp: signed.expires_at.map(Seconds),
            }),
            origin: attempt.origin,
            conversation_id: attempt.conversation,
            profile_id: attempt.profile,
        }
    }
}
