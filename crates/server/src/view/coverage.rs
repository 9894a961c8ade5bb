//! How many chat requests came with a valid identity.

use eloquent_store::Coverage;
use eloquent_types::{identify::IdentityCode, time::Timestamp};
use serde::Serialize;

/// The coverage of some days.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageView {
    /// How many days.
    pub days: u32,
    since: Timestamp,
    /// How many chat requests there were.
    pub requests: u64,
    /// How many came with a valid token.
    pub identified: u64,
    /// The same as a part of all, from 0 to 1; none if there were no requests.
    pub share: Option<f64>,
    /// How many `require` refuses, or would refuse.
    pub not_identified: u64,
    /// By the page's origin, the one with the most requests first.
    pub by_origin: Vec<OriginView>,
    /// By what was wrong, the most frequent first; without a code: nothing.
    pub by_code: Vec<CodeView>,
}

/// The requests from the pages of one origin; `None` where the browser sent none.
#[derive(Clone, Debug, Serialize)]
pub struct OriginView {
    /// The origin.
    pub origin: Option<String>,
    /// How many requests.
    pub requests: u64,
    /// How many with a valid token.
    pub identified: u64,
}

/// The requests with one verdict.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CodeView {
    /// The code; `None` for those that were identified.
    pub code: Option<IdentityCode>,
    /// How many requests.
    pub requests: u64,
}

impl CoverageView {
    /// Of what was counted since then.
    #[must_use]
    pub fn new(coverage: &Coverage, days: u32, since: Timestamp) -> Self {
        let (requests, identified) = (coverage.total(), coverage.identified());
        let by_origin = coverage.by_origin().into_iter().map(|origin| OriginView {
            origin: origin.origin,
            requests: origin.requests,
            identified: origin.identified,
        });
        let by_code = coverage.by_code().into_iter().map(|(code, requests)| CodeView { code, requests });
        Self {
            days,
            since,
            requests,
            identified,
            share: coverage.share(),
            not_identified: requests - identified,
            by_origin: by_origin.collect(),
            by_code: by_code.collect(),
        }
    }
}
