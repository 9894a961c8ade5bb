//! Which browser a run is for, and what each of them can be made to do.
//!
//! `BROWSER` names one engine for the whole run. A test runs in all of them unless it asks for an
//! [`Ability`] where it begins ([`lacks`](super::lacks)): then the run's output names it as passed over
//! in an engine that lacks it.

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium by chromedriver: `BROWSER=chromium`, and where nothing is said.
    Chromium,
    /// Firefox, spoken to without a driver in between: `BROWSER=firefox`.
    Firefox,
    /// WebKitGTK by its own driver, on a display that nobody sees: `BROWSER=webkit`.
    WebKit,
}

/// What not every engine can be made to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// The `DevTools` protocol, command by command ([`Browser::devtools`](super::Browser::devtools)).
    DevTools,
    /// A finger instead of a mouse, as [`Screen::PHONE`](super::Screen::PHONE) has it: media queries and
    /// events of touch.
    Touch,
    /// Screens of any size and density, and media features that a person prefers
    /// ([`Browser::screen`](super::Browser::screen), [`Browser::prefer`](super::Browser::prefer)).
    Emulation,
    /// All that the console says, the browser's own words too; elsewhere only a page of
    /// [`HostPage`](super::host::HostPage) is listened to.
    Console,
    /// Several tabs of one browser.
    Tabs,
    /// Pictures of the page.
    Pictures,
    /// A page that was left is kept as it stands, for the way back.
    PageCache,
}

impl Engine {
    /// The engine that this run is for.
    ///
    /// # Panics
    ///
    /// If `BROWSER` names none.
    pub fn of_this_run() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
        let named = std::env::var_os("BROWSER").unwrap_or_default();
        match named.to_str() {
            Some("" | "chromium") => Self::Chromium,
            Some("firefox") => Self::Firefox,
            Some("webkit") => Self::WebKit,
            _ => panic!("BROWSER is chromium, firefox or webkit, not {}", named.display()),
        }
    }

    /// What the engine is called, as in `BROWSER`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// Whether the engine can be made to do this.
    pub fn can(self, ability: Ability) -> bool {
        match self {
            Self::Chromium => true,
            Self::Firefox => !matches!(ability, Ability::DevTools | Ability::Touch),
            Self::WebKit => false,
        }
    }
}
