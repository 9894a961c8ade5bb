//! Which language is spoken: from the tags that page, agent and browser give to the words that there are.
//!
//! While the words of another language are on their way, or cannot be had, those in use stay.

use eloquent_types::text::split_at_mark;

use crate::{
    bubble::BubbleState,
    effect::Effect,
    state::{Agent, State},
    strings::{LANGUAGES, Strings},
};

/// The words in use, and those that were fetched.
#[derive(Debug)]
pub(crate) struct Speech {
    pub(crate) strings: &'static Strings,
    fetched: Vec<&'static Strings>,
    /// The language whose words were asked for last, and did not come yet, or not at all.
    asked: Option<&'static str>,
}

impl Default for Speech {
    fn default() -> Self {
        Self { strings: Strings::english(), fetched: vec![Strings::english()], asked: None }
    }
}

/// Speaks the language that is wanted, or asks for its words.
#[inline(never)]
pub(crate) fn launch(state: &mut State) {
    let wanted = language_of(state.locale());
    // The agent may have a language of its own: what is fetched until it has said so is a guess.
    let guessed = state.locale.is_none() && matches!(state.agent, Agent::Loading { attempts: 0..=1, .. });
    let speech = &mut state.speech;
    if speech.strings.locale == wanted {
        return;
    }
    let known = speech.fetched.iter().copied().find(|strings| strings.locale == wanted);
    if let Some(strings) = known {
        if !guessed {
            speak(state, strings);
        }
    } else if speech.asked != Some(wanted) {
        speech.asked = Some(wanted);
        state.push(Effect::LoadWords { locale: wanted });
    }
}

/// The words have come. Where they have not, they are asked for again when a language is next chosen,
/// or the browser is connected again: see [`again`].
#[inline(never)]
pub(crate) fn heard(state: &mut State, locale: &'static str, words: Option<Vec<String>>) {
    let fetched = &mut state.speech.fetched;
    if fetched.iter().all(|strings| strings.locale != locale)
        && let Some(strings) = words.and_then(|words| Strings::keep(locale, words))
    {
        fetched.push(strings);
    }
}

/// Asks once more for words that did not come.
pub(crate) fn again(state: &mut State) {
    state.speech.asked = None;
}

/// Says everything in other words from here on, also what went wrong before.
fn speak(state: &mut State, strings: &'static Strings) {
    let before = std::mem::replace(&mut state.speech.strings, strings).reasons();
    let now = strings.reasons();
    let translate = |text: &mut &'static str| {
        if let Some(at) = before.iter().position(|reason| reason == text) {
            *text = now[at];
        }
    };
    let revision = state.number();
    state.visitor.notice.as_mut().map(translate);
    for bubble in &mut state.visitor.thread.bubbles {
        if let BubbleState::NotSent { reason, .. } | BubbleState::Failed { reason, .. } = &mut bubble.state {
            translate(reason);
            bubble.revision = revision;
        }
    }
}

/// The language of [`LANGUAGES`] that somebody who asks for this tag wants to read; English where there
/// is none.
pub(crate) fn language_of(tag: &str) -> &'static str {
    let mut rest = tag;
    let first = take_part(&mut rest);
    if first.eq_ignore_ascii_case("zh") {
        // Traditional characters are not to be replaced by simplified ones.
        let mut traditional = false;
        while !rest.is_empty() {
            let part = take_part(&mut rest);
            if part.eq_ignore_ascii_case("hans") {
                return "zh-Hans";
            }
            traditional |= ["hant", "tw", "hk", "mo"].iter().any(|name| part.eq_ignore_ascii_case(name));
        }
        return if traditional { LANGUAGES[0] } else { "zh-Hans" };
    }
    // The code for Hebrew that old systems still give.
    let first = if first.eq_ignore_ascii_case("iw") { "he" } else { first };
    let known = LANGUAGES.iter().find(|language| first.eq_ignore_ascii_case(language));
    known.copied().unwrap_or(LANGUAGES[0])
}

/// The first part of a tag, which is taken off it.
fn take_part<'a>(tag: &mut &'a str) -> &'a str {
    let end = tag.bytes().position(|byte| matches!(byte, b'-' | b'_')).unwrap_or(tag.len());
    let part = tag.get(..end).unwrap_or_default();
    *tag = tag.get(end + 1..).unwrap_or_default();
    part
}

/// The tag by which dates and numbers are written beside these words: with the visitor's region, where
/// the words are those of the visitor's language.
pub(crate) fn format_tag<'a>(tag: &'a str, strings: &'static Strings) -> &'a str {
    let same = match split_at_mark(tag, b'-') {
        Some((first, region)) => {
            let letters = [first, region].concat();
            let regional = region.len() == 2 && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
            let spoken = take_part(&mut { strings.locale });
            regional && first.eq_ignore_ascii_case(spoken) && language_of(tag) == strings.locale
        }
        None => false,
    };
    if same { tag } else { strings.locale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_in_the_visitors_region_where_the_words_are_of_the_visitors_language() {
        let english = Strings::english();
        for (tag, expected) in [
            ("en-GB", "en-GB"),
            ("en", "en"),
            ("de-CH", "en"),
            ("zh-TW", "en"),
            ("en-GB-oed", "en"),
            ("en-1", "en"),
            ("en_GB", "en"),
            ("en-é", "en"),
            ("", "en"),
        ] {
            assert_eq!(format_tag(tag, english), expected, "{tag}");
        }
        let chinese = Strings { locale: "zh-Hans", ..*english };
        let chinese: &'static Strings = Box::leak(Box::new(chinese));
        assert_eq!(format_tag("zh-CN", chinese), "zh-CN");
        assert_eq!(format_tag("zh-TW", chinese), "zh-Hans");
    }

    #[test]
    fn tags_find_the_language_that_their_reader_expects() {
        for (tag, expected) in [
            ("en", "en"),
            ("en-GB", "en"),
            ("de-CH-1996", "de"),
            ("DE", "de"),
            ("pt-BR", "pt"),
            ("pt-PT", "pt"),
            ("fr_CA", "fr"),
            ("zh", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("zh-SG", "zh-Hans"),
            ("zh-Hans", "zh-Hans"),
            ("zh-hans-HK", "zh-Hans"),
            ("zh-TW", "en"),
            ("zh-Hant", "en"),
            ("zh-Hant-CN", "en"),
            ("zh-HK", "en"),
            ("iw-IL", "he"),
            ("he", "he"),
            ("ar-EG", "ar"),
            ("sv", "en"),
            ("fra", "en"),
            ("d", "en"),
            ("", "en"),
            ("-", "en"),
        ] {
            assert_eq!(language_of(tag), expected, "{tag}");
        }
        for language in LANGUAGES {
            assert_eq!(language_of(language), language);
        }
    }
}
