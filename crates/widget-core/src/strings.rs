//! The words that the visitor sees, one table per language. English is here; the others are files of the
//! server's (`www/locales`), fetched when a visitor needs one, their words in the order of this table.
//!
//! Invariant: a table is whole. There is no English word in the middle of another language.

use eloquent_types::text::split_at_mark;

/// The languages that there are words in (BCP 47).
pub const LANGUAGES: [&str; 14] =
    ["en", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ja", "ko", "zh-Hans", "ar", "he"];

/// What is said of a number, in each form that the language has for one: `one{# message}other{# messages}`,
/// as in ICU's messages, by the names of CLDR's plural categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plural(&'static str);

impl Plural {
    /// The text for a number of this category (`Intl.PluralRules`), with the number as it is written.
    pub fn text(self, category: &str, number: &str) -> String {
        let (mut rest, mut text) = (self.0, "");
        while let Some((form, behind)) = split_at_mark(rest, b'}') {
            rest = behind;
            match split_at_mark(form, b'{') {
                Some((known, words)) if known == category => {
                    text = words;
                    break;
                }
                Some(("other", words)) => text = words,
                _ => {}
            }
        }
        fill(text, b'#', b'#', number)
    }
}

/// The text with this in place of what stands between the two marks, where they stand, or in place of the
/// one mark.
fn fill(text: &str, from: u8, to: u8, what: &str) -> String {
    let Some((before, rest)) = split_at_mark(text, from) else { return text.to_owned() };
    let behind = if from == to { rest } else { split_at_mark(rest, to).map_or(rest, |(_, behind)| behind) };
    [before, what, behind].concat()
}

macro_rules! words {
    ($($(#[$doc:meta])* $kind:ident $name:ident = $english:literal,)+) => {
        /// The words of one language.
        #[derive(Debug, PartialEq, Eq)]
        pub struct Strings {
            /// The language (BCP 47), one of [`LANGUAGES`].
            pub locale: &'static str,
            $($(#[$doc])* pub $name: words!(@type $kind),)+
        }

        const WORDS: Strings =
            Strings { locale: LANGUAGES[0], $($name: words!(@make $kind $english),)+ };

        static ENGLISH: Strings = WORDS;

        impl Strings {
            /// The names of all words, in the order of the languages' files.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($name)),+];

            /// The words of a language's file, kept for good: there is one table per language. None
            /// unless it is as long as this one.
            pub(crate) fn keep(locale: &'static str, words: Vec<String>) -> Option<&'static Self> {
                if words.len() != Self::KEYS.len() {
                    return None;
                }
                let strings = Box::leak(Box::new(WORDS));
                strings.locale = locale;
                let places = [$(words!(@place $kind strings $name)),+];
                for (place, word) in places.into_iter().zip(words) {
                    *place = word.leak();
                }
                Some(strings)
            }
        }
    };
    (@type text) => { &'static str };
    (@type plural) => { Plural };
    (@make text $word:expr) => { $word };
    (@make plural $word:expr) => { Plural($word) };
    (@place text $strings:ident $name:ident) => { &mut $strings.$name };
    (@place plural $strings:ident $name:ident) => { &mut $strings.$name.0 };
}

words! {
    /// The panel's name while the agent's is not known.
    text title = "Chat",
    /// The launcher's name while the panel is closed.
    text open_chat = "Open chat",
    /// The launcher's name while the panel is open, and that of the close button.
    text close_chat = "Close chat",
    /// How many unread messages there are, behind the launcher's name.
    plural unread = "one{# unread message}other{# unread messages}",
    /// How many messages came while the visitor read further up.
    plural new_messages = "one{# new message}other{# new messages}",
    /// The button that leads to the end of the list, where no message is new.
    text latest = "Go to the latest message",
    /// The button for a new conversation.
    text new_conversation = "New conversation",
    /// The name of the list of messages.
    text messages = "Messages",
    /// The text field's placeholder and name.
    text placeholder = "Write a message…",
    /// The send button.
    text send = "Send",
    /// The stop button.
    text stop = "Stop answering",
    /// The button that tries again.
    text retry = "Try again",
    /// The heading over an answer's sources.
    text sources = "Sources",
    /// The mark of a verified visitor.
    text verified = "You are verified",
    /// [`Status::Connecting`](crate::Status::Connecting).
    text connecting = "Connecting…",
    /// [`Status::Online`](crate::Status::Online).
    text online = "Answers right away",
    /// [`Status::Unavailable`](crate::Status::Unavailable).
    text unavailable = "Not available right now",
    /// For screen readers: an answer is being written.
    text typing = "Writing an answer",
    /// For screen readers: what the visitor wrote.
    text by_visitor = "You",
    /// Who wrote a person's message, where the name is not known.
    text team = "Support team",
    /// Under a message on its way.
    text sending = "Sending…",
    /// Under a message that the server has.
    text sent = "Sent",
    /// Under a message that is sent when there is a connection.
    text waits = "Waiting for a connection",
    /// Under an answer that the visitor stopped.
    text stopped = "Stopped",
    /// While an earlier conversation is fetched.
    text loading = "Loading your conversation…",
    /// While messages before those on screen are fetched.
    text loading_earlier = "Loading earlier messages…",
    /// The name of the button that copies code.
    text copy = "Copy",
    /// The same, once it has.
    text copied = "Copied",
    /// The button that shows the list of conversations, and the list's heading.
    text conversations = "Conversations",
    /// While the list of conversations is fetched.
    text loading_list = "Loading your conversations…",
    /// In place of an empty list of conversations.
    text no_conversations = "No conversations yet",
    /// The button that leads back from it.
    text back = "Back",
    /// The button with what else there is to do.
    text menu = "More options",
    /// The button that asks for a person.
    text talk_to_person = "Talk to a person",
    /// A person was asked for.
    text waiting_for_person = "Your request was passed on. A person will answer you here.",
    /// A person has taken over; `{name}` is who.
    text joined = "{name} joined the conversation",
    /// The conversation was closed by a person.
    text resolved = "This conversation was marked as resolved",
    /// The button that says of an answer that it helped.
    text rate_up = "Helpful",
    /// The button that says that it did not.
    text rate_down = "Not helpful",
    /// After that.
    text rated = "Thank you for your feedback",
    /// The button that turns sounds on.
    text sound_on = "Turn sound on",
    /// The button that turns them off.
    text sound_off = "Turn sound off",
    /// The name of the group of questions to start or to go on with.
    text suggestions = "Suggested questions",
    /// The button that takes away what stands beside the launcher.
    text close_preview = "Dismiss",
    /// The link to how the company is reached without the chat.
    text contact = "Contact us another way",
    /// A message could not be sent.
    text not_sent = "Not sent.",
    /// A message is too long.
    text too_long = "A message can have 8,000 characters at most.",
    /// The agent talks only to visitors who are logged in.
    text log_in_first = "Not sent: please log in to chat.",
    /// The server is busy.
    text busy = "Not sent: there is a lot going on right now.",
    /// The agent does not exist, or not for this page.
    text not_available = "This chat is not available here.",
    /// The browser is not connected.
    text offline = "You are offline. Messages are sent once you are connected again.",
    /// The server cannot be reached.
    text unreachable = "The chat cannot be reached.",
    /// The connection broke and is being made anew.
    text reconnecting = "Connection lost. Reconnecting…",
    /// The connection broke in the middle of an answer.
    text connection_lost = "The connection was lost before the answer was complete.",
    /// The agent could not answer.
    text agent_failed = "The answer could not be completed.",
    /// The answer was cut off by the server's end.
    text interrupted = "The answer was cut off.",
    /// A rating did not reach the server.
    text not_rated = "Your feedback could not be saved.",
    /// The request for a person did not reach the server.
    text not_passed_on = "Your request could not be passed on. Please try again.",
}

impl Strings {
    /// The table that is always there.
    pub fn english() -> &'static Self {
        &ENGLISH
    }

    /// Whether the language is written from right to left.
    pub fn is_rtl(&self) -> bool {
        matches!(self.locale, "ar" | "he")
    }

    /// [`Strings::joined`] of somebody by name, or of somebody of the team.
    pub fn joined_by(&self, name: Option<&str>) -> String {
        fill(self.joined, b'{', b'}', name.unwrap_or(self.team))
    }

    /// What went wrong, as it stands under a message or above the text field: no two are the same.
    pub(crate) fn reasons(&self) -> [&'static str; 10] {
        [
            self.not_sent,
            self.too_long,
            self.log_in_first,
            self.busy,
            self.not_available,
            self.connection_lost,
            self.agent_failed,
            self.interrupted,
            self.not_rated,
            self.not_passed_on,
        ]
    }
}
