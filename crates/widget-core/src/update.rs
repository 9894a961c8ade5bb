//! The way in: one message at a time. Each message changes what is wanted; then [`settle`] starts
//! whatever can be started, in one place and one order.

use eloquent_types::{id::ConversationId, time::Timestamp};

use crate::{
    agent, care, commands,
    effect::{Effect, Stored},
    feedback, follow, history, identity, language,
    msg::Msg,
    outbox, panel, renewal, restore,
    state::{Phase, State},
    stream,
    timer::TimerKind,
    visitor::Identity,
    window,
};

/// Takes in what happened at `now` and gives what is to be done about it, in order.
#[must_use = "the effects are what the widget does"]
pub fn update(state: &mut State, now: Timestamp, msg: Msg) -> Vec<Effect> {
    state.now = now;
    match &mut state.phase {
        Phase::Waiting(_) => before_start(state, msg),
        Phase::Running => run(state, msg),
        Phase::Destroyed => after_destroy(state, msg),
    }
    settle(state);
    state.take_effects()
}

/// Asks the network for what is wanted and can be asked for now, and keeps the storage true.
pub(crate) fn settle(state: &mut State) {
    if state.is_running() {
        renewal::watch(state);
        language::launch(state);
        identity::launch(state);
        stream::launch(state);
        restore::launch(state);
        outbox::launch(state);
        follow::launch(state);
        window::launch(state);
        history::launch(state);
        follow::watch(state);
        sync_storage(state);
    }
}

#[inline(never)]
fn before_start(state: &mut State, msg: Msg) {
    match msg {
        Msg::Start => start(state),
        Msg::Command { call, command } => {
            if let Phase::Waiting(queue) = &mut state.phase {
                queue.push((call, command));
            }
        }
        Msg::Online => state.online = true,
        Msg::Offline => state.online = false,
        // What storage held was that visitor's.
        Msg::LoggedOutElsewhere => state.stored = Stored::default(),
        Msg::Visibility { hidden } => state.hidden = hidden,
        // Nothing was asked and nothing is drawn: there is nothing that these could be about.
        Msg::Ui(_)
        | Msg::Config { .. }
        | Msg::Identify { .. }
        | Msg::Token { .. }
        | Msg::Conversation { .. }
        | Msg::Conversations { .. }
        | Msg::Stream { .. }
        | Msg::StreamEnded { .. }
        | Msg::Feedback { .. }
        | Msg::Handover { .. }
        | Msg::Words { .. }
        | Msg::StreamAlive { .. }
        | Msg::StoredElsewhere(_)
        | Msg::Timer(_)
        | Msg::Woken
        | Msg::Returned(_) => {}
    }
}

#[inline(never)]
fn start(state: &mut State) {
    let Phase::Waiting(queue) = std::mem::replace(&mut state.phase, Phase::Running) else { return };
    agent::load(state);
    restore::from_storage(state);
    if state.hidden {
        follow::visibility(state, true);
    }
    settle(state);
    for (call, command) in queue {
        commands::run(state, call, command);
        settle(state);
    }
}

fn run(state: &mut State, msg: Msg) {
    match msg {
        Msg::Start => {}
        Msg::Feedback { ticket, result } => feedback::heard(state, ticket, result),
        Msg::Handover { ticket, result } => care::asked(state, ticket, result),
        Msg::Visibility { hidden } => follow::visibility(state, hidden),
        Msg::Woken => follow::wake(state),
        Msg::StoredElsewhere(stored) => restore::stored_elsewhere(state, stored),
        Msg::StreamAlive { ticket } => stream::is_alive(state, ticket),
        Msg::Words { locale, words } => language::heard(state, locale, words),
        Msg::Command { call, command } => commands::run(state, call, command),
        Msg::Ui(event) => panel::ui(state, event),
        Msg::Config { ticket, result } => agent::heard(state, ticket, result),
        Msg::Identify { ticket, result } => identity::heard(state, ticket, result),
        Msg::Token { ticket, token } => renewal::heard(state, ticket, token),
        Msg::Conversation { ticket, result } => {
            if let Err(result) = window::heard(state, ticket, result) {
                restore::heard_conversation(state, ticket, result);
            }
        }
        Msg::Conversations { ticket, result } => {
            if let Err(result) = history::heard(state, ticket, result) {
                restore::heard_list(state, ticket, result);
            }
        }
        Msg::Stream { ticket, id, event } => stream::heard(state, ticket, id, event),
        Msg::StreamEnded { ticket, result } => stream::ended(state, ticket, result),
        Msg::Timer(timer) => match state.end_timer(timer) {
            Some(TimerKind::Agent) => agent::load(state),
            Some(TimerKind::Identify) => identity::timed_out(state),
            Some(TimerKind::Accept) => outbox::timed_out(state),
            Some(TimerKind::Reconnect) => stream::reconnect(state),
            Some(TimerKind::Fetch) => restore::again(state),
            Some(TimerKind::Renewal) => renewal::time_is_up(state),
            Some(TimerKind::Hold) => renewal::let_go(state),
            Some(TimerKind::Page) => window::again(state),
            Some(TimerKind::Grace) => state.troubled = true,
            Some(TimerKind::Doze) => follow::doze(state),
            // The clock is compared after every message.
            Some(TimerKind::Term) | None => {}
        },
        Msg::LoggedOutElsewhere => identity::logged_out(state),
        Msg::Returned(stored) => {
            identity::returned(state, stored);
            follow::wake(state);
        }
        Msg::Online => {
            follow::back_online(state);
            renewal::online(state);
            language::again(state);
        }
        Msg::Offline => state.online = false,
    }
}

fn after_destroy(state: &mut State, msg: Msg) {
    if let Msg::Command { call, command } = msg {
        commands::run(state, call, command);
    }
}

/// Keeps the browser's storage as it should be: an anonymous visitor's session and conversation, and
/// whether the panel is open; nothing before the visitor's first action, and nothing of a user's.
#[inline(never)]
fn sync_storage(state: &mut State) {
    let visitor = &state.visitor;
    let anonymous = visitor.acted && visitor.identity == Identity::Anonymous;
    let conversation: Option<ConversationId> =
        visitor.thread.id.filter(|_| anonymous && visitor.session.is_some());
    let wanted = Stored {
        session: visitor.session.clone().filter(|_| anonymous),
        conversation,
        open: visitor.acted && visitor.open,
        sound: visitor.acted && visitor.sound,
    };
    if wanted == state.stored {
        return;
    }
    if wanted == Stored::default() {
        state.push(Effect::ClearStorage);
    } else {
        state.push(Effect::Store(wanted.clone()));
    }
    state.stored = wanted;
}
