//! The words of the visitor's language: choosing among them by number.

use eloquent_widget_core::Plural;

use crate::dates::Format;

/// What is said of a number, in the form and with the digits that `locale` has for it: `View.locale`, or
/// another tag that `Intl` takes.
pub(crate) fn count(words: Plural, number: u32, locale: &str) -> String {
    let by = |constructor, method| Format::new(constructor, method, locale, &[]).call(number.into());
    let mut digits = by("NumberFormat", "format");
    if digits.is_empty() {
        digits = crate::convert::digits(number);
    }
    words.text(&by("PluralRules", "select"), &digits)
}
