//! One attempt: a line, and behind its verdict what it rests on.

use std::collections::BTreeMap;

use eloquent_identity::Signed;
use eloquent_store::{Attempt, KeyInfo};
use eloquent_types::id::{AgentId, KeyId};
use maud::{Markup, html};

use super::{surface_name, words};
use crate::http::dashboard::{icon, part};

/// The row of one attempt.
pub(super) fn row(agent: AgentId, attempt: &Attempt, keys: &BTreeMap<KeyId, KeyInfo>) -> Markup {
    html! {
        tr role="row" {
            td.main.verdict role="cell" { (verdict(attempt)) }
            td.when role="cell" data-label="Time" { (part::time(attempt.at)) }
            td role="cell" data-label="Signed with" { (signer(attempt, keys)) }
            td role="cell" data-label="Token" { (token(attempt)) }
            td.origin-cell role="cell" data-label="Origin" {
                @if let Some(origin) = &attempt.origin { bdi.mono.small { (origin) } } @else { span.muted { "None sent" } }
            }
            td role="cell" data-label="Leads to" { (links(agent, attempt)) }
        }
    }
}

fn verdict(attempt: &Attempt) -> Markup {
    html! {
        details {
            summary {
                (icon::chevron())
                span.badges {
                    @match attempt.verdict {
                        Ok(()) => span.badge.good { (icon::tick()) "Identified" },
                        Err(rejection) => span.badge.bad.mono { (rejection.code()) },
                    }
                    @if attempt.would_be_refused() { span.badge.warn { "Would be refused" } }
                }
                span.small.muted { (surface_name(attempt.surface)) }
            }
            div.more { (reason(attempt)) (details(attempt)) }
        }
    }
}

fn reason(attempt: &Attempt) -> Markup {
    html! {
        @match attempt.verdict {
            Ok(()) => p { "Every check passed." },
            Err(rejection) => { p { (rejection.message()) } p.hint { (rejection.hint()) } },
        }
    }
}

/// What was signed; nothing where the signature did not verify.
fn details(attempt: &Attempt) -> Markup {
    html! {
        @if let Some(signed) = &attempt.signed { (payload(signed)) }
        @else { p.hint { "No signature verified, so nothing that a token said is kept." } }
    }
}

fn payload(signed: &Signed) -> Markup {
    html! {
        dl.pairs {
            @if let Some(user_id) = &signed.user_id { div { dt { "user_id" } dd.mono { bdi { (user_id.as_str()) } } } }
            (claimed_time("iat", "Issued", signed.issued_at))
            (claimed_time("nbf", "Valid from", signed.not_before))
            (claimed_time("exp", "Expires", signed.expires_at))
        }
    }
}

/// A time as a token claims it: one that no clock shows is given as the number that was signed.
pub(in super::super) fn claimed_time(claim: &str, name: &str, seconds: Option<f64>) -> Markup {
    let time = seconds.and_then(part::moment);
    html! {
        @if let Some(seconds) = seconds {
            div { dt { (name) " (" code { (claim) } ")" } dd {
                @if let Some(time) = time { (part::time(time)) } @else { span.mono { (seconds) } }
            } }
        }
    }
}

fn signer(attempt: &Attempt, keys: &BTreeMap<KeyId, KeyInfo>) -> Markup {
    html! {
        @match attempt.signed.as_ref().map(|signed| keys.get(&signed.key)) {
            Some(Some(key)) => div { bdi { (key.name) } p.mono.small.tail { "elq_…" (key.last_four) } },
            Some(None) => span.muted { "A key that is gone" },
            None => span.muted { "Unknown" },
        }
    }
}

fn token(attempt: &Attempt) -> Markup {
    html! {
        @match attempt.token_age() {
            Some(age) if attempt.clock_difference().is_none() => span { (words::seconds(age)) " old" },
            Some(_) => {},
            None if attempt.signed.is_some() => span.muted { "Age unknown: no " code { "iat" } },
            None => span.muted { "Not verified" },
        }
        @if let Some(ahead) = attempt.clock_difference() {
            p.small.ahead { (lead(ahead)) }
        }
    }
}

/// What a token that is from so many seconds ahead tells of its signer.
fn lead(ahead: f64) -> String {
    // A clock is wrong by minutes, or by a time zone; years are milliseconds.
    const YEAR: f64 = 365.0 * 86_400.0;
    if ahead < YEAR {
        format!("Signer's clock {} ahead", words::seconds(ahead))
    } else {
        "iat lies years ahead: not in seconds?".to_owned()
    }
}

fn links(agent: AgentId, attempt: &Attempt) -> Markup {
    let to = |kind: &str, id: String| format!("/dashboard/agents/{agent}/{kind}/{id}");
    html! {
        div.links {
            @if let Some(id) = attempt.profile { a href=(to("profiles", id.to_string())) { "Profile" } }
            @if let Some(id) = attempt.conversation { a href=(to("conversations", id.to_string())) { "Conversation" } }
            @if attempt.profile.is_none() && attempt.conversation.is_none() { span.muted { "–" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_that_can_be_written_are() {
        assert!(claimed_time("exp", "Expires", Some(1e300)).into_string().contains("1000000"));
        assert_eq!(claimed_time("exp", "Expires", None).into_string(), "");
    }

    #[test]
    fn milliseconds_are_no_clock() {
        assert_eq!(lead(299.0), "Signer's clock 4 minutes ahead");
        assert_eq!(lead(14.0 * 3_600.0), "Signer's clock 14 hours ahead");
        assert_eq!(lead(1.7e12), "iat lies years ahead: not in seconds?");
    }
}
