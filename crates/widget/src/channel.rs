//! The other tabs of this browser that show the same agent's chat: they hear of a logout.

use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

use crate::listener::Listener;

const LOGOUT: &str = "logout";

/// The channel to the other tabs; closed when dropped.
pub(crate) struct Channel {
    channel: BroadcastChannel,
    _listener: Listener,
}

impl Channel {
    /// Joins the channel; `None` where the browser has none for this page.
    pub(crate) fn join(name: &str, logged_out: impl Fn() + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        // The only thing that is ever said is that one: whatever comes, it means forgetting.
        let listener = Listener::new(move |_| logged_out()).on(&channel, &["message"]);
        Some(Self { channel, _listener: listener })
    }

    /// Tells the other tabs that the visitor was logged out.
    pub(crate) fn say_logout(&self) {
        let _ = self.channel.post_message(&JsValue::from(LOGOUT));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
