//! Opening and closing, and what the visitor does.

use crate::{
    agent,
    bubble::{BubbleState, Content, OnRetry},
    effect::{Effect, FocusTarget},
    event::EventKind,
    msg::UiEvent,
    outbox, renewal, restore,
    state::{Agent, State},
    stream,
    thread::{Fetch, Line, Target},
};
use eloquent_types::conversation::Role;

pub(crate) fn open(state: &mut State) {
    if !state.visitor.open {
        state.visitor.open = true;
        state.emit(EventKind::Open);
        set_unread(state, 0);
        agent::again(state);
        renewal::act(state);
        state.push(Effect::Focus(FocusTarget::Composer));
    }
}

/// Closes without touching the focus: the page that asks for it has its own plans.
pub(crate) fn close(state: &mut State) {
    if state.visitor.open {
        state.visitor.open = false;
        state.emit(EventKind::Close);
    }
}

pub(crate) fn toggle(state: &mut State) {
    if state.visitor.open { close(state) } else { open(state) }
}

pub(crate) fn prefill(state: &mut State, text: String) {
    state.visitor.draft = text;
    state.visitor.notice = None;
}

pub(crate) fn set_unread(state: &mut State, count: u32) {
    if state.visitor.unread != count {
        state.visitor.unread = count;
        state.emit(EventKind::Unread { count });
    }
}

/// Counts and says what arrived.
pub(crate) fn notify(state: &mut State, text: String) {
    if !state.visitor.open {
        set_unread(state, state.visitor.unread.saturating_add(1));
    } else if !text.is_empty() {
        state.push(Effect::Announce(text));
    }
}

pub(crate) fn ui(state: &mut State, event: UiEvent) {
    state.visitor.acted |= !matches!(event, UiEvent::DraftChanged(_));
    match event {
        UiEvent::LauncherPressed if state.visitor.open => close_by_visitor(state),
        UiEvent::LauncherPressed => open(state),
        UiEvent::ClosePressed | UiEvent::EscapePressed => close_by_visitor(state),
        UiEvent::DraftChanged(text) => prefill(state, text),
        UiEvent::Submitted(text) => submit(state, text),
        UiEvent::StopPressed => stream::stop(state),
        UiEvent::RetryPressed(key) => retry(state, key),
        UiEvent::StarterChosen(index) => choose_starter(state, index),
        UiEvent::NewConversationPressed => {
            restore::start_afresh(state);
            state.push(Effect::Focus(FocusTarget::Composer));
        }
        UiEvent::BannerPressed => press_banner(state),
        UiEvent::PreviewPressed => open(state),
        UiEvent::PreviewDismissed => state.preview = None,
        UiEvent::Rated(..)
        | UiEvent::SuggestionChosen(_)
        | UiEvent::HistoryPressed
        | UiEvent::ConversationChosen(_)
        | UiEvent::HandoverPressed
        | UiEvent::SoundPressed
        | UiEvent::ReachedTop
        | UiEvent::ReachedEnd
        | UiEvent::LatestPressed
        | UiEvent::LinkPressed { .. } => {}
    }
}

fn close_by_visitor(state: &mut State) {
    if state.visitor.open {
        close(state);
        state.push(Effect::Focus(FocusTarget::Launcher));
    }
}

fn submit(state: &mut State, text: String) {
    state.visitor.draft.clone_from(&text);
    if outbox::submit(state, text, None) {
        state.visitor.draft.clear();
    }
}

fn choose_starter(state: &mut State, index: usize) {
    let Agent::Ready(config) = &state.agent else { return };
    if let Some(text) = config.starters.get(index).cloned() {
        outbox::submit(state, text, None);
        state.push(Effect::Focus(FocusTarget::Composer));
    }
}

fn press_banner(state: &mut State) {
    agent::again(state);
    if let Some(target) = state.visitor.thread.missed.take() {
        state.visitor.thread.fetch = Some(Fetch::due(target));
    }
}

fn retry(state: &mut State, key: u32) {
    if outbox::send_again(state, key) {
        return;
    }
    let revision = state.number();
    let thread = &mut state.visitor.thread;
    let id = thread.id;
    let question = question_before(&thread.bubbles, key);
    let Some(bubble) = thread.bubble(key) else { return };
    let BubbleState::Failed { reason, can_retry: true } = bubble.state else { return };
    match (bubble.on_retry, question, id) {
        (OnRetry::Send, Some(text), _) => {
            bubble.state = BubbleState::Failed { reason, can_retry: false };
            bubble.revision = revision;
            outbox::submit(state, text, None);
        }
        (OnRetry::Fetch, _, Some(id)) if thread.line == Line::Idle => {
            thread.fetch = Some(Fetch::due(Target::Conversation(id)));
        }
        (OnRetry::Send | OnRetry::Fetch, _, _) => {}
    }
}

/// What the visitor had asked before the bubble of this key.
fn question_before(bubbles: &[crate::Bubble], key: u32) -> Option<String> {
    let at = bubbles.iter().position(|bubble| bubble.key == key)?;
    let asked = bubbles[..at].iter().rev().find(|bubble| bubble.author == Role::Visitor)?;
    match &asked.content {
        Content::Plain(text) => Some(text.clone()),
        Content::Rich(_) | Content::Status(_) => None,
    }
}
