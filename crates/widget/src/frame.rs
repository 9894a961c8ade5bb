//! The browser's next frame.

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::Window;

/// A function that waits for the next frame; forgotten when dropped.
pub(crate) struct Frame {
    window: Window,
    handle: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Frame {
    /// Calls the function once, before the browser paints next.
    pub(crate) fn request(draw: impl FnOnce() + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let closure = Closure::once(draw);
        let handle = window.request_animation_frame(closure.as_ref().unchecked_ref()).ok()?;
        Some(Self { window, handle, _closure: closure })
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let _ = self.window.cancel_animation_frame(self.handle);
    }
}
