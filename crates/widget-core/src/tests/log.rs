//! The machine against a server that keeps its log as the real one does, over a network that cuts streams
//! and loses requests and responses anywhere: whatever happens, what is on screen is the log.

use eloquent_types::{
    chat::{Done, FinishReason, Status, StatusKind, StreamEvent},
    conversation::{ConversationView, MessageState, MessageView, Role},
    id::MessageId,
};
use proptest::prelude::*;

use super::{harness::*, samples::*};
use crate::{
    Bubble, BubbleState, Effect, Msg, Options, Stored, Ticket, TransportError, UiEvent, thread::is_pending,
};

/// How many messages the server gives at once.
const PAGE: usize = 30;

/// A row of the server's log. Its number is its place, from 1.
struct Row {
    role: Role,
    text: String,
    state: MessageState,
    /// The id that the client gave it.
    client: Option<String>,
}

/// A place in the log: a row's number, and how much of it is read; all of it and how it ended, at most.
type Cursor = (usize, usize);

const END: usize = 1_000_000;

/// What the network is asked to carry.
enum Request {
    /// A message, with where to go on behind it.
    Post {
        ticket: Ticket,
        client: String,
        text: String,
        after: Option<Cursor>,
    },
    Follow {
        ticket: Ticket,
        after: Cursor,
    },
}

/// An open stream at the server's end.
struct Reader {
    ticket: Ticket,
    cursor: Cursor,
    /// What `accepted` is to say.
    accepted: Option<MessageId>,
    /// The row with whose end it ends.
    until: usize,
}

struct Net {
    machine: Machine,
    log: Vec<Row>,
    assigned: bool,
    /// Sent, and not at the server yet.
    request: Option<Request>,
    reader: Option<Reader>,
    fetches: Vec<(Ticket, Option<MessageId>)>,
    stored: Stored,
    submitted: u32,
    loads: u8,
}

fn parse(cursor: &str) -> Cursor {
    let (row, at) = cursor.split_once('.').expect("a cursor");
    (row.parse().expect("a row"), at.parse().expect("a place"))
}

fn write((row, at): Cursor) -> String {
    format!("{row}.{at}")
}

impl Net {
    fn new(rows: usize) -> Self {
        let mut net = Self {
            machine: Machine::ready(),
            log: Vec::new(),
            assigned: false,
            request: None,
            reader: None,
            fetches: Vec::new(),
            stored: Stored::default(),
            submitted: 0,
            loads: 0,
        };
        for row in 0..rows {
            net.append(Role::Operator, &format!("old {row}"), MessageState::Complete);
        }
        if rows > 0 {
            net.stored = Stored {
                session: Some(session(1)),
                conversation: Some(conversation(1)),
                ..Stored::default()
            };
        }
        net.load();
        if rows == 0 {
            net.submit();
            net.arrive();
            net.deliver();
        }
        net
    }

    fn submit(&mut self) {
        self.submitted += 1;
        let text = format!("q{}", self.submitted);
        self.ui(UiEvent::Submitted(text));
    }

    /// The page is loaded anew.
    fn load(&mut self) {
        (self.request, self.reader) = (None, None);
        self.fetches.clear();
        self.loads += 1;
        let options = Options { stored: self.stored.clone(), seed: [self.loads; 32], ..Options::default() };
        self.machine = Machine::new(options);
        self.send(Msg::Start);
    }

    fn append(&mut self, role: Role, text: &str, state: MessageState) {
        self.log.push(Row { role, text: text.into(), state, client: None });
    }

    fn send(&mut self, msg: Msg) {
        self.machine.send(msg);
        for effect in self.machine.effects.clone() {
            match effect {
                Effect::LoadConfig { ticket } => self.send(Msg::Config { ticket, result: Ok(config()) }),
                Effect::OpenStream { ticket, request, .. } => {
                    let after = request.after.as_deref().map(parse);
                    let (client, text) = (request.message.id.clone(), request.message.text.clone());
                    self.request = Some(Request::Post { ticket, client, text, after });
                }
                Effect::ResumeStream { ticket, after, .. } => {
                    self.request = Some(Request::Follow { ticket, after: parse(&after) });
                }
                Effect::AbortStream { .. } => (self.request, self.reader) = (None, None),
                Effect::FetchConversation { ticket, before, .. } => self.fetches.push((ticket, before)),
                Effect::Store(stored) => self.stored = stored,
                Effect::ClearStorage => self.stored = Stored::default(),
                _ => {}
            }
        }
        self.check();
    }

    fn ui(&mut self, event: UiEvent) {
        self.send(Msg::Ui(event));
    }

    /// The request arrives.
    fn arrive(&mut self) {
        match self.request.take() {
            Some(Request::Follow { ticket, after }) => {
                self.reader = Some(Reader { ticket, cursor: after, accepted: None, until: usize::MAX });
                self.send(Msg::StreamAlive { ticket });
            }
            Some(Request::Post { ticket, client, text, after }) => {
                let known = self.log.iter().position(|row| row.client.as_ref() == Some(&client));
                let at = known.unwrap_or_else(|| {
                    self.append(Role::Visitor, &text, MessageState::Complete);
                    let at = self.log.len() - 1;
                    self.log[at].client = Some(client);
                    if !self.assigned {
                        self.append(Role::Agent, "", MessageState::Streaming);
                    }
                    at
                });
                let until = if self.assigned { usize::MAX } else { at + 2 };
                self.reader = Some(Reader {
                    ticket,
                    cursor: after.unwrap_or((at + 1, END)),
                    accepted: Some(message_id(at as u128 + 1)),
                    until,
                });
            }
            None => {}
        }
    }

    /// The next event of the stream that is open; whether there was one.
    fn deliver(&mut self) -> bool {
        let Some(reader) = &mut self.reader else { return false };
        let ticket = reader.ticket;
        if let Some(message) = reader.accepted.take() {
            let id = write(reader.cursor);
            self.send(Msg::Stream { ticket, id: Some(id), event: accepted(1, message.as_u128()) });
            return true;
        }
        let (row, at) = reader.cursor;
        let (row, at) = if at == END || row == 0 { (row + 1, 0) } else { (row, at) };
        let Some(next) = self.log.get(row - 1).filter(|_| row <= reader.until) else {
            if row > reader.until {
                // The answer is over, and its stream with it.
                self.reader = None;
                self.send(Msg::StreamEnded { ticket, result: Ok(()) });
                return true;
            }
            return false;
        };
        let number = row as u128;
        let (at, event) = if next.role == Role::Status {
            let status = StatusKind::parse(&next.text).expect("a kind");
            (END, StreamEvent::Status(Status { status, operator: Some("Ann".into()) }))
        } else if next.role != Role::Agent {
            (END, StreamEvent::Message(view(row, next)))
        } else if at < next.text.len() {
            (next.text.len(), delta(number, 0, &[&next.text]))
        } else if next.state == MessageState::Streaming {
            return false;
        } else {
            let done = Done {
                message_id: message_id(number),
                sources: Vec::new(),
                suggestions: Vec::new(),
                finish_reason: FinishReason::Stop,
            };
            (END, StreamEvent::Done(done))
        };
        reader.cursor = (row, at);
        let id = Some(write(reader.cursor));
        self.send(Msg::Stream { ticket, id, event });
        true
    }

    /// Nothing more is heard of the request, or of the stream.
    fn cut(&mut self) {
        let request = self.request.take().map(|request| match request {
            Request::Post { ticket, .. } | Request::Follow { ticket, .. } => ticket,
        });
        let reader = self.reader.take().map(|reader| reader.ticket);
        if let Some(ticket) = request.or(reader) {
            self.send(Msg::StreamEnded { ticket, result: Err(TransportError::Unreachable) });
        }
    }

    fn answer_fetch(&mut self, well: bool) -> bool {
        let Some((ticket, before)) = self.fetches.pop() else { return false };
        let end = before.map_or(self.log.len(), |before| before.as_u128() as usize - 1);
        let start = end.saturating_sub(PAGE);
        let messages = (start..end).map(|row| view(row + 1, &self.log[row])).collect();
        let streaming = self.log.iter().position(|row| row.state == MessageState::Streaming);
        let cursor = match streaming {
            Some(row) => (row + 1, self.log[row].text.len()),
            None => (self.log.len(), END),
        };
        let found = ConversationView {
            earlier: start > 0,
            operator: self.assigned.then(|| "Ann".into()),
            ..conversation_view(1, messages, &write(cursor))
        };
        let result = if well { Ok(found) } else { Err(TransportError::Unreachable) };
        self.send(Msg::Conversation { ticket, result });
        true
    }

    fn step(&mut self, (kind, a): (u8, u8)) {
        let writing = self.log.iter().position(|row| row.state == MessageState::Streaming);
        match kind % 20 {
            0 | 1 => self.submit(),
            2 | 3 => {
                if let Some(at) = writing {
                    self.log[at].text.push(char::from(b'a' + a % 26));
                }
            }
            4 => {
                if let Some(at) = writing {
                    self.log[at].state = MessageState::Complete;
                }
            }
            5 if !self.log.is_empty() => {
                self.append(Role::Operator, &format!("o{a}"), MessageState::Complete);
            }
            6 if !self.log.is_empty() && writing.is_none() => {
                self.append(Role::Visitor, &format!("elsewhere {a}"), MessageState::Complete);
                if !self.assigned {
                    self.append(Role::Agent, "", MessageState::Streaming);
                }
            }
            7 if !self.log.is_empty() && a.is_multiple_of(4) => {
                self.assigned = !self.assigned;
                let kind = if self.assigned { StatusKind::Assigned } else { StatusKind::Resolved };
                self.append(Role::Status, kind.as_str(), MessageState::Complete);
            }
            8 | 9 => self.arrive(),
            10..=12 => {
                self.deliver();
            }
            13 => self.cut(),
            14 => {
                self.answer_fetch(!a.is_multiple_of(3));
            }
            15 => {
                if let Some(&timer) = self.machine.running_timers().first() {
                    self.machine.sleep(u64::from(a) * 20);
                    self.send(Msg::Timer(timer));
                }
            }
            16 => self.send(match a % 6 {
                0 => Msg::Offline,
                1 | 2 => Msg::Online,
                3 => Msg::Visibility { hidden: true },
                4 => Msg::Visibility { hidden: false },
                _ => Msg::Woken,
            }),
            17 => self
                .ui([UiEvent::ReachedTop, UiEvent::ReachedEnd, UiEvent::LatestPressed][usize::from(a) % 3]
                    .clone()),
            18 if a.is_multiple_of(8) => self.load(),
            _ => {}
        }
    }

    /// What stands in the log's part of the screen is a part of the log, in its order and without a gap.
    fn check(&self) {
        let thread = &self.machine.state.visitor.thread;
        let mut first = None;
        let logged = || thread.bubbles[..thread.logged].iter().filter(|bubble| !is_pending(bubble));
        let numbers = || logged().map(|bubble| bubble.message);
        // Changes of the status that the stream told of have no id: they take up a place all the same.
        for (at, number) in (0_u128..).zip(numbers()) {
            if let Some(number) = number.map(MessageId::as_u128) {
                let first = *first.get_or_insert(number.wrapping_sub(at));
                assert_eq!(number, first.wrapping_add(at), "in {:?}", numbers().collect::<Vec<_>>());
            }
        }
    }

    /// From here on all goes well.
    fn come_to_rest(&mut self) {
        self.send(Msg::Online);
        self.send(Msg::Visibility { hidden: false });
        for _ in 0..2_000 {
            self.arrive();
            for row in &mut self.log {
                if row.state == MessageState::Streaming {
                    row.text.push('z');
                    row.state = MessageState::Complete;
                }
            }
            if self.deliver() || self.answer_fetch(true) {
                continue;
            }
            let again = self.machine.state.visitor.thread.bubbles.iter().find(|bubble| can_retry(bubble));
            if let Some(key) = again.map(|bubble| bubble.key) {
                self.ui(UiEvent::RetryPressed(key));
                continue;
            }
            if self.machine.view().panel.banner.is_some_and(|banner| banner.action.is_some()) {
                self.ui(UiEvent::BannerPressed);
                continue;
            }
            let Some(&timer) = self.machine.running_timers().first() else { return };
            self.machine.sleep(30_000);
            self.send(Msg::Timer(timer));
        }
        panic!("no rest: {:?}", self.machine.state);
    }

    fn check_rest(&self) {
        let thread = &self.machine.state.visitor.thread;
        assert!(thread.outbox.is_empty() && thread.unsent.is_empty());
        let shown: Vec<(Option<u128>, String)> = thread
            .bubbles
            .iter()
            .map(|bubble| {
                let number = bubble.message.map(MessageId::as_u128);
                (number.filter(|_| bubble.author != Role::Status), bubble.plain_text())
            })
            .collect();
        let missing = self.log.len() - shown.len().min(self.log.len());
        let row = |at: usize| match &self.log[at] {
            Row { role: Role::Status, .. } => (None, String::new()),
            row => (Some(at as u128 + 1), row.text.clone()),
        };
        let log: Vec<(Option<u128>, String)> = (missing..self.log.len()).map(row).collect();
        assert_eq!(shown, log);
        assert!(thread.bubbles.iter().all(|bubble| bubble.state == BubbleState::Complete));
        assert_eq!(self.log.is_empty(), self.machine.open_stream().is_none(), "it is followed");
        for number in 1..=self.submitted {
            let text = format!("q{number}");
            assert!(self.log.iter().filter(|row| row.text == text).count() <= 1, "{text} twice");
        }
    }
}

fn can_retry(bubble: &Bubble) -> bool {
    matches!(
        bubble.state,
        BubbleState::NotSent { can_retry: true, .. } | BubbleState::Failed { can_retry: true, .. }
    )
}

fn view(number: usize, row: &Row) -> MessageView {
    let view = message_view(number as u128, row.role, row.state, &row.text);
    if row.role == Role::Status {
        return MessageView { text: row.text.clone(), blocks: None, author: Some("Ann".into()), ..view };
    }
    view
}

proptest! {
    #[test]
    fn what_is_on_screen_becomes_what_the_server_has(
        rows in prop_oneof![Just(0_usize), 1_usize..100],
        steps in proptest::collection::vec(any::<(u8, u8)>(), 0..200),
    ) {
        let mut net = Net::new(rows);
        for step in steps {
            net.step(step);
        }
        net.come_to_rest();
        net.check_rest();
    }
}
