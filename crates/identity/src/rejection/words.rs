//! What a refusal says to the site's developer: what is wrong, and what to do about it. Fixed texts,
//! which the page's console, the dashboard and the command line all show.

use super::{Rejection, TimeClaim};

impl Rejection {
    /// What is wrong, in one English sentence.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Missing => "There is no token.",
            Self::TooLarge => "The token is longer than 8,192 bytes.",
            Self::NotThreeParts => {
                "The token is not a JWT in compact form: three parts with dots between them."
            }
            Self::NotBase64Url => "A part of the token is not base64url without padding.",
            Self::NotJsonObjects => {
                "The token's header or payload is not a JSON object with each member once."
            }
            Self::Critical => "The token's header has a crit member.",
            Self::AlgNone => "The token is not signed.",
            Self::AlgAsymmetric | Self::AlgNotHs256 => "The token's algorithm is not HS256.",
            Self::Disabled => "Identity verification is switched off.",
            Self::NotConfigured => "The agent has no active key.",
            Self::SignatureInvalid => "The token's signature does not verify under a key of this agent.",
            Self::KeyRevoked => "The token names a key that has been revoked.",
            Self::TimeNotNumber(TimeClaim::Expiry) => "The claim exp is not a finite number.",
            Self::TimeNotNumber(TimeClaim::NotBefore) => "The claim nbf is not a finite number.",
            Self::TimeNotNumber(TimeClaim::IssuedAt) => "The claim iat is not a finite number.",
            Self::NumberNotFinite => "A number in the claims is too large.",
            Self::Expired | Self::ExpiryIsDuration => "The token has expired.",
            Self::NotYetValid | Self::NotBeforeInMilliseconds => "The token is not valid yet.",
            Self::LifetimeTooLong | Self::ExpiryInMilliseconds => {
                "The token lives longer than this agent allows."
            }
            Self::NeverExpires => "The token never expires, which this agent does not allow.",
            Self::UserIdMissing | Self::UserIdMisnamed => "The token has no user_id.",
            Self::UserIdNumber | Self::UserIdNotString => "The token's user_id is not a string.",
            Self::UserIdInvalid => "The token's user_id is not 1 to 255 characters of printable text.",
            Self::Blocked => "This user is blocked.",
        }
    }

    /// What to do about it, for the site's developer: it names the likely mistake.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Missing => {
                "Pass the token itself: eloquent(\"identify\", { token }). Is the response of your server \
                 read before it is used, and is the field called token?"
            }
            Self::TooLarge => "Sign what the agent needs to know, not the whole user record.",
            Self::NotThreeParts => {
                "Pass the JWT as your library returns it: header.payload.signature. Five parts are an \
                 encrypted token; sign instead. [object Promise] is a token that was not awaited."
            }
            Self::NotBase64Url => {
                "Pass the JWT as your library returns it: no quotes, white space, line breaks, padding or \
                 \"Bearer \" around it."
            }
            Self::NotJsonObjects => {
                "Sign with a JWT library, and pass the claims as an object, not as text that is JSON \
                 already. Names must not repeat, and text must be valid Unicode."
            }
            Self::Critical => "Leave crit out of the header: no extension is understood here.",
            Self::AlgNone => "Sign the token on your server with HS256 and the agent's secret.",
            Self::AlgAsymmetric => {
                "The secret is a shared one, not a key pair: sign with HS256 instead of RS256 and its like."
            }
            Self::AlgNotHs256 => "Set the algorithm to HS256, in capitals, where your server signs.",
            Self::Disabled => {
                "Switch it on in the dashboard under Integrations, Identity Verification, and for the company."
            }
            Self::NotConfigured => {
                "Generate a secret in the dashboard under Integrations, Identity Verification."
            }
            Self::SignatureInvalid => {
                "Sign with the whole secret as it is shown, elq_ included, as plain text: do not decode it \
                 from base64, and mind quotes or line ends from the .env file. It must be a key of this \
                 agent, not of another one, and not revoked."
            }
            Self::KeyRevoked => "Sign with an active key of this agent, and name that one as kid, or none.",
            Self::TimeNotNumber(_) => {
                "Times are numbers: seconds since 1970, not text, not null. Leave the claim out if there is \
                 no value."
            }
            Self::NumberNotFinite => "Send a number that large as a string.",
            Self::Expired => {
                "Sign a new token, or pass getToken so that the widget can ask for one. If the token is new, \
                 your server's clock or its time zone handling is off: exp is in seconds since 1970, UTC."
            }
            Self::ExpiryIsDuration => {
                "exp is a point in time, not a duration: the current time in seconds plus the lifetime."
            }
            Self::NotYetValid => {
                "Your server's clock is ahead, or nbf is meant to be later. Leave nbf out if nothing needs it."
            }
            Self::NotBeforeInMilliseconds => {
                "nbf is in milliseconds; it must be in seconds: Math.floor(Date.now() / 1000)."
            }
            Self::LifetimeTooLong => {
                "Sign for a shorter time, or allow a longer one in the agent's settings."
            }
            Self::ExpiryInMilliseconds => {
                "exp is in milliseconds; it must be in seconds: Math.floor(Date.now() / 1000) + 3600."
            }
            Self::NeverExpires => "Add exp: the current time in seconds plus a lifetime, for example 3600.",
            Self::UserIdMissing => "Add user_id to the claims: your own id of the user, as a string.",
            Self::UserIdMisnamed => {
                "The claim must be called user_id; sub, id, uid and userId are not read in its place."
            }
            Self::UserIdNumber => "Make it a string: String(user.id).",
            Self::UserIdNotString => {
                "Make it a string. null means that the user was not known where the token was signed."
            }
            Self::UserIdInvalid => {
                "Use your own id of the user: 1 to 255 characters, none of them a control character, not \
                 only white space."
            }
            Self::Blocked => "Unblock the profile in the dashboard if this user should be identified again.",
        }
    }
}
