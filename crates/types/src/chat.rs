//! `POST …/chat` and the events of a conversation's stream (contract §4).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeStruct};

use crate::{
    conversation::{MessageView, Source},
    id::{ConversationId, MessageId},
    identify::IdentityCode,
    rich::Block,
    session::SessionToken,
    text::UserId,
    time::Timestamp,
};

/// The body of `POST …/chat`, as a client writes it. (The server reads it leniently, field by field,
/// so that each fault gets its own code.)
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// What the visitor wrote.
    pub message: NewMessage,
    /// The conversation that it continues; a new one without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The last event's id that was heard of this conversation: the stream goes on from there, so that
    /// what was said there meanwhile comes, too, and then the message itself. Without it, the stream begins
    /// behind the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The identity token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_token: Option<String>,
    /// Hints from the page (`update`), names with values: never verified. An object on the wire; no map
    /// here, which would be the widget's only one.
    #[serde(default, with = "attributes", skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(String, String)>,
    /// The page on which it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// What the page says has happened since the last message (`trackEvent`), the oldest first, at most 20:
    /// never verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<PageEvent>,
    /// The visitor's language (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The form in which the answer is wanted.
    #[serde(default)]
    pub format: Format,
}

impl fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest").field("conversation_id", &self.conversation_id).finish_non_exhaustive()
    }
}

mod attributes {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        attributes: &[(String, String)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(attributes.iter().map(|(name, value)| (name, value)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, String)>, D::Error> {
        BTreeMap::deserialize(deserializer).map(|attributes| attributes.into_iter().collect())
    }
}

/// A visitor's message on its way in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMessage {
    /// A UUID minted by the client: the same one again adds nothing.
    pub id: String,
    /// The text.
    pub text: String,
}

/// The page on which a message was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its address.
    pub url: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
}

/// What a page says has happened on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEvent {
    /// What, in the page's own words, at most 128 characters.
    pub name: String,
    /// More about it, values as text; with the name 2 KB at most.
    #[serde(default, with = "attributes", skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(String, String)>,
    /// When.
    pub at: Timestamp,
}

/// The form of an answer's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Markdown, as it is written.
    #[default]
    Markdown,
    /// The block tree of [`crate::rich`].
    Blocks,
}

/// An event of a conversation's stream. In this serialized form, `{"event": name, "data": {…}}`, it
/// is what a client makes of a frame's name and parsed data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum StreamEvent {
    /// The question is durable.
    Accepted(Accepted),
    /// More of an answer.
    Delta(Delta),
    /// An answer is complete, or was stopped.
    Done(Done),
    /// A whole message: by an operator, or by another tab.
    Message(MessageView),
    /// Something about the conversation.
    Status(Status),
    /// An answer ended badly; its text so far is kept.
    Error(Failure),
}

impl StreamEvent {
    /// The event's name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Delta(_) => "delta",
            Self::Done(_) => "done",
            Self::Message(_) => "message",
            Self::Status(_) => "status",
            Self::Error(_) => "error",
        }
    }
}

/// The question is durable; so are the conversation, and the profile if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The question.
    pub message_id: MessageId,
    /// As whom the visitor was heard.
    pub identity: Identity,
    /// The session to use from now on, when a new one was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionToken>,
}

/// As whom the visitor was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Verified or not.
    pub status: IdentityStatus,
    /// The verified user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Why a token that was sent did not verify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<IdentityCode>,
}

/// Verified or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityStatus {
    /// A valid token came with the message.
    Verified,
    /// None did.
    Anonymous,
}

/// More of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The answer.
    pub message_id: MessageId,
    /// What is new.
    pub content: DeltaContent,
}

/// What is new of an answer, in the form that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeltaContent {
    /// Text to be appended.
    Markdown(String),
    /// The blocks from index `from` on; those before it stay as they are.
    Blocks {
        /// The index of the first block given.
        from: u32,
        /// These blocks and no others follow it.
        blocks: Vec<Block>,
    },
}

impl Serialize for Delta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = match self.content {
            DeltaContent::Markdown(_) => 2,
            DeltaContent::Blocks { .. } => 3,
        };
        let mut out = serializer.serialize_struct("Delta", fields)?;
        out.serialize_field("message_id", &self.message_id)?;
        match &self.content {
            DeltaContent::Markdown(text) => out.serialize_field("text", text)?,
            DeltaContent::Blocks { from, blocks } => {
                out.serialize_field("from", from)?;
                out.serialize_field("blocks", blocks)?;
            }
        }
        out.end()
    }
}

impl<'de> Deserialize<'de> for Delta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            message_id: MessageId,
            #[serde(default)]
            text: Option<String>,
            #[serde(default)]
            from: u32,
            #[serde(default)]
            blocks: Option<Vec<Block>>,
        }
        let raw = Raw::deserialize(deserializer)?;
        let content = match (raw.text, raw.blocks) {
            (Some(text), None) => DeltaContent::Markdown(text),
            (None, Some(blocks)) => DeltaContent::Blocks { from: raw.from, blocks },
            _ => return Err(de::Error::custom("a delta has either text or blocks")),
        };
        Ok(Self { message_id: raw.message_id, content })
    }
}

/// An answer is complete, or was stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The answer.
    pub message_id: MessageId,
    /// Where it is from.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// What the visitor may want to ask next, at most three questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// It is complete.
    Stop,
    /// It reached the longest length.
    Length,
    /// The visitor stopped it.
    Stopped,
}

/// Something about the conversation that is no message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What.
    pub status: StatusKind,
    /// Whom it is about, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

/// What there is to say about a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// Somebody is writing.
    Typing,
    /// A person has taken over.
    Assigned,
    /// It is resolved.
    Resolved,
    /// A person was asked for, and none has taken over yet.
    Waiting,
}

impl StatusKind {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Assigned => "assigned",
            Self::Resolved => "resolved",
            Self::Waiting => "waiting",
        }
    }

    /// The one of this name, spelled exactly.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Typing, Self::Assigned, Self::Resolved, Self::Waiting]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// An answer ended badly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub code: FailureCode,
    /// The same in one sentence that can be shown to the visitor.
    pub message: String,
    /// Whether asking again can help.
    pub retryable: bool,
}

/// How an answer can end badly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The server ended in the middle of it.
    Interrupted,
    /// The agent could not answer.
    AgentFailed,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn wire_form_of_every_event() {
        let message = "msg_01h2xcejqtf2nbrexx3vqjhp41";
        let events = json!([
            {"event": "accepted", "data": {"conversation_id": "cnv_01h2xcejqtf2nbrexx3vqjhp41", "message_id": message,
                "identity": {"status": "verified", "user_id": "42"}}},
            {"event": "accepted", "data": {"conversation_id": "cnv_01h2xcejqtf2nbrexx3vqjhp41", "message_id": message,
                "identity": {"status": "anonymous", "code": "token_expired"},
                "session": "vst_0123456789012345678901234567890123456789012"}},
            {"event": "delta", "data": {"message_id": message, "text": "Hi"}},
            {"event": "delta", "data": {"message_id": message, "from": 2, "blocks": [{"paragraph": [{"text": "Hi"}]}]}},
            {"event": "done", "data": {"message_id": message, "sources": [{"title": "T", "url": "https://example.com/"}, {"title": "U"}],
                "finish_reason": "stop"}},
            {"event": "message", "data": {"id": message, "role": "operator", "text": "Hello", "verified": false,
                "state": "complete", "created_at": "2023-11-14T22:13:20.000Z"}},
            {"event": "status", "data": {"status": "typing"}},
            {"event": "status", "data": {"status": "assigned", "operator": "Ben"}},
            {"event": "error", "data": {"code": "interrupted", "message": "m", "retryable": true}}
        ]);
        let events: Vec<Value> = serde_json::from_value(events).unwrap();
        for wire in events {
            let event: StreamEvent = serde_json::from_value(wire.clone()).unwrap();
            assert_eq!(event.name(), wire["event"]);
            assert_eq!(serde_json::to_value(&event).unwrap(), wire);
        }
    }

    #[test]
    fn a_delta_has_one_form() {
        let both = json!({"message_id": "msg_01h2xcejqtf2nbrexx3vqjhp41", "text": "", "blocks": []});
        let none = json!({"message_id": "msg_01h2xcejqtf2nbrexx3vqjhp41"});
        for wire in [both, none] {
            assert!(serde_json::from_value::<Delta>(wire).is_err());
        }
    }
}
