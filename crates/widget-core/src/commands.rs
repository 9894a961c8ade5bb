//! The commands of `window.eloquent`.

use eloquent_types::text::{MESSAGE_MAX_CHARS, count_chars, is_blank};

use crate::{
    command::{CallError, CallId, Command, CommandKind, CommandResult, StateReport},
    effect::Effect,
    event::EventKind,
    field::Value,
    hints, identity, language, look, outbox, panel, restore,
    state::{Agent, Phase, State},
    track,
    visitor::Identity,
};

/// Does what the page asks for; its promise is resolved now or, where the network is asked, later.
pub(crate) fn run(state: &mut State, call: CallId, command: Command) {
    if !state.is_running() {
        return refuse(state, call, &command);
    }
    match command {
        Command::Identify { token, get_token } => identity::call(state, call, token, get_token),
        Command::Update { attributes } => hints::update(state, call, attributes),
        Command::Logout => identity::logout(state, call),
        Command::Open { prefill: Some(text), .. } | Command::Prefill { text } if is_too_long(&text) => {
            state.fail(Some(call), CallError::MessageTooLong);
        }
        Command::Open { prefill, conversation } => {
            if let Some(conversation) = conversation {
                restore::switch_to(state, conversation);
            }
            if let Some(text) = prefill {
                panel::prefill(state, text);
            }
            panel::open(state);
            report_open(state, call);
        }
        Command::Close => {
            panel::close(state);
            report_open(state, call);
        }
        Command::Toggle => {
            panel::toggle(state);
            report_open(state, call);
        }
        Command::Show => set_visible(state, call, true),
        Command::Hide => set_visible(state, call, false),
        Command::Prefill { text } => {
            panel::prefill(state, text);
            state.resolve(call, CommandResult::Done);
        }
        Command::SendMessage { text } => {
            outbox::submit(state, text, Some(call));
        }
        Command::NewConversation => {
            restore::start_afresh(state);
            state.resolve(call, CommandResult::Done);
        }
        Command::SetLocale { locale } => {
            state.locale = locale;
            language::again(state);
            state.resolve(call, CommandResult::Done);
        }
        Command::SetTheme { tokens } => set_theme(state, call, &tokens),
        Command::ShowPreview { text } => show_preview(state, call, text),
        Command::HidePreview => {
            state.preview = None;
            state.resolve(call, CommandResult::Done);
        }
        Command::TrackEvent { name, properties } => track::track(state, call, name, properties),
        Command::Page { url, title } => {
            state.page = (!url.is_empty() || !title.is_empty()).then(|| track::page(&url, &title));
            state.resolve(call, CommandResult::Done);
        }
        Command::GetState => {
            let report = report(state);
            state.resolve(call, CommandResult::State(report));
        }
        Command::Debug { on } => {
            let token = state.visitor.given.clone();
            state.push(Effect::Lint { on, token });
            state.resolve(call, CommandResult::Done);
        }
        Command::Destroy => destroy(state, call),
        Command::Unknown { name } => {
            warn(state, "there is no command", &name);
            state.fail(Some(call), CallError::UnknownCommand);
        }
        Command::Malformed { kind } => malformed(state, call, kind),
    }
}

/// The arguments are not those of the command: nothing has changed.
pub(crate) fn malformed(state: &mut State, call: CallId, kind: CommandKind) {
    warn(state, "these are not the arguments of", kind.as_str());
    state.fail(Some(call), CallError::InvalidArgument);
}

/// Takes tokens over, all of them or, where one is none, nothing.
fn set_theme(state: &mut State, call: CallId, tokens: &[(String, Value)]) {
    let mut theme = state.theme.clone();
    if !tokens.iter().all(|(name, value)| look::set_token(&mut theme, name, value)) {
        return malformed(state, call, CommandKind::SetTheme);
    }
    state.theme = theme;
    state.resolve(call, CommandResult::Done);
}

/// The longest preview, in characters.
const PREVIEW_MAX_CHARS: usize = 280;

fn show_preview(state: &mut State, call: CallId, text: String) {
    if is_blank(&text) || count_chars(&text) > PREVIEW_MAX_CHARS {
        return malformed(state, call, CommandKind::ShowPreview);
    }
    state.preview = Some(text);
    state.resolve(call, CommandResult::Done);
}

/// The answer to what is called when all is over.
fn refuse(state: &mut State, call: CallId, command: &Command) {
    let result = match command {
        Command::Identify { .. } => CommandResult::NotIdentified(identity::failure(
            CallError::Destroyed.as_str(),
            CallError::Destroyed.message(),
            false,
        )),
        Command::GetState => CommandResult::State(report(state)),
        Command::Destroy => CommandResult::Done,
        Command::Logout
        | Command::Update { .. }
        | Command::Debug { .. }
        | Command::Open { .. }
        | Command::Close
        | Command::Toggle
        | Command::Show
        | Command::Hide
        | Command::Prefill { .. }
        | Command::SendMessage { .. }
        | Command::NewConversation
        | Command::SetLocale { .. }
        | Command::SetTheme { .. }
        | Command::ShowPreview { .. }
        | Command::HidePreview
        | Command::TrackEvent { .. }
        | Command::Page { .. }
        | Command::Unknown { .. }
        | Command::Malformed { .. } => CommandResult::Failed(CallError::Destroyed),
    };
    state.resolve(call, result);
}

/// Whether the text is longer than any message, so that the visitor could do nothing with it.
fn is_too_long(text: &str) -> bool {
    text.len() > MESSAGE_MAX_CHARS && count_chars(text) > MESSAGE_MAX_CHARS
}

fn report_open(state: &mut State, call: CallId) {
    state.resolve(call, CommandResult::Open(state.visitor.open));
}

fn set_visible(state: &mut State, call: CallId, visible: bool) {
    state.launcher_visible = visible;
    state.resolve(call, CommandResult::Visible(visible));
}

fn report(state: &State) -> StateReport {
    let visitor = &state.visitor;
    let user_id = match &visitor.identity {
        Identity::Verified { who, .. } => Some(who.user_id.as_str().to_owned()),
        Identity::Anonymous | Identity::Lapsed { .. } => None,
    };
    StateReport {
        status: status(state),
        open: visitor.open,
        identified: user_id.is_some(),
        user_id,
        token_expires_at: visitor.identity.expires_at(),
        unread: visitor.unread,
        conversation_id: visitor.thread.id,
        locale: state.locale().to_owned(),
    }
}

fn status(state: &State) -> &'static str {
    match (&state.phase, &state.agent) {
        (Phase::Destroyed, _) => "destroyed",
        (Phase::Waiting(_), _) | (Phase::Running, Agent::Loading { .. }) => "loading",
        (Phase::Running, Agent::Ready(_)) => "ready",
        (Phase::Running, Agent::Unreachable | Agent::Refused) => "unavailable",
    }
}

fn destroy(state: &mut State, call: CallId) {
    identity::forget(state);
    state.cancel_timers();
    state.phase = Phase::Destroyed;
    state.emit(EventKind::Destroy);
    state.resolve(call, CommandResult::Done);
    state.push(Effect::Unmount);
}

/// Names what was called, unless that is no name: a page that mixes up its arguments must not find
/// its token in the console.
fn warn(state: &mut State, what: &str, name: &str) {
    let named =
        !name.is_empty() && name.len() <= NAME_MAX_BYTES && name.bytes().all(|b| b.is_ascii_alphabetic());
    let text = ["Eloquent: ", what, " \"", if named { name } else { "…" }, "\"."].concat();
    state.push(Effect::Warn(text));
}

const NAME_MAX_BYTES: usize = 24;

const _: () = {
    let mut at = 0;
    while at < CommandKind::NAMES.len() {
        assert!(CommandKind::NAMES[at].0.len() <= NAME_MAX_BYTES, "a command's own name can be named");
        at += 1;
    }
};
