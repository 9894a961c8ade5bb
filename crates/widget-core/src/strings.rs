//! The words that the visitor sees, one table per language.

/// The words of one language.
#[derive(Debug, PartialEq, Eq)]
pub struct Strings {
    /// The language (BCP 47).
    pub locale: &'static str,
    /// The panel's name while the agent's is not known.
    pub title: &'static str,
    /// The launcher's name while the panel is closed.
    pub open_chat: &'static str,
    /// The launcher's name while the panel is open, and that of the close button.
    pub close_chat: &'static str,
    /// What follows the number of unread messages.
    pub unread: &'static str,
    /// The button for a new conversation.
    pub new_conversation: &'static str,
    /// The name of the list of messages.
    pub messages: &'static str,
    /// The text field's placeholder and name.
    pub placeholder: &'static str,
    /// The send button.
    pub send: &'static str,
    /// The stop button.
    pub stop: &'static str,
    /// The button that tries again.
    pub retry: &'static str,
    /// The heading over an answer's sources.
    pub sources: &'static str,
    /// The mark of a verified visitor.
    pub verified: &'static str,
    /// [`Status::Connecting`](crate::Status::Connecting).
    pub connecting: &'static str,
    /// [`Status::Online`](crate::Status::Online).
    pub online: &'static str,
    /// [`Status::Unavailable`](crate::Status::Unavailable).
    pub unavailable: &'static str,
    /// For screen readers: an answer is being written.
    pub typing: &'static str,
    /// For screen readers: what the visitor wrote.
    pub by_visitor: &'static str,
    /// Under a message on its way.
    pub sending: &'static str,
    /// Under an answer that the visitor stopped.
    pub stopped: &'static str,
    /// While an earlier conversation is fetched.
    pub loading: &'static str,
    /// The name of the button that copies code.
    pub copy: &'static str,
    /// A message could not be sent.
    pub not_sent: &'static str,
    /// A message is too long.
    pub too_long: &'static str,
    /// The agent talks only to visitors who are logged in.
    pub log_in_first: &'static str,
    /// The server is busy.
    pub busy: &'static str,
    /// The agent does not exist, or not for this page.
    pub not_available: &'static str,
    /// The browser is not connected.
    pub offline: &'static str,
    /// The server cannot be reached.
    pub unreachable: &'static str,
    /// The connection broke and is being made anew.
    pub reconnecting: &'static str,
    /// The connection broke in the middle of an answer.
    pub connection_lost: &'static str,
    /// The agent could not answer.
    pub agent_failed: &'static str,
    /// The answer was cut off by the server's end.
    pub interrupted: &'static str,
}

impl Strings {
    /// The table for a language; English where there is none.
    pub fn for_locale(_locale: &str) -> &'static Self {
        &ENGLISH
    }
}

static ENGLISH: Strings = Strings {
    locale: "en",
    title: "Chat",
    open_chat: "Open chat",
    close_chat: "Close chat",
    unread: "unread",
    new_conversation: "New conversation",
    messages: "Messages",
    placeholder: "Write a message…",
    send: "Send",
    stop: "Stop answering",
    retry: "Try again",
    sources: "Sources",
    verified: "You are verified",
    connecting: "Connecting…",
    online: "Answers right away",
    unavailable: "Not available right now",
    typing: "Writing an answer",
    by_visitor: "You",
    sending: "Sending…",
    stopped: "Stopped",
    loading: "Loading your conversation…",
    copy: "Copy",
    not_sent: "Not sent.",
    too_long: "A message can have 8,000 characters at most.",
    log_in_first: "Not sent: please log in to chat.",
    busy: "Not sent: there is a lot going on right now.",
    not_available: "This chat is not available here.",
    offline: "You are offline. Messages are sent once you are connected again.",
    unreachable: "The chat cannot be reached.",
    reconnecting: "Connection lost. Reconnecting…",
    connection_lost: "The connection was lost before the answer was complete.",
    agent_failed: "The answer could not be completed.",
    interrupted: "The answer was cut off.",
};
