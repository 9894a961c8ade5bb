//! The browser's process, and the WebDriver session in it: of each engine in its own way.

mod bidi;
mod firefox;
mod marionette;
mod process;
mod service;

use std::time::Duration;

use serde_json::Value;
use thirtyfour::WebDriver;

use super::engine::Engine;
use firefox::Firefox;
use service::Service;

/// How long a browser may take for one command.
const COMMAND: Duration = Duration::from_mins(2);

/// Everything that runs for one browser. Dropping it ends all of it.
pub(super) enum Driver {
    /// A driver that is asked over HTTP, and starts the browser itself.
    Service(#[expect(dead_code, reason = "held for its end")] Service),
    /// Firefox, and the two connections to it.
    Firefox(Firefox),
}

impl Driver {
    /// Starts the browser.
    pub(super) async fn start(engine: Engine) -> (Self, WebDriver) {
        match engine {
            Engine::Chromium | Engine::WebKit => {
                let (service, session) = Service::start(engine).await;
                (Self::Service(service), session)
            }
            Engine::Firefox => {
                let (firefox, session) = Firefox::start().await;
                (Self::Firefox(firefox), session)
            }
        }
    }

    /// Runs a command of WebDriver BiDi, where that is spoken.
    pub(super) async fn bidi(&self, method: &str, parameters: Value) -> Value {
        match self {
            Self::Firefox(firefox) => firefox.bidi(method, parameters).await,
            Self::Service(_) => panic!("{method}: this engine is not spoken to in BiDi"),
        }
    }

    /// Runs the body of an async function in the page that a session shows.
    pub(super) async fn eval(&self, session: &WebDriver, body: &str, args: Value) -> Result<Value, String> {
        match self {
            Self::Firefox(firefox) => {
                let tab = session.window().await.map_err(|error| error.to_string())?;
                firefox.eval(&tab.to_string(), body, &args).await
            }
            Self::Service(_) => self.eval_beside(session, body, args).await,
        }
    }

    /// The same in the frame that the session is in; in Firefox beside the page's own scripts.
    pub(super) async fn eval_beside(
        &self,
        session: &WebDriver,
        body: &str,
        args: Value,
    ) -> Result<Value, String> {
        let script = format!("return (async (args) => {{ {body} }})(arguments[0]);");
        let answer = session.execute(script, vec![args]).await;
        answer.map(|answer| answer.json().clone()).map_err(|error| error.to_string())
    }

    /// Sets preferences of Firefox.
    pub(super) async fn set_preferences(&self, preferences: Value) {
        match self {
            Self::Firefox(firefox) => firefox.set_preferences(preferences).await,
            Self::Service(_) => panic!("preferences are Firefox's"),
        }
    }

    /// What the console has said since this was last asked, where the browser tells it by itself.
    pub(super) async fn said(&self) -> Vec<String> {
        match self {
            Self::Firefox(firefox) => firefox.said().await,
            Self::Service(_) => Vec::new(),
        }
    }
}
