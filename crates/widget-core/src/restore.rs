//! Bringing a conversation onto the screen, and taking it off.

use eloquent_types::{
    chat::StatusKind,
    conversation::{ConversationList, ConversationView, MessageState, MessageView, Role},
    id::ConversationId,
};

use crate::{
    bubble::{Bubble, BubbleState, Content, Piece},
    care,
    command::CallError,
    effect::{Effect, Stored},
    feedback, history,
    msg::TransportError,
    news, renewal,
    state::State,
    stream,
    strings::Strings,
    thread::{Fetch, Line, Step, Target},
    ticket::Ticket,
    timer::{TRIES, TimerKind},
    visitor::Identity,
};

/// Goes on with what the storage holds.
pub(crate) fn from_storage(state: &mut State) {
    let Stored { session, conversation, open, sound } = state.stored.clone();
    state.visitor.acted = state.stored != Stored::default();
    state.visitor.session = session;
    state.visitor.open = open;
    state.visitor.sound = sound;
    if let Some(conversation) = conversation {
        switch_to(state, conversation);
    }
}

/// Shows another conversation.
pub(crate) fn switch_to(state: &mut State, conversation: ConversationId) {
    state.visitor.list = None;
    if state.visitor.thread.id != Some(conversation) {
        history::put_draft_by(&mut state.visitor);
        leave(state);
        state.visitor.thread.id = Some(conversation);
        state.visitor.thread.fetch = Some(Fetch::due(Target::Conversation(conversation)));
        history::take_draft_up(&mut state.visitor);
    }
}

/// Takes the conversation off the screen, with what was not sent. The server goes on with a running
/// answer and keeps it.
pub(crate) fn leave(state: &mut State) {
    stream::hang_up(state);
    state.cancel_timer(TimerKind::Fetch);
    state.cancel_timer(TimerKind::Page);
    state.preview = None;
    let thread = std::mem::take(&mut state.visitor.thread);
    if !thread.bubbles.is_empty() {
        // What was said of it last still stands in the page, for whoever comes next.
        state.push(Effect::Announce(String::new()));
    }
    for outgoing in thread.outbox {
        state.fail(outgoing.call, CallError::Aborted);
    }
    news::set_unread(state, 0);
}

/// Leaves the conversation for a new one; no earlier one comes back by itself.
pub(crate) fn start_afresh(state: &mut State) {
    state.visitor.list = None;
    history::put_draft_by(&mut state.visitor);
    leave(state);
    state.visitor.thread.fresh = true;
    history::take_draft_up(&mut state.visitor);
}

/// The server does not know the conversation, or not as this visitor's: what is to be sent goes into
/// a new one.
pub(crate) fn lose(state: &mut State) {
    stream::hang_up(state);
    state.cancel_timer(TimerKind::Fetch);
    state.cancel_timer(TimerKind::Page);
    let thread = &mut state.visitor.thread;
    thread.replace_known(Vec::new());
    // What was asked and not answered is over; what waits to be sent stays.
    let before = std::mem::take(thread);
    thread.bubbles = before.bubbles;
    thread.outbox = before.outbox;
    thread.unsent = before.unsent;
    thread.fresh = before.fresh;
}

/// Another tab has changed what the storage holds. Where the visitor is nobody yet, here, they are who
/// began a conversation there.
#[inline(never)]
pub(crate) fn stored_elsewhere(state: &mut State, stored: Stored) {
    let visitor = &state.visitor;
    let is_new = visitor.identity == Identity::Anonymous
        && visitor.identifying.is_none()
        && visitor.session.is_none()
        && visitor.thread.outbox.is_empty();
    if is_new && stored.session.is_some() {
        let open = visitor.open;
        state.visitor.acted = true;
        state.visitor.session.clone_from(&stored.session);
        if let Some(conversation) = stored.conversation.filter(|_| !state.visitor.thread.fresh) {
            switch_to(state, conversation);
        }
        // Each tab has a panel of its own: a difference there is nothing to be stored.
        state.stored = Stored { open, sound: state.visitor.sound, ..stored };
    }
}

/// Asks for what is to be fetched, unless an identity or an answer is awaited.
#[inline(never)]
pub(crate) fn launch(state: &mut State) {
    let visitor = &state.visitor;
    let Some(Fetch { target, step: Step::Due, .. }) = visitor.thread.fetch else { return };
    if visitor.identifying.is_some()
        || renewal::holds(state)
        || visitor.thread.is_answering()
        || matches!(visitor.thread.line, Line::Sending { .. })
    {
        return;
    }
    stream::hang_up(state);
    let ticket = state.ticket();
    let credentials = state.visitor.credentials();
    if let Some(fetch) = &mut state.visitor.thread.fetch {
        fetch.step = Step::Asked(ticket);
    }
    state.push(match target {
        Target::Newest => Effect::ListConversations { ticket, credentials },
        Target::Conversation(conversation) => {
            Effect::FetchConversation { ticket, conversation, before: None, credentials }
        }
    });
}

/// Ends a pause.
pub(crate) fn again(state: &mut State) {
    state.cancel_timer(TimerKind::Fetch);
    let thread = &mut state.visitor.thread;
    match &mut thread.fetch {
        Some(fetch) if fetch.step == Step::Pausing => fetch.step = Step::Due,
        Some(_) => {}
        None => thread.fetch = thread.missed.take().map(Fetch::due),
    }
}

pub(crate) fn heard_list(
    state: &mut State,
    ticket: Ticket,
    result: Result<ConversationList, TransportError>,
) {
    let Some(fetch) = take_asked(state, ticket) else { return };
    match result {
        Ok(list) => {
            if let Some(newest) = list.conversations.first() {
                state.visitor.thread.id = Some(newest.id);
                state.visitor.thread.fetch = Some(Fetch::due(Target::Conversation(newest.id)));
            }
        }
        Err(error) => missed(state, fetch, error),
    }
}

#[inline(never)]
pub(crate) fn heard_conversation(
    state: &mut State,
    ticket: Ticket,
    result: Result<ConversationView, TransportError>,
) {
    let Some(fetch) = take_asked(state, ticket) else { return };
    match result {
        Ok(view) => show(state, view),
        Err(error) => missed(state, fetch, error),
    }
}

fn take_asked(state: &mut State, ticket: Ticket) -> Option<Fetch> {
    state.visitor.thread.fetch.take_if(|fetch| fetch.step == Step::Asked(ticket))
}

fn missed(state: &mut State, mut fetch: Fetch, error: TransportError) {
    if state.visitor.identifying.is_some() || renewal::holds(state) {
        // The server may have replaced the session already: it is asked again as whoever this will be.
        state.visitor.thread.fetch = Some(Fetch::due(fetch.target));
        return;
    }
    fetch.attempts = fetch.attempts.saturating_add(1);
    if !error.is_passing() {
        lose(state);
    } else if fetch.attempts < TRIES || !state.online {
        let millis = state.pause(fetch.attempts);
        state.start_timer(TimerKind::Fetch, millis);
        fetch.step = Step::Pausing;
        state.visitor.thread.fetch = Some(fetch);
    } else {
        state.visitor.thread.missed = Some(fetch.target);
    }
}

/// Draws what the server has, with what is still to be sent below it, and takes up the answer that
/// is being written where the view leaves off.
#[inline(never)]
fn show(state: &mut State, view: ConversationView) {
    let care = care::of(&view);
    let ConversationView { id, messages, cursor, earlier, .. } = view;
    let writing =
        |message: &&MessageView| message.state == MessageState::Streaming && message.role != Role::Visitor;
    let answer = messages.iter().find(writing).map(|message| message.id);
    let last = messages.last().filter(|last| last.role == Role::Agent);
    let suggestions = last.map_or(Vec::new(), |last| last.suggestions.clone());
    let mut bubbles = Vec::with_capacity(messages.len());
    let mut read = None;
    for message in messages {
        let bubble = bubble(state, message);
        if answer.is_some() && bubble.message == answer {
            // What was said after it will be said again, once it is whole.
            read = Some(bubbles.len() + usize::from(!bubble.is_empty()));
        }
        // An answer of which there is nothing yet is the three dots.
        if bubble.state != BubbleState::Streaming || !bubble.is_empty() {
            bubbles.push(bubble);
        }
    }
    let thread = &mut state.visitor.thread;
    thread.replace_known(bubbles);
    thread.logged = read.unwrap_or(thread.logged);
    thread.window.earlier = earlier;
    thread.id = Some(id);
    thread.cursor = Some(cursor);
    thread.writing = answer;
    thread.missed = None;
    thread.breaks = 0;
    thread.care = care;
    thread.suggestions = suggestions;
    thread.handover = None;
}

/// A message of the server's as a bubble.
pub(crate) fn bubble(state: &mut State, message: MessageView) -> Bubble {
    let revision = state.number();
    let status = StatusKind::parse(&message.text).filter(|_| message.role == Role::Status);
    let content = if let Some(status) = status {
        Content::Status(status)
    } else if message.role == Role::Visitor {
        Content::Plain(message.text)
    } else {
        let blocks = message.blocks.unwrap_or_else(|| as_paragraph(message.text));
        Content::Rich(blocks.into_iter().map(|block| Piece { revision, block }).collect())
    };
    let mut bubble = Bubble::new(revision, message.role, content, message.created_at);
    if let Some(known) = state.visitor.thread.bubble_of(message.id) {
        bubble.key = known.key;
    }
    bubble.state = bubble_state(message.role, message.state, state.strings());
    bubble.sources = message.sources;
    bubble.verified = message.verified;
    bubble.author_name = message.author;
    bubble.rating = message.rating;
    bubble.message = Some(message.id);
    bubble.can_rate = feedback::is_wanted(state) && bubble.is_ratable();
    bubble
}

fn as_paragraph(text: String) -> Vec<eloquent_types::rich::Block> {
    use eloquent_types::rich::{Block, Inline};
    if text.is_empty() { Vec::new() } else { vec![Block::Paragraph(vec![Inline::Text(text)])] }
}

fn bubble_state(role: Role, state: MessageState, strings: &Strings) -> BubbleState {
    match (role, state) {
        (Role::Visitor, _) | (_, MessageState::Complete) => BubbleState::Complete,
        (_, MessageState::Streaming) => BubbleState::Streaming,
        (_, MessageState::Stopped) => BubbleState::Stopped,
        (_, MessageState::Interrupted) => {
            BubbleState::Failed { reason: strings.interrupted, can_retry: true }
        }
        (_, MessageState::Failed) => BubbleState::Failed { reason: strings.agent_failed, can_retry: true },
    }
}
