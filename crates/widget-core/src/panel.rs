//! Opening and closing, and what the visitor does.

use crate::{
    agent,
    bubble::{BubbleState, Content, OnRetry},
    care,
    effect::{Effect, FocusTarget},
    event::EventKind,
    feedback, history,
    msg::UiEvent,
    news, outbox, renewal, restore,
    state::{Agent, State},
    stream,
    thread::{Fetch, Target},
    window,
};
use eloquent_types::conversation::Role;

pub(crate) fn open(state: &mut State) {
    if !state.visitor.open {
        state.visitor.open = true;
        state.emit(EventKind::Open);
        state.preview = None;
        news::seen(state);
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

#[inline(never)]
pub(crate) fn ui(state: &mut State, event: UiEvent) {
    let is_scrolling = matches!(event, UiEvent::ReachedTop | UiEvent::ReachedEnd | UiEvent::LeftEnd);
    state.visitor.acted |= !is_scrolling && !matches!(event, UiEvent::DraftChanged(_));
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
        UiEvent::PreviewPressed => {
            state.visitor.list = None;
            open(state);
        }
        UiEvent::PreviewDismissed => state.preview = None,
        UiEvent::Rated(key, rating) => feedback::rate(state, key, rating),
        UiEvent::SuggestionChosen(index) => {
            let chosen = state.visitor.thread.suggestions.get(index).cloned();
            send_chosen(state, chosen);
        }
        UiEvent::HistoryPressed => history::toggle(state),
        UiEvent::ConversationChosen(index) => history::choose(state, index),
        UiEvent::HandoverPressed => care::ask(state),
        UiEvent::SoundPressed => state.visitor.sound = !state.visitor.sound,
        UiEvent::ReachedTop => window::reached_top(state),
        UiEvent::ReachedEnd => window::reached_end(state),
        UiEvent::LeftEnd => window::left_end(state),
        UiEvent::LatestPressed => window::latest(state),
        UiEvent::LinkPressed { url, key } => {
            let bubble = key.and_then(|key| state.visitor.thread.bubble(key));
            let message = bubble.and_then(|bubble| bubble.message);
            state.emit(EventKind::LinkClick { url, message });
        }
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
    let chosen = config.starters.get(index).cloned();
    send_chosen(state, chosen);
}

fn send_chosen(state: &mut State, chosen: Option<String>) {
    if let Some(text) = chosen {
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

#[inline(never)]
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
        (OnRetry::Fetch, _, Some(id)) if !thread.is_answering() => {
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
