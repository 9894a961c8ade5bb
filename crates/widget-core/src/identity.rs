//! Who the visitor is: identified, refused, another one, forgotten.

use eloquent_types::{
    identify::{Identified, IdentifyResponse, IdentifyResult, IdentityCode},
    problem::ProblemCode,
    session::SessionToken,
};

use crate::{
    care,
    command::{CallId, CommandResult, IdentifyFailure},
    effect::{Effect, Stored},
    event::EventKind,
    feedback, history,
    msg::TransportError,
    panel,
    renewal::{self, Term},
    restore,
    state::State,
    stream,
    thread::{Fetch, Line, Target},
    ticket::Ticket,
    timer::{IDENTIFY_MILLIS, TimerKind},
    token::IdentityToken,
    track::Tracked,
    visitor::{Identifying, Identity, Visitor},
    window,
};

/// The page says who the visitor is. The last one to say so wins.
pub(crate) fn call(state: &mut State, call: CallId, token: IdentityToken, get_token: bool) {
    supersede(state);
    renewal::begin(state, get_token.then_some(call));
    state.visitor.given = Some(token.clone());
    state.visitor.identifying = Some(Identifying { call: Some(call), token, ticket: None });
}

/// Asks the server, unless a message is on its way: its session must be known, or the conversation
/// that it opens could not be claimed.
#[inline(never)]
pub(crate) fn launch(state: &mut State) {
    let due = state.visitor.identifying.as_ref().is_some_and(|identifying| identifying.ticket.is_none());
    if !due || matches!(state.visitor.thread.line, Line::Sending { .. }) {
        return;
    }
    let ticket = state.ticket();
    let session = state.visitor.session.clone();
    let Some(identifying) = &mut state.visitor.identifying else { return };
    identifying.ticket = Some(ticket);
    let token = identifying.token.clone();
    state.push(Effect::Identify { ticket, token, session });
    state.start_timer(TimerKind::Identify, IDENTIFY_MILLIS);
}

pub(crate) fn heard(state: &mut State, ticket: Ticket, result: Result<IdentifyResponse, TransportError>) {
    let Some(Identifying { call, token, .. }) =
        state.visitor.identifying.take_if(|identifying| identifying.ticket == Some(ticket))
    else {
        return;
    };
    state.cancel_timer(TimerKind::Identify);
    let before = state.visitor.identity.expires_at();
    let result = conclude(state, token, result, call.is_some());
    let renewed = matches!(result, CommandResult::Identified(_));
    match (call, &result) {
        (None, CommandResult::Identified(who)) => {
            renewal::succeeded(state, before.filter(|_| !who.switched_user));
        }
        (None, _) => renewal::failed(state),
        (Some(_), CommandResult::NotIdentified(why)) if why.retryable => renewal::want(state),
        (Some(_), _) => {}
    }
    if state.visitor.thread.outbox.first().is_none_or(|first| first.attempts == 0) {
        stream::reconnect(state);
    }
    if call.is_some() || renewed {
        state.emit(EventKind::Identify(result.clone()));
    }
    if let Some(call) = call {
        state.resolve(call, result);
    }
}

/// Takes the server's verdict over. What `getToken` gave, unasked for by the page, replaces nothing
/// before it is verified.
#[inline(never)]
fn conclude(
    state: &mut State,
    token: IdentityToken,
    result: Result<IdentifyResponse, TransportError>,
    called: bool,
) -> CommandResult {
    match result {
        Ok(IdentifyResponse { result: IdentifyResult::Identified(who), session, server_time }) => {
            let term = |expires_at| server_time.map(|there| Term::new(state.now, there, expires_at));
            let term = who.expires_at.and_then(term);
            CommandResult::Identified(adopt(state, token, who, term, session))
        }
        Ok(IdentifyResponse { result: IdentifyResult::Refused(why), session, .. }) => {
            let warning = ["Eloquent: identify: ", why.code.as_str(), ". ", &why.message, " ", &why.hint];
            state.push(Effect::Warn(warning.concat()));
            if called && !part_with_former(state, &token) {
                lapse(state, Some(why.code));
            }
            if session.is_some() {
                state.visitor.session = session;
            }
            CommandResult::NotIdentified(why.into())
        }
        Err(error) => {
            if called {
                part_with_former(state, &token);
            }
            CommandResult::NotIdentified(unheard(error))
        }
    }
}

/// The page named somebody, and nobody was identified: what is on screen stays only where the token is
/// said to be of the same user. Otherwise somebody else may be sitting there.
fn part_with_former(state: &mut State, token: &IdentityToken) -> bool {
    let parts = state.visitor.identity.user().is_some_and(|user| !token.is_said_to_be_of(user));
    if parts {
        state.visitor.session = None;
        state.visitor.identity = Identity::Anonymous;
        state.cancel_timer(TimerKind::Term);
        state.generation = state.generation.wrapping_add(1);
        clear_former(state);
    }
    parts
}

/// The server was silent for too long.
pub(crate) fn timed_out(state: &mut State) {
    let ticket = state.visitor.identifying.as_ref().and_then(|identifying| identifying.ticket);
    if let Some(ticket) = ticket {
        heard(state, ticket, Err(TransportError::Unreachable));
    }
}

/// The held token is no longer good; the conversation goes on in its session, unverified.
pub(crate) fn lapse(state: &mut State, code: Option<IdentityCode>) {
    let Identity::Verified { who, .. } = &state.visitor.identity else { return };
    state.visitor.identity = Identity::Lapsed { user: who.user_id.clone() };
    state.cancel_timer(TimerKind::Term);
    state.emit(match code {
        Some(IdentityCode::TokenExpired) => EventKind::IdentityExpired,
        _ => EventKind::IdentityChanged { code: code.map(IdentityCode::as_str) },
    });
    renewal::lost(state, code);
}

/// Forgets the visitor, here, at the server and in the other tabs.
pub(crate) fn logout(state: &mut State, call: CallId) {
    let credentials = state.visitor.credentials();
    if credentials.session.is_some() {
        state.push(Effect::EndSession { credentials });
    }
    logged_out(state);
    state.push(Effect::BroadcastLogout);
    state.resolve(call, CommandResult::Done);
}

/// Forgets the visitor, here, and tells the page.
pub(crate) fn logged_out(state: &mut State) {
    forget(state);
    state.emit(EventKind::Logout);
}

/// Forgets the visitor, here: the machine is then as if it had just been started.
pub(crate) fn forget(state: &mut State) {
    panel::close(state);
    dismiss(state);
    state.stored = Stored::default();
    state.push(Effect::ClearStorage);
}

fn dismiss(state: &mut State) {
    supersede(state);
    renewal::end(state);
    restore::leave(state);
    state.visitor = Visitor::default();
    state.generation = state.generation.wrapping_add(1);
}

/// The page is back after others were there in its place: who the visitor was is forgotten, as when a
/// page is loaded anew, and the page's function says who it is now. Without one, the page itself has to
/// say so; and who was nobody goes on where the storage is still theirs.
#[inline(never)]
pub(crate) fn returned(state: &mut State, stored: Stored) {
    let visitor = &state.visitor;
    let is_known = visitor.identity.user().is_some();
    let stays = if is_known || visitor.identifying.is_some() {
        visitor.renewal.source.is_none()
    } else {
        visitor.session == stored.session
    };
    if stays {
        return;
    }
    let source = state.visitor.renewal.source.take();
    let open = state.visitor.open;
    dismiss(state);
    state.stored = stored;
    restore::from_storage(state);
    state.visitor.open = open;
    if is_known {
        state.emit(EventKind::IdentityChanged { code: None });
    }
    state.visitor.renewal.source = source;
    renewal::want(state);
}

/// A result of `identify` that is not the server's verdict.
pub(crate) fn failure(code: &'static str, message: &str, retryable: bool) -> IdentifyFailure {
    IdentifyFailure { code, message: message.to_owned(), hint: String::new(), retryable }
}

fn supersede(state: &mut State) {
    if let Some(earlier) = state.visitor.identifying.take() {
        state.cancel_timer(TimerKind::Identify);
        let why = failure("superseded", "Another identify or a logout came before this one was done.", false);
        if let Some(call) = earlier.call {
            state.resolve(call, CommandResult::NotIdentified(why));
        }
    }
}

/// What a site's developer can meet, in the problem's words. The widget does not carry those of all the
/// server's other problems.
pub(crate) fn detail(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::AgentNotFound => ProblemCode::AgentNotFound.detail(),
        ProblemCode::OriginNotAllowed => ProblemCode::OriginNotAllowed.detail(),
        ProblemCode::RateLimited => ProblemCode::RateLimited.detail(),
        _ => "The server refused the request.",
    }
}

fn unheard(error: TransportError) -> IdentifyFailure {
    match error {
        TransportError::Unreachable => failure(error.code(), "The server could not be reached.", true),
        TransportError::Unexpected => failure(error.code(), "The server's answer makes no sense.", true),
        TransportError::Refused { code, .. } => {
            let passing = [ProblemCode::RateLimited, ProblemCode::ServerBusy, ProblemCode::Internal];
            failure(error.code(), detail(code), passing.contains(&code))
        }
    }
}

/// The server verified the token. What was another user's goes; what was nobody's becomes theirs.
#[inline(never)]
fn adopt(
    state: &mut State,
    token: IdentityToken,
    mut who: Identified,
    term: Option<Term>,
    session: Option<SessionToken>,
) -> Identified {
    let visitor = &mut state.visitor;
    let before = visitor.identity.user();
    who.switched_user |= before.is_some_and(|user| *user != who.user_id);
    let same = before.is_some() && !who.switched_user;
    if who.switched_user || session.is_some() {
        visitor.session = session;
    }
    visitor.identity = Identity::Verified { token, who: who.clone(), term };
    state.cancel_timer(TimerKind::Term);
    if !same {
        state.generation = state.generation.wrapping_add(1);
        if who.switched_user {
            clear_former(state);
        } else {
            bring_along(state, who.claimed_conversation);
        }
        let thread = &mut state.visitor.thread;
        if thread.id.is_none() && !thread.fresh {
            thread.fetch = Some(Fetch::due(Target::Newest));
        }
    }
    who
}

/// Nothing of the former user stays, also not what was typed but not sent, nor what the page told of them.
fn clear_former(state: &mut State) {
    restore::leave(state);
    state.visitor.draft.clear();
    state.visitor.notice = None;
    state.visitor.hints.clear();
    state.visitor.drafts.clear();
    state.visitor.list = None;
    state.visitor.tracked = Tracked::NOTHING;
    state.emit(EventKind::IdentityChanged { code: None });
}

/// The anonymous visitor's conversation goes on with the new credentials, if it was claimed.
fn bring_along(state: &mut State, claimed: bool) {
    history::ask_anew(state);
    if state.visitor.thread.id.is_some() && !claimed {
        return restore::lose(state);
    }
    state.cancel_timer(TimerKind::Fetch);
    let thread = &mut state.visitor.thread;
    let wanted = thread.fetch.take().map(|fetch| fetch.target).or(thread.missed.take());
    thread.fetch = wanted.map(Fetch::due);
    window::ask_anew(state);
    feedback::ask_anew(state);
    care::ask_anew(state);
    // The stream goes on with the new credentials.
    if matches!(state.visitor.thread.line, Line::Open { .. }) {
        stream::hang_up(state);
    }
}
