//! What the server says while a stream is open, and what happens when it breaks.

use eloquent_types::{
    chat::{
        Accepted, Delta, DeltaContent, Done, Failure, FailureCode, FinishReason, IdentityStatus, StreamEvent,
    },
    conversation::{MessageState, MessageView, Role},
    id::MessageId,
    problem::ProblemCode,
};

use crate::{
    bubble::{Bubble, BubbleState, Content, OnRetry},
    command::CommandResult,
    effect::Effect,
    event::EventKind,
    identity,
    msg::TransportError,
    outbox, panel, renewal, restore,
    state::State,
    thread::{Line, Outgoing, Turn},
    ticket::Ticket,
    timer::{RESUMES, TimerKind, asked_pause_millis, pause_millis},
};

pub(crate) fn heard(state: &mut State, ticket: Ticket, id: Option<String>, event: StreamEvent) {
    let line = &mut state.visitor.thread.line;
    if line.ticket() != Some(ticket) {
        return;
    }
    if let Line::Sending { .. } = line {
        // Before it has the message, the server has nothing to say about it.
        if let StreamEvent::Accepted(event) = event {
            accepted(state, ticket, id, event);
        }
        return;
    }
    if let Some(turn) = line.turn() {
        turn.attempts = 0;
        turn.cursor = id.or(turn.cursor.take());
    }
    match event {
        StreamEvent::Delta(event) => delta(state, event),
        StreamEvent::Done(event) => done(state, event),
        StreamEvent::Message(event) => message(state, event),
        StreamEvent::Error(event) => failed(state, &event),
        StreamEvent::Accepted(_) | StreamEvent::Status(_) => {}
    }
}

pub(crate) fn ended(state: &mut State, ticket: Ticket, result: Result<(), TransportError>) {
    if state.visitor.thread.line.ticket() != Some(ticket) {
        return;
    }
    let error = result.err().unwrap_or(TransportError::Unreachable);
    match std::mem::take(&mut state.visitor.thread.line) {
        Line::Sending { .. } => outbox::not_accepted(state, error),
        Line::Answering { turn, .. } | Line::Broken { turn } => broke(state, turn, error),
        Line::Idle | Line::Pausing => {}
    }
}

/// Ends a pause: the message is tried again, or the answer's stream is taken up again.
pub(crate) fn reconnect(state: &mut State) {
    state.cancel_timer(TimerKind::Reconnect);
    let awaited = state.visitor.identifying.is_some() || renewal::holds(state);
    let line = &mut state.visitor.thread.line;
    match line {
        Line::Pausing => *line = Line::Idle,
        // What `identify` brings are the credentials to come back with.
        Line::Broken { .. } if awaited => {}
        Line::Broken { .. } => take_up(state),
        Line::Idle | Line::Sending { .. } | Line::Answering { .. } => {}
    }
}

/// Takes up the stream that has waited for credentials beyond its pause.
pub(crate) fn launch(state: &mut State) {
    let broken = matches!(state.visitor.thread.line, Line::Broken { .. });
    if broken && !state.is_timer_running(TimerKind::Reconnect) {
        reconnect(state);
    }
}

/// Opens a new stream for the awaited answer, behind the last event that was heard. Where there was
/// none, the question is posted again: the same id adds nothing and leads to the same answer.
pub(crate) fn take_up(state: &mut State) {
    let line = std::mem::take(&mut state.visitor.thread.line);
    if let Some(ticket) = line.ticket() {
        state.push(Effect::AbortStream { ticket });
    }
    state.cancel_timer(TimerKind::Reconnect);
    let (Line::Answering { turn, .. } | Line::Broken { turn }) = line else { return };
    match (&turn.cursor, state.visitor.thread.id, turn.question.is_some()) {
        (Some(after), Some(conversation), _) => {
            let after = after.clone();
            let ticket = state.ticket();
            let credentials = state.visitor.credentials();
            state.push(Effect::ResumeStream { ticket, conversation, after, credentials });
            state.visitor.thread.line = Line::Answering { ticket, turn };
        }
        (_, _, true) => ask_again(state, turn.question),
        (_, _, false) => lost(state, turn.answer),
    }
}

fn ask_again(state: &mut State, question: Option<Outgoing>) {
    if let Some(question) = question {
        state.visitor.thread.outbox.push_front(question);
    }
}

/// Closes the stream, if one is open, and ends any pause. The server goes on with a running answer.
pub(crate) fn hang_up(state: &mut State) {
    if let Some(ticket) = std::mem::take(&mut state.visitor.thread.line).ticket() {
        state.push(Effect::AbortStream { ticket });
    }
    state.cancel_timer(TimerKind::Accept);
    state.cancel_timer(TimerKind::Reconnect);
}

/// The visitor has read enough. The stream tells when the answer has ended.
pub(crate) fn stop(state: &mut State) {
    let thread = &state.visitor.thread;
    if let (true, Some(conversation)) = (thread.line.is_answering(), thread.id) {
        let credentials = state.visitor.credentials();
        state.push(Effect::StopAnswer { conversation, credentials });
    }
}

fn accepted(state: &mut State, ticket: Ticket, cursor: Option<String>, event: Accepted) {
    state.cancel_timer(TimerKind::Accept);
    let revision = state.number();
    let verified = event.identity.status == IdentityStatus::Verified;
    let visitor = &mut state.visitor;
    if event.session.is_some() {
        visitor.session = event.session;
    }
    let thread = &mut visitor.thread;
    let started = thread.id.replace(event.conversation_id) != Some(event.conversation_id);
    let mut question = thread.outbox.pop_front();
    let call = question.as_mut().and_then(|question| question.call.take());
    let key = question.as_ref().map_or(0, |question| question.key);
    let mut sent = false;
    if let Some(bubble) = thread.bubble(key) {
        sent = bubble.message.replace(event.message_id).is_none();
        bubble.state = BubbleState::Complete;
        bubble.verified = verified;
        bubble.revision = revision;
    }
    thread.line = Line::Answering { ticket, turn: Turn { cursor, answer: None, question, attempts: 0 } };
    if started {
        state.emit(EventKind::ConversationStarted { conversation: event.conversation_id });
    }
    if sent {
        state.emit(EventKind::MessageSent { conversation: event.conversation_id, message: event.message_id, text: None });
    }
    if let Some(call) = call {
        state.resolve(call, CommandResult::Sent { message_id: event.message_id.to_string() });
    }
    if !verified {
        identity::lapse(state, event.identity.code);
    }
}

fn delta(state: &mut State, event: Delta) {
    let revision = state.number();
    let Some(bubble) = answer_bubble(state, Some(event.message_id)) else { return };
    match event.content {
        DeltaContent::Markdown(text) => bubble.append(text, revision),
        DeltaContent::Blocks { from, blocks } => bubble.splice(from, blocks, revision),
    }
    if let Some(turn) = state.visitor.thread.line.turn() {
        turn.answer.get_or_insert(event.message_id);
    }
}

fn done(state: &mut State, event: Done) {
    let revision = state.number();
    let Some(bubble) = answer_bubble(state, Some(event.message_id)) else { return };
    let stopped = event.finish_reason == FinishReason::Stopped;
    bubble.state = if stopped { BubbleState::Stopped } else { BubbleState::Complete };
    bubble.sources = event.sources;
    bubble.revision = revision;
    let text = bubble.plain_text();
    finish(state, Some(event.message_id));
    received(state, event.message_id, if stopped { None } else { Some(text) });
}

fn message(state: &mut State, event: MessageView) {
    let id = event.id;
    let incoming = event.role != Role::Visitor;
    let complete = event.state != MessageState::Streaming;
    let fresh = restore::bubble(state, event);
    let text = fresh.plain_text();
    let thread = &mut state.visitor.thread;
    let known = thread.bubble_of(id).map(|bubble| std::mem::replace(bubble, fresh.clone()));
    if known.is_none() {
        thread.insert(fresh);
    }
    let news = known.is_none_or(|known| known.state == BubbleState::Streaming);
    if incoming && complete {
        // The awaited answer may come whole, where a stream was taken up late.
        if state.visitor.thread.line.turn().is_some_and(|turn| turn.answer == Some(id)) {
            hang_up(state);
        }
        if news {
            received(state, id, Some(text));
        }
    }
}

fn failed(state: &mut State, event: &Failure) {
    let strings = state.strings();
    let (reason, code) = match event.code {
        FailureCode::Interrupted => (strings.interrupted, "interrupted"),
        FailureCode::AgentFailed => (strings.agent_failed, "agent_failed"),
    };
    let answer = state.visitor.thread.line.turn().and_then(|turn| turn.answer);
    fail_answer(state, answer, BubbleState::Failed { reason, can_retry: event.retryable }, OnRetry::Send);
    finish(state, None);
    state.emit(EventKind::Error { code });
}

/// The stream ended before the answer did.
fn broke(state: &mut State, mut turn: Turn, error: TransportError) {
    turn.attempts = turn.attempts.saturating_add(1);
    let millis = match error {
        // The server may have replaced the session already.
        _ if state.visitor.identifying.is_some() || renewal::holds(state) => {
            Some(pause_millis(turn.attempts))
        }
        TransportError::Unreachable
        | TransportError::Unexpected
        | TransportError::Refused { code: ProblemCode::Internal, .. } => Some(pause_millis(turn.attempts)),
        TransportError::Refused { code: ProblemCode::RateLimited | ProblemCode::ServerBusy, retry_after } => {
            retry_after.map_or(Some(pause_millis(turn.attempts)), asked_pause_millis)
        }
        // Whatever else is refused will be refused again.
        TransportError::Refused { .. } => None,
    };
    match millis {
        Some(millis) if turn.attempts <= RESUMES || !state.online => {
            state.visitor.thread.line = Line::Broken { turn };
            state.start_timer(TimerKind::Reconnect, millis);
        }
        Some(_) | None => {
            lost(state, turn.answer);
            state.emit(EventKind::Error { code: error.code() });
        }
    }
}

/// The rest of the answer cannot be heard. The server may have it all the same.
fn lost(state: &mut State, answer: Option<MessageId>) {
    let can_retry = state.visitor.thread.id.is_some();
    let reason = state.strings().connection_lost;
    fail_answer(state, answer, BubbleState::Failed { reason, can_retry }, OnRetry::Fetch);
}

fn fail_answer(state: &mut State, answer: Option<MessageId>, how: BubbleState, on_retry: OnRetry) {
    let revision = state.number();
    if let Some(bubble) = answer_bubble(state, answer) {
        bubble.state = how;
        bubble.on_retry = on_retry;
        bubble.revision = revision;
    }
}

/// The answer's bubble, made where there is none. None if the id is that of a visitor's message.
fn answer_bubble(state: &mut State, answer: Option<MessageId>) -> Option<&mut Bubble> {
    let known = answer.is_some_and(|id| state.visitor.thread.bubble_of(id).is_some());
    let key = state.number();
    let created_at = state.now;
    let thread = &mut state.visitor.thread;
    if !known {
        thread.insert(Bubble {
            key,
            revision: key,
            author: Role::Agent,
            content: Content::Rich(Vec::new()),
            state: BubbleState::Streaming,
            sources: Vec::new(),
            verified: false,
            author_name: None,
            rating: None,
            can_rate: false,
            created_at,
            message: answer,
            on_retry: OnRetry::Send,
        });
    }
    let bubble = match answer.filter(|_| known) {
        Some(id) => thread.bubble_of(id),
        None => thread.bubble(key),
    };
    bubble.filter(|bubble| bubble.author != Role::Visitor)
}

/// The turn is over, if this was the awaited answer: the line is free for the next message.
fn finish(state: &mut State, answer: Option<MessageId>) {
    let awaited = state.visitor.thread.line.turn().and_then(|turn| turn.answer);
    if answer.is_none() || awaited.is_none() || awaited == answer {
        hang_up(state);
    }
}

fn received(state: &mut State, message: MessageId, text: Option<String>) {
    let conversation = state.visitor.thread.id;
    state.emit(EventKind::MessageReceived { conversation, message, text: None });
    if let Some(text) = text {
        panel::notify(state, text);
    }
}
