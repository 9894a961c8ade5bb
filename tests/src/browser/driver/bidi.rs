//! WebDriver BiDi, as much of it as the tests need: commands one after the other, and the console.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::browser::PATIENCE;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Lines = Arc<Mutex<Vec<String>>>;

/// A command, and who waits for its answer.
struct Command {
    message: Value,
    answer: oneshot::Sender<Value>,
}

/// The connection, which notes what the console says. Dropping it closes it.
pub(super) struct Bidi {
    commands: mpsc::UnboundedSender<Command>,
    said: Lines,
    talking: JoinHandle<()>,
}

impl Bidi {
    /// Connects to a session that there is already.
    pub(super) async fn connect(url: &str) -> Self {
        let (socket, _) = connect_async(url).await.expect("a connection");
        let (commands, waiting) = mpsc::unbounded_channel();
        let said = Lines::default();
        #[expect(clippy::disallowed_methods, reason = "the handle is kept and aborted when the test ends")]
        let talking = tokio::spawn(talk(socket, waiting, Arc::clone(&said)));
        let bidi = Self { commands, said, talking };
        bidi.ask("session.subscribe", json!({ "events": ["log.entryAdded"] })).await;
        bidi
    }

    /// Runs a command that does not fail.
    pub(super) async fn ask(&self, method: &str, parameters: Value) -> Value {
        self.try_ask(method, parameters).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    async fn try_ask(&self, method: &str, parameters: Value) -> Result<Value, String> {
        let (answer, answered) = oneshot::channel();
        let message = json!({ "method": method, "params": parameters });
        self.commands.send(Command { message, answer }).map_err(|_| "Firefox has hung up")?;
        // A page that is left may take with it what was to be answered.
        let answered = tokio::time::timeout(PATIENCE, answered).await.map_err(|_| "no answer")?;
        let mut message = answered.map_err(|_| "Firefox has hung up")?;
        if message["type"] == "success" { Ok(message["result"].take()) } else { Err(message.to_string()) }
    }

    /// Runs the body of an async function in a tab, among the page's own scripts and not beside them as
    /// the other protocol does, where `Date` and all its like are others than the page's.
    pub(super) async fn eval(&self, tab: &str, body: &str, args: &Value) -> Result<Value, String> {
        let function = format!(
            "async (text) => JSON.stringify(await (async (args) => {{ {body} }})(JSON.parse(text))) ?? 'null'"
        );
        let call = json!({
            "functionDeclaration": function,
            "arguments": [{ "type": "string", "value": args.to_string() }],
            "target": { "context": tab },
            "awaitPromise": true,
        });
        let answer = self.try_ask("script.callFunction", call).await?;
        let text =
            answer["result"]["value"].as_str().ok_or_else(|| answer["exceptionDetails"].to_string())?;
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// What the console has said since this was last asked, each line with its level.
    pub(super) async fn said(&self) -> Vec<String> {
        // What the page has said by now stands before the answer to this.
        self.ask("browsingContext.getTree", json!({})).await;
        std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Bidi {
    fn drop(&mut self) {
        self.talking.abort();
    }
}

/// Sends commands and takes in what comes, until either side ends.
async fn talk(mut socket: Socket, mut waiting: mpsc::UnboundedReceiver<Command>, said: Lines) {
    let mut pending = std::collections::BTreeMap::new();
    let mut last = 0_u64;
    loop {
        tokio::select! {
            command = waiting.recv() => {
                let Some(Command { mut message, answer }) = command else { return };
                last += 1;
                message["id"] = last.into();
                pending.insert(last, answer);
                if socket.send(Message::text(message.to_string())).await.is_err() {
                    return;
                }
            }
            message = socket.next() => {
                let Some(Ok(message)) = message else { return };
                let Some(message) = message.to_text().ok().and_then(|text| serde_json::from_str::<Value>(text).ok()) else { continue };
                if let Some(answer) = message["id"].as_u64().and_then(|id| pending.remove(&id)) {
                    // Who asked may have gone.
                    let _ = answer.send(message);
                } else if message["method"] == "log.entryAdded" {
                    said.lock().unwrap_or_else(PoisonError::into_inner).push(line(&message["params"]));
                }
            }
        }
    }
}

/// An entry of the log with the level that Chromium calls it by.
fn line(entry: &Value) -> String {
    let level = match entry["level"].as_str() {
        Some("error") => "SEVERE",
        Some("warn") => "WARNING",
        _ => "INFO",
    };
    let source = entry["stackTrace"]["callFrames"][0]["url"].as_str().unwrap_or_default();
    format!("{level} {source} {}", entry["text"].as_str().unwrap_or_default())
}
