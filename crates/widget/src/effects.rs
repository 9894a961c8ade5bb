//! Runs effects, one by one, while nothing is borrowed.

use std::rc::Rc;

use eloquent_widget_core::{CallId, Effect, Msg};
use js_sys::Function;
use wasm_bindgen::JsValue;
use web_sys::console;

use crate::{app::App, chime, convert, timer::Timer};

impl App {
    /// Does what the core asks for.
    pub(crate) fn run(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::LoadConfig { .. }
            | Effect::Identify { .. }
            | Effect::FetchConversation { .. }
            | Effect::ListConversations { .. }
            | Effect::StopAnswer { .. }
            | Effect::SendFeedback { .. }
            | Effect::RequestHandover { .. }
            | Effect::EndSession { .. }
            | Effect::OpenStream { .. }
            | Effect::ResumeStream { .. }
            | Effect::LoadWords { .. } => self.request(effect),
            Effect::GetToken { ticket, call } => self.get_token(ticket, call),
            Effect::DropGetToken(call) => self.keep_token_source(call, JsValue::UNDEFINED),
            Effect::Lint { on, token } => self.lint(on, token),
            Effect::Title { unread } => self.show_title(unread),
            Effect::Chime => chime::play(),
            Effect::AbortStream { ticket } => {
                self.land(ticket);
            }
            Effect::Store(stored) => self.storage.write(&stored),
            Effect::ClearStorage => self.storage.clear(),
            Effect::BroadcastLogout => self.say_logout(),
            Effect::StartTimer { timer, millis } => {
                let app = self.clone();
                self.keep_timer(timer, Timer::start(millis, move || app.post(Msg::Timer(timer))));
            }
            Effect::CancelTimer(timer) => self.keep_timer(timer, None),
            Effect::Resolve { call, result } => self.resolve(call, &convert::object(result.fields()).into()),
            Effect::Emit(event) => {
                let _ = self.boot.emit.call1(&JsValue::NULL, &convert::event(event));
            }
            Effect::Warn(text) => console::warn_1(&["[eloquent] ", &text].concat().into()),
            Effect::Focus(target) => self.panel.borrow().focus(target),
            Effect::Announce(text) => self.panel.borrow().announce(&text),
            Effect::Unmount => self.unmount(),
        }
    }

    fn resolve(&self, call: CallId, result: &JsValue) {
        let resolve: Option<Function> = self.take_call(call);
        if let Some(resolve) = resolve {
            let _ = resolve.call1(&JsValue::NULL, result);
        }
    }
}
