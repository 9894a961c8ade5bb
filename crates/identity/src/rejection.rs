//! Why a token does not identify its bearer, in a form that the site's developer can act on.
//!
//! A variant is finer than a code where the likely mistake differs. None carries anything of the token
//! itself, and none that can arise before the signature has verified tells anything of the payload.

use eloquent_types::identify::{IdentityCode, Refused};

use crate::Check;

mod words;

/// Why a token does not identify its bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// There is no token, or an empty one.
    Missing,
    /// It has more than 8,192 bytes.
    TooLarge,
    /// It is not three parts, each of at least one character, with dots between them.
    NotThreeParts,
    /// A part is not canonical base64url without padding.
    NotBase64Url,
    /// Header or payload is not a JSON object, or one with duplicate members, invalid text or too deep.
    NotJsonObjects,
    /// The header has `crit`.
    Critical,
    /// The token is unsecured: `alg` is `none` in some spelling.
    AlgNone,
    /// `alg` names a signature with a key pair.
    AlgAsymmetric,
    /// `alg` is missing, no string, or anything else that is not `HS256`.
    AlgNotHs256,
    /// Identity verification is off.
    Disabled,
    /// The agent has no active key.
    NotConfigured,
    /// The signature verifies under no key that was tried.
    SignatureInvalid,
    /// `kid` names a revoked key of the agent.
    KeyRevoked,
    /// A claim that is a time is no number, or not finite.
    TimeNotNumber(TimeClaim),
    /// A number somewhere in the claims is not finite as a 64-bit float.
    NumberNotFinite,
    /// `exp` is past.
    Expired,
    /// `exp` is so small that it must be a duration.
    ExpiryIsDuration,
    /// `nbf` is in the future.
    NotYetValid,
    /// `nbf` is so large that it must be in milliseconds.
    NotBeforeInMilliseconds,
    /// `exp` is further away than the agent allows.
    LifetimeTooLong,
    /// `exp` is so large that it must be in milliseconds, and the agent limits the lifetime.
    ExpiryInMilliseconds,
    /// There is no `exp`, and the agent limits the lifetime.
    NeverExpires,
    /// There is no `user_id`.
    UserIdMissing,
    /// There is no `user_id`, but a claim that is often meant for it (`sub`, `id`, `userId`, …).
    UserIdMisnamed,
    /// `user_id` is a number.
    UserIdNumber,
    /// `user_id` is neither a string nor a number.
    UserIdNotString,
    /// `user_id` breaks the rules of its text.
    UserIdInvalid,
    /// The profile is blocked. The store finds this, not the verifier.
    Blocked,
}

/// A claim that is a point in time, in seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeClaim {
    /// `exp`: when the token ends.
    Expiry,
    /// `nbf`: when it begins.
    NotBefore,
    /// `iat`: when it was made.
    IssuedAt,
}

impl TimeClaim {
    /// The claim's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expiry => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
        }
    }
}

impl Rejection {
    /// Every rejection, in the order of the checks.
    pub const ALL: [Self; 30] = [
        Self::Missing,
        Self::TooLarge,
        Self::NotThreeParts,
        Self::NotBase64Url,
        Self::NotJsonObjects,
        Self::Critical,
        Self::AlgNone,
        Self::AlgAsymmetric,
        Self::AlgNotHs256,
        Self::Disabled,
        Self::NotConfigured,
        Self::SignatureInvalid,
        Self::KeyRevoked,
        Self::TimeNotNumber(TimeClaim::Expiry),
        Self::TimeNotNumber(TimeClaim::NotBefore),
        Self::TimeNotNumber(TimeClaim::IssuedAt),
        Self::NumberNotFinite,
        Self::Expired,
        Self::ExpiryIsDuration,
        Self::NotYetValid,
        Self::NotBeforeInMilliseconds,
        Self::LifetimeTooLong,
        Self::ExpiryInMilliseconds,
        Self::NeverExpires,
        Self::UserIdMissing,
        Self::UserIdMisnamed,
        Self::UserIdNumber,
        Self::UserIdNotString,
        Self::UserIdInvalid,
        Self::Blocked,
    ];

    /// Its own name, in `snake_case`: finer than the code, for the identity log. Names stay as they are,
    /// because logs that were written keep them.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLarge => "too_large",
            Self::NotThreeParts => "not_three_parts",
            Self::NotBase64Url => "not_base64url",
            Self::NotJsonObjects => "not_json_objects",
            Self::Critical => "critical",
            Self::AlgNone => "alg_none",
            Self::AlgAsymmetric => "alg_asymmetric",
            Self::AlgNotHs256 => "alg_not_hs256",
            Self::Disabled => "disabled",
            Self::NotConfigured => "not_configured",
            Self::SignatureInvalid => "signature_invalid",
            Self::KeyRevoked => "key_revoked",
            Self::TimeNotNumber(TimeClaim::Expiry) => "exp_not_number",
            Self::TimeNotNumber(TimeClaim::NotBefore) => "nbf_not_number",
            Self::TimeNotNumber(TimeClaim::IssuedAt) => "iat_not_number",
            Self::NumberNotFinite => "number_not_finite",
            Self::Expired => "expired",
            Self::ExpiryIsDuration => "exp_is_duration",
            Self::NotYetValid => "not_yet_valid",
            Self::NotBeforeInMilliseconds => "nbf_in_milliseconds",
            Self::LifetimeTooLong => "lifetime_too_long",
            Self::ExpiryInMilliseconds => "exp_in_milliseconds",
            Self::NeverExpires => "never_expires",
            Self::UserIdMissing => "user_id_missing",
            Self::UserIdMisnamed => "user_id_misnamed",
            Self::UserIdNumber => "user_id_number",
            Self::UserIdNotString => "user_id_not_string",
            Self::UserIdInvalid => "user_id_invalid",
            Self::Blocked => "blocked",
        }
    }

    /// The rejection of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rejection| rejection.name() == name)
    }

    /// The check that it fails.
    pub const fn check(self) -> Check {
        match self {
            Self::Missing => Check::Present,
            Self::TooLarge => Check::Size,
            Self::NotThreeParts | Self::NotBase64Url | Self::NotJsonObjects => Check::Form,
            Self::Critical | Self::AlgNone | Self::AlgAsymmetric | Self::AlgNotHs256 => Check::Algorithm,
            Self::Disabled => Check::Enabled,
            Self::NotConfigured => Check::Configured,
            Self::SignatureInvalid | Self::KeyRevoked => Check::Signature,
            Self::TimeNotNumber(_)
            | Self::NumberNotFinite
            | Self::Expired
            | Self::ExpiryIsDuration
            | Self::NotYetValid
            | Self::NotBeforeInMilliseconds => Check::Times,
            Self::LifetimeTooLong | Self::ExpiryInMilliseconds | Self::NeverExpires => Check::Lifetime,
            Self::UserIdMissing
            | Self::UserIdMisnamed
            | Self::UserIdNumber
            | Self::UserIdNotString
            | Self::UserIdInvalid => Check::UserId,
            Self::Blocked => Check::NotBlocked,
        }
    }

    /// The code, one of a closed set.
    pub const fn code(self) -> IdentityCode {
        match self {
            Self::Missing => IdentityCode::TokenMissing,
            Self::TooLarge => IdentityCode::TokenTooLarge,
            Self::NotThreeParts | Self::NotBase64Url | Self::NotJsonObjects | Self::Critical => {
                IdentityCode::TokenMalformed
            }
            Self::AlgNone | Self::AlgAsymmetric | Self::AlgNotHs256 => IdentityCode::AlgNotAllowed,
            Self::Disabled => IdentityCode::IdentityDisabled,
            Self::NotConfigured => IdentityCode::IdentityNotConfigured,
            Self::SignatureInvalid => IdentityCode::SignatureInvalid,
            Self::KeyRevoked => IdentityCode::KeyRevoked,
            Self::TimeNotNumber(_) | Self::NumberNotFinite => IdentityCode::ClaimsInvalid,
            Self::Expired | Self::ExpiryIsDuration => IdentityCode::TokenExpired,
            Self::NotYetValid | Self::NotBeforeInMilliseconds => IdentityCode::TokenNotYetValid,
            Self::LifetimeTooLong | Self::ExpiryInMilliseconds | Self::NeverExpires => {
                IdentityCode::LifetimeTooLong
            }
            Self::UserIdMissing | Self::UserIdMisnamed => IdentityCode::UserIdMissing,
            Self::UserIdNumber | Self::UserIdNotString => IdentityCode::UserIdNotString,
            Self::UserIdInvalid => IdentityCode::UserIdInvalid,
            Self::Blocked => IdentityCode::IdentityBlocked,
        }
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self {
            code: rejection.code(),
            message: rejection.message().to_owned(),
            hint: rejection.hint().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_none_stands_twice() {
        for rejection in Rejection::ALL {
            assert_eq!(Rejection::from_name(rejection.name()), Some(rejection));
        }
        for unknown in ["", "Missing", "missing ", "token_missing"] {
            assert_eq!(Rejection::from_name(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn every_code_and_every_check_comes_out_and_in_order() {
        let mut codes = Rejection::ALL.map(Rejection::code).to_vec();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes, IdentityCode::ALL);
        let mut checks = Rejection::ALL.map(Rejection::check).to_vec();
        assert!(checks.is_sorted());
        checks.dedup();
        assert_eq!(checks, Check::ALL);
    }

    #[test]
    fn a_time_is_told_by_its_claim() {
        let times = [TimeClaim::Expiry, TimeClaim::NotBefore, TimeClaim::IssuedAt];
        assert_eq!(times.map(TimeClaim::name), ["exp", "nbf", "iat"]);
        for claim in times {
            let rejection = Rejection::TimeNotNumber(claim);
            assert_eq!(rejection.message(), format!("The claim {} is not a finite number.", claim.name()));
            assert_eq!(rejection.name(), format!("{}_not_number", claim.name()));
        }
    }

    #[test]
    fn every_refusal_has_words() {
        for rejection in Rejection::ALL {
            let refused = Refused::from(rejection);
            assert_eq!(refused.code, rejection.code());
            assert!(refused.message.ends_with('.') && refused.hint.ends_with(['.', '?']), "{refused:?}");
        }
    }
}
