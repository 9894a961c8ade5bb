//! A profile: in a list, and claim by claim with where each value comes from.

use std::collections::BTreeMap;

use eloquent_store::{
    ClaimPolicies, Erased, ErasedFiles, Profile, ProfileChange, ProfileChangeKind, ProfileDetails, TokenTime,
};
use eloquent_types::{
    id::{KeyId, ProfileId},
    text::UserId,
    time::Timestamp,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::Seconds;

/// A profile.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileView {
    /// Its id.
    pub id: ProfileId,
    /// The site's id of the user.
    pub user_id: UserId,
    /// The last email address that a token gave.
    pub email: Option<String>,
    /// The verified claims.
    pub claims: BTreeMap<String, Box<RawValue>>,
    /// Whether its tokens identify nobody.
    pub blocked: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// When the user was last verified.
    pub last_seen_at: Timestamp,
}

impl From<Profile> for ProfileView {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.id,
            claims: profile.claims.iter().map(|(name, value)| (name.to_owned(), json(value))).collect(),
            user_id: profile.user_id,
            email: profile.email,
            blocked: profile.blocked,
            created_at: profile.created_at,
            updated_at: profile.updated_at,
            last_seen_at: profile.last_seen_at,
        }
    }
}

/// A profile with the provenance of what it holds.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileDetailsView {
    id: ProfileId,
    user_id: UserId,
    email: Option<String>,
    email_use: &'static str,
    email_from: Option<TokenTimeView>,
    claims: Vec<ClaimView>,
    /// What pages said without proof.
    hints: Vec<HintView>,
    blocked: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_seen_at: Timestamp,
    /// Seconds since 1970: a token with an older `iat` changes nothing.
    newest_iat: Option<Seconds>,
}

/// The token that gave a value.
#[derive(Clone, Copy, Debug, Serialize)]
struct TokenTimeView {
    /// Seconds since 1970, as signed.
    iat: Option<Seconds>,
    received_at: Timestamp,
}

#[derive(Clone, Debug, Serialize)]
struct ClaimView {
    name: String,
    value: Box<RawValue>,
    #[serde(rename = "use")]
    claim_use: &'static str,
    from: TokenTimeView,
}

#[derive(Clone, Debug, Serialize)]
struct HintView {
    name: String,
    value: String,
    received_at: Timestamp,
}

impl ProfileDetailsView {
    /// With what becomes of each claim by the agent's policy.
    #[must_use]
    pub fn new(details: ProfileDetails, policies: &ClaimPolicies) -> Self {
        let profile = details.profile;
        let claims = details.claims.into_iter().map(|claim| ClaimView {
            value: json(&claim.value),
            claim_use: policies.use_of(&claim.name).as_str(),
            name: claim.name,
            from: claim.from.into(),
        });
        let hints = details.hints.into_iter().map(|hint| HintView {
            name: hint.name,
            value: hint.value,
            received_at: hint.received_at,
        });
        Self {
            id: profile.id,
            user_id: profile.user_id,
            email: profile.email,
            email_use: policies.use_of("email").as_str(),
            email_from: details.email_from.map(TokenTimeView::from),
            claims: claims.collect(),
            hints: hints.collect(),
            blocked: profile.blocked,
            created_at: profile.created_at,
            updated_at: profile.updated_at,
            last_seen_at: profile.last_seen_at,
            newest_iat: profile.newest_issued_at.map(Seconds),
        }
    }
}

impl From<TokenTime> for TokenTimeView {
    fn from(time: TokenTime) -> Self {
        Self { iat: time.issued_at.map(Seconds), received_at: time.received_at }
    }
}

/// One change of a profile.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileChangeView {
    /// By which the next page of the history begins.
    pub id: u64,
    at: Timestamp,
    kind: &'static str,
    /// The claim's name, where it is one.
    name: Option<String>,
    /// The value before, of a claim or the email.
    old: Option<Box<RawValue>>,
    /// The value after.
    new: Option<Box<RawValue>>,
    /// The token that made it, if it was one.
    from: Option<ChangeSource>,
    /// Who made it, if it was no token.
    actor: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct ChangeSource {
    key_id: KeyId,
    /// Seconds since 1970, as signed.
    iat: Option<Seconds>,
}

impl From<ProfileChange> for ProfileChangeView {
    fn from(change: ProfileChange) -> Self {
        let kind = change.kind.name();
        let written = |text: Option<String>, write: fn(&str) -> Box<RawValue>| text.as_deref().map(write);
        let (name, old, new) = match change.kind {
            ProfileChangeKind::Claim { name, old, new } => {
                (Some(name), written(old, json), written(new, json))
            }
            ProfileChangeKind::Email { old, new } => (None, written(old, string), written(new, string)),
            ProfileChangeKind::Created | ProfileChangeKind::Blocked | ProfileChangeKind::Unblocked => {
                (None, None, None)
            }
        };
        let from = change.from.map(|(key_id, iat)| ChangeSource { key_id, iat: iat.map(Seconds) });
        Self { id: change.id, at: change.at, kind, name, old, new, from, actor: change.actor }
    }
}

/// What went with a profile that was erased.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ErasedView {
    conversations: u64,
    messages: u64,
    files: &'static str,
}

impl From<Erased> for ErasedView {
    fn from(erased: Erased) -> Self {
        let files = match erased.files {
            ErasedFiles::Clean => "clean",
            ErasedFiles::CleanedLater => "cleaned_later",
        };
        Self { conversations: erased.conversations, messages: erased.messages, files }
    }
}

/// JSON text as it stands: its numbers keep their digits.
fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| string(text))
}

fn string(text: &str) -> Box<RawValue> {
    to_raw_value(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_as_they_were_signed() {
        for text in ["12345678901234567890123", "0.10", "\"\\u0001\"", "[1,2]"] {
            assert_eq!(serde_json::to_string(&json(text)).unwrap(), text);
        }
        assert_eq!(serde_json::to_string(&json("no JSON")).unwrap(), "\"no JSON\"");
    }
}
