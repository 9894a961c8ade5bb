//! When the conversation is followed: while somebody may be looking, by the one stream that there is; and
//! what is said of the connection.
//!
//! Nobody is told of every short break. A tab that nobody sees lets go of its connection after a while,
//! because a browser has few for one host over all tabs; it catches up from the cursor.

use crate::{
    agent,
    bubble::BubbleState,
    news, outbox, renewal, restore,
    state::State,
    stream,
    thread::{Fetch, Line, Target},
    timer::{ACCEPT_MILLIS, DOZE_MILLIS, GRACE_MILLIS, STALE_MILLIS, TimerKind},
    window,
};

/// The tab came into sight, or went out of it.
#[inline(never)]
pub(crate) fn visibility(state: &mut State, hidden: bool) {
    state.hidden = hidden;
    if hidden {
        state.start_timer(TimerKind::Doze, DOZE_MILLIS);
    } else {
        state.cancel_timer(TimerKind::Doze);
        state.asleep = false;
        news::seen(state);
        look_for_newest(state);
        wake(state);
    }
}

/// Nobody has looked for a while.
#[inline(never)]
pub(crate) fn doze(state: &mut State) {
    let thread = &state.visitor.thread;
    let quiet = match thread.line {
        Line::Open { since, .. } | Line::Sending { since, .. } => millis_since(state, since),
        Line::Idle | Line::Pausing => i64::MAX,
    };
    if thread.is_answering() || !thread.outbox.is_empty() || quiet < i64::from(DOZE_MILLIS) {
        state.start_timer(TimerKind::Doze, DOZE_MILLIS);
    } else {
        state.asleep = true;
        stream::hang_up(state);
    }
}

/// Whatever is waited for is tried at once, and what may have died meanwhile is made anew.
pub(crate) fn wake(state: &mut State) {
    match state.visitor.thread.line {
        Line::Open { since, .. } if millis_since(state, since) >= STALE_MILLIS => stream::hang_up(state),
        Line::Sending { since, .. } if millis_since(state, since) >= i64::from(ACCEPT_MILLIS) => {
            outbox::timed_out(state);
        }
        _ => {}
    }
    stream::reconnect(state);
    restore::again(state);
    window::again(state);
    agent::again(state);
}

/// The browser is connected again, maybe to another network: what was open is not trusted.
pub(crate) fn back_online(state: &mut State) {
    let was_offline = !std::mem::replace(&mut state.online, true);
    if was_offline && matches!(state.visitor.thread.line, Line::Open { .. }) {
        stream::hang_up(state);
    }
    wake(state);
}

/// Another tab may have begun a conversation for the same user.
fn look_for_newest(state: &mut State) {
    let visitor = &mut state.visitor;
    let thread = &mut visitor.thread;
    if visitor.identity.user().is_some()
        && thread.id.is_none()
        && !thread.fresh
        && thread.fetch.is_none()
        && thread.bubbles.is_empty()
    {
        thread.fetch = Some(Fetch::due(Target::Newest));
    }
}

/// Follows the conversation, if nothing else is to be done and somebody may be looking.
pub(crate) fn launch(state: &mut State) {
    let visitor = &state.visitor;
    let thread = &visitor.thread;
    if thread.line == Line::Idle
        && !state.asleep
        && thread.fetch.is_none()
        && thread.outbox.is_empty()
        && visitor.identifying.is_none()
        && !renewal::holds(state)
    {
        stream::open(state);
    }
}

/// Says after a while that there is no connection, and at once that there is one again.
#[inline(never)]
pub(crate) fn watch(state: &mut State) {
    if !is_troubled(state) {
        state.cancel_timer(TimerKind::Grace);
        state.troubled = false;
    } else if !state.troubled && !state.is_timer_running(TimerKind::Grace) {
        state.start_timer(TimerKind::Grace, GRACE_MILLIS);
    }
    let (from, to) = if state.troubled {
        (BubbleState::Sending, BubbleState::Waiting)
    } else {
        (BubbleState::Waiting, BubbleState::Sending)
    };
    let waiting = state.visitor.thread.outbox.iter().map(|outgoing| outgoing.key);
    for key in waiting.collect::<Vec<_>>() {
        if state.visitor.thread.bubble(key).is_some_and(|bubble| bubble.state == from) {
            let revision = state.number();
            if let Some(bubble) = state.visitor.thread.bubble(key) {
                bubble.state = to;
                bubble.revision = revision;
            }
        }
    }
}

fn is_troubled(state: &State) -> bool {
    let thread = &state.visitor.thread;
    let tries_again = thread.outbox.first().is_some_and(|first| first.attempts > 0);
    !state.online
        || match thread.line {
            Line::Idle => false,
            Line::Sending { .. } => tries_again,
            Line::Pausing => tries_again || thread.breaks > 0,
            Line::Open { heard, .. } => !heard && thread.breaks > 0,
        }
}

fn millis_since(state: &State, since: eloquent_types::time::Timestamp) -> i64 {
    state.now.as_millis() - since.as_millis()
}
