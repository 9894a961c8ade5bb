//! The page's `getToken`: a function that may do anything. Whatever it does, there is one answer.

use std::rc::{Rc, Weak};

use eloquent_widget_core::{CallId, IdentityToken, Msg, Ticket};
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{app::App, global::call_later};

impl App {
    /// Asks the function that came with this call; its answer comes back as a message.
    pub(crate) fn get_token(self: &Rc<Self>, ticket: Ticket, call: CallId) {
        spawn_local(answered(Rc::downgrade(self), ticket, self.token_source(call)));
    }
}

async fn answered(app: Weak<App>, ticket: Ticket, source: Option<Function>) {
    let given = match source.map(|source| call_later(&source)) {
        Some(Ok(promise)) => JsFuture::from(promise).await.unwrap_or_default(),
        Some(Err(_)) | None => JsValue::UNDEFINED,
    };
    if let Some(app) = app.upgrade() {
        app.tell_linter("getToken", &given);
        app.post([Msg::Token { ticket, token: given.as_string().map(IdentityToken::new) }]);
    }
}
