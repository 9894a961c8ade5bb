//! Requests that have one answer.

use std::rc::{Rc, Weak};

use eloquent_types::{id::ConversationId, identify::IdentifyRequest};
use eloquent_widget_core::{Credentials, Effect, Msg, Ticket, TransportError};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    convert::body,
    decode::FromJson,
    fetch::{self, Abort, Call},
};

type Answer = fn(Ticket, Result<JsValue, TransportError>) -> Msg;

impl App {
    /// Runs an effect that asks something of the API.
    pub(crate) fn request(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::LoadConfig { ticket } => {
                let call = self.get("/config", Credentials::default());
                self.send(ticket, call, |ticket, answer| Msg::Config { ticket, result: typed(answer) });
            }
            Effect::Identify { ticket, token, session } => {
                let body = body(&IdentifyRequest { token: token.expose().to_owned() });
                let call = Call { method: "POST", url: self.url("/identify"), session, token: None, body };
                self.send(ticket, call, |ticket, answer| Msg::Identify { ticket, result: typed(answer) });
            }
            Effect::FetchConversation { ticket, conversation, before, credentials } => {
                let mut path = ["/conversations/", &conversation.to_string(), "?format=blocks"].concat();
                if let Some(before) = before {
                    path.push_str("&before=");
                    path.push_str(&before.to_string());
                }
                let call = self.get(&path, credentials);
                self.send(ticket, call, |ticket, answer| Msg::Conversation { ticket, result: typed(answer) });
            }
            Effect::ListConversations { ticket, credentials } => {
                let call = self.get("/conversations", credentials);
                self.send(ticket, call, |ticket, answer| Msg::Conversations {
                    ticket,
                    result: typed(answer),
                });
            }
            Effect::StopAnswer { conversation, credentials } => {
                let path = ["/conversations/", &conversation.to_string(), "/stop"].concat();
                self.tell("POST", &path, credentials);
            }
            Effect::SendFeedback { ticket, conversation, request, credentials } => {
                let call =
                    Call { body: body(&request), ..self.post_to(conversation, "/feedback", credentials) };
                self.send(ticket, call, |ticket, answer| Msg::Feedback { ticket, result: answer.map(drop) });
            }
            Effect::RequestHandover { ticket, conversation, credentials } => {
                let call = self.post_to(conversation, "/handover", credentials);
                self.send(ticket, call, |ticket, answer| Msg::Handover { ticket, result: answer.map(drop) });
            }
            Effect::EndSession { credentials } => self.tell("DELETE", "/session", credentials),
            _ => {}
        }
    }

    /// An address of this agent's API.
    pub(crate) fn url(&self, path: &str) -> String {
        [&self.boot.base, "v1/agents/", &self.boot.agent.to_string(), path].concat()
    }

    /// A `GET` of this agent's API.
    pub(crate) fn get(&self, path: &str, credentials: Credentials) -> Call {
        let Credentials { session, token } = credentials;
        Call { method: "GET", url: self.url(path), session, token, body: None }
    }

    /// A `POST` about one conversation, without a body.
    fn post_to(&self, conversation: ConversationId, what: &str, credentials: Credentials) -> Call {
        let path = ["/conversations/", &conversation.to_string(), what].concat();
        Call { method: "POST", ..self.get(&path, credentials) }
    }

    /// Sends a request whose answer comes back as a message, unless it is aborted.
    fn send(self: &Rc<Self>, ticket: Ticket, call: Call, answer: Answer) {
        let Ok(abort) = Abort::new() else {
            return self.post([answer(ticket, Err(TransportError::Unreachable))]);
        };
        let signal = abort.signal();
        self.take_off(ticket, abort);
        spawn_local(answered(Rc::downgrade(self), ticket, call, signal, answer));
    }

    /// Sends a request whose answer nobody waits for.
    fn tell(&self, method: &'static str, path: &str, credentials: Credentials) {
        let Credentials { session, token } = credentials;
        let call = Call { method, url: self.url(path), session, token, body: None };
        spawn_local(async move {
            let _ = fetch::send(call, None).await;
        });
    }
}

async fn answered(app: Weak<App>, ticket: Ticket, call: Call, signal: web_sys::AbortSignal, answer: Answer) {
    let result = match fetch::send(call, Some(signal)).await {
        Ok(response) if response.status() == 204 => Ok(JsValue::UNDEFINED),
        Ok(response) => fetch::json(&response).await,
        Err(error) => Err(error),
    };
    if let Some(app) = app.upgrade()
        && app.land(ticket)
    {
        app.post([answer(ticket, result)]);
    }
}

fn typed<T: FromJson>(answer: Result<JsValue, TransportError>) -> Result<T, TransportError> {
    T::from_json(&answer?).ok_or(TransportError::Unexpected)
}
