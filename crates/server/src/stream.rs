//! A conversation's stream: from what the store holds to the events that a reader has not seen yet.
//!
//! An event's id is a [`Cursor`]: which message, and how much of it the reader then has. Because the
//! id says all of that, resuming needs no log of events, works after a restart, and can neither
//! double nor lose a character: the text behind the cursor is what is sent.

use std::{fmt, str::FromStr};

use eloquent_store::MessageRecord;
use eloquent_types::{
    chat::{
        Delta, DeltaContent, Done, Failure, FailureCode, FinishReason, Format, Status, StatusKind,
        StreamEvent,
    },
    conversation::{MessageState, MessageView, Role},
    sse::Frame,
};

use crate::markdown::{self, Growing, Step};

/// A place in a conversation: `3.120` is 120 bytes into the text of message 3, `3.end` behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The message's number in the conversation, from 1; 0 is before all of them.
    pub seq: u32,
    /// How much of it.
    pub at: At,
}

/// How much of a message a reader has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// This many bytes of its text.
    Offset(usize),
    /// All of it, and how it ended.
    End,
}

impl Default for At {
    fn default() -> Self {
        Self::Offset(0)
    }
}

impl Cursor {
    /// Behind the whole message.
    #[must_use]
    pub const fn end_of(seq: u32) -> Self {
        Self { seq, at: At::End }
    }

    /// Behind everything that `messages` hold.
    #[must_use]
    pub fn behind(messages: &[MessageRecord]) -> Self {
        // Everything before the first message that is still being written is whole.
        let streaming = messages.iter().find(|message| message.state == MessageState::Streaming);
        match (streaming, messages.last()) {
            (Some(message), _) => Self { seq: message.seq, at: At::Offset(message.text.len()) },
            (None, Some(message)) => Self::end_of(message.seq),
            (None, None) => Self::default(),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            At::Offset(offset) => write!(f, "{}.{offset}", self.seq),
            At::End => write!(f, "{}.end", self.seq),
        }
    }
}

/// The text is not an event id of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an event id of this stream")]
pub struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (seq, at) = text.split_once('.').ok_or(InvalidCursor)?;
        let seq = seq.parse().map_err(|_| InvalidCursor)?;
        let at = if at == "end" { At::End } else { At::Offset(at.parse().map_err(|_| InvalidCursor)?) };
        Ok(Self { seq, at })
    }
}

/// Where one reader stands, and in which form it reads.
#[derive(Debug)]
pub struct Reading {
    cursor: Cursor,
    format: Format,
    /// The blocks that the reader has of the message at the cursor, once they were computed.
    shown: Option<(Cursor, Growing)>,
}

impl Reading {
    /// Reads on from `cursor`.
    #[must_use]
    pub const fn new(cursor: Cursor, format: Format) -> Self {
        Self { cursor, format, shown: None }
    }

    /// Where the reader stands.
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The events for what `messages` (from the cursor's on, in order) hold beyond the cursor, each
    /// with its id; the cursor moves behind them. Stops at the first message still being written.
    pub fn advance(&mut self, messages: &[MessageRecord]) -> Vec<(Cursor, StreamEvent)> {
        let mut events = Vec::new();
        for message in messages {
            if message.seq < self.cursor.seq || (message.seq == self.cursor.seq && self.cursor.at == At::End)
            {
                continue;
            }
            match message.role {
                Role::Agent => self.advance_answer(message, &mut events),
                Role::Status => {
                    self.cursor = Cursor::end_of(message.seq);
                    events.extend(status(message).map(|status| (self.cursor, StreamEvent::Status(status))));
                }
                Role::Visitor | Role::Operator => {
                    self.cursor = Cursor::end_of(message.seq);
                    events.push((self.cursor, StreamEvent::Message(message_view(message, self.format))));
                }
            }
            if message.state == MessageState::Streaming {
                break;
            }
        }
        events
    }

    fn advance_answer(&mut self, message: &MessageRecord, events: &mut Vec<(Cursor, StreamEvent)>) {
        let had = match self.cursor {
            Cursor { seq, at: At::Offset(offset) } if seq == message.seq => {
                floor_boundary(&message.text, offset)
            }
            _ => 0,
        };
        if had < message.text.len() && self.is_worth(message) {
            let content = self.content(message, had);
            self.cursor = Cursor { seq: message.seq, at: At::Offset(message.text.len()) };
            if let Some((cursor, _)) = &mut self.shown {
                *cursor = self.cursor;
            }
            events.push((self.cursor, StreamEvent::Delta(Delta { message_id: message.id, content })));
        }
        if let Some(ending) = ending(message) {
            self.cursor = Cursor::end_of(message.seq);
            self.shown = None;
            events.push((self.cursor, ending));
        }
    }

    /// Whether what is new of an answer is to be sent now. A long block is sent anew with each change of it, and
    /// so waits for some more, unless the answer has ended.
    fn is_worth(&self, message: &MessageRecord) -> bool {
        let waits = |growing: &Growing| !growing.is_worth(message.text.len());
        let shown = self.shown.as_ref().filter(|(cursor, _)| *cursor == self.cursor);
        message.state != MessageState::Streaming || !shown.is_some_and(|(_, growing)| waits(growing))
    }

    fn content(&mut self, message: &MessageRecord, had: usize) -> DeltaContent {
        match self.format {
            Format::Markdown => DeltaContent::Markdown(message.text[had..].to_owned()),
            Format::Blocks => {
                let mut growing = match self.shown.take() {
                    Some((cursor, growing)) if cursor == self.cursor => growing,
                    _ => Growing::of(&message.text[..had]),
                };
                let Step { from, blocks } = growing.grow(&message.text);
                self.shown = Some((self.cursor, growing));
                DeltaContent::Blocks { from, blocks }
            }
        }
    }
}

/// The event that ends an answer, once it has ended.
fn ending(message: &MessageRecord) -> Option<StreamEvent> {
    let done = |finish_reason| {
        Some(StreamEvent::Done(Done {
            message_id: message.id,
            sources: message.sources.clone(),
            suggestions: message.suggestions.clone(),
            finish_reason,
        }))
    };
    match message.state {
        MessageState::Streaming => None,
        MessageState::Complete => done(message.finish_reason.unwrap_or(FinishReason::Stop)),
        MessageState::Stopped => done(FinishReason::Stopped),
        MessageState::Interrupted => Some(StreamEvent::Error(Failure {
            code: FailureCode::Interrupted,
            message: "The answer was interrupted.".to_owned(),
            retryable: true,
        })),
        MessageState::Failed => Some(StreamEvent::Error(Failure {
            code: FailureCode::AgentFailed,
            message: "The agent could not answer.".to_owned(),
            retryable: true,
        })),
    }
}

/// What a row that changes the status says; nothing where its text is no status.
fn status(message: &MessageRecord) -> Option<Status> {
    StatusKind::parse(&message.text).map(|status| Status { status, operator: message.author.clone() })
}

/// The message as its visitor reads it.
#[must_use]
pub fn message_view(message: &MessageRecord, format: Format) -> MessageView {
    let as_blocks = format == Format::Blocks && matches!(message.role, Role::Agent | Role::Operator);
    MessageView {
        id: message.id,
        role: message.role,
        text: if as_blocks { String::new() } else { message.text.clone() },
        blocks: as_blocks.then(|| markdown::parse(&message.text)),
        verified: message.verified,
        state: message.state,
        sources: message.sources.clone(),
        suggestions: message.suggestions.clone(),
        rating: message.rating,
        author: message.author.clone(),
        created_at: message.created_at,
    }
}

/// An event as a frame of the stream. `None` where it cannot be serialized, which no event of ours is.
pub fn frame(cursor: Cursor, event: &StreamEvent) -> Option<Frame> {
    let data = match event {
        StreamEvent::Accepted(data) => serde_json::to_string(data),
        StreamEvent::Delta(data) => serde_json::to_string(data),
        StreamEvent::Done(data) => serde_json::to_string(data),
        StreamEvent::Message(data) => serde_json::to_string(data),
        StreamEvent::Status(data) => serde_json::to_string(data),
        StreamEvent::Error(data) => serde_json::to_string(data),
    };
    Some(Frame { event: event.name().to_owned(), id: Some(cursor.to_string()), data: data.ok()? })
}

/// The largest character boundary of `text` that is not behind `offset`: a cursor comes from outside.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use eloquent_types::{id::MessageId, rich::Block, time::Timestamp};

    use super::*;

    fn answer(text: &str, state: MessageState) -> MessageRecord {
        MessageRecord {
            id: MessageId::from_u128(1),
            seq: 2,
            role: Role::Agent,
            text: text.to_owned(),
            verified: false,
            state,
            finish_reason: None,
            sources: Vec::new(),
            suggestions: Vec::new(),
            rating: None,
            rating_comment: None,
            author: None,
            context: None,
            attributes: BTreeMap::new(),
            client_id: None,
            created_at: Timestamp::from_secs(0),
            page: None,
        }
    }

    /// Takes the events in, as a reader of blocks does.
    fn take(shown: &mut Vec<Block>, events: &[(Cursor, StreamEvent)]) {
        for (_, event) in events {
            if let StreamEvent::Delta(Delta { content: DeltaContent::Blocks { from, blocks }, .. }) = event {
                shown.truncate(*from as usize);
                shown.extend(blocks.iter().cloned());
            }
        }
    }

    /// One record that grows, in pieces of four characters; resumed anew at each `resume`-th piece.
    fn read_growing(whole: &str, resume: usize) -> Vec<Block> {
        let start = Cursor { seq: 2, at: At::Offset(0) };
        let (mut reading, mut shown) = (Reading::new(start, Format::Blocks), Vec::new());
        let mut messages = [answer("", MessageState::Streaming)];
        for (piece, at) in (0..whole.len()).step_by(4).enumerate() {
            messages[0].text.push_str(&whole[at..(at + 4).min(whole.len())]);
            if piece % resume == resume - 1 {
                reading = Reading::new(reading.cursor(), Format::Blocks);
            }
            take(&mut shown, &reading.advance(&messages));
        }
        messages[0].state = MessageState::Complete;
        let last = reading.advance(&messages);
        take(&mut shown, &last);
        assert!(matches!(last.last(), Some((_, StreamEvent::Done(_)))));
        shown
    }

    #[test]
    fn a_megabyte_arrives_whole_in_every_form() {
        for (unit, size) in [
            ("A paragraph of **words**.\n\n", 1 << 20),
            ("word ", 300_000),
            ("- item\n", 300_000),
            ("x", 300_000),
        ] {
            let whole = unit.repeat(size / unit.len());
            assert!(read_growing(&whole, usize::MAX) == markdown::parse(&whole), "{unit:?}");
        }
    }

    #[test]
    fn who_resumes_has_the_same_blocks() {
        let text =
            "1. a\n\n2. b\n\n[later] x\n\n[later]: https://example.com/\n\n```\ncode\n```\n\nend ".repeat(20);
        for resume in [1, 2, 7] {
            assert_eq!(read_growing(&text, resume), markdown::parse(&text));
        }
    }
}
