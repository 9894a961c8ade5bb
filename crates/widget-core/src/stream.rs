//! What the server says while a stream is open, and what happens when it breaks.
//!
//! There is one stream, and it reads the conversation's log from the cursor on: opened by a message that
//! was posted, or, where none is to be posted, to follow the conversation. See [`follow`](crate::follow)
//! for when that is.

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
    care,
    effect::Effect,
    event::EventKind,
    feedback, identity,
    msg::TransportError,
    news, outbox, renewal, restore,
    state::State,
    thread::{Fetch, Line, Target},
    ticket::Ticket,
    timer::{PAUSE_MAX_MILLIS, RESUMES, TimerKind, asked_pause_millis},
};

/// The stream is there.
pub(crate) fn is_alive(state: &mut State, ticket: Ticket) {
    let now = state.now;
    if let Line::Open { ticket: open, since, heard } = &mut state.visitor.thread.line
        && *open == ticket
    {
        *heard = true;
        *since = now;
    }
}

#[inline(never)]
pub(crate) fn heard(state: &mut State, ticket: Ticket, id: Option<String>, event: StreamEvent) {
    let thread = &mut state.visitor.thread;
    if thread.line.ticket() != Some(ticket) {
        return;
    }
    if let Line::Sending { .. } = thread.line {
        // Before it has the message, the server has nothing to say about it.
        if let StreamEvent::Accepted(event) = event {
            accepted(state, ticket, id, event);
        }
        return;
    }
    thread.line = Line::Open { ticket, since: state.now, heard: true };
    thread.breaks = 0;
    thread.cursor = id.or(thread.cursor.take());
    match event {
        StreamEvent::Delta(event) => delta(state, event),
        StreamEvent::Done(event) => done(state, event),
        StreamEvent::Message(event) => message(state, event),
        StreamEvent::Error(event) => failed(state, &event),
        StreamEvent::Status(event) => care::heard(state, event.status, event.operator),
        StreamEvent::Accepted(_) => {}
    }
}

#[inline(never)]
pub(crate) fn ended(state: &mut State, ticket: Ticket, result: Result<(), TransportError>) {
    if state.visitor.thread.line.ticket() != Some(ticket) {
        return;
    }
    let error = result.err().unwrap_or(TransportError::Unreachable);
    match std::mem::take(&mut state.visitor.thread.line) {
        Line::Sending { .. } => outbox::not_accepted(state, error),
        Line::Open { heard, .. } => {
            let thread = &state.visitor.thread;
            // The stream of an answer ends with it; what comes after is followed by another one.
            let in_order = result.is_ok() && heard && thread.breaks == 0 && !thread.is_answering();
            if !in_order {
                broke(state, error);
            }
        }
        Line::Idle | Line::Pausing => {}
    }
}

/// Ends a pause: the message is tried again, or the log is read on.
pub(crate) fn reconnect(state: &mut State) {
    state.cancel_timer(TimerKind::Reconnect);
    if state.visitor.thread.line == Line::Pausing {
        state.visitor.thread.line = Line::Idle;
    }
}

/// Opens the stream of an answer that is awaited. Where no event was heard, the question is posted again:
/// the same id adds nothing and leads to the same answer.
pub(crate) fn launch(state: &mut State) {
    let thread = &mut state.visitor.thread;
    if thread.line != Line::Idle
        || !thread.is_answering()
        || state.visitor.identifying.is_some()
        || renewal::holds(state)
    {
        return;
    }
    if !open(state) {
        let thread = &mut state.visitor.thread;
        let answer = thread.writing.take();
        match thread.question.take() {
            Some(question) => thread.outbox.insert(0, question.outgoing),
            None => lost(state, answer),
        }
    }
}

/// Reads the log on from the cursor; whether there is one.
pub(crate) fn open(state: &mut State) -> bool {
    let thread = &state.visitor.thread;
    let (Some(after), Some(conversation)) = (thread.cursor.clone(), thread.id) else { return false };
    let ticket = state.ticket();
    let credentials = state.visitor.credentials();
    state.push(Effect::ResumeStream { ticket, conversation, after, credentials });
    state.visitor.thread.line = Line::Open { ticket, since: state.now, heard: false };
    true
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
    if let (true, Some(conversation)) = (thread.is_answering(), thread.id) {
        let credentials = state.visitor.credentials();
        state.push(Effect::StopAnswer { conversation, credentials });
    }
}

#[inline(never)]
fn accepted(state: &mut State, ticket: Ticket, cursor: Option<String>, event: Accepted) {
    state.cancel_timer(TimerKind::Accept);
    let Accepted { conversation_id: conversation, message_id: message, identity, session } = event;
    let verified = identity.status == IdentityStatus::Verified;
    let visitor = &mut state.visitor;
    if session.is_some() {
        visitor.session = session;
    }
    let thread = &mut visitor.thread;
    let before = thread.id.replace(conversation);
    let started = before != Some(conversation);
    // The server can be reached again; or the message had arrived long ago, and in another conversation
    // than the one on screen.
    if thread.missed.take().is_some() || started && before.is_some() {
        thread.fetch = Some(Fetch::due(Target::Conversation(conversation)));
    }
    // The stream begins where this tab has read the log up to, or else behind the message.
    let ahead = !started && cursor.is_some() && cursor == thread.cursor;
    thread.cursor = cursor.or(thread.cursor.take().filter(|_| !started));
    thread.breaks = 0;
    thread.line = Line::Open { ticket, since: state.now, heard: true };
    if let Some(outgoing) = thread.take_first() {
        if started {
            state.emit(EventKind::ConversationStarted { conversation });
        }
        outbox::delivered(state, outgoing, message, verified, ahead);
    }
    if !verified {
        identity::lapse(state, identity.code);
    }
}

#[inline(never)]
fn delta(state: &mut State, event: Delta) {
    let revision = state.number();
    let id = event.message_id;
    let Some(bubble) = answer_bubble(state, Some(id)) else { return };
    if let BubbleState::Failed { .. } = bubble.state {
        // It was given up too early.
        bubble.state = BubbleState::Streaming;
    }
    match event.content {
        DeltaContent::Markdown(text) => bubble.append(text, revision),
        DeltaContent::Blocks { from, blocks } => bubble.splice(from, blocks, revision),
    }
    if bubble.state == BubbleState::Streaming {
        let thread = &mut state.visitor.thread;
        if thread.writing.replace(id) != Some(id) {
            thread.suggestions.clear();
            thread.said = 0;
        }
        news::say_on(state, id);
    }
}

#[inline(never)]
fn done(state: &mut State, event: Done) {
    let revision = state.number();
    let id = event.message_id;
    let rates = feedback::is_wanted(state);
    let Some(bubble) = answer_bubble(state, Some(id)) else { return };
    let stopped = event.finish_reason == FinishReason::Stopped;
    let is_news = !matches!(bubble.state, BubbleState::Complete | BubbleState::Stopped);
    bubble.state = if stopped { BubbleState::Stopped } else { BubbleState::Complete };
    bubble.can_rate = rates && !stopped;
    bubble.sources = event.sources;
    bubble.revision = revision;
    finish(state, Some(id));
    if is_news {
        state.visitor.thread.suggestions = event.suggestions;
        received(state, id, !stopped);
    }
}

#[inline(never)]
fn message(state: &mut State, event: MessageView) {
    let (id, role) = (event.id, event.role);
    if role == Role::Status {
        return care::row(state, event);
    }
    let is_whole = event.state != MessageState::Streaming;
    let suggestions = event.suggestions.clone();
    let bubble = restore::bubble(state, event);
    let thread = &mut state.visitor.thread;
    let before = if let Some(at) = thread.place_of(id) {
        thread.reach(at);
        Some(std::mem::replace(&mut thread.bubbles[at], bubble).state)
    } else {
        thread.log(bubble);
        None
    };
    if role == Role::Visitor {
        if let Some(question) = &mut thread.question {
            question.ahead.take_if(|ahead| *ahead == id);
        }
        return care::spoken(state);
    }
    if is_whole {
        if role == Role::Agent {
            finish(state, Some(id));
        }
        if before.is_none_or(|before| before == BubbleState::Streaming) {
            state.visitor.thread.suggestions = suggestions;
            received(state, id, true);
        }
    }
}

#[inline(never)]
fn failed(state: &mut State, event: &Failure) {
    let strings = state.strings();
    let (reason, code) = match event.code {
        FailureCode::Interrupted => (strings.interrupted, "interrupted"),
        FailureCode::AgentFailed => (strings.agent_failed, "agent_failed"),
    };
    let answer = state.visitor.thread.writing;
    fail_answer(state, answer, BubbleState::Failed { reason, can_retry: event.retryable }, OnRetry::Send);
    finish(state, answer);
    news::say(state, reason.to_owned());
    state.emit(EventKind::Error { code });
}

/// The stream ended, and not because all was said.
#[inline(never)]
fn broke(state: &mut State, error: TransportError) {
    let thread = &mut state.visitor.thread;
    thread.breaks = thread.breaks.saturating_add(1);
    let (breaks, answering) = (thread.breaks, thread.is_answering());
    let pause = state.pause(breaks);
    let millis = match error {
        // The server may have replaced the session already.
        _ if state.visitor.identifying.is_some() || renewal::holds(state) => Some(pause),
        TransportError::Refused { code: ProblemCode::RateLimited | ProblemCode::ServerBusy, retry_after } => {
            if answering {
                retry_after.map_or(Some(pause), asked_pause_millis)
            } else {
                // Too many follow already. The chat works all the same.
                state.visitor.thread.breaks = 0;
                Some(PAUSE_MAX_MILLIS)
            }
        }
        error if error.is_passing() => Some(pause),
        // Whatever else is refused will be refused again.
        _ => None,
    };
    if answering && (millis.is_none() || breaks > RESUMES && state.online) {
        let thread = &mut state.visitor.thread;
        thread.question = None;
        let answer = thread.writing.take();
        lost(state, answer);
        state.emit(EventKind::Error { code: error.code() });
    } else if millis.is_none() && error.is_not_found() {
        return restore::lose(state);
    }
    match millis {
        Some(millis) => {
            state.visitor.thread.line = Line::Pausing;
            state.start_timer(TimerKind::Reconnect, millis);
        }
        None => state.visitor.thread.cursor = None,
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
    let key = state.number();
    let now = state.now;
    let thread = &mut state.visitor.thread;
    let at = answer.and_then(|id| thread.place_of(id)).unwrap_or_else(|| {
        let last = thread.logged.checked_sub(1).and_then(|at| thread.bubbles.get_mut(at));
        let last = last.filter(|last| last.message.is_none() && last.on_retry == OnRetry::Fetch);
        if let Some(last) = last {
            // It was given up before its first word.
            last.message = answer;
        } else {
            let mut bubble = Bubble::new(key, Role::Agent, Content::Rich(Vec::new()), now);
            bubble.state = BubbleState::Streaming;
            bubble.message = answer;
            thread.log(bubble);
        }
        thread.logged - 1
    });
    thread.bubbles.get_mut(at).filter(|bubble| bubble.author != Role::Visitor)
}

/// An answer is over; if it was the awaited one, nothing is waited for any more.
fn finish(state: &mut State, answer: Option<MessageId>) {
    let thread = &mut state.visitor.thread;
    if thread.writing.is_none() || thread.writing == answer {
        thread.writing = None;
        thread.question.take_if(|question| question.ahead.is_none());
    }
}

fn received(state: &mut State, message: MessageId, is_said: bool) {
    let conversation = state.visitor.thread.id;
    let text = state.visitor.thread.bubble_of(message).map(|bubble| bubble.plain_text());
    let exposed = text.filter(|_| state.exposes_messages);
    state.emit(EventKind::MessageReceived { conversation, message, text: exposed });
    if is_said {
        news::arrived(state, message);
    }
}
