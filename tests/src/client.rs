//! A visitor's client over HTTP: what the widget does, without a browser.

use eloquent_types::{
    chat::{Accepted, DeltaContent, StreamEvent},
    identify::IdentifyResponse,
    session::SessionToken,
    sse::{Decoder, Frame},
};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::app::TestApp;

/// A visitor: a session, if there is one yet, and an identity token, if the page has one.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The session.
    pub session: Option<SessionToken>,
    /// The identity token.
    pub token: Option<String>,
    /// For the next messages' ids.
    pub next: u128,
    /// The connection pool.
    pub http: reqwest::Client,
}

/// A stream that was read to its end.
#[derive(Debug, Clone, Default)]
pub struct Transcript {
    /// Every event, with the id from which the stream can be resumed.
    pub events: Vec<(String, StreamEvent)>,
}

impl Transcript {
    /// The first event.
    pub fn accepted(&self) -> &Accepted {
        match self.events.first() {
            Some((_, StreamEvent::Accepted(accepted))) => accepted,
            other => panic!("the stream begins with {other:?}"),
        }
    }

    /// The Markdown that came, put together.
    pub fn text(&self) -> String {
        let text = |(_, event): &(String, StreamEvent)| match event {
            StreamEvent::Delta(delta) => match &delta.content {
                DeltaContent::Markdown(text) => Some(text.clone()),
                DeltaContent::Blocks { .. } => None,
            },
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }

    /// The names of the events.
    pub fn names(&self) -> Vec<&'static str> {
        self.events.iter().map(|(_, event)| event.name()).collect()
    }

    /// The last event's id.
    pub fn last_id(&self) -> &str {
        &self.events.last().expect("an event").0
    }
}

/// A message id for the n-th message: any UUID does.
pub fn message_id(n: u128) -> String {
    let hex = format!("{:032x}", n << 64 | 0x4000_8000_0000_0000_0000);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

impl Client {
    /// A visitor who has never been here.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with an identity token.
    pub fn with_token(token: &eloquent_identity::Token) -> Self {
        Self { token: Some(token.expose().to_owned()), ..Self::default() }
    }

    /// A request with the visitor's session and, in the header, the identity token.
    pub fn get(&self, url: String) -> RequestBuilder {
        let request = self.authorize(self.http.get(url));
        match &self.token {
            Some(token) => request.header("x-eloquent-identity", token),
            None => request,
        }
    }

    /// A POST with the visitor's session.
    pub fn post(&self, url: String) -> RequestBuilder {
        self.authorize(self.http.post(url))
    }

    /// A DELETE with the visitor's session.
    pub fn delete(&self, url: String) -> RequestBuilder {
        self.authorize(self.http.delete(url))
    }

    fn authorize(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.session {
            Some(session) => request.bearer_auth(session.expose()),
            None => request,
        }
    }

    /// `identify`, keeping the token and the session that comes back.
    pub async fn identify(&mut self, app: &TestApp, token: &str) -> IdentifyResponse {
        let response =
            self.post(app.api("/identify")).json(&json!({ "token": token })).send().await.expect("sent");
        assert_eq!(response.status(), 200);
        let response: IdentifyResponse = response.json().await.expect("an IdentifyResult");
        self.session = response.session.clone().or(self.session.take());
        self.token = Some(token.to_owned());
        response
    }

    /// The body of a chat request.
    pub fn chat_body(&mut self, text: &str, conversation: Option<&str>) -> Value {
        self.next += 1;
        let mut body = json!({ "message": { "id": message_id(self.next), "text": text } });
        if let Some(conversation) = conversation {
            body["conversation_id"] = conversation.into();
        }
        if let Some(token) = &self.token {
            body["identity_token"] = token.as_str().into();
        }
        body
    }

    /// Sends a message and reads the answer to its end.
    pub async fn chat(&mut self, app: &TestApp, text: &str, conversation: Option<&str>) -> Transcript {
        let body = self.chat_body(text, conversation);
        let transcript = read(self.post(app.api("/chat")).json(&body).send().await.expect("sent")).await;
        self.session = transcript.accepted().session.clone().or(self.session.take());
        transcript
    }

    /// The conversation as the visitor reads it, or the status of the refusal.
    pub async fn view(&self, app: &TestApp, conversation: &str) -> Result<Value, u16> {
        let response =
            self.get(app.api(&format!("/conversations/{conversation}"))).send().await.expect("sent");
        if response.status().is_success() {
            Ok(response.json().await.expect("JSON"))
        } else {
            Err(response.status().as_u16())
        }
    }

    /// The ids of the visitor's conversations.
    pub async fn conversations(&self, app: &TestApp) -> Vec<String> {
        let response = self.get(app.api("/conversations")).send().await.expect("sent");
        assert_eq!(response.status(), 200);
        let list: Value = response.json().await.expect("JSON");
        let ids = list["conversations"].as_array().expect("a list").iter();
        ids.map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
    }
}

/// Reads a stream to its end.
pub async fn read(response: Response) -> Transcript {
    read_until(response, |_| false).await
}

/// Reads a stream until an event satisfies `enough`, or to its end.
pub async fn read_until(response: Response, enough: impl Fn(&StreamEvent) -> bool) -> Transcript {
    let (transcript, broken) = read_until_broken(response, enough).await;
    assert!(!broken, "the stream goes on: {:?}", transcript.names());
    transcript
}

/// The same where the connection may break: what came before, and whether it broke.
pub async fn read_until_broken(
    mut response: Response,
    enough: impl Fn(&StreamEvent) -> bool,
) -> (Transcript, bool) {
    assert_eq!(response.status(), 200, "{}", response.status());
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (mut decoder, mut transcript) = (Decoder::new(), Transcript::default());
    loop {
        let bytes = match response.chunk().await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return (transcript, false),
            Err(_) => return (transcript, true),
        };
        for frame in decoder.feed(&bytes) {
            let (id, event) = parse(&frame);
            let stop = enough(&event);
            transcript.events.push((id, event));
            if stop {
                return (transcript, false);
            }
        }
    }
}

fn parse(frame: &Frame) -> (String, StreamEvent) {
    let data: Value = serde_json::from_str(&frame.data).expect("data is JSON");
    let event = serde_json::from_value(json!({ "event": frame.event, "data": data })).expect("a known event");
    (frame.id.clone().expect("every event has an id"), event)
}

/// The status and code of a problem.
pub async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{status}");
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["status"], status);
    (status, body["code"].as_str().expect("a code").to_owned())
}
