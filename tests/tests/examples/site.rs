//! An example as a process, and a browser's part of talking to it: log in, keep the cookie, fetch the
//! token.

use std::{
    io::{BufRead as _, BufReader, Read},
    net::TcpListener,
    process::{Child, ExitStatus, Stdio},
};

use reqwest::{
    Client, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};

use super::{
    customers::Titled,
    languages::{Language, Prepared},
};

/// How often another port is tried where somebody else took the one that had been free.
const ATTEMPTS: usize = 5;

/// An example that runs until it is dropped.
pub(super) struct Site {
    pub(super) url: String,
    language: Language,
    http: Client,
    process: Ended,
    // Kept open, so that what the site still prints does not end it; and the copy that it runs from.
    _output: Box<dyn Read + Send>,
    _prepared: Prepared,
}

/// A process that does not outlive this value.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Site {
    /// Starts the example on a free port. Installing and compiling what it needs is part of it.
    pub(super) async fn start(language: Language, secret: &str, customers: &[Titled]) -> Self {
        match Self::try_start(language, Some(secret), customers).await {
            Ok(site) => site,
            Err(status) => panic!("the example in {language:?} ended: {status}"),
        }
    }

    /// The same with this secret, or none; or how the example ended instead.
    pub(super) async fn try_start(
        language: Language,
        secret: Option<&str>,
        customers: &[Titled],
    ) -> Result<Self, ExitStatus> {
        let mut prepared = {
            let customers = serde_json::to_value(
                customers.iter().map(|titled| (&titled.title, &titled.customer)).collect::<Vec<_>>(),
            );
            let customers = customers.unwrap();
            tokio::task::spawn_blocking(move || language.prepare(&customers)).await.unwrap()
        };
        prepared.command.stdin(Stdio::null()).env_remove("ELOQUENT_SECRET").env("PORT", "0");
        if let Some(secret) = secret {
            prepared.command.env("ELOQUENT_SECRET", secret);
        }
        if secret.is_none_or(str::is_empty) {
            // It is to complain, and nobody has to read it.
            prepared.command.stderr(Stdio::null());
        }
        tokio::task::spawn_blocking(move || Self::spawn(language, prepared)).await.unwrap()
    }

    fn spawn(language: Language, mut prepared: Prepared) -> Result<Self, ExitStatus> {
        if language != Language::Php {
            let mut child = prepared.command.stdout(Stdio::piped()).spawn().unwrap();
            let output = child.stdout.take().unwrap();
            return Self::announced(language, prepared, Ended(child), output, "listening on ");
        }
        // PHP's server takes a port as it is given, tells no other, and speaks on standard error.
        for _ in 0..ATTEMPTS {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut again = prepared.again();
            again.command.args(["-S", &format!("127.0.0.1:{port}"), "server.php"]);
            let mut child = again.command.stderr(Stdio::piped()).spawn().unwrap();
            let output = child.stderr.take().unwrap();
            if let Ok(site) = Self::announced(language, again, Ended(child), output, "Server (") {
                return Ok(site);
            }
        }
        panic!("PHP's server does not start");
    }

    /// Waits for the line that tells the address.
    fn announced(
        language: Language,
        prepared: Prepared,
        mut process: Ended,
        output: impl Read + Send + 'static,
        before: &str,
    ) -> Result<Self, ExitStatus> {
        let mut output = BufReader::new(output);
        let mut line = String::new();
        while output.read_line(&mut line).unwrap() > 0 {
            if let Some((_, rest)) = line.split_once(before) {
                let url = rest.trim_end().trim_end_matches(") started").to_owned();
                let (http, output) = (Client::new(), Box::new(output));
                return Ok(Self { url, language, http, process, _output: output, _prepared: prepared });
            }
            line.clear();
        }
        Err(process.0.wait().unwrap())
    }

    /// Logs the customer in; gives the session's cookie.
    pub(super) async fn log_in(&self, titled: &Titled) -> String {
        let request = self.http.post(format!("{}/api/login", self.url));
        let request = match self.language {
            Language::Node => request.json(&json!({ "username": titled.title })),
            _ => request.header("content-type", "application/x-www-form-urlencoded").body(form(titled)),
        };
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{:?}: {}", self.language, response.status());
        // PHP sets it twice when it gives the session a new name; a browser keeps the last one.
        let cookie = response.headers().get_all(SET_COOKIE).iter().next_back().unwrap().to_str().unwrap();
        assert!(cookie.to_ascii_lowercase().contains("httponly"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Asks for a token.
    pub(super) async fn ask(&self, cookie: Option<&str>) -> Response {
        // A browser says that it sends no body; without that WEBrick goes on waiting for one.
        let request = self.http.post(format!("{}/api/eloquent-token", self.url)).header(CONTENT_LENGTH, 0);
        let request = cookie.into_iter().fold(request, |request, cookie| request.header(COOKIE, cookie));
        request.send().await.unwrap()
    }

    /// The status of a mere GET of where the tokens are.
    pub(super) async fn get(&self, cookie: &str) -> StatusCode {
        let request = self.http.get(format!("{}/api/eloquent-token", self.url)).header(COOKIE, cookie);
        request.send().await.unwrap().status()
    }

    /// The token of whoever the cookie belongs to.
    pub(super) async fn token(&self, cookie: &str) -> String {
        let response = self.ask(Some(cookie)).await;
        assert_eq!(response.status(), 200, "{:?}", self.language);
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store", "{:?}", self.language);
        let body: Value = response.json().await.unwrap();
        body["token"].as_str().unwrap().to_owned()
    }

    /// Whether the process still runs.
    pub(super) fn is_running(&mut self) -> bool {
        self.process.0.try_wait().unwrap().is_none()
    }
}

/// The customer as a browser's form sends them.
fn form(titled: &Titled) -> String {
    let customer = &titled.customer;
    let fields = [
        ("id", &customer.id),
        ("email", &customer.email),
        ("name", &customer.name),
        ("plan", &customer.plan),
    ];
    fields.map(|(name, value)| format!("{name}={}", percent(value))).join("&")
}

fn percent(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
