//! The running widget: the state, the queue into it, and the guards of everything that lives long.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use eloquent_types::time::Timestamp;
use eloquent_widget_core::{CallId, Command, Msg, Options, State, Ticket, TimerId, update, view};
use js_sys::{Array, Function, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Crypto, Event};

use crate::{
    boot::Boot,
    channel::Channel,
    convert::{command, digits, get, set},
    fetch::Abort,
    frame::Frame,
    global::property,
    lint::Linter,
    listener::Listener,
    page,
    panel::{EVENTS, Panel},
    storage::Entry,
    timer::Timer,
    title::TitleBadge,
};

/// The running widget. Messages go through one queue: what arrives while one is being handled, from
/// an effect or from a function of the page, waits for its turn. Its guards hold it, and it holds its
/// guards, until [`App::unmount`] lets go of them.
pub(crate) struct App {
    pub(crate) boot: Boot,
    pub(crate) panel: RefCell<Panel>,
    pub(crate) storage: Entry,
    pub(crate) linter: RefCell<Linter>,
    state: RefCell<State>,
    inbox: RefCell<Vec<Msg>>,
    running: Cell<bool>,
    calls: RefCell<Vec<(CallId, Function)>>,
    next_call: Cell<u32>,
    /// The page's `getToken`s, by the numbers of the calls that they came with.
    token_sources: Object,
    flights: RefCell<Vec<(Ticket, Abort)>>,
    timers: RefCell<Vec<(TimerId, Timer)>>,
    frame: RefCell<Option<Frame>>,
    channel: RefCell<Option<Channel>>,
    title: RefCell<Option<TitleBadge>>,
    listener: RefCell<Option<Listener>>,
}

impl App {
    /// Draws the closed panel and starts.
    pub(crate) fn start(boot: Boot) -> Result<Rc<Self>, JsValue> {
        let storage = Entry::new(boot.storage, boot.storage_key.clone());
        let options = Options {
            seed: seed()?,
            locale: boot.locale.clone(),
            browser_locale: page::language(&boot.options),
            launcher_hidden: boot.launcher_hidden,
            theme: boot.theme.clone(),
            expose_messages: boot.expose_messages,
            stored: storage.read(),
        };
        let app = Rc::new(Self {
            panel: RefCell::new(Panel::build(&boot)?),
            boot,
            storage,
            linter: RefCell::default(),
            state: RefCell::new(State::new(options)),
            inbox: RefCell::default(),
            running: Cell::default(),
            calls: RefCell::default(),
            next_call: Cell::default(),
            token_sources: Object::new(),
            flights: RefCell::default(),
            timers: RefCell::default(),
            frame: RefCell::default(),
            channel: RefCell::default(),
            title: RefCell::default(),
            listener: RefCell::default(),
        });
        app.listen();
        // Both before anything is drawn: a launcher that is hidden for a moment loses the focus.
        app.inbox.replace(vec![Msg::Visibility { hidden: is_hidden() }, Msg::Start]);
        app.work(Self::draw);
        Ok(app)
    }

    /// Runs a command of the page's; `resolve` is called once, at the latest when the widget ends.
    pub(crate) fn call(self: &Rc<Self>, name: &str, arguments: &Array, resolve: Function) {
        let call = CallId(self.next_call.get());
        self.next_call.set(call.0.wrapping_add(1));
        self.calls.borrow_mut().push((call, resolve));
        self.tell_linter(name, &arguments.get(0));
        let command = command(name, arguments);
        if let Command::Identify { get_token: true, .. } = command {
            self.keep_token_source(call, get(&arguments.get(0), "getToken"));
        }
        self.post(Msg::Command { call, command });
    }

    /// Takes a message in and does what comes of it.
    pub(crate) fn post(self: &Rc<Self>, message: Msg) {
        self.inbox.borrow_mut().push(message);
        self.work(Self::draw);
    }

    /// The same for an answer's pieces, of which there can be many a second: the view is drawn with
    /// the browser's next frame.
    pub(crate) fn post_soon(self: &Rc<Self>, messages: Vec<Msg>) {
        self.inbox.borrow_mut().extend(messages);
        self.work(Self::draw_soon);
    }

    fn work(self: &Rc<Self>, mut show: fn(&Rc<Self>)) {
        if self.running.replace(true) {
            return;
        }
        loop {
            let mut effects = Vec::new();
            for message in self.inbox.take() {
                effects.extend(update(&mut self.state.borrow_mut(), now(), message));
            }
            show(self);
            if effects.is_empty() {
                break;
            }
            for effect in effects {
                self.run(effect);
            }
            // What the effects have brought is shown at once.
            show = Self::draw;
        }
        self.running.set(false);
    }

    fn draw(self: &Rc<Self>) {
        self.frame.take();
        match self.panel.try_borrow_mut() {
            Ok(mut panel) => panel.draw(&view(&self.state.borrow())),
            // A page's own listener has called in the middle of an event that the panel still reads.
            Err(_) => self.draw_soon(),
        }
    }

    fn draw_soon(self: &Rc<Self>) {
        if self.frame.borrow().is_some() {
            return;
        }
        let app = self.clone();
        let frame = Frame::request(move || app.work(Self::draw));
        self.frame.replace(frame);
    }

    fn listen(self: &Rc<Self>) {
        let app = self.clone();
        let listener = Listener::new(move |event| app.hear(&event));
        let panel = self.panel.borrow();
        let window = js_sys::global();
        let listener = listener
            .on(panel.target(), EVENTS)
            .on(panel.scroller(), &["scroll"])
            .on(window.unchecked_ref(), &["online", "offline", "pageshow", "storage"])
            .on(property("document").unchecked_ref(), &["visibilitychange"]);
        let viewport = property("visualViewport");
        self.listener.replace(Some(if viewport.is_object() {
            listener.on(viewport.unchecked_ref(), &["resize", "scroll"])
        } else {
            listener
        }));
        let app = self.clone();
        let logged_out = move || app.post(Msg::LoggedOutElsewhere);
        self.channel.replace(Channel::join(&self.boot.storage_key, logged_out));
    }

    fn hear(self: &Rc<Self>, event: &Event) {
        let message = match &*event.type_() {
            "online" => Msg::Online,
            "offline" => Msg::Offline,
            "visibilitychange" => Msg::Visibility { hidden: is_hidden() },
            "storage" => Msg::StoredElsewhere(self.storage.read()),
            "pageshow" if get(event, "persisted").is_truthy() => Msg::Returned(self.storage.read()),
            "pageshow" => Msg::Woken,
            "scroll" | "resize" => return self.hear_scroll(event),
            _ => {
                let meaning = self.panel.try_borrow_mut().ok().and_then(|mut panel| panel.interpret(event));
                // The menu is drawn also when there is nothing for the machine in it.
                self.inbox.borrow_mut().extend(meaning.map(Msg::Ui));
                return self.work(Self::draw);
            }
        };
        self.post(message);
    }

    fn hear_scroll(self: &Rc<Self>, event: &Event) {
        let Ok(mut panel) = self.panel.try_borrow_mut() else { return };
        let target = get(event, "target");
        // Of what scrolls, the viewport alone has a height of its own.
        if let Some(height) = get(&target, "height").as_f64() {
            return panel.fit_viewport(height, get(&target, "offsetTop").as_f64().unwrap_or_default());
        }
        let wants = panel.scrolled();
        drop(panel);
        if wants != [None, None] {
            self.inbox.borrow_mut().extend(wants.into_iter().flatten().map(Msg::Ui));
            self.work(Self::draw);
        }
    }

    /// Keeps a request's guard.
    pub(crate) fn take_off(&self, ticket: Ticket, abort: Abort) {
        self.flights.borrow_mut().push((ticket, abort));
    }

    /// Drops a request's guard, which ends it; says whether there was one.
    pub(crate) fn land(&self, ticket: Ticket) -> bool {
        let mut flights = self.flights.borrow_mut();
        let place = flights.iter().position(|(other, _)| *other == ticket);
        place.map(|place| flights.swap_remove(place)).is_some()
    }

    /// Whether the request is neither over nor aborted.
    pub(crate) fn is_in_flight(&self, ticket: Ticket) -> bool {
        self.flights.borrow().iter().any(|(other, _)| *other == ticket)
    }

    /// Keeps a timer's guard in place of the one before; `None` ends it.
    pub(crate) fn keep_timer(&self, id: TimerId, timer: Option<Timer>) {
        let mut timers = self.timers.borrow_mut();
        timers.retain(|(other, _)| *other != id);
        timers.extend(timer.map(|timer| (id, timer)));
    }

    /// Keeps the `getToken` of a call of `identify`; `undefined` lets go of it.
    pub(crate) fn keep_token_source(&self, call: CallId, source: JsValue) {
        set(&self.token_sources, &digits(call.0), source);
    }

    /// The `getToken` of a call of `identify`.
    pub(crate) fn token_source(&self, call: CallId) -> Option<Function> {
        get(&self.token_sources, &digits(call.0)).dyn_into().ok()
    }

    /// The function that a call's promise waits for.
    pub(crate) fn take_call(&self, call: CallId) -> Option<Function> {
        let mut calls = self.calls.borrow_mut();
        let place = calls.iter().position(|(other, _)| *other == call)?;
        Some(calls.swap_remove(place).1)
    }

    /// Tells the other tabs.
    pub(crate) fn say_logout(&self) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.say_logout();
        }
    }

    /// Puts the number of unread messages into the page's title.
    pub(crate) fn show_title(&self, unread: u32) {
        self.title.take();
        if let Some(elsewhere) = &self.boot.title {
            let _ = elsewhere.call1(&JsValue::NULL, &unread.into());
        } else if unread > 0 {
            self.title.replace(Some(TitleBadge::show(unread)));
        }
    }

    /// The document's title without the number that stands before it; none where none does.
    pub(crate) fn own_title(&self) -> Option<String> {
        self.title.borrow().as_ref().map(TitleBadge::own)
    }

    /// Ends everything: requests, timers, listeners, the channel, and the loader's part with the nodes.
    pub(crate) fn unmount(&self) {
        self.linter.take();
        self.flights.take();
        self.timers.take();
        self.frame.take();
        self.show_title(0);
        self.channel.take();
        self.listener.take();
        let _ = self.boot.end.call0(&JsValue::NULL);
    }
}

fn is_hidden() -> bool {
    get(&property("document"), "hidden").is_truthy()
}

fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "Date.now() gives whole milliseconds under 2^53")]
    Timestamp::from_millis(js_sys::Date::now() as i64)
}

fn seed() -> Result<[u8; 32], JsValue> {
    let bytes = Uint8Array::new_with_length(32);
    let crypto: Crypto = property("crypto").unchecked_into();
    crypto.get_random_values_with_array_buffer_view(&bytes)?;
    let mut seed = [0; 32];
    bytes.copy_to(&mut seed);
    Ok(seed)
}
