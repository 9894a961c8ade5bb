//! The visitor's messages on their way to the server: one after the other, each once.

use eloquent_types::{
    chat::{ChatRequest, Format, NewMessage},
    conversation::Role,
    id::MessageId,
    problem::ProblemCode,
    text::{InvalidMessage, MessageText},
};

use crate::{
    bubble::{Bubble, BubbleState, Content},
    care,
    command::{CallError, CallId, CommandResult},
    effect::Effect,
    event::EventKind,
    msg::TransportError,
    news, renewal, restore,
    state::{Agent, State},
    stream,
    thread::{Care, Line, Outgoing, Question},
    timer::{ACCEPT_MILLIS, TRIES, TimerKind, asked_pause_millis},
    track, window,
};

/// Takes a message and shows it at once; whether it was taken.
pub(crate) fn submit(state: &mut State, text: String, call: Option<CallId>) -> bool {
    state.visitor.notice = None;
    let text = match MessageText::parse(text) {
        Ok(text) => text,
        Err(InvalidMessage::Empty) => {
            state.fail(call, CallError::MessageEmpty);
            return false;
        }
        Err(InvalidMessage::TooLong) => {
            if call.is_none() {
                state.visitor.notice = Some(state.strings().too_long);
            }
            state.fail(call, CallError::MessageTooLong);
            return false;
        }
    };
    renewal::act(state);
    let key = state.number();
    let id = state.uuid();
    let content = Content::Plain(text.as_str().to_owned());
    let mut bubble = Bubble::new(key, Role::Visitor, content, state.now);
    bubble.state = BubbleState::Sending;
    let visitor = &mut state.visitor;
    visitor.acted = true;
    visitor.list = None;
    let thread = &mut visitor.thread;
    thread.suggestions.clear();
    thread.add(bubble);
    thread.outbox.push(Outgoing { key, id, text, call, attempts: 0, reopened: false });
    window::latest(state);
    true
}

/// Queues a message again that was given up, under its old id; whether there was one.
#[inline(never)]
pub(crate) fn send_again(state: &mut State, key: u32) -> bool {
    let revision = state.number();
    let thread = &mut state.visitor.thread;
    let Some(at) = thread.unsent.iter().position(|outgoing| outgoing.key == key) else { return false };
    let can_retry = thread
        .bubble(key)
        .is_some_and(|bubble| matches!(bubble.state, BubbleState::NotSent { can_retry: true, .. }));
    if !can_retry {
        return true;
    }
    let mut outgoing = thread.unsent.remove(at);
    outgoing.attempts = 0;
    outgoing.reopened = false;
    thread.outbox.push(outgoing);
    // It comes after everything that was said meanwhile.
    if let Some(at) = thread.bubbles.iter().position(|bubble| bubble.key == key) {
        let mut bubble = thread.remove(at);
        bubble.state = BubbleState::Sending;
        bubble.revision = revision;
        thread.add(bubble);
    }
    renewal::act(state);
    true
}

/// Posts the first message, if no answer and nothing that decides where it goes is awaited. A stream that
/// only follows makes way: the message's own goes on from where it was.
#[inline(never)]
pub(crate) fn launch(state: &mut State) {
    if matches!(state.agent, Agent::Refused) {
        let reason = state.strings().not_available;
        return give_up_all(state, reason, false, CallError::NotSent);
    }
    let thread = &state.visitor.thread;
    let decided = state.visitor.identifying.is_none() && !renewal::holds(state);
    let Some(outgoing) = thread.outbox.first() else { return };
    let free = match thread.line {
        Line::Idle | Line::Open { .. } => true,
        // The pause may be the stream's that followed.
        Line::Pausing => outgoing.attempts == 0,
        Line::Sending { .. } => false,
    };
    if !free || !decided || thread.is_answering() || thread.fetch.is_some() {
        return;
    }
    let (key, id) = (outgoing.key, outgoing.id.clone());
    stream::hang_up(state);
    let events = track::go_along(state, key, &id);
    let visitor = &state.visitor;
    let thread = &visitor.thread;
    let Some(outgoing) = thread.outbox.first() else { return };
    let request = ChatRequest {
        message: NewMessage { id: outgoing.id.clone(), text: outgoing.text.as_str().to_owned() },
        conversation_id: thread.id,
        after: thread.cursor.clone().filter(|_| thread.id.is_some()),
        identity_token: visitor.token().map(|token| token.expose().to_owned()),
        attributes: visitor.hints.clone(),
        page: state.page.clone(),
        events,
        locale: Some(state.locale().to_owned()).filter(|locale| !locale.is_empty()),
        format: Format::Blocks,
    };
    let session = visitor.session.clone();
    let ticket = state.ticket();
    state.visitor.thread.line = Line::Sending { ticket, since: state.now };
    state.push(Effect::OpenStream { ticket, request: Box::new(request), session });
    state.start_timer(TimerKind::Accept, ACCEPT_MILLIS);
}

/// The server has the message. `ahead`: the log is still to come to it.
#[inline(never)]
pub(crate) fn delivered(
    state: &mut State,
    mut outgoing: Outgoing,
    message: MessageId,
    verified: bool,
    ahead: bool,
) {
    let revision = state.number();
    state.visitor.tracked.accepted();
    let thread = &mut state.visitor.thread;
    let known = thread.place_of(message);
    let mine = thread.bubbles.iter().rposition(|bubble| bubble.key == outgoing.key);
    let mut sent = false;
    match (known, mine) {
        // It had arrived before, and came back with the history.
        (Some(known), Some(mine)) if known != mine => {
            thread.remove(mine);
            sent = true;
        }
        (_, Some(mine)) => {
            let bubble = &mut thread.bubbles[mine];
            sent = bubble.message.replace(message).is_none();
            bubble.state = BubbleState::Complete;
            bubble.verified = verified;
            bubble.revision = revision;
        }
        (_, None) => {}
    }
    let at = thread.place_of(message);
    // Where the log was read beyond it, so was as much of its answer as there is.
    let is_past = ahead && at.is_some_and(|at| at < thread.logged);
    if let (false, Some(at)) = (ahead, at) {
        thread.reach(at);
    }
    let ahead = at.filter(|&at| at >= thread.logged).map(|_| message);
    let call = outgoing.call.take();
    let text = outgoing.text.as_str().to_owned();
    // A person answers when there is time: nobody is to wait for three dots. And what is fetched tells
    // itself whether there is anything to wait for.
    if !matches!(thread.care, Care::Operator(_)) && !is_past && thread.fetch.is_none() {
        thread.question = Some(Question { outgoing, ahead });
    }
    care::spoken(state);
    if let (true, Some(conversation)) = (sent, state.visitor.thread.id) {
        let text = Some(text).filter(|_| state.exposes_messages);
        state.emit(EventKind::MessageSent { conversation, message, text });
    }
    if let Some(call) = call {
        state.resolve(call, CommandResult::Sent { message_id: message.encode() });
    }
}

/// The server was silent for too long.
pub(crate) fn timed_out(state: &mut State) {
    if let Line::Sending { ticket, .. } = state.visitor.thread.line {
        state.push(Effect::AbortStream { ticket });
        not_accepted(state, TransportError::Unreachable);
    }
}

/// The stream ended before the message was accepted.
pub(crate) fn not_accepted(state: &mut State, error: TransportError) {
    state.cancel_timer(TimerKind::Accept);
    state.visitor.thread.line = Line::Idle;
    let strings = state.strings();
    match error {
        TransportError::Unreachable | TransportError::Unexpected => {
            pause(state, error, strings.not_sent, None);
        }
        TransportError::Refused { code, retry_after } => match code {
            ProblemCode::Internal => pause(state, error, strings.not_sent, None),
            ProblemCode::RateLimited | ProblemCode::ServerBusy => match retry_after.map(asked_pause_millis) {
                None => pause(state, error, strings.busy, None),
                Some(millis @ Some(_)) => pause(state, error, strings.busy, millis),
                Some(None) => {
                    state.emit(EventKind::Error { code: error.code() });
                    give_up_all(state, strings.busy, true, CallError::NotSent);
                }
            },
            ProblemCode::ConversationNotFound => reopen(state, error),
            ProblemCode::IdentityRequired => {
                give_up(state, error, strings.log_in_first, true, CallError::IdentityRequired);
            }
            ProblemCode::MessageTooLong | ProblemCode::BodyTooLarge => {
                give_up(state, error, strings.too_long, false, CallError::MessageTooLong);
            }
            ProblemCode::MessageEmpty
            | ProblemCode::InvalidField
            | ProblemCode::InvalidJson
            | ProblemCode::UnsupportedMediaType => {
                give_up(state, error, strings.not_sent, false, CallError::NotSent);
            }
            ProblemCode::OriginNotAllowed | ProblemCode::AgentNotFound => {
                give_up(state, error, strings.not_available, false, CallError::NotSent);
            }
            // What the widget's API has no reason to say, the administration's codes among them.
            _ => {
                give_up(state, error, strings.not_sent, true, CallError::NotSent);
            }
        },
    }
}

/// Tries the first message again after a pause, or gives up: then with all that wait behind it, for
/// they would fare no better. While the browser is offline, nothing is given up.
fn pause(state: &mut State, error: TransportError, reason: &'static str, asked: Option<u32>) {
    let Some(first) = state.visitor.thread.outbox.first_mut() else { return };
    first.attempts = first.attempts.saturating_add(1);
    let attempts = first.attempts;
    if attempts < TRIES || !state.online {
        let millis = asked.unwrap_or_else(|| state.pause(attempts));
        state.visitor.thread.line = Line::Pausing;
        state.start_timer(TimerKind::Reconnect, millis);
    } else {
        state.emit(EventKind::Error { code: error.code() });
        give_up_all(state, reason, true, CallError::NotSent);
    }
}

/// The conversation is gone, or another's: the message opens a new one, once.
fn reopen(state: &mut State, error: TransportError) {
    let reason = state.strings().not_sent;
    match state.visitor.thread.outbox.first_mut() {
        Some(first) if !first.reopened => {
            first.reopened = true;
            restore::lose(state);
        }
        Some(_) | None => give_up(state, error, reason, true, CallError::NotSent),
    }
}

fn give_up(state: &mut State, error: TransportError, reason: &'static str, can_retry: bool, told: CallError) {
    state.emit(EventKind::Error { code: error.code() });
    give_up_first(state, reason, can_retry, told);
}

fn give_up_all(state: &mut State, reason: &'static str, can_retry: bool, told: CallError) {
    while give_up_first(state, reason, can_retry, told) {}
}

fn give_up_first(state: &mut State, reason: &'static str, can_retry: bool, told: CallError) -> bool {
    let Some(mut outgoing) = state.visitor.thread.take_first() else { return false };
    news::say(state, reason.to_owned());
    let revision = state.number();
    let thread = &mut state.visitor.thread;
    if let Some(bubble) = thread.bubble(outgoing.key) {
        bubble.state = BubbleState::NotSent { reason, can_retry };
        bubble.revision = revision;
    }
    let call = outgoing.call.take();
    thread.unsent.push(outgoing);
    state.fail(call, told);
    true
}
