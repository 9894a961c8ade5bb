//! Fresh tokens: when one is due, and how the page is asked for it.
//!
//! Time is judged by comparing with the clock after every message, not by trusting timers: a browser
//! delays them in a tab that nobody sees and stops them in a machine that sleeps. Whatever comes first
//! afterwards finds out, and the page is asked once, not once for every timer that was missed.
//!
//! Invariants: the page's function is asked one question at a time; an answer to an earlier question
//! changes nothing; every failure is followed by a longer pause, and nothing goes on without an end
//! once the token is over, unless the visitor does something.

use eloquent_types::{identify::IdentityCode, time::Timestamp};

use crate::{
    command::CallId,
    effect::Effect,
    event::EventKind,
    identity,
    state::State,
    ticket::Ticket,
    timer::{GET_TOKEN_MILLIS, HOLD_MILLIS, RENEWALS, TERM_CHECK_MILLIS, TimerKind, renewal_pause_millis},
    token::IdentityToken,
    visitor::{Identifying, Identity},
};

/// The longest time before a token's end at which the next one is due.
const LEAD_MAX_MILLIS: i64 = 60_000;

/// What is to be left of a fresh token for it to be one: otherwise the page is asked again as if it
/// had given none.
const LEFT_MIN_MILLIS: i64 = 1_000;

/// How long a verified token lasts, by the clock of the visitor's machine. That clock may be wrong by
/// hours: what is left was reckoned by the server's, and only the time since then is measured here.
#[derive(Debug, PartialEq)]
pub(crate) struct Term {
    /// When the next token is to be had.
    due: Timestamp,
    /// When this one is over.
    end: Timestamp,
    /// Whether the page was told that it ends soon.
    announced: bool,
}

impl Term {
    /// The term of a token that expires then, of which the server has told now what time it is there.
    pub(crate) fn new(now: Timestamp, server_time: Timestamp, expires_at: Timestamp) -> Self {
        let left = (expires_at.as_millis() - server_time.as_millis()).max(0);
        let lead = LEAD_MAX_MILLIS.min(left / 5);
        let end = now.as_millis() + left;
        Self { due: Timestamp::from_millis(end - lead), end: Timestamp::from_millis(end), announced: false }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.end
    }
}

/// The page's `getToken`, and how far asking it is.
#[derive(Debug, PartialEq)]
pub(crate) struct Renewal {
    /// The call of `identify` that brought the function.
    pub(crate) source: Option<CallId>,
    step: Step,
    failures: u32,
    /// Whether what is to be sent waits for the answer.
    holding: bool,
}

impl Renewal {
    /// No function, and nothing asked.
    pub(crate) const NONE: Self = Self { source: None, step: Step::Rest, failures: 0, holding: false };

    /// What the page is being asked.
    #[cfg(test)]
    pub(crate) fn question(&self) -> Option<Ticket> {
        match self.step {
            Step::Asked(ticket) => Some(ticket),
            Step::Rest | Step::Judged | Step::Pausing | Step::GivenUp => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nothing is wanted.
    Rest,
    /// The page is asked.
    Asked(Ticket),
    /// The page has answered; the server has the token.
    Judged,
    /// A pause before the page is asked again.
    Pausing,
    /// It failed too often: it is tried again when the visitor does something.
    GivenUp,
}

/// From here on, tokens come from the function that this call brought, if it brought one.
pub(crate) fn begin(state: &mut State, source: Option<CallId>) {
    state.cancel_timer(TimerKind::Renewal);
    state.cancel_timer(TimerKind::Hold);
    let earlier = std::mem::replace(&mut state.visitor.renewal, Renewal { source, ..Renewal::NONE });
    if let Some(earlier) = earlier.source {
        state.push(Effect::DropGetToken(earlier));
    }
}

/// Asks the page for nothing more.
pub(crate) fn end(state: &mut State) {
    begin(state, None);
    state.cancel_timer(TimerKind::Term);
}

/// Compares with the clock: says that the token ends soon, asks for the next one, or lets it lapse.
#[inline(never)]
pub(crate) fn watch(state: &mut State) {
    let now = state.now;
    // Where an identify is under way, its result decides.
    if state.visitor.identifying.is_some() {
        return;
    }
    let Identity::Verified { who, term: Some(term), .. } = &mut state.visitor.identity else { return };
    if term.is_over(now) {
        return run_out(state);
    }
    if now >= term.due && !term.announced {
        term.announced = true;
        let expires_at = who.expires_at;
        state.emit(EventKind::IdentityExpiring { expires_at });
        want(state);
    }
    schedule(state);
}

/// The verified identity was lost to this verdict.
pub(crate) fn lost(state: &mut State, code: Option<IdentityCode>) {
    // A key that was revoked signs no fresh tokens: they come from its successor.
    if let Some(IdentityCode::TokenExpired | IdentityCode::KeyRevoked | IdentityCode::SignatureInvalid) = code
    {
        want(state);
    }
}

/// A fresh token may help, and where there is no good one, it is waited for.
pub(crate) fn want(state: &mut State) {
    if state.visitor.renewal.step == Step::Rest {
        ask(state);
        act(state);
    }
}

/// The visitor does something: where there is no good token, the page is asked once more.
pub(crate) fn act(state: &mut State) {
    if is_good(state) {
        return;
    }
    match state.visitor.renewal.step {
        Step::Pausing | Step::GivenUp => {
            ask(state);
            hold(state);
        }
        Step::Asked(_) => hold(state),
        Step::Rest | Step::Judged => {}
    }
}

/// The browser is connected again.
pub(crate) fn online(state: &mut State) {
    if let Step::Pausing | Step::GivenUp = state.visitor.renewal.step {
        ask(state);
    }
}

/// The page has answered; without a token where it failed.
#[inline(never)]
pub(crate) fn heard(state: &mut State, ticket: Ticket, token: Option<IdentityToken>) {
    if state.visitor.renewal.step != Step::Asked(ticket) {
        return;
    }
    state.cancel_timer(TimerKind::Renewal);
    // The same token again would be verified again, and end when it ends.
    match token.filter(|token| !token.expose().is_empty() && Some(token) != state.visitor.token()) {
        Some(token) => {
            state.visitor.renewal.step = Step::Judged;
            state.visitor.given = Some(token.clone());
            state.visitor.identifying = Some(Identifying { call: None, token, ticket: None });
        }
        None => failed(state),
    }
}

/// The pause is over, or the page has not answered in time.
pub(crate) fn time_is_up(state: &mut State) {
    match state.visitor.renewal.step {
        Step::Asked(_) => failed(state),
        Step::Pausing => ask(state),
        Step::Rest | Step::Judged | Step::GivenUp => {}
    }
}

/// What is to be sent has waited long enough: it goes unverified.
pub(crate) fn let_go(state: &mut State) {
    release(state);
    let now = state.now;
    if let Identity::Verified { term: Some(term), .. } = &state.visitor.identity
        && term.is_over(now)
    {
        identity::lapse(state, Some(IdentityCode::TokenExpired));
    }
}

/// The server has verified the page's answer, which replaces a token that was to end at `before`.
pub(crate) fn succeeded(state: &mut State, before: Option<Timestamp>) {
    let now = state.now;
    let Identity::Verified { who, term, .. } = &state.visitor.identity else { return };
    let later = who.expires_at.is_none() || who.expires_at > before;
    if later && term.as_ref().is_none_or(|term| millis_from(now, term.end) >= LEFT_MIN_MILLIS) {
        state.cancel_timer(TimerKind::Renewal);
        state.visitor.renewal.step = Step::Rest;
        state.visitor.renewal.failures = 0;
        release(state);
    } else {
        failed(state);
    }
}

/// There is no fresh token: after a pause the page is asked again.
pub(crate) fn failed(state: &mut State) {
    state.cancel_timer(TimerKind::Renewal);
    release(state);
    let renewal = &mut state.visitor.renewal;
    renewal.failures = renewal.failures.saturating_add(1);
    let failures = renewal.failures;
    if failures == 1 {
        state.push(Effect::Warn(String::from("Eloquent: getToken gave no fresh token; it is asked again.")));
    }
    if failures < RENEWALS || !state.online {
        state.visitor.renewal.step = Step::Pausing;
        let chance = state.chance();
        state.start_timer(TimerKind::Renewal, renewal_pause_millis(failures, chance));
    } else {
        state.visitor.renewal.step = Step::GivenUp;
    }
}

/// Whether what is to be sent waits for a fresh token.
pub(crate) fn holds(state: &State) -> bool {
    state.visitor.renewal.holding
}

/// The token is over. Where the page is being asked, or was not asked yet because the machine slept,
/// its answer is waited for a little; then the identity lapses.
fn run_out(state: &mut State) {
    match (state.visitor.renewal.step, state.visitor.renewal.source) {
        (Step::Rest, Some(_)) => want(state),
        (Step::Asked(_) | Step::Judged, _) => hold(state),
        (Step::Rest, None) | (Step::Pausing | Step::GivenUp, _) => {
            identity::lapse(state, Some(IdentityCode::TokenExpired));
        }
    }
}

fn ask(state: &mut State) {
    let Some(call) = state.visitor.renewal.source else { return };
    // Where an identify is under way, its result decides.
    if state.visitor.identifying.is_some() {
        return;
    }
    let ticket = state.ticket();
    state.visitor.renewal.step = Step::Asked(ticket);
    state.push(Effect::GetToken { ticket, call });
    state.start_timer(TimerKind::Renewal, GET_TOKEN_MILLIS);
}

fn hold(state: &mut State) {
    if !std::mem::replace(&mut state.visitor.renewal.holding, true) {
        state.start_timer(TimerKind::Hold, HOLD_MILLIS);
    }
}

/// Whether a token is held that is not over.
fn is_good(state: &State) -> bool {
    match &state.visitor.identity {
        Identity::Verified { term, .. } => term.as_ref().is_none_or(|term| !term.is_over(state.now)),
        Identity::Anonymous | Identity::Lapsed { .. } => false,
    }
}

/// What was held goes on, with the credentials that there are then.
fn release(state: &mut State) {
    state.cancel_timer(TimerKind::Hold);
    state.visitor.renewal.holding = false;
}

/// Looks again when the term's next point has come, at the latest after some minutes: a machine that
/// slept in between has not counted the time.
fn schedule(state: &mut State) {
    let Identity::Verified { term: Some(term), .. } = &state.visitor.identity else { return };
    if !state.is_timer_running(TimerKind::Term) {
        let next = if term.announced { term.end } else { term.due };
        let millis = u32::try_from(millis_from(state.now, next)).unwrap_or(TERM_CHECK_MILLIS);
        state.start_timer(TimerKind::Term, millis.clamp(1, TERM_CHECK_MILLIS));
    }
}

fn millis_from(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millis() - from.as_millis()
}
