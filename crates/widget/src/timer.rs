//! Timers that stop when they are dropped.

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::Window;

/// A running `setTimeout`.
pub(crate) struct Timer {
    window: Window,
    handle: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls the function once, after so many milliseconds.
    pub(crate) fn start(millis: u32, fire: impl FnOnce() + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let closure = Closure::once(fire);
        let millis = i32::try_from(millis).unwrap_or(i32::MAX);
        let handle = window
            .set_timeout_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), millis)
            .ok()?;
        Some(Self { window, handle, _closure: closure })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.window.clear_timeout_with_handle(self.handle);
    }
}
