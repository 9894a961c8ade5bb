//! Timers that stop when they are dropped.

use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

use crate::global::{clear_timeout, set_timeout};

/// A running `setTimeout`.
pub(crate) struct Timer {
    handle: JsValue,
    _closure: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls the function once, after so many milliseconds.
    pub(crate) fn start(millis: u32, fire: impl FnOnce() + 'static) -> Option<Self> {
        let closure = Closure::once(fire);
        let handle = set_timeout(closure.as_ref().unchecked_ref(), millis).ok()?;
        Some(Self { handle, _closure: closure })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.handle);
    }
}
