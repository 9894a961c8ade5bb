//! All that the machine knows, and the small moves that everything else is made of. It changes in
//! [`update`](crate::update()) alone.

use eloquent_types::{chat::Page, config::AgentConfig, theme::Theme, time::Timestamp};

use crate::{
    command::{CallError, CallId, Command, CommandResult},
    effect::{Effect, Stored},
    event::{Event, EventKind},
    ids::Minter,
    language::Speech,
    strings::Strings,
    ticket::Ticket,
    timer::{TimerId, TimerKind, pause_millis},
    visitor::Visitor,
};

/// What the machine is started with.
#[derive(Clone, Default)]
pub struct Options {
    /// 32 bytes from `crypto.getRandomValues`: all ids that the machine mints come from them.
    pub seed: [u8; 32],
    /// The language that the page asks for (BCP 47); it wins over the agent's own.
    pub locale: Option<String>,
    /// The browser's language, for when neither page nor agent name one.
    pub browser_locale: String,
    /// Whether the page wants no launcher.
    pub launcher_hidden: bool,
    /// How the page wants it to look, in place of the agent's own tokens.
    pub theme: Theme,
    /// Whether the page wants message texts in events.
    pub expose_messages: bool,
    /// What the browser's storage held.
    pub stored: Stored,
}

/// All that the machine knows.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about the page and its tab")]
#[derive(Debug)]
pub struct State {
    pub(crate) now: Timestamp,
    pub(crate) phase: Phase,
    pub(crate) agent: Agent,
    pub(crate) locale: Option<String>,
    pub(crate) browser_locale: String,
    pub(crate) speech: Speech,
    pub(crate) launcher_visible: bool,
    /// What `setTheme` asks for.
    pub(crate) theme: Theme,
    /// What stands beside the launcher.
    pub(crate) preview: Option<String>,
    /// The page that the visitor looks at, where the document's own address and title do not tell.
    pub(crate) page: Option<Page>,
    /// Whether message texts may go into events.
    pub(crate) exposes_messages: bool,
    pub(crate) online: bool,
    /// Whether nobody sees the tab.
    pub(crate) hidden: bool,
    /// Whether that has been so for long: the conversation is not followed.
    pub(crate) asleep: bool,
    /// Whether there has been no connection for long enough to say so.
    pub(crate) troubled: bool,
    /// What the browser's storage holds.
    pub(crate) stored: Stored,
    pub(crate) visitor: Visitor,
    minter: Minter,
    pub(crate) generation: u32,
    last_number: u32,
    timers: Vec<(TimerKind, TimerId)>,
    effects: Vec<Effect>,
}

/// Where the machine is in its life.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Not started; the commands wait.
    Waiting(Vec<(CallId, Command)>),
    /// At work.
    Running,
    /// Over.
    Destroyed,
}

/// What is known of the agent.
#[derive(Debug)]
pub(crate) enum Agent {
    /// It was asked for so many times; with a ticket the answer is awaited.
    Loading { attempts: u32, ticket: Option<Ticket> },
    /// All is known.
    Ready(Box<AgentConfig>),
    /// It cannot be reached.
    Unreachable,
    /// There is none, or not for this page.
    Refused,
}

impl State {
    /// A machine that has not started: nothing is asked of the network before
    /// [`Msg::Start`](crate::Msg::Start).
    pub fn new(options: Options) -> Self {
        let Options { seed, locale, browser_locale, launcher_hidden, theme, expose_messages, stored } =
            options;
        Self {
            now: Timestamp::default(),
            phase: Phase::Waiting(Vec::new()),
            agent: Agent::Loading { attempts: 0, ticket: None },
            locale,
            browser_locale,
            speech: Speech::default(),
            launcher_visible: !launcher_hidden,
            theme,
            preview: None,
            page: None,
            exposes_messages: expose_messages,
            online: true,
            hidden: false,
            asleep: false,
            troubled: false,
            stored,
            visitor: Visitor::default(),
            minter: Minter::new(&seed),
            generation: 0,
            last_number: 0,
            timers: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// The language in use: the page's wish, the agent's, the browser's.
    pub(crate) fn locale(&self) -> &str {
        let agent = match &self.agent {
            Agent::Ready(config) => config.locale.as_deref(),
            Agent::Loading { .. } | Agent::Unreachable | Agent::Refused => None,
        };
        self.locale.as_deref().or(agent).unwrap_or(&self.browser_locale)
    }

    pub(crate) fn strings(&self) -> &'static Strings {
        self.speech.strings
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running)
    }

    /// A number that was never used: for keys, revisions, tickets and timers.
    pub(crate) fn number(&mut self) -> u32 {
        self.last_number = self.last_number.wrapping_add(1);
        self.last_number
    }

    pub(crate) fn ticket(&mut self) -> Ticket {
        Ticket::new(self.generation, self.number())
    }

    pub(crate) fn uuid(&mut self) -> String {
        self.minter.uuid()
    }

    /// Any number, by chance as far as anybody outside can tell.
    pub(crate) fn chance(&mut self) -> u32 {
        self.minter.number()
    }

    /// The pause after so many failures.
    pub(crate) fn pause(&mut self, failures: u32) -> u32 {
        pause_millis(failures, self.chance())
    }

    pub(crate) fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn emit(&mut self, kind: EventKind) {
        let event = Event { id: self.uuid(), created_at: self.now, kind };
        self.push(Effect::Emit(event));
    }

    pub(crate) fn resolve(&mut self, call: CallId, result: CommandResult) {
        self.push(Effect::Resolve { call, result });
    }

    pub(crate) fn fail(&mut self, call: Option<CallId>, error: CallError) {
        if let Some(call) = call {
            self.resolve(call, CommandResult::Failed(error));
        }
    }

    pub(crate) fn start_timer(&mut self, kind: TimerKind, millis: u32) {
        self.cancel_timer(kind);
        let timer = TimerId(self.number());
        self.timers.push((kind, timer));
        self.push(Effect::StartTimer { timer, millis });
    }

    pub(crate) fn cancel_timer(&mut self, kind: TimerKind) {
        if let Some(at) = self.timers.iter().position(|&(running, _)| running == kind) {
            let (_, timer) = self.timers.swap_remove(at);
            self.push(Effect::CancelTimer(timer));
        }
    }

    pub(crate) fn cancel_timers(&mut self) {
        for (_, timer) in std::mem::take(&mut self.timers) {
            self.push(Effect::CancelTimer(timer));
        }
    }

    pub(crate) fn is_timer_running(&self, kind: TimerKind) -> bool {
        self.timers.iter().any(|&(running, _)| running == kind)
    }

    #[cfg(test)]
    pub(crate) fn timer_kind(&self, timer: TimerId) -> Option<TimerKind> {
        self.timers.iter().find(|&&(_, running)| running == timer).map(|&(kind, _)| kind)
    }

    /// What a timer was for; none if it was cancelled meanwhile.
    pub(crate) fn end_timer(&mut self, timer: TimerId) -> Option<TimerKind> {
        let at = self.timers.iter().position(|&(_, running)| running == timer)?;
        Some(self.timers.swap_remove(at).0)
    }
}
