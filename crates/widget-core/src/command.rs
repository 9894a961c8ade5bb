//! What the page can ask for through `window.eloquent`, and what its promises resolve with.

use eloquent_types::{
    id::ConversationId,
    identify::{Identified, Refused},
    time::Timestamp,
};

use crate::{
    field::{Fields, Value, put_bool, put_conversation, put_number, put_text, put_time},
    token::IdentityToken,
};

/// One call of a command: the shell numbers them and keeps each promise's resolver under its number.
/// Every call gets exactly one [`Effect::Resolve`](crate::Effect::Resolve).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u32);

/// A command's name: a closed set, to which [`CommandKind::parse`] is the only way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// `identify({ token, getToken })`
    Identify,
    /// `logout()`, also `shutdown()`
    Logout,
    /// `update({ attributes })`
    Update,
    /// `open({ prefill, conversationId })`
    Open,
    /// `close()`
    Close,
    /// `toggle()`
    Toggle,
    /// `show()`: the launcher
    Show,
    /// `hide()`: the launcher
    Hide,
    /// `prefill(text)`
    Prefill,
    /// `sendMessage(text)`
    SendMessage,
    /// `newConversation()`, also `resetChat()`
    NewConversation,
    /// `setLocale(tag)`
    SetLocale,
    /// `setTheme(scheme)` or `setTheme(tokens)`
    SetTheme,
    /// `showPreview({ text })`
    ShowPreview,
    /// `hidePreview()`
    HidePreview,
    /// `trackEvent(name, properties)`
    TrackEvent,
    /// `page({ url, title })`
    Page,
    /// `on(event, function)`; the shell's own, since it holds the page's functions
    On,
    /// `once(event, function)`; the shell's own
    Once,
    /// `off(event, function)`; the shell's own
    Off,
    /// `getState()`
    GetState,
    /// `debug(true)`
    Debug,
    /// `destroy()`
    Destroy,
}

impl CommandKind {
    /// Every command with its name, aliases behind the name they stand for.
    pub const NAMES: [(&'static str, Self); 25] = [
        ("identify", Self::Identify),
        ("logout", Self::Logout),
        ("shutdown", Self::Logout),
        ("update", Self::Update),
        ("open", Self::Open),
        ("close", Self::Close),
        ("toggle", Self::Toggle),
        ("show", Self::Show),
        ("hide", Self::Hide),
        ("prefill", Self::Prefill),
        ("sendMessage", Self::SendMessage),
        ("newConversation", Self::NewConversation),
        ("resetChat", Self::NewConversation),
        ("setLocale", Self::SetLocale),
        ("setTheme", Self::SetTheme),
        ("showPreview", Self::ShowPreview),
        ("hidePreview", Self::HidePreview),
        ("trackEvent", Self::TrackEvent),
        ("page", Self::Page),
        ("on", Self::On),
        ("once", Self::Once),
        ("off", Self::Off),
        ("getState", Self::GetState),
        ("debug", Self::Debug),
        ("destroy", Self::Destroy),
    ];

    /// The command of this name, spelled exactly. A name that is none becomes [`Command::Unknown`].
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, kind)| kind)
    }

    /// The command's own name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |&(name, _)| name)
    }
}

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Says who the visitor is.
    Identify {
        /// The page's token; empty where it gave no string.
        token: IdentityToken,
        /// Whether the page gave a function, too, that can be asked for the next token. The shell keeps
        /// it under the call's number.
        get_token: bool,
    },
    /// Tells of the visitor what nobody has verified.
    Update {
        /// Names with their values as text; without a value, the name is dropped.
        attributes: Vec<(String, Option<String>)>,
    },
    /// Forgets the visitor, here and in this browser's other tabs.
    Logout,
    /// Opens the panel.
    Open {
        /// Text for the composer; never sent by itself.
        prefill: Option<String>,
        /// The conversation to show.
        conversation: Option<ConversationId>,
    },
    /// Closes the panel.
    Close,
    /// Opens or closes the panel.
    Toggle,
    /// Shows the launcher.
    Show,
    /// Hides the launcher.
    Hide,
    /// Puts text into the composer; never sent by itself.
    Prefill {
        /// The text.
        text: String,
    },
    /// Sends a message as if the visitor had written it.
    SendMessage {
        /// The message.
        text: String,
    },
    /// Leaves the conversation for a new one.
    NewConversation,
    /// Speaks another language from here on.
    SetLocale {
        /// BCP 47; `auto`, or nothing, goes back to what agent and browser say.
        locale: Option<String>,
    },
    /// Looks different from here on: each token that is given takes the place of the agent's.
    SetTheme {
        /// The tokens by their names: a text, a number, or nothing to go back to the agent's own.
        tokens: Vec<(String, Value)>,
    },
    /// Says something beside the launcher, while the panel is closed.
    ShowPreview {
        /// What.
        text: String,
    },
    /// Takes that away.
    HidePreview,
    /// Notes what has happened on the page; it goes along with the next message.
    TrackEvent {
        /// What.
        name: String,
        /// More about it, values as text.
        properties: Vec<(String, String)>,
    },
    /// Says which page the visitor looks at, in place of the document's own address and title.
    Page {
        /// Its address; the document's own where it is empty.
        url: String,
        /// Its title; likewise.
        title: String,
    },
    /// Asks for the widget's state.
    GetState,
    /// Turns the console's linter for the page's use of identities on or off.
    Debug {
        /// Whether it is to be on.
        on: bool,
    },
    /// Ends the widget for good.
    Destroy,
    /// A name that is no command's.
    Unknown {
        /// What was called.
        name: String,
    },
    /// A command whose arguments have the wrong form.
    Malformed {
        /// Which one.
        kind: CommandKind,
    },
}

/// What a command resolves with.
#[derive(Clone, Debug, PartialEq)]
pub enum CommandResult {
    /// `{ok}`
    Done,
    /// `{ok, open}`
    Open(bool),
    /// `{ok, visible}`
    Visible(bool),
    /// `{ok, messageId}`
    Sent {
        /// The message's id at the server: it is durable.
        message_id: String,
    },
    /// `IdentifyResult` of somebody who was identified.
    Identified(Identified),
    /// `IdentifyResult` otherwise.
    NotIdentified(IdentifyFailure),
    /// The widget's state; it has no `ok`.
    State(StateReport),
    /// `{ok: false, code, message}`
    Failed(CallError),
}

/// Why nobody was identified: the server's verdict, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentifyFailure {
    /// The verdict's code, or `network_error`, `superseded`, `destroyed`, or a problem's code.
    pub code: &'static str,
    /// What is wrong, in one English sentence.
    pub message: String,
    /// What to do about it, for the site's developer.
    pub hint: String,
    /// Whether calling again, unchanged or with a fresh token, can succeed.
    pub retryable: bool,
}

impl From<Refused> for IdentifyFailure {
    fn from(refused: Refused) -> Self {
        Self {
            code: refused.code.as_str(),
            message: refused.message,
            hint: refused.hint,
            retryable: refused.code.is_retryable(),
        }
    }
}

/// Why a command other than `identify` failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// There is no such command.
    UnknownCommand,
    /// The arguments have the wrong form.
    InvalidArgument,
    /// The message is empty.
    MessageEmpty,
    /// The message is longer than 8,000 characters.
    MessageTooLong,
    /// The agent talks only to identified visitors.
    IdentityRequired,
    /// The message could not be sent; the visitor sees it with a button to try again.
    NotSent,
    /// A logout, another user or a new conversation came before it was done.
    Aborted,
    /// The widget was destroyed.
    Destroyed,
}

impl CallError {
    /// The code that the page gets.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCommand => "unknown_command",
            Self::InvalidArgument => "invalid_argument",
            Self::MessageEmpty => "message_empty",
            Self::MessageTooLong => "message_too_long",
            Self::IdentityRequired => "identity_required",
            Self::NotSent => "not_sent",
            Self::Aborted => "aborted",
            Self::Destroyed => "destroyed",
        }
    }

    /// The same in one English sentence, for the site's developer.
    pub const fn message(self) -> &'static str {
        match self {
            Self::UnknownCommand => "There is no such command.",
            Self::InvalidArgument => "The arguments have the wrong form.",
            Self::MessageEmpty => "The message is empty.",
            Self::MessageTooLong => "The message is longer than 8,000 characters.",
            Self::IdentityRequired => "This agent talks only to visitors with a valid identity token.",
            Self::NotSent => "The message could not be sent.",
            Self::Aborted => "A logout, another user or a new conversation came first.",
            Self::Destroyed => "The widget was destroyed.",
        }
    }
}

/// What `getState` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateReport {
    /// `loading`, `ready`, `unavailable` or `destroyed`.
    pub status: &'static str,
    /// Whether the panel is open.
    pub open: bool,
    /// Whether a verified identity is held.
    pub identified: bool,
    /// The verified user.
    pub user_id: Option<String>,
    /// When the token expires, if it does.
    pub token_expires_at: Option<Timestamp>,
    /// Messages that came while the panel was closed.
    pub unread: u32,
    /// The conversation on screen.
    pub conversation_id: Option<ConversationId>,
    /// The language in use (BCP 47).
    pub locale: String,
}

impl CommandResult {
    /// The object that the promise resolves with.
    pub fn fields(&self) -> Fields {
        let mut fields = Vec::new();
        if let Self::State(report) = self {
            report_fields(&mut fields, report);
        } else {
            put_bool(&mut fields, "ok", !matches!(self, Self::NotIdentified(_) | Self::Failed(_)));
        }
        match self {
            Self::Done | Self::State(_) => {}
            Self::Open(open) => put_bool(&mut fields, "open", *open),
            Self::Visible(visible) => put_bool(&mut fields, "visible", *visible),
            Self::Sent { message_id } => put_text(&mut fields, "messageId", Some(message_id)),
            Self::Identified(who) => identified_fields(&mut fields, who),
            Self::NotIdentified(failure) => failure_fields(&mut fields, failure),
            Self::Failed(error) => {
                put_text(&mut fields, "code", Some(error.as_str()));
                put_text(&mut fields, "message", Some(error.message()));
            }
        }
        fields
    }
}

fn identified_fields(fields: &mut Fields, who: &Identified) {
    put_bool(fields, "identified", true);
    put_text(fields, "userId", Some(who.user_id.as_str()));
    put_text(fields, "profileId", Some(&who.profile_id.encode()));
    put_time(fields, "expiresAt", who.expires_at);
    put_bool(fields, "switchedUser", who.switched_user);
    put_bool(fields, "claimedConversation", who.claimed_conversation);
}

fn failure_fields(fields: &mut Fields, failure: &IdentifyFailure) {
    put_bool(fields, "identified", false);
    put_text(fields, "code", Some(failure.code));
    put_text(fields, "message", Some(&failure.message));
    put_text(fields, "hint", Some(&failure.hint));
    put_bool(fields, "retryable", failure.retryable);
}

fn report_fields(fields: &mut Fields, report: &StateReport) {
    put_text(fields, "status", Some(report.status));
    put_bool(fields, "open", report.open);
    put_bool(fields, "identified", report.identified);
    put_text(fields, "userId", report.user_id.as_deref());
    put_time(fields, "tokenExpiresAt", report.token_expires_at);
    put_number(fields, "unread", report.unread);
    put_conversation(fields, report.conversation_id);
    put_text(fields, "locale", Some(&report.locale));
    put_text(fields, "version", Some(env!("CARGO_PKG_VERSION")));
}
