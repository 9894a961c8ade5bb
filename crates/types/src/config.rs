//! `GET …/config`: what the widget draws, and nothing else (contract §4).

use serde::{Deserialize, Serialize};

use crate::{id::AgentId, theme::Theme};

/// The agent's public configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentConfig {
    /// The agent.
    pub agent_id: AgentId,
    /// Its name, shown in the panel's head.
    pub name: String,
    /// The first words of the panel, before the visitor has written.
    pub greeting: String,
    /// Questions to start with, at most a handful.
    pub starters: Vec<String>,
    /// How the widget looks.
    #[serde(default)]
    pub theme: Theme,
    /// The language of the agent's own words (BCP 47), if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// How to reach the company without the chat: an email address, or an https address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What is switched on.
    pub features: Features,
}

/// How to reach the company without the chat: an email address, or an absolute https address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

/// The text is no contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a contact is an email address or an https address")]
pub struct InvalidContact;

/// The longest contact, in bytes.
pub const CONTACT_MAX_BYTES: usize = 512;

impl Contact {
    /// Checks the form; changes nothing.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidContact> {
        let text = text.into();
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '\\');
        let address = || match text.split_once('@') {
            // `mailto:` in front of it makes a link of it: nothing may stand in it that begins headers.
            Some((name, host)) => {
                !name.is_empty()
                    && host.split('.').count() > 1
                    && host.split('.').all(|part| !part.is_empty())
                    && !text.contains(['?', '&', ':', '/', ',', ';', '%', '#'])
                    && !host.contains('@')
            }
            None => false,
        };
        let page = || {
            text.strip_prefix("https://").is_some_and(|rest| {
                let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
                !host.is_empty() && !host.contains('@')
            })
        };
        if text.len() <= CONTACT_MAX_BYTES && text.chars().all(plain) && (page() || address()) {
            Ok(Self(text))
        } else {
            Err(InvalidContact)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text has the form of a language tag (BCP 47): up to 35 characters of letters and digits in
/// parts of 1 to 8, the first of which is 2 to 8 letters.
pub fn is_language_tag(text: &str) -> bool {
    let (mut is_first, mut length) = (true, 0);
    // As if there was another part behind.
    for byte in text.bytes().chain([b'-']) {
        if byte == b'-' {
            if !(if is_first { 2..=8 } else { 1..=8 }).contains(&length) {
                return false;
            }
            (is_first, length) = (false, 0);
        } else if byte.is_ascii_alphabetic() || byte.is_ascii_digit() && !is_first {
            length += 1;
        } else {
            return false;
        }
    }
    text.len() <= 35
}

/// What is switched on, company and agent taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Identity verification.
    pub identify: bool,
    /// Whether answers can be rated.
    #[serde(default)]
    pub feedback: bool,
    /// Whether a person can be asked for.
    #[serde(default)]
    pub handover: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_an_address_of_one_of_two_kinds() {
        for good in ["help@shop.example", "a+b@mail.shop.example", "https://shop.example/contact?from=chat"] {
            assert_eq!(Contact::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "help",
            "@shop.example",
            "help@shop",
            "help@shop.",
            "a@b@shop.example",
            "help@shop.example?bcc=x@y.example",
            "Help <help@shop.example>",
            "help@shop.example\n",
            "http://shop.example/",
            "https://",
            "https:///x",
            "https://user@shop.example/",
            "https://shop.example/\u{7f}",
            "javascript:alert(1)//a@b.example",
            "mailto:help@shop.example",
            &["https://shop.example/", &"x".repeat(CONTACT_MAX_BYTES)].concat(),
        ] {
            assert_eq!(Contact::parse(bad), Err(InvalidContact), "{bad:?}");
        }
    }

    #[test]
    fn language_tags_have_parts() {
        for good in ["en", "pt-BR", "zh-Hans-CN", "de-CH-1996", "en-x-shop"] {
            assert!(is_language_tag(good), "{good}");
        }
        for bad in ["", "e", "1n", "en_US", "en-", "-en", "en--US", "en-ninechars", "é", &"ab-".repeat(12)] {
            assert!(!is_language_tag(bad), "{bad}");
        }
    }
}
