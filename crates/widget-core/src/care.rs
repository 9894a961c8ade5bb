//! Who answers: the agent, or a person who was asked for, came, and went.

use eloquent_types::{
    chat::StatusKind,
    conversation::{ConversationView, MessageView, Role},
};

use crate::{
    bubble::{Bubble, Content},
    effect::Effect,
    event::EventKind,
    msg::TransportError,
    news, restore,
    state::{Agent, State},
    thread::Care,
    ticket::Ticket,
};

/// Whether a person can be asked for.
pub(crate) fn can_ask(state: &State) -> bool {
    let thread = &state.visitor.thread;
    thread.id.is_some()
        && thread.handover.is_none()
        && matches!(thread.care, Care::Agent | Care::Resolved)
        && matches!(&state.agent, Agent::Ready(config) if config.features.handover)
}

/// Asks for a person.
pub(crate) fn ask(state: &mut State) {
    if let Some(conversation) = state.visitor.thread.id.filter(|_| can_ask(state)) {
        let ticket = state.ticket();
        let credentials = state.visitor.credentials();
        state.visitor.notice = None;
        state.visitor.thread.handover = Some(ticket);
        state.push(Effect::RequestHandover { ticket, conversation, credentials });
    }
}

/// Asks once more, with other credentials, if that was on its way.
pub(crate) fn ask_anew(state: &mut State) {
    if state.visitor.thread.handover.take().is_some() {
        ask(state);
    }
}

/// The request for a person was passed on, or not. That a person is waited for, the log tells.
#[inline(never)]
pub(crate) fn asked(state: &mut State, ticket: Ticket, result: Result<(), TransportError>) {
    let thread = &mut state.visitor.thread;
    let (Some(conversation), true) = (thread.id, thread.handover == Some(ticket)) else { return };
    if result.is_ok() {
        state.emit(EventKind::HandoffRequested { conversation });
    } else {
        thread.handover = None;
        let notice = state.strings().not_passed_on;
        state.visitor.notice = Some(notice);
        news::say(state, notice.to_owned());
    }
}

/// The visitor has said something: what was resolved goes on.
pub(crate) fn spoken(state: &mut State) {
    let thread = &mut state.visitor.thread;
    thread.suggestions.clear();
    if thread.care == Care::Resolved {
        thread.care = Care::Agent;
    }
}

/// The stream tells of a change that has no id. The same one again changes nothing.
#[inline(never)]
pub(crate) fn heard(state: &mut State, kind: StatusKind, operator: Option<String>) {
    let Some(care) = care_after(kind, operator.clone()) else { return };
    let thread = &mut state.visitor.thread;
    let next = thread.bubbles.get(thread.logged);
    if next.is_some_and(|next| next.content == Content::Status(kind)) {
        // The history had it already.
        thread.reach(thread.logged);
    } else if thread.care != care {
        let key = state.number();
        let mut bubble = Bubble::new(key, Role::Status, Content::Status(kind), state.now);
        bubble.author_name = operator;
        state.visitor.thread.log(bubble);
        enter(state, care);
    }
}

/// The same as a row of the log.
#[inline(never)]
pub(crate) fn row(state: &mut State, view: MessageView) {
    let id = view.id;
    let care = StatusKind::parse(&view.text).and_then(|kind| care_after(kind, view.author.clone()));
    let bubble = restore::bubble(state, view);
    let thread = &mut state.visitor.thread;
    match (thread.place_of(id), care) {
        (Some(at), _) => thread.reach(at),
        (None, Some(care)) => {
            thread.log(bubble);
            enter(state, care);
        }
        (None, None) => {}
    }
}

/// Who answers in a conversation that was fetched.
pub(crate) fn of(view: &ConversationView) -> Care {
    let last = view.messages.iter().rev().find(|message| message.role == Role::Status);
    match (&view.operator, view.resolved, last) {
        (Some(operator), ..) => Care::Operator(Some(operator.clone())),
        (None, true, _) => Care::Resolved,
        (None, false, Some(last)) if last.text == StatusKind::Waiting.as_str() => Care::Waiting,
        (None, false, _) => Care::Agent,
    }
}

fn care_after(kind: StatusKind, operator: Option<String>) -> Option<Care> {
    match kind {
        StatusKind::Typing => None,
        StatusKind::Assigned => Some(Care::Operator(operator)),
        StatusKind::Resolved => Some(Care::Resolved),
        StatusKind::Waiting => Some(Care::Waiting),
    }
}

fn enter(state: &mut State, care: Care) {
    let strings = state.strings();
    let thread = &mut state.visitor.thread;
    thread.handover = None;
    thread.suggestions.clear();
    if thread.care == care {
        return;
    }
    thread.care = care.clone();
    let Some(conversation) = thread.id else { return };
    let text = match care {
        Care::Agent => return,
        Care::Waiting => strings.waiting_for_person.to_owned(),
        Care::Operator(operator) => {
            // The agent does not answer any more what it has not begun to.
            if thread.writing.is_none() {
                thread.question = None;
            }
            let text = strings.joined_by(operator.as_deref());
            state.emit(EventKind::ConversationAssigned { conversation, operator });
            text
        }
        Care::Resolved => {
            state.emit(EventKind::ConversationResolved { conversation });
            strings.resolved.to_owned()
        }
    };
    news::say(state, text);
}
