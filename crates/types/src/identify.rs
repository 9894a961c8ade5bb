//! `POST …/identify`: the request, the verdict's codes, and the result that `eloquent("identify", …)`
//! resolves with (contract §2, §3).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{id::ProfileId, session::SessionToken, text::UserId, time::Timestamp};

/// The body of `POST …/identify`. The session travels in the `Authorization` header.
#[derive(Clone, Serialize, Deserialize)]
pub struct IdentifyRequest {
    /// The identity token.
    #[serde(default)]
    pub token: String,
}

impl fmt::Debug for IdentifyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentifyRequest(…)")
    }
}

/// Why a token does not identify its bearer: the closed set of contract §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityCode {
    /// Check 1: no token, or an empty one.
    TokenMissing,
    /// Check 2: over 8,192 bytes.
    TokenTooLarge,
    /// Check 3: not a JWT in compact form, or `crit` in its header.
    TokenMalformed,
    /// Check 4: `alg` is not exactly `HS256`.
    AlgNotAllowed,
    /// Check 5: the feature is off for the company or the agent.
    IdentityDisabled,
    /// Check 6: the agent has no active key.
    IdentityNotConfigured,
    /// Check 7: the HMAC verifies under no active key.
    SignatureInvalid,
    /// Check 7: `kid` names a revoked key.
    KeyRevoked,
    /// Check 8: `exp` is past.
    TokenExpired,
    /// Check 8: `nbf` is in the future.
    TokenNotYetValid,
    /// Check 8: `exp`, `nbf` or `iat` is not a finite number.
    ClaimsInvalid,
    /// Check 9: the agent's policy allows only a shorter lifetime.
    LifetimeTooLong,
    /// Check 10: no `user_id`.
    UserIdMissing,
    /// Check 10: `user_id` is not a string.
    UserIdNotString,
    /// Check 10: `user_id` breaks its rules.
    UserIdInvalid,
    /// Check 11: the profile is blocked.
    IdentityBlocked,
}

impl IdentityCode {
    /// Every code, in the order of the checks.
    pub const ALL: [Self; 16] = [
        Self::TokenMissing,
        Self::TokenTooLarge,
        Self::TokenMalformed,
        Self::AlgNotAllowed,
        Self::IdentityDisabled,
        Self::IdentityNotConfigured,
        Self::SignatureInvalid,
        Self::KeyRevoked,
        Self::TokenExpired,
        Self::TokenNotYetValid,
        Self::ClaimsInvalid,
        Self::LifetimeTooLong,
        Self::UserIdMissing,
        Self::UserIdNotString,
        Self::UserIdInvalid,
        Self::IdentityBlocked,
    ];

    /// The code on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokenMissing => "token_missing",
            Self::TokenTooLarge => "token_too_large",
            Self::TokenMalformed => "token_malformed",
            Self::AlgNotAllowed => "alg_not_allowed",
            Self::IdentityDisabled => "identity_disabled",
            Self::IdentityNotConfigured => "identity_not_configured",
            Self::SignatureInvalid => "signature_invalid",
            Self::KeyRevoked => "key_revoked",
            Self::TokenExpired => "token_expired",
            Self::TokenNotYetValid => "token_not_yet_valid",
            Self::ClaimsInvalid => "claims_invalid",
            Self::LifetimeTooLong => "lifetime_too_long",
            Self::UserIdMissing => "user_id_missing",
            Self::UserIdNotString => "user_id_not_string",
            Self::UserIdInvalid => "user_id_invalid",
            Self::IdentityBlocked => "identity_blocked",
        }
    }

    /// Whether a fresh token from the same server can succeed without anybody changing anything.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::TokenExpired | Self::TokenNotYetValid)
    }
}

impl fmt::Display for IdentityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to `identify`: status 200 for every verdict on the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "RawResponse", try_from = "RawResponse")]
pub struct IdentifyResponse {
    /// The verdict.
    pub result: IdentifyResult,
    /// The session to use from now on, when a new one was issued.
    pub session: Option<SessionToken>,
    /// What time it is at the server: [`Identified::expires_at`] minus this is what is left of the
    /// token, whatever the clock of the visitor's machine says.
    pub server_time: Option<Timestamp>,
}

/// `IdentifyResult` of contract §2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentifyResult {
    /// The token identifies its bearer.
    Identified(Identified),
    /// It does not; the chat goes on anonymously.
    Refused(Refused),
}

/// Who was identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The site's id of the user.
    pub user_id: UserId,
    /// The profile at this agent.
    pub profile_id: ProfileId,
    /// When the token expires, if it does.
    pub expires_at: Option<Timestamp>,
    /// Whether the session belonged to another user before.
    pub switched_user: bool,
    /// Whether a conversation that had been anonymous now belongs to the profile.
    pub claimed_conversation: bool,
}

/// Why nobody was identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The check that failed.
    pub code: IdentityCode,
    /// What is wrong, in one English sentence.
    pub message: String,
    /// What to do about it, for the site's developer.
    pub hint: String,
}

/// The flat form on the wire.
#[derive(Clone, Serialize, Deserialize)]
struct RawResponse {
    ok: bool,
    identified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile_id: Option<ProfileId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    switched_user: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claimed_conversation: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<IdentityCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retryable: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<SessionToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server_time: Option<Timestamp>,
}

impl From<IdentifyResponse> for RawResponse {
    fn from(response: IdentifyResponse) -> Self {
        let identified = matches!(response.result, IdentifyResult::Identified(_));
        let mut raw = Self {
            ok: identified,
            identified,
            user_id: None,
            profile_id: None,
            expires_at: None,
            switched_user: None,
            claimed_conversation: None,
            code: None,
            message: None,
            hint: None,
            retryable: None,
            session: response.session,
            server_time: response.server_time,
        };
        match response.result {
            IdentifyResult::Identified(who) => {
                raw.user_id = Some(who.user_id);
                raw.profile_id = Some(who.profile_id);
                raw.expires_at = who.expires_at;
                raw.switched_user = Some(who.switched_user);
                raw.claimed_conversation = Some(who.claimed_conversation);
            }
            IdentifyResult::Refused(why) => {
                raw.retryable = Some(why.code.is_retryable());
                raw.code = Some(why.code);
                raw.message = Some(why.message);
                raw.hint = Some(why.hint);
            }
        }
        raw
    }
}

impl TryFrom<RawResponse> for IdentifyResponse {
    type Error = &'static str;

    fn try_from(raw: RawResponse) -> Result<Self, &'static str> {
        let result = if raw.identified {
            IdentifyResult::Identified(Identified {
                user_id: raw.user_id.ok_or("user_id is missing")?,
                profile_id: raw.profile_id.ok_or("profile_id is missing")?,
                expires_at: raw.expires_at,
                switched_user: raw.switched_user.unwrap_or_default(),
                claimed_conversation: raw.claimed_conversation.unwrap_or_default(),
            })
        } else {
            IdentifyResult::Refused(Refused {
                code: raw.code.ok_or("code is missing")?,
                message: raw.message.unwrap_or_default(),
                hint: raw.hint.unwrap_or_default(),
            })
        };
        Ok(Self { result, session: raw.session, server_time: raw.server_time })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_are_spelled_alike_everywhere() {
        for code in IdentityCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), json!(code.as_str()));
        }
    }

    #[test]
    fn wire_form_of_both_results() {
        let identified = json!({"ok": true, "identified": true, "user_id": "42",
            "profile_id": "prf_01h2xcejqtf2nbrexx3vqjhp41", "expires_at": "2023-11-14T22:13:20.000Z",
            "switched_user": false, "claimed_conversation": true,
            "server_time": "2023-11-14T21:13:20.000Z"});
        let refused = json!({"ok": false, "identified": false, "code": "token_expired",
            "message": "m", "hint": "h", "retryable": true});
        for wire in [identified, refused] {
            let response: IdentifyResponse = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(serde_json::to_value(response).unwrap(), wire);
        }
        assert!(serde_json::from_value::<IdentifyResponse>(json!({"ok": true, "identified": true})).is_err());
    }
}
