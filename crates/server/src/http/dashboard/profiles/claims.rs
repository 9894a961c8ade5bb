//! What is known of a user: the claims that tokens proved, each with the token that it is from, and
//! apart from them what pages merely said.

use eloquent_store::{ClaimPolicies, ClaimRecord, ClaimUse, Hint, TokenTime};
use eloquent_types::id::AgentId;
use maud::{Markup, html};

use super::{history::History, list_href, search::claim_query, value};
use crate::http::dashboard::{icon, part};

/// The verified claims.
pub(super) fn proven(
    agent: AgentId,
    claims: &[ClaimRecord],
    policies: &ClaimPolicies,
    history: &History,
) -> Markup {
    html! {
        section.card aria-labelledby="claims-title" {
            div.heading.minor {
                div.titled { h2 #claims-title { "Claims" } (part::verified()) }
                a href={ "/dashboard/agents/" (agent) "/identity/claims" } { "What the agent sees" }
            }
            @if claims.is_empty() {
                p.muted { "The token held none besides the user id and the email." }
            } @else {
                p.hint { "Your server signed them. Each value stands since the token that first gave it." }
                table.claims role="table" {
                    thead role="rowgroup" { tr role="row" {
                        th role="columnheader" scope="col" { "Claim" }
                        th role="columnheader" scope="col" { "Value" }
                        th role="columnheader" scope="col" { "Since the token of" }
                        th role="columnheader" scope="col" { "Seen by" }
                    } }
                    tbody role="rowgroup" { @for claim in claims {
                        tr role="row" {
                            th role="rowheader" scope="row" { bdi { (claim.name) } }
                            td role="cell" data-label="Value" { (linked(agent, claim)) }
                            td.since role="cell" data-label="Since" { (provenance(&claim.from, history)) }
                            td role="cell" data-label="Seen by" { (seen_by(policies.use_of(&claim.name))) }
                        }
                    } }
                }
            }
        }
    }
}

/// The value, leading to everybody who shares it.
fn linked(agent: AgentId, claim: &ClaimRecord) -> Markup {
    html! {
        @if let Some(query) = claim_query(&claim.name, Some(&claim.value)) {
            a.shared href={ (list_href(agent)) "?" (query) } title="Find everybody with this value" { (value(&claim.value)) }
        } @else { (value(&claim.value)) }
    }
}

/// Which token gave a value, and with which key it was signed where that is known.
pub(super) fn provenance(from: &TokenTime, history: &History) -> Markup {
    html! {
        @match from.issued_at {
            Some(issued_at) => (token_time(issued_at)),
            None => { (part::time(from.received_at)) span.small.muted { " (received)" } },
        }
        @if let Some(key) = history.key_of(from) { p.small.muted { "Signed with " (history.key_name(key)) } }
    }
}

/// A time as a token claims it: one that no clock shows is given as the number that was signed.
pub(super) fn token_time(seconds: f64) -> Markup {
    html! {
        @if let Some(time) = part::moment(seconds) { (part::time(time)) } @else { span.mono { (seconds) } }
    }
}

fn seen_by(claim_use: ClaimUse) -> Markup {
    html! {
        @match claim_use {
            ClaimUse::Agent => span.badge.told { "Agent" },
            ClaimUse::Dashboard => span.badge { "Dashboard only" },
            // Kept before it was dropped, and on its way out.
            ClaimUse::Dropped => span.badge.warn { "Dropped" },
        }
    }
}

/// What pages said without proof; nothing where they said nothing.
pub(super) fn hints(hints: &[Hint]) -> Markup {
    html! {
        @if !hints.is_empty() {
            section.card.unproven aria-labelledby="hints-title" {
                div.heading.minor { div.titled { h2 #hints-title { "Hints from the page" } (part::unverified()) } }
                p.note { (icon::alert()) "A page said this with “update”, and anybody can make a page say anything. Never take it for a fact." }
                table.claims.hints role="table" {
                    thead role="rowgroup" { tr role="row" {
                        th role="columnheader" scope="col" { "Hint" }
                        th role="columnheader" scope="col" { "Value" }
                        th role="columnheader" scope="col" { "Last said" }
                    } }
                    tbody role="rowgroup" { @for hint in hints {
                        tr role="row" {
                            th role="rowheader" scope="row" { bdi { (hint.name) } }
                            td role="cell" data-label="Value" { bdi.plain { (hint.value) } }
                            td.since role="cell" data-label="Last said" { (part::time(hint.received_at)) }
                        }
                    } }
                }
            }
        }
    }
}
