//! What the page hears: the events of `on`, also dispatched as `CustomEvent("eloquent:<name>")`.

use eloquent_types::{
    conversation::Rating,
    id::{ConversationId, MessageId},
    time::Timestamp,
};

use crate::{
    command::CommandResult,
    field::{Fields, put_conversation, put_message, put_number, put_text, put_time},
};

/// An event, shaped `{id, type, createdAt, data}` for the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// A UUID.
    pub id: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// What happened; [`EventKind::name`] is `type`, [`EventKind::data`] is `data`.
    pub kind: EventKind,
}

/// What happened. No secret is in any of them, and the text of a message only where the page wants it.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// The widget is loaded and knows its agent.
    Ready,
    /// The panel opened.
    Open,
    /// The panel closed.
    Close,
    /// `identify` has its result, good or bad.
    Identify(CommandResult),
    /// The token expires soon: the page can identify with a fresh one. Once per token.
    IdentityExpiring {
        /// When it does.
        expires_at: Option<Timestamp>,
    },
    /// The token has expired; what follows is unverified.
    IdentityExpired,
    /// The verified identity was lost for another reason, and what follows is unverified; or it is
    /// another user's.
    IdentityChanged {
        /// The verdict's code, where the server gave one; none where another user was identified.
        code: Option<&'static str>,
    },
    /// The visitor was forgotten.
    Logout,
    /// A message of the visitor's is durable.
    MessageSent {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: MessageId,
        /// What it says, for a page that wants to know.
        text: Option<String>,
    },
    /// An answer, or an operator's message, is whole.
    MessageReceived {
        /// The conversation, unless it is not known yet.
        conversation: Option<ConversationId>,
        /// The message.
        message: MessageId,
        /// What it says, for a page that wants to know.
        text: Option<String>,
    },
    /// A new conversation began.
    ConversationStarted {
        /// The conversation.
        conversation: ConversationId,
    },
    /// A person has taken the conversation over.
    ConversationAssigned {
        /// The conversation.
        conversation: ConversationId,
        /// Who, by name, if the server said.
        operator: Option<String>,
    },
    /// The conversation was marked as resolved.
    ConversationResolved {
        /// The conversation.
        conversation: ConversationId,
    },
    /// A person was asked for.
    HandoffRequested {
        /// The conversation.
        conversation: ConversationId,
    },
    /// A link in an answer was followed.
    LinkClick {
        /// Where to.
        url: String,
        /// The answer, if the link stood in one.
        message: Option<MessageId>,
    },
    /// An answer was rated.
    Feedback {
        /// The conversation.
        conversation: ConversationId,
        /// The answer.
        message: MessageId,
        /// What the visitor thought of it.
        rating: Rating,
    },
    /// The number of unread messages changed.
    Unread {
        /// How many there are.
        count: u32,
    },
    /// Something failed that the visitor sees.
    Error {
        /// What, for programs.
        code: &'static str,
    },
    /// The widget is gone.
    Destroy,
}

impl EventKind {
    /// Every event's name that `on` can be given, those of later versions not included.
    pub const NAMES: [&'static str; 19] = [
        "ready",
        "open",
        "close",
        "identify",
        "identity:expiring",
        "identity:expired",
        "identity:changed",
        "logout",
        "message:sent",
        "message:received",
        "conversation:started",
        "conversation:assigned",
        "conversation:resolved",
        "handoff:requested",
        "link:click",
        "feedback",
        "unread",
        "error",
        "destroy",
    ];

    /// The event's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Open => "open",
            Self::Close => "close",
            Self::Identify(_) => "identify",
            Self::IdentityExpiring { .. } => "identity:expiring",
            Self::IdentityExpired => "identity:expired",
            Self::IdentityChanged { .. } => "identity:changed",
            Self::Logout => "logout",
            Self::MessageSent { .. } => "message:sent",
            Self::MessageReceived { .. } => "message:received",
            Self::ConversationStarted { .. } => "conversation:started",
            Self::ConversationAssigned { .. } => "conversation:assigned",
            Self::ConversationResolved { .. } => "conversation:resolved",
            Self::HandoffRequested { .. } => "handoff:requested",
            Self::LinkClick { .. } => "link:click",
            Self::Feedback { .. } => "feedback",
            Self::Unread { .. } => "unread",
            Self::Error { .. } => "error",
            Self::Destroy => "destroy",
        }
    }

    /// The members of `data`.
    pub fn data(&self) -> Fields {
        let mut fields = Vec::new();
        match self {
            Self::Ready | Self::Open | Self::Close | Self::IdentityExpired | Self::Logout | Self::Destroy => {
            }
            Self::Identify(result) => return result.fields(),
            Self::IdentityExpiring { expires_at } => put_time(&mut fields, "expiresAt", *expires_at),
            Self::IdentityChanged { code } => put_text(&mut fields, "code", *code),
            Self::MessageSent { conversation, message, text } => {
                message_fields(&mut fields, Some(*conversation), *message, text.as_deref());
            }
            Self::MessageReceived { conversation, message, text } => {
                message_fields(&mut fields, *conversation, *message, text.as_deref());
            }
            Self::ConversationStarted { conversation }
            | Self::ConversationResolved { conversation }
            | Self::HandoffRequested { conversation } => put_conversation(&mut fields, Some(*conversation)),
            Self::ConversationAssigned { conversation, operator } => {
                put_conversation(&mut fields, Some(*conversation));
                put_text(&mut fields, "operator", operator.as_deref());
            }
            Self::LinkClick { url, message } => {
                put_text(&mut fields, "url", Some(url));
                put_message(&mut fields, *message);
            }
            Self::Feedback { conversation, message, rating } => {
                message_fields(&mut fields, Some(*conversation), *message, None);
                put_text(&mut fields, "rating", Some(rating.as_str()));
            }
            Self::Unread { count } => put_number(&mut fields, "count", *count),
            Self::Error { code } => put_text(&mut fields, "code", Some(code)),
        }
        fields
    }
}

fn message_fields(
    fields: &mut Fields,
    conversation: Option<ConversationId>,
    message: MessageId,
    text: Option<&str>,
) {
    put_conversation(fields, conversation);
    put_message(fields, Some(message));
    if text.is_some() {
        put_text(fields, "text", text);
    }
}
