//! The parts of which several pages are made: times, badges, code to copy, empty states, paging.

use std::{fmt::Write as _, time::Duration};

use eloquent_types::time::Timestamp;
use maud::{Markup, html};

use super::icon;

/// How many rows a list shows at once.
pub(super) const PAGE_SIZE: u32 = 50;

/// A time. Written in UTC; the script rewrites it in the reader's zone.
pub(super) fn time(time: Timestamp) -> Markup {
    html! { time datetime=(time) { (written(time)) } }
}

/// `22 Nov 2026, 16:51 UTC`.
fn written(time: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = time.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let day = part(8, 10).trim_start_matches('0');
    format!("{day} {} {}, {} UTC", month.copied().unwrap_or_default(), part(0, 4), part(11, 16))
}

/// The moment of so many seconds since 1970, as tokens give them, in the years that can be written.
pub(super) fn moment(seconds: f64) -> Option<Timestamp> {
    const YEAR_10000: f64 = 253_402_300_800.0;
    let span = Duration::try_from_secs_f64(seconds).ok()?;
    (seconds < YEAR_10000).then(|| Timestamp::from_secs(0) + span)
}

/// Says that an identity was verified, in a word, a sign and a colour.
pub(super) fn verified() -> Markup {
    html! { span.badge.good { (icon::tick()) "Verified" } }
}

/// Says that none was.
pub(super) fn unverified() -> Markup {
    html! { span.badge { "Not verified" } }
}

/// Code with a button that copies it. `id` is unique on the page.
pub(super) fn code(id: &str, label: &str, text: &str) -> Markup {
    snippet("snippet", id, label, text, &copy_button(id, label))
}

/// The same for text that is wrapped where it is too wide, so that all of it is seen.
pub(super) fn wrapped_code(id: &str, label: &str, text: &str) -> Markup {
    snippet("snippet wrapped", id, label, text, &copy_button(id, label))
}

/// The same with a button that says what it copies, for where there are several and one is meant.
pub(super) fn named_code(id: &str, label: &str, text: &str, action: &str) -> Markup {
    let button = html! {
        button.copy type="button" data-copy=(id) hidden { (icon::copy()) span { (action) } }
    };
    snippet("snippet wrapped", id, label, text, &button)
}

fn snippet(class: &str, id: &str, label: &str, text: &str, button: &Markup) -> Markup {
    html! {
        div class=(class) {
            pre tabindex="0" role="group" aria-label=(label) { code id=(id) { (text) } }
            (button)
        }
    }
}

/// The button that copies the text of an element. Hidden until the script that makes it work is there.
fn copy_button(of: &str, label: &str) -> Markup {
    html! {
        button.copy type="button" data-copy=(of) hidden aria-label={ "Copy: " (label) } {
            (icon::copy()) span { "Copy" }
        }
    }
}

/// What stands where there is nothing yet: what would be here, and what to do for it.
pub(super) fn empty(icon: &Markup, title: &str, body: &Markup) -> Markup {
    html! {
        div.empty {
            span.round { (icon) }
            h2 { (title) }
            (body)
        }
    }
}

/// Which page of a list, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageNumber(u32);

impl PageNumber {
    /// The page asked for; the first where none or nonsense is.
    pub(super) fn parse(asked: Option<&str>) -> Self {
        Self(asked.and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, u32::MAX / PAGE_SIZE))
    }

    /// Whether it is the first.
    pub(super) const fn is_first(self) -> bool {
        self.0 == 1
    }

    /// How many rows come before it.
    pub(super) const fn offset(self) -> u32 {
        (self.0 - 1) * PAGE_SIZE
    }
}

/// Percent-encoding of everything that could mean something in a query.
pub(super) fn query_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// One page of a list: at most [`PAGE_SIZE`] rows, and whether more follow. Read one row more than
/// that to make it.
pub(super) struct Rows<T> {
    pub(super) rows: Vec<T>,
    more: bool,
}

impl<T> Rows<T> {
    pub(super) fn new(mut rows: Vec<T>) -> Self {
        let more = rows.len() > PAGE_SIZE as usize;
        rows.truncate(PAGE_SIZE as usize);
        Self { rows, more }
    }

    /// The links to the pages before and after; nothing where there are none. `others` is the rest of
    /// the query, escaped, ending in `&` unless it is empty.
    pub(super) fn paging(&self, PageNumber(page): PageNumber, path: &str, others: &str) -> Markup {
        let to = |page: u32| format!("{path}?{others}page={page}");
        html! {
            @if page > 1 || self.more {
                nav.paging aria-label="Pages" {
                    @if page > 1 { a.button rel="prev" href=(to(page - 1)) { "Newer" } }
                    span { "Page " (page) }
                    @if self.more { a.button rel="next" href=(to(page + 1)) { "Older" } }
                }
            }
        }
    }
}

/// Two letters, or one, that stand for somebody.
pub(super) fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
    words.by_ref().take(2).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_for_people() {
        assert_eq!(written("2026-01-02T03:04:05.678Z".parse().unwrap()), "2 Jan 2026, 03:04 UTC");
        assert_eq!(written(Timestamp::from_secs(0)), "1 Jan 1970, 00:00 UTC");
    }

    #[test]
    fn nonsense_is_the_first_page() {
        let page = |page: &str| PageNumber::parse(Some(page)).0;
        assert_eq!(["0", "-1", "", "x", "1", "3"].map(page), [1, 1, 1, 1, 1, 3]);
        assert!(PageNumber::parse(None).is_first() && PageNumber::parse(None).offset() == 0);
        assert!(PageNumber::parse(Some(&u32::MAX.to_string())).offset() > 0);
    }

    #[test]
    fn nothing_that_means_something_in_a_query_is_left() {
        assert_eq!(query_escaped("a-Z.9_~"), "a-Z.9_~");
        assert_eq!(query_escaped("plan=a&b c%ü"), "plan%3Da%26b%20c%25%C3%BC");
    }

    #[test]
    fn only_moments_that_can_be_written_are_some() {
        assert_eq!(moment(1_700_000_000.5), Some(Timestamp::from_millis(1_700_000_000_500)));
        for number in [-1.0, 1e300, f64::INFINITY, f64::NAN, 253_402_300_800.0] {
            assert_eq!(moment(number), None, "{number}");
        }
    }

    #[test]
    fn more_is_known_from_one_row_more() {
        assert!(!Rows::new(vec![(); 50]).more);
        let rows = Rows::new(vec![(); 51]);
        assert!(rows.more && rows.rows.len() == 50);
    }

    #[test]
    fn initials_are_letters() {
        assert_eq!(initials("Ada Okafor"), "AO");
        assert_eq!(initials("chloé@mail.example"), "CM");
        assert_eq!(initials("<>"), "");
    }
}
