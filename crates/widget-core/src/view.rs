//! What is to be drawn, as plain data borrowed from the state. No secret is in it.

use eloquent_types::{conversation::ConversationSummary, id::ConversationId, text::is_blank, theme::Theme};

use crate::{
    bubble::{Bubble, BubbleState},
    care, history, language,
    state::{Agent, State},
    strings::Strings,
    thread::Care,
    visitor::Identity,
    window::ROWS,
};

/// All of the widget. Compare with what was drawn last: a bubble whose `key` and `revision` are the
/// same is the same, and inside a bubble so is a piece whose `revision` is.
#[derive(Clone, Debug, PartialEq)]
pub struct View<'a> {
    /// The button.
    pub launcher: Launcher,
    /// The panel; drawn also while it is closed, or not, as the shell likes.
    pub panel: Panel<'a>,
    /// The visible words that never change while a language is in use.
    pub strings: &'static Strings,
    /// How it looks: the page's tokens, and the agent's once they are known.
    pub theme: Theme,
    /// Whether the language is written from right to left.
    pub rtl: bool,
    /// What stands beside the launcher, while the panel is closed.
    pub preview: Option<&'a str>,
    /// How dates and numbers are written beside the words (BCP 47).
    pub locale: &'a str,
}

/// The button that opens the panel. Its accessible name is made of [`View::strings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// Whether it is there at all.
    pub visible: bool,
    /// Whether the panel is open.
    pub open: bool,
    /// Messages that came while the panel was closed; 0 draws no badge.
    pub unread: u32,
}

/// The panel.
#[expect(clippy::struct_excessive_bools, reason = "independent facts for the eye, not a state machine")]
#[derive(Clone, Debug, PartialEq)]
pub struct Panel<'a> {
    /// Whether it is open.
    pub open: bool,
    /// The agent's name, or a word for it while the name is not known.
    pub title: &'a str,
    /// What the head says under the name.
    pub status: Status,
    /// Whether to draw the discreet mark for a verified visitor.
    pub verified: bool,
    /// The agent's first words; empty while they are not known. Drawn above the messages.
    pub greeting: &'a str,
    /// Questions to start with; empty once there are messages.
    pub starters: &'a [String],
    /// Some of the messages in a row, the oldest first: those around the place where the visitor reads.
    pub messages: &'a [Bubble],
    /// Whether there are more before them, here or at the server.
    pub earlier: bool,
    /// Whether there are more behind them.
    pub later: bool,
    /// Messages that came while the visitor read further up.
    pub fresh: u32,
    /// What the visitor may want to ask next.
    pub suggestions: &'a [String],
    /// The visitor's conversations, drawn in place of the messages.
    pub list: Option<List<'a>>,
    /// Whether the list can be asked for.
    pub can_list: bool,
    /// Whether a person can be asked for.
    pub can_handover: bool,
    /// Whether a person was asked for, and none has come yet.
    pub waiting_for_human: bool,
    /// The person who has taken the conversation over, by name.
    pub operator: Option<&'a str>,
    /// Whether a message that comes is heard.
    pub sound: bool,
    /// Whether an answer is awaited of which nothing is there yet: draw the three dots.
    pub typing: bool,
    /// Whether an earlier conversation is being fetched.
    pub loading: bool,
    /// The text field and its button.
    pub composer: Composer<'a>,
    /// A strip above the composer, if something is wrong.
    pub banner: Option<Banner>,
}

/// The visitor's conversations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct List<'a> {
    /// The one with the newest message first.
    pub conversations: &'a [ConversationSummary],
    /// Which of them is on screen otherwise.
    pub current: Option<ConversationId>,
    /// Whether they are still being fetched.
    pub loading: bool,
}

/// What the panel's head says under the agent's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The agent is not known yet.
    Connecting,
    /// All is well.
    Online,
    /// There is no connection, or no agent.
    Unavailable,
}

/// The text field and its button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Composer<'a> {
    /// What is in the field. Write it there only where it differs.
    pub draft: &'a str,
    /// Whether the field can be written in.
    pub enabled: bool,
    /// Whether the draft can be sent.
    pub can_send: bool,
    /// Whether an answer is running that can be stopped: the stop button stands beside or in place of
    /// the send button.
    pub can_stop: bool,
}

/// Something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Banner {
    /// What, in the visitor's language.
    pub text: &'static str,
    /// The button's words, if pressing it can help.
    pub action: Option<&'static str>,
}

/// What is to be drawn now.
pub fn view(state: &State) -> View<'_> {
    let strings = state.strings();
    View {
        launcher: Launcher {
            visible: state.launcher_visible && state.is_running(),
            open: state.visitor.open,
            unread: state.visitor.unread,
        },
        panel: panel(state, strings),
        strings,
        theme: match &state.agent {
            Agent::Ready(config) => state.theme.over(&config.theme),
            Agent::Loading { .. } | Agent::Unreachable | Agent::Refused => state.theme.clone(),
        },
        rtl: strings.is_rtl(),
        preview: state.preview.as_deref().filter(|_| !state.visitor.open),
        locale: language::format_tag(state.locale(), strings),
    }
}

fn panel<'a>(state: &'a State, strings: &'static Strings) -> Panel<'a> {
    let visitor = &state.visitor;
    let thread = &visitor.thread;
    let (title, greeting, starters): (&str, &str, &[String]) = match &state.agent {
        Agent::Ready(config) => (&config.name, &config.greeting, &config.starters),
        Agent::Loading { .. } | Agent::Unreachable | Agent::Refused => (strings.title, "", &[]),
    };
    let fetching = thread.fetch.is_some();
    let calm = thread.bubbles.is_empty() && !fetching;
    let newest = thread.bubbles.iter().rev().take(ROWS);
    let writing = newest.into_iter().any(|bubble| bubble.state == BubbleState::Streaming);
    let answering = thread.is_answering();
    Panel {
        open: visitor.open,
        title,
        status: status(state),
        verified: matches!(visitor.identity, Identity::Verified { .. }),
        greeting,
        starters: if calm { starters } else { &[] },
        messages: thread.shown(),
        earlier: thread.has_earlier(),
        later: thread.has_later(),
        fresh: thread.window.fresh,
        suggestions: if answering { &[] } else { &thread.suggestions },
        list: visitor.list.as_ref().map(|list| List {
            conversations: &list.conversations,
            current: thread.id,
            loading: list.step.is_some(),
        }),
        can_list: history::can_list(visitor),
        can_handover: care::can_ask(state),
        waiting_for_human: thread.care == Care::Waiting || thread.handover.is_some(),
        operator: match &thread.care {
            Care::Operator(operator) => Some(operator.as_deref().unwrap_or(strings.team)),
            Care::Agent | Care::Waiting | Care::Resolved => None,
        },
        sound: visitor.sound,
        typing: answering && !writing,
        loading: fetching,
        composer: composer(state),
        banner: banner(state, strings),
    }
}

fn status(state: &State) -> Status {
    match &state.agent {
        Agent::Loading { .. } => Status::Connecting,
        Agent::Ready(_) if state.online || !state.troubled => Status::Online,
        Agent::Ready(_) | Agent::Unreachable | Agent::Refused => Status::Unavailable,
    }
}

fn composer(state: &State) -> Composer<'_> {
    let visitor = &state.visitor;
    let enabled = state.is_running() && !matches!(state.agent, Agent::Refused);
    Composer {
        draft: &visitor.draft,
        enabled,
        can_send: enabled && !is_blank(&visitor.draft),
        can_stop: visitor.thread.is_answering(),
    }
}

/// The gravest of what is wrong.
fn banner(state: &State, strings: &Strings) -> Option<Banner> {
    let thread = &state.visitor.thread;
    let (text, action) = if matches!(state.agent, Agent::Refused) {
        (strings.not_available, None)
    } else if state.troubled && !state.online {
        (strings.offline, None)
    } else if matches!(state.agent, Agent::Unreachable) || thread.missed.is_some() {
        (strings.unreachable, Some(strings.retry))
    } else if state.troubled {
        (strings.reconnecting, None)
    } else {
        (state.visitor.notice?, None)
    };
    Some(Banner { text, action })
}
