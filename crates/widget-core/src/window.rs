//! The part of a long conversation that is on screen: some bubbles in a row, moved by the visitor's
//! scrolling; and the pages of older messages, fetched when it comes to their end.
//!
//! Invariant: never more than [`ROWS`] bubbles, and always the end of the list unless the visitor has
//! scrolled away from it.

use eloquent_types::conversation::ConversationView;

use crate::{
    bubble::Bubble,
    effect::Effect,
    msg::TransportError,
    renewal, restore,
    state::State,
    thread::{Fetch, Step, Target, Thread, is_pending},
    ticket::Ticket,
    timer::{TRIES, TimerKind},
};

/// How many bubbles are on screen at most.
pub(crate) const ROWS: usize = 120;

/// How many there are where the visitor has not scrolled.
const ROWS_AT_END: usize = 80;

/// How far the window moves at once.
const STEP: usize = 40;

/// How many bubbles above the window are kept once the visitor is back at the end. What is dropped can
/// be fetched again.
const KEPT_ABOVE: usize = 120;

/// Which of the bubbles are on screen.
#[derive(Debug, PartialEq)]
pub(crate) struct Window {
    /// The first one.
    start: usize,
    /// Whether the visitor has scrolled away from the end.
    pub(crate) away: bool,
    /// Messages that came meanwhile.
    pub(crate) fresh: u32,
    /// Whether the server has older messages.
    pub(crate) earlier: bool,
    /// A page of them that is being fetched.
    pub(crate) page: Option<Fetch>,
}

impl Window {
    /// The end of an empty list.
    pub(crate) const START: Self = Self { start: 0, away: false, fresh: 0, earlier: false, page: None };

    /// There are so many bubbles now: whoever looks at the end goes on doing so.
    pub(crate) fn grown(&mut self, len: usize) {
        if !self.away && len > self.start + ROWS {
            self.start = len - ROWS_AT_END;
        }
    }

    /// A bubble was taken away.
    pub(crate) fn removed(&mut self, at: usize) {
        self.start -= usize::from(at < self.start);
    }

    /// Shows the end.
    pub(crate) fn show_end(&mut self, len: usize) {
        self.away = false;
        self.fresh = 0;
        self.start = len.saturating_sub(ROWS_AT_END);
    }
}

impl Thread {
    /// What is on screen.
    pub(crate) fn shown(&self) -> &[Bubble] {
        let start = self.window.start.min(self.bubbles.len());
        &self.bubbles[start..self.end()]
    }

    /// Whether there are messages above the window.
    pub(crate) fn has_earlier(&self) -> bool {
        self.window.start > 0 || self.window.earlier
    }

    /// Whether there are messages below the window.
    pub(crate) fn has_later(&self) -> bool {
        self.end() < self.bubbles.len()
    }

    fn end(&self) -> usize {
        self.bubbles.len().min(self.window.start + ROWS)
    }
}

/// The visitor has scrolled away from the end.
pub(crate) fn left_end(state: &mut State) {
    state.visitor.thread.window.away = !state.visitor.thread.bubbles.is_empty();
}

/// The visitor has come near the upper end of the window.
pub(crate) fn reached_top(state: &mut State) {
    let Thread { window, id, .. } = &mut state.visitor.thread;
    if window.start > 0 {
        window.away = true;
        window.start = window.start.saturating_sub(STEP);
    }
    if let (true, Some(id), None) = (window.earlier && window.start < STEP, *id, &window.page) {
        window.page = Some(Fetch::due(Target::Conversation(id)));
    }
}

/// The visitor has come near the lower end of the window.
pub(crate) fn reached_end(state: &mut State) {
    let thread = &mut state.visitor.thread;
    if thread.has_later() {
        thread.window.start = (thread.window.start + STEP).min(thread.bubbles.len().saturating_sub(ROWS));
    }
    if !thread.has_later() {
        thread.window.away = false;
        thread.window.fresh = 0;
    }
}

/// The visitor wants to see the end.
pub(crate) fn latest(state: &mut State) {
    let thread = &mut state.visitor.thread;
    thread.window.show_end(thread.bubbles.len());
    let far = thread.window.start.saturating_sub(KEPT_ABOVE).min(thread.logged);
    let far = thread.bubbles[..far].iter().take_while(|bubble| !is_pending(bubble)).count();
    // What is before the first one is asked for by its id.
    let far = (0..=far).rev().find(|&at| thread.bubbles.get(at).is_some_and(|first| first.message.is_some()));
    let far = far.unwrap_or_default();
    if far > 0 && thread.window.page.is_none() {
        thread.bubbles = thread.bubbles.split_off(far);
        thread.logged -= far;
        thread.window.start -= far;
        thread.window.earlier = true;
    }
}

/// Asks for the page that is due, unless an identity is awaited. The line has nothing to do with it.
#[inline(never)]
pub(crate) fn launch(state: &mut State) {
    let visitor = &state.visitor;
    let thread = &visitor.thread;
    let Some(Fetch { target: Target::Conversation(conversation), step: Step::Due, .. }) = thread.window.page
    else {
        return;
    };
    if visitor.identifying.is_some() || renewal::holds(state) {
        return;
    }
    let before = thread.bubbles.iter().find_map(|bubble| bubble.message);
    let credentials = visitor.credentials();
    let ticket = state.ticket();
    if let Some(page) = &mut state.visitor.thread.window.page {
        page.step = Step::Asked(ticket);
    }
    state.push(Effect::FetchConversation { ticket, conversation, before, credentials });
}

/// A page has come, or not. Gives the answer back if it was not to that.
#[inline(never)]
pub(crate) fn heard(
    state: &mut State,
    ticket: Ticket,
    result: Result<ConversationView, TransportError>,
) -> Result<(), Result<ConversationView, TransportError>> {
    let page = &mut state.visitor.thread.window.page;
    let Some(mut page) = page.take_if(|page| page.is_asked(ticket)) else { return Err(result) };
    match result {
        Ok(view) => put_above(state, view),
        Err(error) if error.is_passing() && page.attempts + 1 < TRIES => {
            page.attempts += 1;
            page.step = Step::Pausing;
            let millis = state.pause(page.attempts);
            state.start_timer(TimerKind::Page, millis);
            state.visitor.thread.window.page = Some(page);
        }
        // Reaching the top again asks again.
        Err(_) => {}
    }
    Ok(())
}

/// Asks once more, with other credentials, for what is awaited.
pub(crate) fn ask_anew(state: &mut State) {
    state.cancel_timer(TimerKind::Page);
    if let Some(page) = &mut state.visitor.thread.window.page {
        page.step = Step::Due;
    }
}

/// The pause is over.
pub(crate) fn again(state: &mut State) {
    state.cancel_timer(TimerKind::Page);
    if let Some(page) = &mut state.visitor.thread.window.page
        && page.step == Step::Pausing
    {
        page.step = Step::Due;
    }
}

#[inline(never)]
fn put_above(state: &mut State, view: ConversationView) {
    let mut older = Vec::with_capacity(view.messages.len());
    for message in view.messages {
        if state.visitor.thread.place_of(message.id).is_none() {
            let bubble = restore::bubble(state, message);
            older.push(bubble);
        }
    }
    let thread = &mut state.visitor.thread;
    let count = older.len();
    older.append(&mut thread.bubbles);
    thread.bubbles = older;
    thread.logged += count;
    thread.window.earlier = view.earlier && count > 0;
    // The visitor is at the top: some of what has come is to be seen.
    thread.window.start = (thread.window.start + count).saturating_sub(STEP);
    thread.window.away |= thread.has_later();
}
