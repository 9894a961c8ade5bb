//! Errors over HTTP: RFC 9457 `application/problem+json` with an extra `code` (contract, preface and §4).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem's body. `type` is always `about:blank`: the `code` says what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `about:blank`.
    #[serde(rename = "type", default)]
    pub kind: Cow<'static, str>,
    /// The status's own phrase.
    #[serde(default)]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, in one English sentence; never an inner error's text.
    #[serde(default)]
    pub detail: Cow<'static, str>,
    /// What went wrong, for programs.
    pub code: ProblemCode,
}

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $detail:literal;)*) => {
        /// What went wrong with a request: a closed set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemCode {
            $($(#[$doc])* $name,)*
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it means, in one English sentence.
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)* }
            }
        }
    };
}

problem_codes! {
    /// The body is not JSON.
    InvalidJson = "invalid_json", 400, "The request body is not valid JSON.";
    /// Nobody is logged in.
    Unauthorized = "unauthorized", 401, "Log in first.";
    /// The browser's origin is not on the agent's list.
    OriginNotAllowed = "origin_not_allowed", 403, "This origin is not on the agent's list of allowed origins.";
    /// The agent answers identified visitors only.
    IdentityRequired = "identity_required", 403, "This agent talks only to visitors with a valid identity token.";
    /// A state-changing request that does not come from our own pages.
    CrossSite = "cross_site", 403, "This request did not come from the dashboard's own pages.";
    /// The agent has this switched off.
    FeatureDisabled = "feature_disabled", 403, "This agent has this switched off.";
    /// There is no such agent.
    AgentNotFound = "agent_not_found", 404, "There is no agent with this id.";
    /// There is no such conversation, or it is not the caller's.
    ConversationNotFound = "conversation_not_found", 404, "There is no conversation with this id for this visitor.";
    /// There is no such page.
    NotFound = "not_found", 404, "There is nothing at this address.";
    /// The address does not answer this method.
    MethodNotAllowed = "method_not_allowed", 405, "This address does not answer this method.";
    /// The agent has as many active keys as it may have.
    TooManyKeys = "too_many_keys", 409, "This agent has as many active keys as it may have: revoke one first.";
    /// The key was revoked, or its chosen end has come.
    KeyNotActive = "key_not_active", 409, "This key is not active any more.";
    /// The agent's policy names as many claims as it may.
    TooManyClaims = "too_many_claims", 409, "This agent's policy names as many claims as it may.";
    /// The body is over the limit.
    BodyTooLarge = "body_too_large", 413, "The request body is larger than 64 KiB.";
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported_media_type", 415, "Send the body as application/json.";
    /// The message holds nothing but white space.
    MessageEmpty = "message_empty", 422, "The message is empty.";
    /// The message is over 8,000 characters.
    MessageTooLong = "message_too_long", 422, "The message is longer than 8,000 characters.";
    /// A field is missing or has the wrong form.
    InvalidField = "invalid_field", 422, "A field is missing or has the wrong form.";
    /// Two colours of a look that cannot be told apart well enough.
    ContrastTooLow = "contrast_too_low", 422, "Two of the colours cannot be told apart well enough.";
    /// Too many requests.
    RateLimited = "rate_limited", 429, "Too many requests; try again later.";
    /// Something failed inside.
    Internal = "internal", 500, "Something went wrong on the server. Nothing was acknowledged.";
    /// More than the server can take now.
    ServerBusy = "server_busy", 503, "The server is busy; try again shortly.";
}

impl Problem {
    /// The problem with the code's own status and sentence.
    #[must_use]
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            kind: Cow::Borrowed("about:blank"),
            title: Cow::Borrowed(title(code.status())),
            status: code.status(),
            detail: Cow::Borrowed(code.detail()),
            code,
        }
    }

    /// The same with a sentence that says more.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// The reason phrase of RFC 9110 for the statuses used here.
const fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_are_spelled_alike_everywhere() {
        for &code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), json!(code.as_str()));
            assert!(code.status() == 500 || Problem::new(code).title != "Internal Server Error", "{code:?}");
        }
    }

    #[test]
    fn wire_form() {
        let problem = Problem::new(ProblemCode::AgentNotFound);
        let wire = json!({"type": "about:blank", "title": "Not Found", "status": 404,
            "detail": "There is no agent with this id.", "code": "agent_not_found"});
        assert_eq!(serde_json::to_value(&problem).unwrap(), wire);
        assert_eq!(serde_json::from_value::<Problem>(wire).unwrap(), problem);
    }
}
