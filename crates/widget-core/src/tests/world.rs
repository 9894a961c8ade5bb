//! A walk through messages, sensible or not, that checks after each what must hold always.
//!
//! Everything that is said, typed or answered carries a mark: the number of the person at whose time
//! it was asked for. A person ends when another user is identified or the visitor is logged out.

mod replies;

use super::{harness::*, samples::*};
use eloquent_types::conversation::Rating;

use crate::{
    CallId, Command, CommandResult, Effect, EventKind, Msg, Options, Stored, Ticket, TimerId, UiEvent,
    timer::TimerKind,
    visitor::{Identity, Visitor},
};

/// One step; the numbers choose among what is there.
pub(super) type Step = (u8, u8, u8);

const USERS: [&str; 3] = ["ann", "bob", "eve"];

pub(super) struct World {
    pub(super) machine: Machine,
    /// The number of the person in front of the page.
    person: u8,
    user: Option<String>,
    /// Whether the effects at hand tell that the person before is not there any more.
    left: bool,
    /// The call that brought the page's `getToken`.
    source: Option<CallId>,
    /// Requests and streams that were asked for, with the person then, the newest last.
    asked: Vec<(Ticket, &'static str, u8)>,
    fired: Vec<TimerId>,
    next_message: u128,
}

impl World {
    pub(super) fn new(stored: Stored) -> Self {
        let mut world = Self {
            machine: Machine::new(Options { stored, ..Options::default() }),
            person: 0,
            user: None,
            left: false,
            source: None,
            asked: Vec::new(),
            fired: Vec::new(),
            next_message: 1,
        };
        world.machine.send(Msg::Start);
        world.follow();
        world
    }

    fn mark(&self) -> String {
        mark(self.person)
    }

    /// Notes what was asked for, and who is there now; checks what depends on it.
    fn follow(&mut self) {
        self.check_questions();
        let effects = self.machine.effects.clone();
        self.left = false;
        effects.iter().filter_map(event_kind).for_each(|kind| self.meet(kind));
        for effect in &effects {
            self.check_request(effect);
            let name = effect_name(effect);
            if let (Some(ticket), Some(kind)) = (ticket(effect), KINDS.into_iter().find(|kind| *kind == name))
            {
                self.asked.push((ticket, kind, self.person));
            }
        }
        let seen = format!("{:?}", self.machine.view());
        for other in (0..=self.person).filter(|&other| other != self.person) {
            assert!(
                !seen.contains(&mark(other)),
                "of person {other}, at the time of {}: {seen}",
                self.person
            );
        }
        self.check_storage();
    }

    /// Notes who is there now.
    fn meet(&mut self, kind: &EventKind) {
        match kind {
            EventKind::Identify(CommandResult::Identified(who)) => {
                let user = who.user_id.as_str().to_owned();
                let before = self.user.replace(user.clone());
                self.person += u8::from(who.switched_user);
                assert_eq!(who.switched_user, before.is_some_and(|before| before != user));
            }
            EventKind::IdentityChanged { code: None } => self.left = true,
            // Somebody was named who is not the one before, and nobody was identified.
            EventKind::Identify(CommandResult::NotIdentified(_)) if self.left => {
                self.person += 1;
                self.user = None;
            }
            EventKind::Logout => {
                self.person += 1;
                self.user = None;
                self.check_fresh();
            }
            _ => {}
        }
    }

    /// No request carries one person's token or conversation in another's name.
    fn check_request(&self, effect: &Effect) {
        let (token_sent, id) = match effect {
            Effect::OpenStream { request, .. } => (request.identity_token.clone(), request.conversation_id),
            Effect::ResumeStream { conversation, credentials, .. }
            | Effect::FetchConversation { conversation, credentials, .. }
            | Effect::SendFeedback { conversation, credentials, .. }
            | Effect::RequestHandover { conversation, credentials, .. }
            | Effect::StopAnswer { conversation, credentials } => {
                (credentials.token.as_ref().map(|token| token.expose().to_owned()), Some(*conversation))
            }
            Effect::ListConversations { credentials, .. } => {
                (credentials.token.as_ref().map(|token| token.expose().to_owned()), None)
            }
            _ => return,
        };
        if let Effect::OpenStream { request, .. } = effect {
            let mark = self.mark();
            assert!(request.attributes.iter().all(|(name, value)| *name == mark && *value == mark));
        }
        if let Some(sent) = token_sent {
            assert_eq!(user_of(&sent), self.user.as_deref());
        }
        if let Some(id) = id {
            assert_eq!(id, conversation(self.person.into()), "a conversation of another person's");
        }
    }

    /// The page is asked one question at a time, and only by the last function that it gave.
    fn check_questions(&mut self) {
        for effect in &self.machine.effects {
            match effect {
                Effect::GetToken { ticket, call } => {
                    assert_eq!(self.source, Some(*call), "a function that was dropped");
                    assert_eq!(ticket.generation(), self.machine.state.generation);
                }
                Effect::DropGetToken(call) => assert_eq!(self.source.take(), Some(*call)),
                _ => {}
            }
        }
    }

    fn check_storage(&self) {
        let state = &self.machine.state;
        if state.visitor.identity != Identity::Anonymous {
            assert_eq!((&state.stored.session, state.stored.conversation), (&None, None));
        }
        if !state.visitor.acted {
            assert_eq!(state.stored, Stored::default());
        }
    }

    /// After a logout, the machine is one that has just been started with what it knows of its agent.
    fn check_fresh(&self) {
        let state = &self.machine.state;
        assert_eq!(state.visitor, Visitor::default());
        assert_eq!(state.stored, Stored::default());
        for timer in self.machine.running_timers() {
            let kind = state.timer_kind(timer);
            let about_anybody = [TimerKind::Agent, TimerKind::Grace, TimerKind::Doze];
            assert!(kind.is_some_and(|kind| about_anybody.contains(&kind)), "{kind:?}");
        }
        assert_eq!(state.preview, None);
        assert!(self.machine.open_stream().is_none());
        assert_eq!(self.source, None);
        assert_eq!(self.machine.pending_calls(), 0);
    }

    fn send(&mut self, msg: Msg) {
        let stale =
            msg_ticket(&msg).is_some_and(|ticket| ticket.generation() != self.machine.state.generation);
        let before = stale.then(|| format!("{:?}", self.machine.state));
        self.machine.send(msg);
        if let Some(before) = before {
            assert!(self.machine.effects.is_empty(), "a late message is nothing");
            assert_eq!(before, format!("{:?}", self.machine.state));
        }
        self.follow();
    }

    pub(super) fn walk(&mut self, steps: &[Step]) {
        for &step in steps {
            self.step(step);
        }
    }

    pub(super) fn step(&mut self, (kind, a, b): Step) {
        let question = self.machine.state.visitor.renewal.question();
        match (kind % 16, question) {
            // A page mostly has its answer before anything else happens.
            (0..=4, Some(ticket)) => self.send(Msg::Token { ticket, token: self.given(a) }),
            (kind, _) => self.any_step(kind, a, b),
        }
    }

    fn any_step(&mut self, kind: u8, a: u8, b: u8) {
        match kind {
            0..=1 => self.command(a, b),
            2..=3 => self.visitor_does(a, b),
            // The open stream is where most of the life is.
            4..=9 => {
                if let Some(ticket) = self.machine.open_stream() {
                    self.stream_says(ticket, self.person_of(ticket), a, b);
                }
            }
            10..=13 => self.answer(a, b),
            14 => self.time_passes(a, b),
            _ => {
                if a % 16 > 9 {
                    // The machine slept, or nobody saw the tab: its timers are late.
                    self.machine.sleep(1000 << (b % 20));
                }
                self.send(match a % 16 {
                    0 => Msg::LoggedOutElsewhere,
                    1..=4 => Msg::Online,
                    5 => Msg::Visibility { hidden: true },
                    6 => Msg::Visibility { hidden: false },
                    7 => Msg::Offline,
                    8 => Msg::StoredElsewhere(self.machine.state.stored.clone()),
                    9 => return self.comes_back(b.is_multiple_of(2)),
                    _ => Msg::Woken,
                });
            }
        }
    }

    /// The page comes back from the browser's cache; `logged_out` while it was away, or not.
    fn comes_back(&mut self, logged_out: bool) {
        let state = &self.machine.state;
        let stored = if logged_out { Stored::default() } else { state.stored.clone() };
        let visitor = &state.visitor;
        let has_source = visitor.renewal.source.is_some();
        let leaves = match visitor.identity {
            Identity::Anonymous if visitor.identifying.is_some() => {
                has_source && visitor.session != stored.session
            }
            Identity::Anonymous => visitor.session != stored.session,
            Identity::Verified { .. } | Identity::Lapsed { .. } => has_source,
        };
        if leaves {
            self.person += 1;
            self.user = None;
        }
        self.send(Msg::Returned(stored));
    }

    fn person_of(&self, ticket: Ticket) -> u8 {
        self.asked.iter().find(|(asked, ..)| *asked == ticket).map_or(self.person, |(.., person)| *person)
    }

    fn command(&mut self, a: u8, b: u8) {
        let text = self.mark();
        let command = match a % 26 {
            0..=7 => {
                let token = token(USERS[usize::from(b) % USERS.len()]);
                Command::Identify { token, get_token: !b.is_multiple_of(4) }
            }
            8 => Command::Update { attributes: vec![(text, Some(mark(self.person)))] },
            9 => Command::Logout,
            10 => Command::Open {
                prefill: Some(text),
                conversation: b.is_multiple_of(2).then(|| conversation(self.person.into())),
            },
            11 => Command::Close,
            12 => Command::Toggle,
            13..=18 => Command::SendMessage { text },
            19 => Command::NewConversation,
            20 => Command::Prefill { text },
            21 => Command::GetState,
            22 => Command::ShowPreview { text },
            _ => Command::Unknown { name: SECRET.into() },
        };
        let brings = matches!(command, Command::Identify { get_token: true, .. });
        let call = self.machine.next_call();
        if brings {
            // The one before is dropped by this same message.
            let before = self.source.replace(call);
            let dropped = |effect: &Effect| Some(effect) == before.map(Effect::DropGetToken).as_ref();
            self.machine.call(command);
            assert!(before.is_none() || self.machine.effects.iter().any(dropped));
            self.machine.effects.retain(|effect| !dropped(effect));
        } else {
            self.machine.call(command);
        }
        self.follow();
    }

    fn visitor_does(&mut self, a: u8, b: u8) {
        let text = self.mark();
        let key = {
            let bubbles = self.machine.bubbles();
            bubbles.get(usize::from(b) % bubbles.len().max(1)).map_or(0, |bubble| bubble.key)
        };
        let index = usize::from(b % 2);
        let rated = self.machine.bubbles().iter().find(|bubble| bubble.can_rate);
        let rated = rated.map_or(key, |bubble| bubble.key);
        self.send(Msg::Ui(match a % 28 {
            0 => UiEvent::LauncherPressed,
            1 => UiEvent::EscapePressed,
            2 => UiEvent::DraftChanged(text),
            3..=5 => UiEvent::Submitted(text),
            6 => UiEvent::StopPressed,
            7 => UiEvent::RetryPressed(key),
            8 => UiEvent::BannerPressed,
            10 | 24..=27 => {
                UiEvent::Rated(rated, if b.is_multiple_of(2) { Rating::Up } else { Rating::Down })
            }
            11 => UiEvent::SuggestionChosen(index),
            12 | 13 => UiEvent::HistoryPressed,
            14 => UiEvent::ConversationChosen(index),
            15 => UiEvent::HandoverPressed,
            16 => UiEvent::SoundPressed,
            17 | 18 => UiEvent::ReachedTop,
            19 => UiEvent::ReachedEnd,
            20 => UiEvent::LatestPressed,
            21 => UiEvent::LeftEnd,
            22 => UiEvent::PreviewPressed,
            23 => UiEvent::PreviewDismissed,
            _ => UiEvent::NewConversationPressed,
        }));
    }

    fn time_passes(&mut self, a: u8, b: u8) {
        let running = self.machine.running_timers();
        let timer = match running.get(usize::from(a) % running.len().max(1)) {
            Some(timer) if !a.is_multiple_of(5) => *timer,
            // One that ran out or was stopped long ago.
            _ => match self.fired.first() {
                Some(timer) => *timer,
                None => return,
            },
        };
        self.fired.push(timer);
        if running.contains(&timer) && b.is_multiple_of(2) {
            self.machine.wait_for(timer);
            return self.follow();
        }
        self.send(Msg::Timer(timer));
    }

    /// From here on the server does all that is asked of it, at once and well. Ends where nothing is
    /// asked any more.
    pub(super) fn come_to_rest(&mut self) {
        self.send(Msg::Online);
        self.send(Msg::Visibility { hidden: false });
        for _ in 0..400 {
            if !self.serve() && !self.answer_well() {
                let Some(&timer) = self.machine.running_timers().first() else { return };
                self.machine.wait_for(timer);
                self.follow();
            }
        }
        panic!("no rest: {:?}", self.machine.state);
    }
}

const KINDS: [&str; 9] = [
    "LoadConfig",
    "Identify",
    "GetToken",
    "OpenStream",
    "ResumeStream",
    "FetchConversation",
    "ListConversations",
    "SendFeedback",
    "RequestHandover",
];

fn mark(person: u8) -> String {
    format!("«{person}»")
}

fn msg_ticket(msg: &Msg) -> Option<Ticket> {
    match msg {
        Msg::Identify { ticket, .. }
        | Msg::Token { ticket, .. }
        | Msg::Conversation { ticket, .. }
        | Msg::Conversations { ticket, .. }
        | Msg::Feedback { ticket, .. }
        | Msg::Handover { ticket, .. }
        | Msg::StreamAlive { ticket }
        | Msg::Stream { ticket, .. }
        | Msg::StreamEnded { ticket, .. } => Some(*ticket),
        // The agent is the same for everybody.
        Msg::Config { .. }
        | Msg::Start
        | Msg::Command { .. }
        | Msg::Ui(_)
        | Msg::Timer(_)
        | Msg::LoggedOutElsewhere
        | Msg::Words { .. }
        | Msg::Visibility { .. }
        | Msg::Woken
        | Msg::StoredElsewhere(_)
        | Msg::Returned(_)
        | Msg::Online
        | Msg::Offline => None,
    }
}
