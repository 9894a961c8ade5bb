//! The list of the visitor's conversations, in place of the messages; and what was typed in each.

use eloquent_types::conversation::{ConversationList, ConversationSummary};

use crate::{
    effect::{Effect, FocusTarget},
    msg::TransportError,
    renewal, restore,
    state::State,
    thread::Step,
    ticket::Ticket,
    visitor::Visitor,
};

/// The list, while it is on screen.
#[derive(Debug, PartialEq)]
pub(crate) struct History {
    pub(crate) conversations: Vec<ConversationSummary>,
    /// How far fetching them is; none once that is over.
    pub(crate) step: Option<Step>,
}

/// Whether there is anybody whose conversations could be listed.
pub(crate) fn can_list(visitor: &Visitor) -> bool {
    visitor.session.is_some() || visitor.identity.user().is_some()
}

/// Shows the list, or goes back.
pub(crate) fn toggle(state: &mut State) {
    if state.visitor.list.take().is_some() {
        state.push(Effect::Focus(FocusTarget::Composer));
    } else if can_list(&state.visitor) {
        state.visitor.list = Some(History { conversations: Vec::new(), step: Some(Step::Due) });
    }
}

/// Shows the conversation of this index.
pub(crate) fn choose(state: &mut State, index: usize) {
    let Some(list) = &state.visitor.list else { return };
    if let Some(id) = list.conversations.get(index).map(|chosen| chosen.id) {
        state.visitor.list = None;
        restore::switch_to(state, id);
        state.push(Effect::Focus(FocusTarget::Composer));
    }
}

/// Asks for the list, unless an identity is awaited.
#[inline(never)]
pub(crate) fn launch(state: &mut State) {
    let visitor = &state.visitor;
    let due = visitor.list.as_ref().is_some_and(|list| list.step == Some(Step::Due));
    if due && visitor.identifying.is_none() && !renewal::holds(state) {
        let ticket = state.ticket();
        let credentials = state.visitor.credentials();
        if let Some(list) = &mut state.visitor.list {
            list.step = Some(Step::Asked(ticket));
        }
        state.push(Effect::ListConversations { ticket, credentials });
    }
}

/// Asks once more, with other credentials, for what is awaited.
pub(crate) fn ask_anew(state: &mut State) {
    if let Some(History { step: step @ Some(_), .. }) = &mut state.visitor.list {
        *step = Some(Step::Due);
    }
}

/// The list has come, or not. Gives the answer back if it was not to that.
#[inline(never)]
pub(crate) fn heard(
    state: &mut State,
    ticket: Ticket,
    result: Result<ConversationList, TransportError>,
) -> Result<(), Result<ConversationList, TransportError>> {
    let unreachable = state.strings().unreachable;
    let visitor = &mut state.visitor;
    let Some(list) = visitor.list.as_mut().filter(|list| list.step == Some(Step::Asked(ticket))) else {
        return Err(result);
    };
    list.step = None;
    match result {
        Ok(found) => list.conversations = found.conversations,
        Err(_) => visitor.notice = Some(unreachable),
    }
    Ok(())
}

/// Keeps what is typed for when the conversation is on screen again.
pub(crate) fn put_draft_by(visitor: &mut Visitor) {
    let draft = std::mem::take(&mut visitor.draft);
    if !draft.is_empty() {
        visitor.drafts.push((visitor.thread.id, draft));
    }
}

/// Goes on with what was typed in the conversation that is on screen now.
pub(crate) fn take_draft_up(visitor: &mut Visitor) {
    if let Some(at) = visitor.drafts.iter().position(|(of, _)| *of == visitor.thread.id) {
        visitor.draft = visitor.drafts.swap_remove(at).1;
    }
}
