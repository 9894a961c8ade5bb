//! The browser's next frame.

use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

use crate::global::{cancel_frame, request_frame};

/// A function that waits for the next frame; forgotten when dropped.
pub(crate) struct Frame {
    handle: JsValue,
    _closure: Closure<dyn FnMut()>,
}

impl Frame {
    /// Calls the function once, before the browser paints next.
    pub(crate) fn request(draw: impl FnOnce() + 'static) -> Option<Self> {
        let closure = Closure::once(draw);
        let handle = request_frame(closure.as_ref().unchecked_ref()).ok()?;
        Some(Self { handle, _closure: closure })
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        cancel_frame(&self.handle);
    }
}
