//! A real browser without a window, with a profile of its own, and what the tests do with it: the widget
//! on a page ([`chat`]), pages that embed it ([`host`]), the Express example as a process ([`express`]).
//! Which browser: [`engine`].
//!
//! Invariants: never more than [`AT_ONCE`] browsers at a time, whatever the number of test threads;
//! every wait polls for a condition and ends with a failure that says what was awaited; a browser and
//! its driver end with the value that stands for them, also when a test fails.

pub mod chat;
mod driver;
pub mod engine;
pub mod express;
pub mod gate;
pub mod host;

use std::{
    io::Write as _,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::{
    By, Key, RequestData, SessionId, WebDriver, WebElement, common::command::FormatRequestData,
    prelude::ElementQueryable as _,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use driver::Driver;
use engine::{Ability, Engine};

/// How many browsers run at once: each of them takes a core while its page loads.
pub const AT_ONCE: usize = 2;

static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// How long a condition may take to come true. Nothing takes a tenth of it on a machine that does
/// nothing else; what never comes true must still end.
pub const PATIENCE: Duration = Duration::from_secs(45);

const PAUSE: Duration = Duration::from_millis(25);

/// What the page did wrong, made visible in the console's log before any script of the page runs. Nothing
/// of it is seen by the page.
const WATCH: &str = "
    addEventListener('error', (event) => console.error('[watch] error', event.message));
    addEventListener('unhandledrejection', (event) => console.error('[watch] rejection', String(event.reason)));
    for (const name of ['alert', 'confirm', 'prompt']) window[name] = (text) => console.error('[watch] ' + name, text);
";

/// What a failure tells of the page: its notes for developers, if it has such, and the widget's text.
const SUMMARY: &str = "return [document.title, document.querySelector('#identity')?.textContent,
    document.querySelector('eloquent-widget')?.shadowRoot.textContent].join('\\n')";

/// Keeps what is said to the console, where no protocol tells of it. Before [`WATCH`].
const KEEP: &str = "
    const said = window[Symbol.for('said')] = [];
    for (const [name, level] of [['error', 'SEVERE'], ['warn', 'WARNING'], ['info', 'INFO'], ['log', 'INFO'], ['debug', 'INFO']]) {
        const original = console[name];
        console[name] = (...words) => { said.push(level + ' ' + words.map(String).join(' ')); original.apply(console, words); };
    }
";

/// Whether this run's engine cannot do what a test needs: then the run's output says that the test is
/// passed over, and the test has to return.
///
/// ```no_run
/// # use eloquent_tests::browser::{engine::Ability, lacks};
/// if lacks(Ability::DevTools) {
///     return;
/// }
/// ```
pub fn lacks(ability: Ability) -> bool {
    let engine = Engine::of_this_run();
    if engine.can(ability) {
        return false;
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Written past the test harness, which keeps what a test that passes prints.
    let _ = writeln!(std::io::stderr(), "passed over in {}: {test} (it needs {ability:?})", engine.name());
    true
}

/// What a person prefers, as media queries ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// Dark pages.
    Dark,
    /// No motion that is not needed.
    ReducedMotion,
    /// The system's own few colours.
    ForcedColors,
}

/// Whose cookies and storage a browser withholds, by a person's own settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// Those of other sites than the page's.
    ThirdParty,
    /// Everybody's.
    All,
}

/// A screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    width: u32,
    height: u32,
    scale: u32,
    touch: bool,
}

impl Screen {
    /// A laptop's window.
    pub const DESKTOP: Self = Self { width: 1280, height: 860, scale: 1, touch: false };
    /// A phone held upright.
    pub const PHONE: Self = Self { width: 390, height: 844, scale: 2, touch: true };
    /// What its keyboard leaves of it.
    pub const PHONE_WITH_KEYBOARD: Self = Self { height: 480, ..Self::PHONE };
    /// A laptop's window in which everything is shown twice as large.
    pub const ZOOMED: Self = Self { width: 640, height: 430, scale: 2, touch: false };
}

/// A running browser.
pub struct Browser {
    engine: Engine,
    driver: WebDriver,
    // What pages have said that were left since, where no protocol tells of it.
    said: Mutex<Vec<String>>,
    in_frame: AtomicBool,
    // The order of the fields is that of their ends: the session, the driver, then the next one's turn.
    process: Driver,
    _permit: SemaphorePermit<'static>,
}

impl Browser {
    /// A browser with an empty profile and a laptop's window.
    pub async fn start() -> Self {
        Self::with(PERMITS.acquire().await.expect("the semaphore is never closed")).await
    }

    /// Two browsers that have nothing in common. Both turns are taken at once: two tests that held one
    /// browser each and wanted another would wait for ever.
    pub async fn pair() -> (Self, Self) {
        let mut permits = PERMITS.acquire_many(2).await.expect("the semaphore is never closed");
        let one = permits.split(1).expect("two permits");
        tokio::join!(Self::with(one), Self::with(permits))
    }

    async fn with(permit: SemaphorePermit<'static>) -> Self {
        assert_widget_was_built();
        let engine = Engine::of_this_run();
        let (process, driver) = Driver::start(engine).await;
        let browser = Self {
            engine,
            driver,
            said: Mutex::default(),
            in_frame: AtomicBool::new(false),
            process,
            _permit: permit,
        };
        if engine == Engine::Chromium {
            browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
        }
        if engine.can(Ability::Emulation) {
            browser.screen(Screen::DESKTOP).await;
        }
        browser
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Shows pages on this screen from now on ([`Ability::Emulation`]); with a finger where the engine
    /// can be made to believe in one ([`Ability::Touch`]).
    pub async fn screen(&self, screen: Screen) {
        let Screen { width, height, scale, touch } = screen;
        if self.engine == Engine::Firefox {
            let viewport = json!({
                "userContexts": ["default"],
                "viewport": { "width": width, "height": height },
                "devicePixelRatio": scale,
            });
            self.process.bidi("browsingContext.setViewport", viewport).await;
            return;
        }
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": touch });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": touch })).await;
    }

    /// Prefers dark pages, or light ones, and nothing else ([`Ability::Emulation`]).
    pub async fn prefer_dark(&self, dark: bool) {
        self.prefer(if dark { &[Preference::Dark] } else { &[] }).await;
    }

    /// Prefers this, and nothing else ([`Ability::Emulation`]).
    pub async fn prefer(&self, all: &[Preference]) {
        let has = |preference| all.contains(&preference);
        let (dark, still, forced) =
            (has(Preference::Dark), has(Preference::ReducedMotion), has(Preference::ForcedColors));
        if self.engine == Engine::Firefox {
            let preferences = json!({
                "layout.css.prefers-color-scheme.content-override": i32::from(!dark),
                "ui.prefersReducedMotion": i32::from(still),
                "browser.display.document_color_use": if forced { 2 } else { 0 },
            });
            self.process.set_preferences(preferences).await;
            return;
        }
        let of = |name: &str, value: &str| json!({ "name": name, "value": value });
        let features = [
            of("prefers-color-scheme", if dark { "dark" } else { "light" }),
            of("prefers-reduced-motion", if still { "reduce" } else { "" }),
            of("forced-colors", if forced { "active" } else { "" }),
        ];
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Withholds cookies and storage from pages that are loaded from now on ([`Ability::Emulation`]).
    pub async fn withhold(&self, withheld: Withheld) {
        let all = withheld == Withheld::All;
        if self.engine == Engine::Firefox {
            let behavior = if all { 2 } else { 1 };
            return self.process.set_preferences(json!({ "network.cookie.cookieBehavior": behavior })).await;
        }
        self.goto("chrome://settings/content").await;
        let set = "if (args) chrome.send('setDefaultValueForContentType', ['cookies', 'block']);
            else await chrome.settingsPrivate.setPref('profile.cookie_controls_mode', 1)";
        self.eval::<Value>(set, json!(all)).await;
    }

    /// Runs a command of the `DevTools` protocol ([`Ability::DevTools`]).
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        assert!(
            self.engine.can(Ability::DevTools),
            "{command}: the test has not said that it needs DevTools"
        );
        let answer = self.driver.cmd(Devtools { command, parameters }).await;
        let answer = answer.unwrap_or_else(|error| panic!("{command}: {error}"));
        answer.value().expect("an answer in JSON")
    }

    /// Goes to a page and waits until it is loaded.
    pub async fn goto(&self, url: &str) {
        self.keep_said().await;
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.keep_said().await;
        self.driver.refresh().await.expect("reloaded");
    }

    /// Goes back in the history.
    pub async fn back(&self) {
        self.keep_said().await;
        self.driver.back().await.expect("went back");
    }

    /// The page's address.
    pub async fn address(&self) -> String {
        self.driver.current_url().await.expect("an address").to_string()
    }

    /// Runs the body of an async function in the page and gives what it returns; `args` is the array of
    /// arguments.
    pub async fn eval<T: DeserializeOwned>(&self, body: &str, args: Value) -> T {
        self.try_eval(body, args).await.unwrap_or_else(|error| panic!("{body}\n{error}"))
    }

    async fn try_eval<T: DeserializeOwned>(&self, body: &str, args: Value) -> Result<T, String> {
        let value = if self.in_frame.load(Ordering::Relaxed) {
            self.process.eval_beside(&self.driver, body, args).await?
        } else {
            self.process.eval(&self.driver, body, args).await?
        };
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    /// Waits until an expression is truthy and gives its value. A page that is just being left makes
    /// it false.
    pub async fn until<T: DeserializeOwned>(&self, expression: &str) -> T {
        let body = format!("const value = ({expression}); return value ? [value] : [];");
        let start = Instant::now();
        loop {
            if let Some(value) =
                self.try_eval::<Vec<T>>(&body, json!(null)).await.ok().and_then(|mut found| found.pop())
            {
                return value;
            }
            if start.elapsed() > PATIENCE {
                let page: String = self.eval(SUMMARY, json!(null)).await;
                panic!("never true: {expression}\nconsole: {:#?}\npage: {page}", self.console().await);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The first element that a CSS selector finds, as soon as there is one.
    pub async fn find(&self, selector: &str) -> WebElement {
        let query = self.driver.query(By::Css(selector.to_owned())).wait(PATIENCE, PAUSE);
        query.first().await.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Clicks on the element, as soon as there is one.
    pub async fn click(&self, selector: &str) {
        self.find(selector).await.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Types into the element.
    pub async fn type_into(&self, selector: &str, text: &str) {
        self.find(selector).await.send_keys(text).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// The element's visible text.
    pub async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: &[Key]) {
        for key in keys {
            let chain = self.driver.action_chain().key_down(key.clone()).key_up(key.clone());
            chain.perform().await.expect("a key was pressed");
        }
    }

    /// Types text, wherever the focus is.
    pub async fn type_text(&self, text: &str) {
        self.driver.action_chain().send_keys(text).perform().await.expect("text was typed");
    }

    /// Goes into a frame: what is evaluated and typed from here on is there.
    pub async fn enter_frame(&self, frame: WebElement) {
        frame.enter_frame().await.expect("a frame");
        self.in_frame.store(true, Ordering::Relaxed);
    }

    /// Goes from a frame back to the page around it.
    pub async fn leave_frame(&self) {
        self.driver.enter_default_frame().await.expect("the page around the frame");
        self.in_frame.store(false, Ordering::Relaxed);
    }

    /// Everything that the browser's console has said since this was last asked, with its level. What the
    /// browser itself says of resources that did not load is there in Chromium alone.
    pub async fn console(&self) -> Vec<String> {
        match self.engine {
            Engine::Chromium => {
                let entries = self.driver.browser_log().await.expect("a log");
                entries.into_iter().map(|entry| format!("{} {}", entry.level, entry.message)).collect()
            }
            Engine::Firefox => self.process.said().await,
            Engine::WebKit => {
                self.keep_said().await;
                std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }

    /// Takes in what the page has said, before it is left.
    async fn keep_said(&self) {
        if self.engine != Engine::WebKit {
            return;
        }
        let take = "return window[Symbol.for('said')]?.splice(0) ?? []";
        if let Ok(said) = self.try_eval::<Vec<String>>(take, json!(null)).await {
            self.said.lock().unwrap_or_else(PoisonError::into_inner).extend(said);
        }
    }

    /// Fails if the console holds an error: an exception, a rejection that nobody handled, a dialog, a
    /// resource that did not load. What contains one of `but` is expected.
    pub async fn assert_no_errors(&self, but: &[&str]) {
        let mut errors = self.console().await;
        errors.retain(|line| line.starts_with("SEVERE") && !but.iter().any(|part| line.contains(part)));
        assert!(errors.is_empty(), "{errors:#?}");
    }

    /// Everything in this page's storages, as one text.
    pub async fn storage(&self) -> String {
        self.eval("return JSON.stringify([{ ...localStorage }, { ...sessionStorage }])", json!(null)).await
    }

    /// Opens a tab beside this one and goes there ([`Ability::Tabs`]).
    pub async fn new_tab(&self) -> thirtyfour::WindowHandle {
        let tab = self.driver.new_tab().await.expect("a new tab");
        self.switch_to(&tab).await;
        tab
    }

    /// The tab in use.
    pub async fn tab(&self) -> thirtyfour::WindowHandle {
        self.driver.window().await.expect("a tab")
    }

    /// Goes to another tab.
    pub async fn switch_to(&self, tab: &thirtyfour::WindowHandle) {
        self.driver.switch_to_window(tab.clone()).await.expect("the tab is there");
    }

    /// Writes what is visible into a PNG file ([`Ability::Pictures`]).
    pub async fn screenshot(&self, path: &Path) {
        self.driver.screenshot(path).await.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Writes the whole page into a PNG file, also what is below the window ([`Ability::DevTools`]).
    pub async fn whole_screenshot(&self, path: &Path) {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let mut clip = metrics["cssContentSize"].clone();
        clip["scale"] = 1.into();
        let wanted = json!({ "captureBeyondViewport": true, "clip": clip });
        let shot = self.devtools("Page.captureScreenshot", wanted).await;
        let png =
            shot["data"].as_str().and_then(|data| BASE64_STANDARD.decode(data).ok()).expect("a picture");
        std::fs::write(path, png).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    fn driver(&self) -> &WebDriver {
        &self.driver
    }
}

/// A command of the `DevTools` protocol, by chromedriver's own route.
#[derive(Debug)]
struct Devtools {
    command: &'static str,
    parameters: Value,
}

impl FormatRequestData for Devtools {
    fn format_request(&self, session: &SessionId) -> RequestData {
        RequestData::new(Method::POST, format!("/session/{session}/goog/cdp/execute"))
            .add_body(json!({ "cmd": self.command, "params": self.parameters }))
    }
}

fn assert_widget_was_built() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/dist");
    for file in ["eloquent.js", "widget.js", "widget_bg.wasm"] {
        assert!(dist.join(file).is_file(), "www/dist/{file} is missing: run `cargo xtask build` first");
    }
}
