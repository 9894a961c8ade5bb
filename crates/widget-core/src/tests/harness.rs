//! A shell without a browser: it keeps the effects, answers on request, and checks after every message
//! what must hold always.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use eloquent_types::{
    chat::{ChatRequest, IdentityStatus, StreamEvent},
    conversation::ConversationList,
    id::ConversationId,
    identify::{IdentifyResponse, IdentifyResult},
    problem::ProblemCode,
    session::SessionToken,
    time::Timestamp,
};

use super::samples::*;
use crate::{
    Bubble, CallId, Command, CommandResult, Credentials, Effect, EventKind, Msg, Options, State, Stored,
    Ticket, TimerId, TransportError, UiEvent, View, timer::TimerKind, update, view,
};

/// Whether a pause after so many failures is as long as it is to be: up to a quarter less than `most`.
pub(super) fn is_pause(millis: u32, most: u32) -> bool {
    millis <= most && millis > most - most / 4
}

pub(super) struct Machine {
    pub(super) state: State,
    pub(super) now: Timestamp,
    open_stream: Option<Ticket>,
    /// The running timers, with the time at which each runs out.
    timers: BTreeMap<TimerId, Timestamp>,
    /// What stands before the document's title.
    title: u32,
    calls: BTreeSet<CallId>,
    last_call: u32,
    verified_sessions: Vec<SessionToken>,
    /// The effects of the last message.
    pub(super) effects: Vec<Effect>,
}

impl Machine {
    pub(super) fn new(options: Options) -> Self {
        Self {
            state: State::new(options),
            now: Timestamp::from_secs(1_700_000_000),
            open_stream: None,
            timers: BTreeMap::new(),
            title: 0,
            calls: BTreeSet::new(),
            last_call: 0,
            verified_sessions: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Started, and the agent is known.
    pub(super) fn ready() -> Self {
        Self::ready_with(Stored::default())
    }

    /// The same with something in storage.
    pub(super) fn ready_with(stored: Stored) -> Self {
        let mut machine = Self::new(Options { stored, seed: [7; 32], ..Options::default() });
        machine.send(Msg::Start);
        let ticket = machine.ticket_of("LoadConfig");
        let before = std::mem::take(&mut machine.effects);
        machine.send(Msg::Config { ticket, result: Ok(config()) });
        machine.effects = before.into_iter().chain(machine.effects.drain(..)).collect();
        machine
    }

    /// Ready, and identified as this user.
    pub(super) fn identified(user: &str) -> Self {
        let mut machine = Self::ready();
        machine.identify(user);
        machine.no_conversations();
        machine
    }

    pub(super) fn send(&mut self, msg: Msg) -> &[Effect] {
        if let Msg::StreamEnded { ticket, .. } = &msg {
            self.open_stream.take_if(|open| open == ticket);
        }
        if let Msg::Timer(timer) = &msg {
            self.timers.remove(timer);
        }
        if let Msg::Identify { result: Ok(IdentifyResponse { result, session: Some(session), .. }), .. } =
            &msg
            && matches!(result, IdentifyResult::Identified(_))
        {
            self.verified_sessions.push(session.clone());
        }
        self.effects = update(&mut self.state, self.now, msg);
        let effects = std::mem::take(&mut self.effects);
        for effect in &effects {
            self.check_effect(effect);
        }
        let seen = format!("{:?}", view(&self.state));
        assert!(!seen.contains(SECRET), "a token in the view: {seen}");
        assert_bubbles_are_in_order(&self.state);
        assert_eq!(self.title, self.state.visitor.unread, "the document's title");
        self.effects = effects;
        &self.effects
    }

    fn check_effect(&mut self, effect: &Effect) {
        match effect {
            Effect::OpenStream { ticket, .. } | Effect::ResumeStream { ticket, .. } => {
                assert_eq!(self.open_stream.replace(*ticket), None, "a second stream");
            }
            Effect::AbortStream { ticket } => {
                assert_eq!(self.open_stream.take(), Some(*ticket), "only an open stream is aborted");
            }
            Effect::StartTimer { timer, millis } => {
                // A browser's timer of more than 24 days runs out at once.
                assert!((1..1 << 31).contains(millis), "{millis}");
                let due = self.now + Duration::from_millis((*millis).into());
                assert_eq!(self.timers.insert(*timer, due), None, "a timer of its own");
            }
            Effect::CancelTimer(timer) => assert!(self.timers.remove(timer).is_some(), "a timer that runs"),
            Effect::Resolve { call, .. } => assert!(self.calls.remove(call), "{call:?} is resolved once"),
            Effect::Store(stored) => {
                assert_ne!(*stored, Stored::default());
                let kept = stored.session.as_ref();
                assert!(!kept.is_some_and(|kept| self.verified_sessions.contains(kept)), "a user's session");
            }
            Effect::Title { unread } => self.title = *unread,
            Effect::Unmount => {
                assert!(self.calls.is_empty() && self.timers.is_empty() && self.open_stream.is_none());
            }
            _ => {}
        }
        if let Effect::Emit(_) | Effect::Warn(_) | Effect::Announce(_) | Effect::Resolve { .. } = effect {
            assert!(!format!("{effect:?}").contains(SECRET), "a token in {effect:?}");
        }
    }

    pub(super) fn ui(&mut self, event: UiEvent) -> &[Effect] {
        self.send(Msg::Ui(event))
    }

    /// The number that the next call has.
    pub(super) fn next_call(&self) -> CallId {
        CallId(self.last_call + 1)
    }

    /// Calls a command; its number.
    pub(super) fn call(&mut self, command: Command) -> CallId {
        self.last_call += 1;
        let call = CallId(self.last_call);
        self.calls.insert(call);
        self.send(Msg::Command { call, command });
        call
    }

    /// Calls a command that is resolved at once; what with.
    pub(super) fn ask(&mut self, command: Command) -> CommandResult {
        let call = self.call(command);
        self.result_of(call).expect("resolved at once")
    }

    /// What the last message resolved the call with.
    pub(super) fn result_of(&self, call: CallId) -> Option<CommandResult> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Resolve { call: resolved, result } if *resolved == call => Some(result.clone()),
            _ => None,
        })
    }

    pub(super) fn is_pending(&self, call: CallId) -> bool {
        self.calls.contains(&call)
    }

    pub(super) fn pending_calls(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn running_timers(&self) -> Vec<TimerId> {
        self.timers.keys().copied().collect()
    }

    /// Lets so much time pass without a timer being heard, as where the machine sleeps.
    pub(super) fn sleep(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
    }

    /// Lets the timer's time pass, and has it run out.
    pub(super) fn wait_for(&mut self, timer: TimerId) -> &[Effect] {
        let due = self.timers.get(&timer).copied().unwrap_or_default();
        self.now = self.now.max(due);
        self.fire(timer)
    }

    /// Lets so much time pass with every timer that runs out in it, in their order. Gives the effects of
    /// all of them.
    pub(super) fn pass(&mut self, millis: u64) -> Vec<Effect> {
        let end = self.now + Duration::from_millis(millis);
        let mut effects = Vec::new();
        while let Some((due, timer)) = self.timers.iter().map(|(&timer, &due)| (due, timer)).min()
            && due <= end
        {
            effects.extend_from_slice(self.wait_for(timer));
        }
        self.now = end;
        effects
    }

    pub(super) fn open_stream(&self) -> Option<Ticket> {
        self.open_stream
    }

    pub(super) fn view(&self) -> View<'_> {
        view(&self.state)
    }

    pub(super) fn bubbles(&self) -> &[Bubble] {
        view(&self.state).panel.messages
    }

    /// Author and text of each bubble.
    pub(super) fn texts(&self) -> Vec<String> {
        self.bubbles().iter().map(Bubble::plain_text).collect()
    }

    /// The names of the events that the last message emitted.
    pub(super) fn events(&self) -> Vec<&'static str> {
        self.effects.iter().filter_map(|effect| event_name(effect)).collect()
    }

    /// The names of the last message's effects, in order.
    pub(super) fn effect_names(&self) -> Vec<String> {
        self.effects.iter().map(effect_name).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.effects.iter().any(|effect| effect_name(effect) == name)
    }

    /// The ticket of the last message's effect of this name.
    pub(super) fn ticket_of(&self, name: &str) -> Ticket {
        let found = self.effects.iter().find(|effect| effect_name(effect) == name).and_then(ticket);
        found.unwrap_or_else(|| panic!("no {name} in {:?}", self.effect_names()))
    }

    /// The last message's request to post.
    pub(super) fn posted(&self) -> (Ticket, ChatRequest, Option<SessionToken>) {
        let posted = self.effects.iter().find_map(|effect| match effect {
            Effect::OpenStream { ticket, request, session } => {
                Some((*ticket, (**request).clone(), session.clone()))
            }
            _ => None,
        });
        posted.unwrap_or_else(|| panic!("no OpenStream in {:?}", self.effect_names()))
    }

    /// Where the last message took the stream up again: ticket, conversation, after, credentials.
    pub(super) fn resumed(&self) -> (Ticket, ConversationId, String, Credentials) {
        let resumed = self.effects.iter().find_map(|effect| match effect {
            Effect::ResumeStream { ticket, conversation, after, credentials } => {
                Some((*ticket, *conversation, after.clone(), credentials.clone()))
            }
            _ => None,
        });
        resumed.unwrap_or_else(|| panic!("no ResumeStream in {:?}", self.effect_names()))
    }

    /// What the last message stores; `None` if it cleared the storage; panics if it did neither.
    pub(super) fn stored(&self) -> Option<Stored> {
        let stored = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Store(stored) => Some(Some(stored.clone())),
            Effect::ClearStorage => Some(None),
            _ => None,
        });
        stored.unwrap_or_else(|| panic!("nothing about storage in {:?}", self.effect_names()))
    }

    /// The timer that was started last, but for the one after which the connection is said to be gone.
    pub(super) fn started_timer(&self) -> (TimerId, u32) {
        let started = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::StartTimer { timer, millis } => {
                Some((*timer, *millis)).filter(|_| self.state.timer_kind(*timer) != Some(TimerKind::Grace))
            }
            _ => None,
        });
        started.unwrap_or_else(|| panic!("no StartTimer in {:?}", self.effect_names()))
    }

    pub(super) fn fire(&mut self, timer: TimerId) -> &[Effect] {
        self.send(Msg::Timer(timer))
    }

    pub(super) fn stream(&mut self, ticket: Ticket, id: &str, event: StreamEvent) -> &[Effect] {
        self.send(Msg::Stream { ticket, id: Some(id.into()), event })
    }

    pub(super) fn break_stream(&mut self, ticket: Ticket) -> &[Effect] {
        self.send(Msg::StreamEnded { ticket, result: Err(TransportError::Unreachable) })
    }

    pub(super) fn refuse_stream(
        &mut self,
        ticket: Ticket,
        code: ProblemCode,
        after: Option<u32>,
    ) -> &[Effect] {
        self.send(Msg::StreamEnded { ticket, result: Err(refused(code, after)) })
    }

    /// Sends a text by the composer and has it accepted; the stream's ticket.
    pub(super) fn say(&mut self, text: &str, message: u128) -> Ticket {
        self.ui(UiEvent::Submitted(text.into()));
        let (ticket, ..) = self.posted();
        let verified = self.view().panel.verified;
        let status = if verified { IdentityStatus::Verified } else { IdentityStatus::Anonymous };
        self.stream(ticket, "1", accepted_as(1, message, status, None));
        ticket
    }

    /// A whole exchange.
    pub(super) fn exchange(&mut self, question: &str, answer: &str, message: u128) {
        let ticket = self.say(question, message);
        self.stream(ticket, "2", delta(message + 1, 0, &[answer]));
        self.stream(ticket, "3", done(message + 1));
    }

    /// Identifies as this user, from a server that has nothing to claim.
    pub(super) fn identify(&mut self, user: &str) -> CommandResult {
        let call = self.call(Command::Identify { token: token(user), get_token: false });
        let ticket = self.ticket_of("Identify");
        self.send(Msg::Identify { ticket, result: Ok(verified(user, false)) });
        self.result_of(call).expect("identify has its result")
    }

    /// The same by a token that has so many milliseconds left, with a `getToken` or without. The next
    /// effects are those of the verdict.
    pub(super) fn identify_for(&mut self, user: &str, millis: u64, get_token: bool) -> CommandResult {
        let call = self.call(Command::Identify { token: token(user), get_token });
        let ticket = self.ticket_of("Identify");
        let result = Ok(verified_for(user, self.now, millis));
        self.send(Msg::Identify { ticket, result });
        self.result_of(call).expect("identify has its result")
    }

    /// Answers a list with nothing.
    pub(super) fn no_conversations(&mut self) {
        let ticket = self.ticket_of("ListConversations");
        self.send(Msg::Conversations { ticket, result: Ok(ConversationList::default()) });
    }
}

pub(super) fn ticket(effect: &Effect) -> Option<Ticket> {
    match effect {
        Effect::LoadConfig { ticket }
        | Effect::Identify { ticket, .. }
        | Effect::GetToken { ticket, .. }
        | Effect::OpenStream { ticket, .. }
        | Effect::ResumeStream { ticket, .. }
        | Effect::AbortStream { ticket }
        | Effect::FetchConversation { ticket, .. }
        | Effect::SendFeedback { ticket, .. }
        | Effect::RequestHandover { ticket, .. }
        | Effect::ListConversations { ticket, .. } => Some(*ticket),
        _ => None,
    }
}

pub(super) fn event_kind(effect: &Effect) -> Option<&EventKind> {
    match effect {
        Effect::Emit(event) => Some(&event.kind),
        _ => None,
    }
}

fn event_name(effect: &Effect) -> Option<&'static str> {
    event_kind(effect).map(EventKind::name)
}

/// The effect's variant.
pub(super) fn effect_name(effect: &Effect) -> String {
    format!("{effect:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

fn assert_bubbles_are_in_order(state: &State) {
    let thread = &state.visitor.thread;
    let all = &thread.bubbles;
    let keys: BTreeSet<u32> = all.iter().map(|bubble| bubble.key).collect();
    assert_eq!(keys.len(), all.len(), "a key twice");
    let ids: BTreeSet<_> = all.iter().filter_map(|bubble| bubble.message).collect();
    assert_eq!(ids.len(), all.iter().filter(|bubble| bubble.message.is_some()).count(), "a message twice");
    assert!(thread.logged <= all.len());
    let shown = thread.shown();
    assert!(shown.len() <= 120 && shown.len() >= all.len().min(40), "{} of {}", shown.len(), all.len());
    assert!(thread.window.away || !thread.has_later(), "the end is on screen");
    for outgoing in &thread.outbox {
        assert!(keys.contains(&outgoing.key), "what is sent is on screen");
    }
}
