//! What the server says, with numbers for ids.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use eloquent_types::{
    chat::{
        Accepted, Delta, DeltaContent, Done, Failure, FailureCode, FinishReason, Identity, IdentityStatus,
        StreamEvent,
    },
    config::{AgentConfig, Features},
    conversation::{
        ConversationList, ConversationSummary, ConversationView, MessageState, MessageView, Role,
    },
    id::{AgentId, ConversationId, MessageId, ProfileId},
    identify::{Identified, IdentifyResponse, IdentifyResult, IdentityCode, Refused},
    problem::ProblemCode,
    rich::{Block, Inline},
    session::SessionToken,
    text::UserId,
    theme::Theme,
    time::Timestamp,
};

use crate::{IdentityToken, TransportError};

/// What is in every identity token of the tests, and nowhere else.
pub(super) const SECRET: &str = "s3cr3t";

pub(super) fn token(user: &str) -> IdentityToken {
    IdentityToken::new(format!("{SECRET}.{}.{user}", payload(user)))
}

/// Another token of the same user's.
pub(super) fn fresh_token(user: &str, number: u32) -> IdentityToken {
    IdentityToken::new(format!("{SECRET}.{}.{user}.{number}", payload(user)))
}

/// What a token's second part says.
fn payload(user: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":1,"user_id":"{user}"}}"#))
}

/// Whose token it is.
pub(super) fn user_of(token: &str) -> Option<&str> {
    token.strip_prefix(SECRET)?.split('.').nth(2)
}

pub(super) fn session(number: u32) -> SessionToken {
    SessionToken::parse(format!("vst_{number:043}")).expect("43 digits")
}

pub(super) fn conversation(number: u128) -> ConversationId {
    ConversationId::from_u128(number)
}

pub(super) fn message_id(number: u128) -> MessageId {
    MessageId::from_u128(number)
}

pub(super) fn config() -> AgentConfig {
    AgentConfig {
        agent_id: AgentId::from_u128(1),
        name: "Ada".into(),
        greeting: "Hello!".into(),
        starters: vec!["What is this?".into(), "Who are you?".into()],
        theme: Theme::default(),
        locale: None,
        contact: None,
        features: Features { identify: true, feedback: true, handover: true },
    }
}

/// The server verified this user. Each user has a session of their own.
pub(super) fn verified(user: &str, claimed: bool) -> IdentifyResponse {
    let number = user.bytes().fold(1000, |number, byte| number * 31 + u32::from(byte));
    IdentifyResponse {
        result: IdentifyResult::Identified(Identified {
            user_id: UserId::parse(user).expect("a user id"),
            profile_id: ProfileId::from_u128(number.into()),
            expires_at: None,
            switched_user: false,
            claimed_conversation: claimed,
        }),
        session: Some(session(number)),
        server_time: None,
    }
}

/// The same by a token that has so many milliseconds left, from a server whose clock is three hours
/// ahead of the visitor's.
pub(super) fn verified_for(user: &str, now: Timestamp, millis: u64) -> IdentifyResponse {
    let mut response = verified(user, false);
    let there = now + Duration::from_hours(3);
    response.server_time = Some(there);
    if let IdentifyResult::Identified(who) = &mut response.result {
        who.expires_at = Some(there + Duration::from_millis(millis));
    }
    response
}

pub(super) fn not_verified(code: IdentityCode) -> IdentifyResponse {
    let why = Refused { code, message: "No.".into(), hint: "Sign it again.".into() };
    IdentifyResponse { result: IdentifyResult::Refused(why), session: None, server_time: None }
}

pub(super) fn refused(code: ProblemCode, retry_after: Option<u32>) -> TransportError {
    TransportError::Refused { code, retry_after }
}

pub(super) fn paragraph(text: &str) -> Block {
    Block::Paragraph(vec![Inline::Text(text.into())])
}

/// Accepted from an anonymous visitor, with a session of the conversation's number.
pub(super) fn accepted(conversation_number: u128, message: u128) -> StreamEvent {
    accepted_as(conversation_number, message, IdentityStatus::Anonymous, None)
}

pub(super) fn accepted_as(
    conversation_number: u128,
    message: u128,
    status: IdentityStatus,
    code: Option<IdentityCode>,
) -> StreamEvent {
    let anonymous = status == IdentityStatus::Anonymous && code.is_none();
    StreamEvent::Accepted(Accepted {
        conversation_id: conversation(conversation_number),
        message_id: message_id(message),
        identity: Identity { status, user_id: None, code },
        session: anonymous.then(|| session(u32::try_from(conversation_number).expect("small"))),
    })
}

pub(super) fn delta(message: u128, from: u32, texts: &[&str]) -> StreamEvent {
    let blocks = texts.iter().map(|text| paragraph(text)).collect();
    StreamEvent::Delta(Delta {
        message_id: message_id(message),
        content: DeltaContent::Blocks { from, blocks },
    })
}

pub(super) fn done(message: u128) -> StreamEvent {
    done_by(message, FinishReason::Stop)
}

pub(super) fn done_by(message: u128, finish_reason: FinishReason) -> StreamEvent {
    StreamEvent::Done(Done {
        message_id: message_id(message),
        sources: Vec::new(),
        suggestions: Vec::new(),
        finish_reason,
    })
}

pub(super) fn failure(code: FailureCode, retryable: bool) -> StreamEvent {
    StreamEvent::Error(Failure { code, message: "m".into(), retryable })
}

pub(super) fn message_view(number: u128, role: Role, state: MessageState, text: &str) -> MessageView {
    let visitor = role == Role::Visitor;
    MessageView {
        id: message_id(number),
        role,
        text: if visitor { text.into() } else { String::new() },
        blocks: (!visitor).then(|| if text.is_empty() { vec![] } else { vec![paragraph(text)] }),
        verified: false,
        state,
        sources: Vec::new(),
        suggestions: Vec::new(),
        rating: None,
        author: None,
        created_at: Timestamp::default(),
    }
}

pub(super) fn conversation_view(number: u128, messages: Vec<MessageView>, cursor: &str) -> ConversationView {
    let created_at = Timestamp::default();
    ConversationView {
        id: conversation(number),
        created_at,
        messages,
        cursor: cursor.into(),
        earlier: false,
        resolved: false,
        operator: None,
    }
}

pub(super) fn list(numbers: &[u128]) -> ConversationList {
    let summary = |&number: &u128| ConversationSummary {
        id: conversation(number),
        title: "t".into(),
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
    };
    ConversationList { conversations: numbers.iter().map(summary).collect() }
}
