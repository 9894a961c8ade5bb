//! What the visitor thinks of answers: shown at once, taken back where it could not be kept.

use eloquent_types::{
    conversation::{FeedbackRequest, Rating},
    id::MessageId,
};

use crate::{
    effect::Effect,
    event::EventKind,
    msg::TransportError,
    news,
    state::{Agent, State},
    ticket::Ticket,
};

/// A rating on its way. There is one at a time for each answer, so that the last one is what is kept.
#[derive(Debug, PartialEq)]
pub(crate) struct RatingFlight {
    pub(crate) ticket: Ticket,
    message: MessageId,
    rating: Rating,
    /// What the server has meanwhile.
    before: Option<Rating>,
}

/// Whether answers can be rated.
pub(crate) fn is_wanted(state: &State) -> bool {
    matches!(&state.agent, Agent::Ready(config) if config.features.feedback)
}

/// The agent is known now: answers that were there before can be rated.
pub(crate) fn agent_known(state: &mut State) {
    let wanted = is_wanted(state);
    let revision = state.number();
    for bubble in &mut state.visitor.thread.bubbles {
        if bubble.can_rate != (wanted && bubble.is_ratable()) {
            bubble.can_rate = !bubble.can_rate;
            bubble.revision = revision;
        }
    }
}

/// The visitor rates the answer of this key.
#[inline(never)]
pub(crate) fn rate(state: &mut State, key: u32, rating: Rating) {
    let revision = state.number();
    let thread = &mut state.visitor.thread;
    let Some(bubble) = thread.bubble(key).filter(|bubble| bubble.can_rate) else { return };
    let (Some(message), before) = (bubble.message, bubble.rating) else { return };
    if before == Some(rating) {
        return;
    }
    bubble.rating = Some(rating);
    bubble.revision = revision;
    state.visitor.notice = None;
    if state.visitor.thread.ratings.iter().all(|flight| flight.message != message) {
        send(state, message, rating, before);
    }
}

fn send(state: &mut State, message_id: MessageId, rating: Rating, before: Option<Rating>) {
    let Some(conversation) = state.visitor.thread.id else { return };
    let ticket = state.ticket();
    let credentials = state.visitor.credentials();
    let request = FeedbackRequest { message_id, rating, comment: None };
    state.push(Effect::SendFeedback { ticket, conversation, request, credentials });
    state.visitor.thread.ratings.push(RatingFlight { ticket, message: message_id, rating, before });
}

/// Sends once more, with other credentials, what is on its way.
pub(crate) fn ask_anew(state: &mut State) {
    for flight in std::mem::take(&mut state.visitor.thread.ratings) {
        send(state, flight.message, flight.rating, flight.before);
    }
}

/// A rating was kept, or not.
#[inline(never)]
pub(crate) fn heard(state: &mut State, ticket: Ticket, result: Result<(), TransportError>) {
    let thread = &mut state.visitor.thread;
    let Some(at) = thread.ratings.iter().position(|flight| flight.ticket == ticket) else { return };
    let RatingFlight { message, rating, before, .. } = thread.ratings.swap_remove(at);
    let kept = if result.is_ok() { Some(rating) } else { before };
    if let (Ok(()), Some(conversation)) = (result, thread.id) {
        state.emit(EventKind::Feedback { conversation, message, rating });
    }
    let revision = state.number();
    let Some(bubble) = state.visitor.thread.bubble_of(message) else { return };
    match bubble.rating {
        // The visitor has thought better of it meanwhile.
        Some(wanted) if wanted != rating => send(state, message, wanted, kept),
        _ if result.is_err() => {
            bubble.rating = before;
            bubble.revision = revision;
            let notice = state.strings().not_rated;
            state.visitor.notice = Some(notice);
            news::say(state, notice.to_owned());
        }
        _ => {}
    }
}
