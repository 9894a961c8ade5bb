//! Firefox's own protocol for automation, spoken directly: each of its commands is one of WebDriver's
//! under another name, so that [`thirtyfour`] drives Firefox without a geckodriver, which no registry
//! has as a program and which takes minutes to compile.
//!
//! Invariant: a command that was sent is waited for, also where nobody waits for its answer any more;
//! otherwise the next command would get it.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use thirtyfour::{
    prelude::{WebDriverError, WebDriverResult},
    session::http::{Body, HttpClient},
};

/// The one connection that a Firefox has, with its one session.
#[derive(Clone)]
pub(super) struct Marionette {
    connection: Arc<Mutex<Connection>>,
    session: Arc<Value>,
}

struct Connection {
    stream: TcpStream,
    last: u64,
}

/// What a command gave, or the error's name and message.
type Answer = Result<Value, Value>;

impl Marionette {
    /// Connects and opens the session.
    pub(super) fn open(port: u16) -> io::Result<Self> {
        let mut connection = Connection { stream: TcpStream::connect(("127.0.0.1", port))?, last: 0 };
        // It says first which protocol it speaks.
        connection.read()?;
        let session = connection.ask("WebDriver:NewSession", &json!({ "webSocketUrl": true }))?;
        let session = session.map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), session: Arc::new(session) })
    }

    /// The address at which the session can be spoken to in BiDi.
    pub(super) fn bidi_url(&self) -> String {
        self.session["capabilities"]["webSocketUrl"].as_str().expect("an address").to_owned()
    }

    /// Runs a script with the rights of the browser itself.
    pub(super) async fn run_privileged(&self, script: &str, argument: Value) {
        let script = json!({ "script": script, "args": [argument] });
        for (command, parameters) in [
            ("Marionette:SetContext", json!({ "value": "chrome" })),
            ("WebDriver:ExecuteScript", script),
            ("Marionette:SetContext", json!({ "value": "content" })),
        ] {
            let answer = self.ask(command, parameters).await.expect("Firefox answers");
            answer.unwrap_or_else(|error| panic!("{command}: {error}"));
        }
    }

    async fn ask(&self, command: &'static str, parameters: Value) -> io::Result<Answer> {
        let connection = Arc::clone(&self.connection);
        let ask = move || connection.lock().unwrap_or_else(PoisonError::into_inner).ask(command, &parameters);
        tokio::task::spawn_blocking(ask).await.map_err(io::Error::other)?
    }
}

impl Connection {
    /// A message is its length, a colon, and an array: type, number, and two more by type.
    fn ask(&mut self, command: &str, parameters: &Value) -> io::Result<Answer> {
        self.last += 1;
        let message = json!([0, self.last, command, parameters]).to_string();
        self.stream.write_all(format!("{}:{message}", message.len()).as_bytes())?;
        let mut answer = self.read()?;
        assert_eq!(answer[1], self.last, "answers come in the order of the commands");
        let (error, mut result) = (answer[2].take(), answer[3].take());
        if !error.is_null() {
            return Ok(Err(error));
        }
        let value = result.as_object_mut().and_then(|object| object.remove("value"));
        Ok(Ok(value.unwrap_or(result)))
    }

    fn read(&mut self) -> io::Result<Value> {
        let mut length = 0;
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            match byte[0] {
                b':' => break,
                digit => length = 10 * length + usize::from(digit - b'0'),
            }
        }
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message)?;
        serde_json::from_slice(&message).map_err(io::Error::other)
    }
}

#[async_trait::async_trait]
impl HttpClient for Marionette {
    async fn send(&self, request: Request<Body<'_>>) -> WebDriverResult<Response<Bytes>> {
        let (head, body) = request.into_parts();
        let body = match body {
            Body::Empty => json!({}),
            Body::Json(body) => body.clone(),
        };
        let path: Vec<&str> = head.uri.path().split('/').filter(|part| !part.is_empty()).collect();
        let answer = match (&head.method, path.as_slice()) {
            (&Method::POST, ["session"]) => Ok((*self.session).clone()),
            // The browser ends with its process.
            (&Method::DELETE, ["session", _]) => Ok(Value::Null),
            (method, ["session", _, rest @ ..]) => match translate(method, rest, body) {
                Some((command, parameters)) => {
                    let answer = self.ask(command, parameters).await;
                    answer.map_err(|error| WebDriverError::RequestFailed(error.to_string()))?
                }
                None => Err(json!({ "error": "unknown command", "message": head.uri.path() })),
            },
            _ => Err(json!({ "error": "unknown command", "message": head.uri.path() })),
        };
        let (status, value) = match answer {
            Ok(value) => (200, value),
            Err(error) => (500, error),
        };
        let body = Bytes::from(json!({ "value": value }).to_string());
        let response = Response::builder().status(status).body(body);
        response.map_err(|error| WebDriverError::RequestFailed(error.to_string()))
    }

    async fn new(&self) -> Arc<dyn HttpClient> {
        Arc::new(self.clone())
    }
}

/// The command for a request of WebDriver, and its parameters; none for what no test does.
fn translate(method: &Method, path: &[&str], mut body: Value) -> Option<(&'static str, Value)> {
    let post = method == Method::POST;
    let command = match path {
        ["timeouts"] if post => "WebDriver:SetTimeouts",
        ["url"] if post => "WebDriver:Navigate",
        ["url"] => "WebDriver:GetCurrentURL",
        ["back"] => "WebDriver:Back",
        ["forward"] => "WebDriver:Forward",
        ["refresh"] => "WebDriver:Refresh",
        ["title"] => "WebDriver:GetTitle",
        ["window"] if post => "WebDriver:SwitchToWindow",
        ["window"] if method == Method::DELETE => "WebDriver:CloseWindow",
        ["window"] => "WebDriver:GetWindowHandle",
        ["window", "new"] => "WebDriver:NewWindow",
        ["window", "handles"] => "WebDriver:GetWindowHandles",
        ["window", "rect"] if post => "WebDriver:SetWindowRect",
        ["window", "rect"] => "WebDriver:GetWindowRect",
        ["frame"] => {
            // A frame is named by its number, or by its element under another name.
            if let Some(element) = body["id"].as_object().and_then(|id| id.values().next()) {
                body = json!({ "element": element });
            }
            "WebDriver:SwitchToFrame"
        }
        ["frame", "parent"] => "WebDriver:SwitchToParentFrame",
        ["execute", "sync"] => "WebDriver:ExecuteScript",
        ["actions"] if post => "WebDriver:PerformActions",
        ["actions"] => "WebDriver:ReleaseActions",
        ["screenshot"] => {
            body = json!({ "full": false });
            "WebDriver:TakeScreenshot"
        }
        ["moz", "screenshot", "full"] => {
            body = json!({ "full": true });
            "WebDriver:TakeScreenshot"
        }
        ["element"] => "WebDriver:FindElement",
        ["elements"] => "WebDriver:FindElements",
        ["element", "active"] => "WebDriver:GetActiveElement",
        ["element", id, "element"] => {
            body["element"] = json!(id);
            "WebDriver:FindElement"
        }
        ["element", id, "elements"] => {
            body["element"] = json!(id);
            "WebDriver:FindElements"
        }
        ["element", id, rest @ ..] => {
            body["id"] = json!(id);
            return of_element(rest, body);
        }
        _ => return None,
    };
    Some((command, body))
}

fn of_element(path: &[&str], mut parameters: Value) -> Option<(&'static str, Value)> {
    let command = match path {
        ["click"] => "WebDriver:ElementClick",
        ["clear"] => "WebDriver:ElementClear",
        ["value"] => "WebDriver:ElementSendKeys",
        ["text"] => "WebDriver:GetElementText",
        ["name"] => "WebDriver:GetElementTagName",
        ["rect"] => "WebDriver:GetElementRect",
        ["enabled"] => "WebDriver:IsElementEnabled",
        ["selected"] => "WebDriver:IsElementSelected",
        ["displayed"] => "WebDriver:IsElementDisplayed",
        ["attribute", name] => {
            parameters["name"] = json!(name);
            "WebDriver:GetElementAttribute"
        }
        ["property", name] => {
            parameters["name"] = json!(name);
            "WebDriver:GetElementProperty"
        }
        ["css", name] => {
            parameters["propertyName"] = json!(name);
            "WebDriver:GetElementCSSValue"
        }
        _ => return None,
    };
    Some((command, parameters))
}
