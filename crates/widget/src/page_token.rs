//! The page's `getToken`: a function that may do anything. Whatever it does, there is one answer.

use std::rc::Rc;

use eloquent_widget_core::{CallId, IdentityToken, Msg, Ticket};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::{app::App, global::call_later};

impl App {
    /// Asks the function that came with this call; its answer comes back as a message.
    pub(crate) fn get_token(self: &Rc<Self>, ticket: Ticket, call: CallId) {
        let asked = self.token_source(call).and_then(|source| call_later(&source).ok());
        self.when_given(asked, move |app, given| {
            app.tell_linter("getToken", &given);
            app.post(Msg::Token { ticket, token: given.as_string().map(IdentityToken::new) });
        });
    }

    /// Waits for what is promised; `undefined` where it is not kept, or nothing was promised.
    pub(crate) fn when_given(
        self: &Rc<Self>,
        promise: Option<Promise>,
        hear: impl FnOnce(&Rc<Self>, JsValue) + 'static,
    ) {
        spawn_local(given(self.clone(), promise, Box::new(hear)));
    }
}

type Hear = Box<dyn FnOnce(&Rc<App>, JsValue)>;

async fn given(app: Rc<App>, promise: Option<Promise>, hear: Hear) {
    let given = match promise {
        Some(promise) => JsFuture::from(promise).await.unwrap_or_default(),
        None => JsValue::UNDEFINED,
    };
    hear(&app, given);
}
