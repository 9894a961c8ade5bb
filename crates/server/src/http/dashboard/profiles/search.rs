//! What is looked for in the list of profiles, as the address says it.

use axum::extract::{Query, rejection::QueryRejection};
use eloquent_store::ProfileFilter;
use maud::{Markup, html};
use serde::{Deserialize, de::IgnoredAny};

use crate::http::dashboard::{
    icon,
    part::{PAGE_SIZE, PageNumber, query_escaped},
};

/// The longest text to look for anywhere, in characters; what is beyond is not looked for.
const TEXT_MAX_CHARS: usize = 255;

/// The longest value of a claim that is made a link, in bytes: addresses are no place for more.
const LINKED_MAX_BYTES: usize = 255;

/// The query of the list. What is empty is not asked for, as forms send all their fields.
#[derive(Default, Deserialize)]
pub(super) struct SearchQuery {
    #[serde(default)]
    search: String,
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    claim: String,
    #[serde(default)]
    blocked: String,
    page: Option<String>,
    notice: Option<String>,
}

/// What is looked for, and which page of it.
#[derive(Debug)]
pub(super) struct Search {
    /// Anywhere in user id, email and claims; trimmed.
    text: String,
    /// Exactly this user id: not trimmed, as spaces tell users apart.
    user_id: String,
    /// Exactly this email; trimmed.
    email: String,
    /// A claim's name, or `name=value`; trimmed.
    claim: String,
    blocked: Option<bool>,
    pub(super) page: PageNumber,
    /// What was just done, as the address names it.
    pub(super) notice: Option<String>,
}

impl Search {
    /// What a request asks for; everything where the query is none of ours.
    pub(super) fn asked(query: Result<Query<SearchQuery>, QueryRejection>) -> Self {
        let query = query.map(|Query(query)| query).unwrap_or_default();
        Self {
            text: query.search.trim().chars().take(TEXT_MAX_CHARS).collect(),
            user_id: query.user_id,
            email: query.email.trim().to_owned(),
            claim: query.claim.trim().to_owned(),
            blocked: query.blocked.parse().ok(),
            page: PageNumber::parse(query.page.as_deref()),
            notice: query.notice,
        }
    }

    /// One row more than a page shows.
    pub(super) fn filter(&self) -> ProfileFilter {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let claim = given(&self.claim).map(|claim| match claim.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (claim, None),
        });
        ProfileFilter {
            text: given(&self.text),
            user_id: given(&self.user_id),
            email: given(&self.email),
            claim,
            blocked: self.blocked,
            limit: PAGE_SIZE + 1,
            offset: self.page.offset(),
        }
    }

    const fn is_narrowed(&self) -> bool {
        !self.user_id.is_empty() || !self.email.is_empty() || !self.claim.is_empty() || self.blocked.is_some()
    }

    /// Whether nothing is looked for but all profiles.
    pub(super) const fn is_everything(&self) -> bool {
        self.text.is_empty() && !self.is_narrowed()
    }

    /// The query that asks for the same, without the page: escaped, ending in `&` unless it is empty.
    pub(super) fn query(&self) -> String {
        let blocked = self.blocked.map(|blocked| blocked.to_string()).unwrap_or_default();
        let pairs = [
            ("search", &self.text),
            ("user_id", &self.user_id),
            ("email", &self.email),
            ("claim", &self.claim),
            ("blocked", &blocked),
        ];
        let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<_> = given.map(|(name, value)| format!("{name}={}&", query_escaped(value))).collect();
        parts.concat()
    }

    pub(super) fn form(&self, path: &str) -> Markup {
        html! {
            search { form.finder method="get" action=(path) {
                div.search {
                    label.unseen for="search" { "Search profiles" }
                    (icon::search())
                    input #search type="search" name="search" value=(self.text) placeholder="User id, email or claim"
                        maxlength=(TEXT_MAX_CHARS) autocomplete="off";
                    button type="submit" { "Search" }
                    @if !self.is_everything() { a.button.plain href=(path) { "Show all" } }
                }
                details.exact open[self.is_narrowed()] {
                    summary { (icon::chevron()) "Exact filters" }
                    (self.exact())
                }
            } }
        }
    }

    fn exact(&self) -> Markup {
        html! {
            div.filters {
                (field("user_id", "User id", &self.user_id, "cust_1042"))
                (field("email", "Email", &self.email, "ada@example.com"))
                (field("claim", "Claim", &self.claim, "plan or plan=enterprise"))
                div.field {
                    label for="blocked" { "Blocked" }
                    select #blocked name="blocked" {
                        option value="" { "All" }
                        option value="true" selected[self.blocked == Some(true)] { "Blocked" }
                        option value="false" selected[self.blocked == Some(false)] { "Not blocked" }
                    }
                }
                button type="submit" { "Filter" }
            }
        }
    }
}

fn field(name: &str, label: &str, value: &str, example: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) type="text" name=(name) value=(value) placeholder=(example) autocomplete="off"
                autocapitalize="none" spellcheck="false";
        }
    }
}

/// The query that finds everybody whose claim has this value (JSON text), or any value where none is
/// given. `None` where the form's notation cannot say it.
pub(super) fn claim_query(name: &str, json: Option<&str>) -> Option<String> {
    let mut claim = name.to_owned();
    if let Some(json) = json {
        // A text stands for itself, unless it reads like other JSON.
        let text: Option<String> = serde_json::from_str(json).ok();
        let plain = text.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_err());
        claim.push('=');
        claim.push_str(plain.as_deref().unwrap_or(json));
    }
    let is_sayable = !name.contains('=') && claim.trim() == claim && claim.len() <= LINKED_MAX_BYTES;
    is_sayable.then(|| format!("claim={}", query_escaped(&claim)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(fields: &[(&str, &str)]) -> Search {
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Search::asked(Query::try_from_uri(&format!("/?{}", pairs.join("&")).parse().unwrap()))
    }

    #[test]
    fn what_was_asked_for_is_kept_in_the_next_pages_address() {
        let asked = search(&[
            ("search", "%20ada%20"),
            ("claim", "plan%3DPro%26x"),
            ("blocked", "true"),
            ("page", "3"),
        ]);
        let query = asked.query();
        assert_eq!(query, "search=ada&claim=plan%3DPro%26x&blocked=true&");
        let again = Search::asked(Query::try_from_uri(&format!("/?{query}page=3").parse().unwrap()));
        assert_eq!(again.filter(), asked.filter());
        assert_eq!(asked.filter().claim, Some(("plan".to_owned(), Some("Pro&x".to_owned()))));
        assert_eq!((asked.filter().text.as_deref(), asked.filter().offset), (Some("ada"), 100));
    }

    #[test]
    fn empty_fields_and_nonsense_ask_for_nothing() {
        let asked =
            search(&[("search", ""), ("user_id", ""), ("email", "%20"), ("claim", ""), ("blocked", "maybe")]);
        assert!(asked.is_everything() && asked.query().is_empty());
        assert_eq!(asked.filter(), ProfileFilter { limit: PAGE_SIZE + 1, ..ProfileFilter::default() });
        assert!(search(&[("page", "1"), ("page", "2")]).is_everything());
        assert_eq!(search(&[("user_id", "%20a")]).filter().user_id.as_deref(), Some(" a"));
    }

    #[test]
    fn a_claim_of_any_kind_has_a_query_that_finds_it() {
        for (name, json, query) in [
            ("plan", Some(r#""Enterprise plus""#), Some("claim=plan%3DEnterprise%20plus")),
            ("seats", Some("5"), Some("claim=seats%3D5")),
            // The text "5" is not the number.
            ("seats", Some(r#""5""#), Some("claim=seats%3D%225%22")),
            ("limits", Some("{\"a\":1}"), Some("claim=limits%3D%7B%22a%22%3A1%7D")),
            ("note", Some(r#""a=b""#), Some("claim=note%3Da%3Db")),
            ("plan", None, Some("claim=plan")),
            ("a=b", Some("1"), None),
            (" a", Some("1"), None),
            ("a", Some(r#""b ""#), None),
        ] {
            assert_eq!(claim_query(name, json).as_deref(), query, "{name} {json:?}");
        }
        assert_eq!(claim_query("a", Some(&"1".repeat(300))), None);
    }
}
