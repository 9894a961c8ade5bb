//! Requests to the API, and what becomes of their answers.

use std::rc::Rc;

use eloquent_types::id::ConversationId;
use eloquent_widget_core::{Credentials, Effect, Msg, Ticket, TransportError};
use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    body,
    decode::FromJson,
    fetch::{self, Abort, Call},
    page,
    stream::pump,
};

/// Who hears the answer.
#[derive(Clone, Copy)]
pub(crate) enum Hearer {
    /// The machine, in one message.
    Once(Ticket, fn(Ticket, Result<JsValue, TransportError>) -> Msg),
    /// The machine, in a message for each event.
    Stream(Ticket),
    /// The machine, which waits for the words of this language.
    Words(&'static str),
    /// Nobody: the request may outlive the page.
    Nobody,
}

impl App {
    /// Runs an effect that asks something of the API.
    pub(crate) fn request(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::LoadConfig { ticket } => {
                let hearer =
                    Hearer::Once(ticket, |ticket, answer| Msg::Config { ticket, result: typed(answer) });
                self.ask(hearer, "GET", "/config", Credentials::default(), None);
            }
            Effect::Identify { ticket, token, session } => {
                let hearer =
                    Hearer::Once(ticket, |ticket, answer| Msg::Identify { ticket, result: typed(answer) });
                let credentials = Credentials { session, token: None };
                self.ask(hearer, "POST", "/identify", credentials, Some(body::identify(&token)));
            }
            Effect::FetchConversation { ticket, conversation, before, credentials } => {
                let hearer = Hearer::Once(ticket, |ticket, answer| Msg::Conversation {
                    ticket,
                    result: typed(answer),
                });
                let mut path = of(conversation, "?format=blocks");
                if let Some(before) = before {
                    path.push_str("&before=");
                    path.push_str(&before.encode());
                }
                self.ask(hearer, "GET", &path, credentials, None);
            }
            Effect::ListConversations { ticket, credentials } => {
                let hearer = Hearer::Once(ticket, |ticket, answer| Msg::Conversations {
                    ticket,
                    result: typed(answer),
                });
                self.ask(hearer, "GET", "/conversations", credentials, None);
            }
            Effect::StopAnswer { conversation, credentials } => {
                self.ask(Hearer::Nobody, "POST", &of(conversation, "/stop"), credentials, None);
            }
            Effect::SendFeedback { ticket, conversation, request, credentials } => {
                let hearer =
                    Hearer::Once(ticket, |ticket, answer| Msg::Feedback { ticket, result: answer.map(drop) });
                let body = body::feedback(&request);
                self.ask(hearer, "POST", &of(conversation, "/feedback"), credentials, Some(body));
            }
            Effect::RequestHandover { ticket, conversation, credentials } => {
                let hearer =
                    Hearer::Once(ticket, |ticket, answer| Msg::Handover { ticket, result: answer.map(drop) });
                self.ask(hearer, "POST", &of(conversation, "/handover"), credentials, None);
            }
            Effect::EndSession { credentials } => {
                self.ask(Hearer::Nobody, "DELETE", "/session", credentials, None);
            }
            Effect::OpenStream { ticket, mut request, session } => {
                request.page =
                    Some(page::complete(request.page.take(), &self.boot.options, self.own_title()));
                let credentials = Credentials { session, token: None };
                let body = body::chat(&request);
                self.ask(Hearer::Stream(ticket), "POST", "/chat", credentials, Some(body));
            }
            Effect::ResumeStream { ticket, conversation, after, credentials } => {
                let mut path = of(conversation, "/events?format=blocks&after=");
                path.push_str(&String::from(js_sys::encode_uri_component(&after)));
                self.ask(Hearer::Stream(ticket), "GET", &path, credentials, None);
            }
            Effect::LoadWords { locale } => {
                let url = [&self.boot.base, "assets/locale-", locale, ".json"].concat();
                let call = Call { method: "GET", url, credentials: Credentials::default(), body: None };
                self.send(Hearer::Words(locale), call);
            }
            _ => {}
        }
    }

    /// Asks something of this agent's API.
    fn ask(
        self: &Rc<Self>,
        hearer: Hearer,
        method: &'static str,
        path: &str,
        credentials: Credentials,
        body: Option<Object>,
    ) {
        let agent = self.boot.agent.encode();
        let url = [&self.boot.base, "v1/agents/", &agent, path].concat();
        self.send(hearer, Call { method, url, credentials, body });
    }

    fn send(self: &Rc<Self>, hearer: Hearer, call: Call) {
        let mut signal = None;
        if let Hearer::Once(ticket, _) | Hearer::Stream(ticket) = hearer {
            let abort = Abort::new();
            signal = abort.signal();
            self.take_off(ticket, abort);
        }
        spawn_local(answered(self.clone(), hearer, call, signal));
    }
}

/// The path of something about one conversation.
fn of(conversation: ConversationId, what: &str) -> String {
    ["/conversations/", &conversation.encode(), what].concat()
}

async fn answered(app: Rc<App>, hearer: Hearer, call: Call, signal: Option<web_sys::AbortSignal>) {
    let keepalive = matches!(hearer, Hearer::Nobody);
    let result = match fetch::send(call, signal, keepalive).await {
        Ok(response) => match hearer {
            Hearer::Stream(ticket) => pump(&app, ticket, response).await.map(|()| JsValue::UNDEFINED),
            _ if keepalive || response.status() == 204 => Ok(JsValue::UNDEFINED),
            _ => fetch::json(&response).await,
        },
        Err(error) => Err(error),
    };
    let message = match hearer {
        Hearer::Once(ticket, hear) if app.land(ticket) => hear(ticket, result),
        Hearer::Stream(ticket) if app.land(ticket) => Msg::StreamEnded { ticket, result: result.map(drop) },
        Hearer::Words(locale) => Msg::Words { locale, words: result.ok().and_then(words) },
        _ => return,
    };
    app.post(message);
}

fn typed<T: FromJson>(answer: Result<JsValue, TransportError>) -> Result<T, TransportError> {
    T::from_json(&answer?).ok_or(TransportError::Unexpected)
}

/// The words of a language's file, in its order.
fn words(table: JsValue) -> Option<Vec<String>> {
    let table: Object = Some(table).filter(JsValue::is_object)?.into();
    Vec::from_json(&Object::values(&table))
}
