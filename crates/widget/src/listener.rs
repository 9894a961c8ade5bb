//! Event listeners that end when they are dropped.

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventTarget};

/// One function that listens to several events of several targets. It may be entered again while it
/// runs: what it does can cause events.
pub(crate) struct Listener {
    closure: Closure<dyn Fn(Event)>,
    heard: Vec<(EventTarget, &'static str)>,
}

impl Listener {
    /// Listens to nothing yet.
    pub(crate) fn new(hear: impl Fn(Event) + 'static) -> Self {
        Self { closure: Closure::new(hear), heard: Vec::new() }
    }

    /// Listens to these events of this target, too.
    #[must_use]
    pub(crate) fn on(mut self, target: &EventTarget, names: &[&'static str]) -> Self {
        for name in names {
            if target.add_event_listener_with_callback(name, self.closure.as_ref().unchecked_ref()).is_ok() {
                self.heard.push((target.clone(), name));
            }
        }
        self
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for (target, name) in &self.heard {
            let _ = target.remove_event_listener_with_callback(name, self.closure.as_ref().unchecked_ref());
        }
    }
}
