//! How many chat requests come with a valid token, from where, and why the others do not: in words,
//! numbers and bars.

use std::time::Duration;

use eloquent_store::{AgentScope, Coverage, OTHER_ORIGINS, OriginCoverage, Reader, StoreError};
use eloquent_types::{identify::IdentityCode, time::Timestamp};
use maud::{Markup, html};

use super::words;
use crate::http::dashboard::{icon, part};

/// The spans over which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Window {
    Day,
    #[default]
    Week,
    Month,
}

impl Window {
    pub(super) const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The window of so many days; the usual one for any other number.
    pub(super) fn of_days(days: Option<&str>) -> Self {
        Self::ALL
            .into_iter()
            .find(|window| days == Some(window.days().to_string().as_str()))
            .unwrap_or_default()
    }

    const fn days(self) -> u64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Day => "Last 24 hours",
            Self::Week => "Last 7 days",
            Self::Month => "Last 30 days",
        }
    }
}

/// The figures of every window.
pub(super) struct Figures([Coverage; 3]);

impl Figures {
    pub(super) fn read(reader: &Reader<'_>, scope: &AgentScope, now: Timestamp) -> Result<Self, StoreError> {
        let of = |window: Window| {
            let span = Duration::from_hours(24 * window.days());
            let since = now.as_millis() - i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
            reader.coverage(scope, Timestamp::from_millis(since), now)
        };
        Ok(Self([of(Window::Day)?, of(Window::Week)?, of(Window::Month)?]))
    }

    pub(super) const fn of(&self, window: Window) -> &Coverage {
        let Self([day, week, month]) = self;
        match window {
            Window::Day => day,
            Window::Week => week,
            Window::Month => month,
        }
    }
}

/// How many requests there were, and how many of them came with a valid token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) requests: u64,
    pub(super) identified: u64,
}

impl Tally {
    pub(super) fn of(coverage: &Coverage) -> Self {
        Self { requests: coverage.total(), identified: coverage.identified() }
    }

    /// Those without a valid token.
    pub(super) const fn refused(self) -> u64 {
        self.requests - self.identified
    }

    /// The part of the requests that so many are; none of no requests.
    pub(super) fn share(self, count: u64) -> Option<f64> {
        (self.requests > 0).then(|| ratio(count, self.requests))
    }
}

#[expect(clippy::cast_precision_loss, reason = "to be shown with one decimal")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// The part in per cent, or a dash where there was nothing.
pub(super) fn share(tally: Tally, count: u64) -> String {
    tally.share(count).map_or_else(|| "–".to_owned(), words::percent)
}

/// The three windows side by side; each leads to its breakdown.
pub(super) fn windows(figures: &Figures, chosen: Window, path: &str) -> Markup {
    html! {
        dl.figures.windows { @for window in Window::ALL {
            @let tally = Tally::of(figures.of(window));
            div.card.figure.chosen[window == chosen] {
                dt { a.cover href={ (path) "?days=" (window.days()) "#coverage" } aria-current=[(window == chosen).then_some("true")] { (window.title()) } }
                dd { (share(tally, tally.identified)) }
                dd.small.muted { @if tally.requests == 0 { "No requests" } @else { "of " (words::counted(tally.requests, "request")) } }
            }
        } }
    }
}

/// The breakdown of one window.
pub(super) fn breakdown(coverage: &Coverage) -> Markup {
    html! {
        @if coverage.total() == 0 {
            (part::empty(&icon::chart(), "No chat requests in this time", &html! {
                p { "As soon as visitors write, you see here how many of them came with a valid token, from which pages, and why the others did not." }
            }))
        } @else {
            (origins(&coverage.by_origin()))
            (reasons(coverage))
        }
    }
}

fn origins(origins: &[OriginCoverage]) -> Markup {
    html! {
        h3 { "By origin" }
        table.list.coverage role="table" {
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Origin" }
                th.number role="columnheader" scope="col" { "Requests" }
                th.number role="columnheader" scope="col" { "Without a valid token" }
                th.share role="columnheader" scope="col" { "With a valid token" }
            } }
            tbody role="rowgroup" { @for origin in origins {
                @let tally = Tally { requests: origin.requests, identified: origin.identified };
                tr role="row" {
                    td.main role="cell" { (origin_name(origin.origin.as_deref())) }
                    td.number role="cell" data-label="Requests" { (words::grouped(tally.requests)) }
                    td.number role="cell" data-label="Without a valid token" { (words::grouped(tally.refused())) }
                    td.share role="cell" data-label="With a valid token" { (meter(tally, tally.identified, "good")) }
                }
            } }
        }
    }
}

fn origin_name(origin: Option<&str>) -> Markup {
    html! {
        @match origin {
            Some(OTHER_ORIGINS) => span.muted { "Further origins" },
            Some(origin) => bdi.mono { (origin) },
            None => span.muted { "None sent: no browser" },
        }
    }
}

/// Why requests had no valid token, the most frequent reason first.
fn reasons(coverage: &Coverage) -> Markup {
    let total = Tally::of(coverage);
    let mut refused = coverage.by_code();
    refused.retain(|(code, _)| code.is_some());
    html! {
        h3 { "Why requests had no valid token" }
        @if refused.is_empty() { p.notice { (icon::tick()) "Every request came with a valid token." } }
        @else {
            table.list.coverage role="table" {
                thead role="rowgroup" { tr role="row" {
                    th role="columnheader" scope="col" { "Reason" }
                    th.number role="columnheader" scope="col" { "Requests" }
                    th.share role="columnheader" scope="col" { "Share of all requests" }
                } }
                tbody role="rowgroup" { @for (code, requests) in &refused {
                    tr role="row" {
                        td.main role="cell" { @if let Some(code) = code { p { (meaning(*code)) } p.small { code { (code) } } } }
                        td.number role="cell" data-label="Requests" { (words::grouped(*requests)) }
                        td.share role="cell" data-label="Share" { (meter(total, *requests, "bad")) }
                    }
                } }
            }
        }
    }
}

/// A bar with its number beside it. The number says everything; the bar is drawn for the eye.
fn meter(whole: Tally, count: u64, class: &str) -> Markup {
    let width = whole.share(count).unwrap_or_default() * 100.0;
    html! {
        div.meter {
            svg class={ "bar " (class) } viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                rect.whole width="100" height="6" {}
                rect.part width=(format!("{width:.2}")) height="6" {}
            }
            span { (share(whole, count)) }
        }
    }
}

/// What a code means, in a few words for whoever runs the site.
pub(super) const fn meaning(code: IdentityCode) -> &'static str {
    match code {
        IdentityCode::TokenMissing => "No token: an anonymous visitor",
        IdentityCode::TokenTooLarge => "The token is over 8 KB",
        IdentityCode::TokenMalformed => "Not a JWT",
        IdentityCode::AlgNotAllowed => "Not signed with HS256",
        IdentityCode::IdentityDisabled => "The feature is off",
        IdentityCode::IdentityNotConfigured => "No active key",
        IdentityCode::SignatureInvalid => "Not signed with an active key of this agent",
        IdentityCode::KeyRevoked => "Names a key that has ended",
        IdentityCode::TokenExpired => "The token has expired",
        IdentityCode::TokenNotYetValid => "Not valid yet: the signer's clock may be ahead",
        IdentityCode::ClaimsInvalid => "A time in the token is not a number",
        IdentityCode::LifetimeTooLong => "The token lives longer than you allow",
        IdentityCode::UserIdMissing => "No user_id",
        IdentityCode::UserIdNotString => "The user_id is not a string",
        IdentityCode::UserIdInvalid => "The user_id is empty, too long or not printable",
        IdentityCode::IdentityBlocked => "The user is blocked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_nothing_there_is_no_share() {
        assert_eq!(share(Tally::default(), 0), "–");
        assert_eq!(share(Tally { requests: 8, identified: 6 }, 6), "75%");
    }

    #[test]
    fn a_window_is_one_of_three() {
        for (days, window) in [
            (Some("1"), Window::Day),
            (Some("7"), Window::Week),
            (Some("30"), Window::Month),
            (Some("31"), Window::Week),
            (None, Window::Week),
        ] {
            assert_eq!(Window::of_days(days), window);
        }
    }
}
