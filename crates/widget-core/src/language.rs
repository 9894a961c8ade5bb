//! Which language is spoken: from the tags that page, agent and browser give to the words that there are.
//!
//! While the words of another language are on their way, or cannot be had, those in use stay.

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
    let mut parts = tag.split(['-', '_']);
    let first = parts.next().unwrap_or_default();
    let is = |part: &str, names: &[&str]| names.iter().any(|name| part.eq_ignore_ascii_case(name));
    if is(first, &["zh"]) {
        // Traditional characters are not to be replaced by simplified ones.
        let (mut simplified, mut traditional) = (false, false);
        for part in parts {
            simplified |= is(part, &["hans"]);
            traditional |= is(part, &["hant", "tw", "hk", "mo"]);
        }
        return if traditional && !simplified { LANGUAGES[0] } else { "zh-Hans" };
    }
    // The code for Hebrew that old systems still give.
    let first = if is(first, &["iw"]) { "he" } else { first };
    LANGUAGES.into_iter().find(|language| is(first, &[language])).unwrap_or(LANGUAGES[0])
}

/// The tag by which dates and numbers are written beside these words: with the visitor's region, where
/// the words are those of the visitor's language.
pub(crate) fn format_tag<'a>(tag: &'a str, strings: &'static Strings) -> &'a str {
    let same = match tag.split_once('-') {
        Some((first, region)) => {
            let letters = [first, region].concat();
            let regional = region.len() == 2 && letters.bytes().all(|byte| byte.is_ascii_alphabetic());
            let spoken = strings.locale.split('-').next().unwrap_or_default();
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
