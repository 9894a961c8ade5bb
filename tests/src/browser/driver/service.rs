//! chromedriver and WebKitWebDriver: a process on a port of its own, with one session of WebDriver.

use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities as _, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};

use super::{
    COMMAND,
    process::{Process, program},
};
use crate::browser::{PATIENCE, engine::Engine};

/// What makes Chromium fit for a test: no window, no sandbox (which root cannot have), no traffic and
/// no questions of its own.
const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=en-US",
    "--window-size=1280,860",
];

/// Where Debian has WebKitGTK's browser, which is on no `PATH`.
const MINI_BROWSERS: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
];

/// A driver with one session. Dropping it ends both.
pub(in crate::browser) struct Service {
    port: u16,
    session: Option<String>,
    // The order of the fields is that of their ends: a browser that outlives its driver ends with its
    // display.
    _process: Process,
    // Kept open, so that what the driver still prints does not end it.
    _output: Option<BufReader<ChildStdout>>,
    _display: Option<Process>,
}

impl Service {
    /// Starts the driver and the browser.
    pub(super) async fn start(engine: Engine) -> (Self, WebDriver) {
        let webkit = engine == Engine::WebKit;
        let spawn = move || if webkit { Self::spawn_webkit() } else { Self::spawn_chromedriver() };
        let mut service = tokio::task::spawn_blocking(spawn).await.expect("the driver starts");
        let wishes = if webkit { mini_browser() } else { chromium() };
        let session = WebDriver::builder(format!("http://127.0.0.1:{}", service.port), wishes)
            .request_timeout(COMMAND)
            .await
            .expect("the driver opens a browser");
        service.session = Some(session.session_id().to_string());
        (service, session)
    }

    /// chromedriver takes a free port of IPv4 and then the same of IPv6, and ends where somebody else
    /// has that one by now: then another start finds another port.
    fn spawn_chromedriver() -> Self {
        let program =
            program("CHROMEDRIVER", &["/usr/bin/chromedriver"]).unwrap_or_else(|| "chromedriver".into());
        for _ in 0..5 {
            let mut process = Process::spawn(Command::new(&program).arg("--port=0").stdout(Stdio::piped()));
            let mut output = BufReader::new(process.0.stdout.take().expect("its output"));
            if let Some(port) = told(&mut output, "successfully on port ") {
                return Self {
                    port,
                    session: None,
                    _process: process,
                    _output: Some(output),
                    _display: None,
                };
            }
        }
        panic!("chromedriver ends without having said on which port it listens")
    }

    /// WebKitWebDriver has to be told its port: one that is free now, and another if it is not any more.
    fn spawn_webkit() -> Self {
        let mut display = Process::spawn(
            Command::new(program("XVFB", &["/usr/bin/Xvfb"]).unwrap_or_else(|| "Xvfb".into()))
                .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"])
                .stdout(Stdio::piped()),
        );
        let mut output = BufReader::new(display.0.stdout.take().expect("its output"));
        let number = told(&mut output, "").expect("Xvfb says which display it is");
        let program = program("WEBKITDRIVER", &["/usr/bin/WebKitWebDriver"]);
        let program = program.unwrap_or_else(|| "WebKitWebDriver".into());
        for _ in 0..5 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
            let port = free.expect("a port").port();
            let mut process = Process::quiet(
                Command::new(&program)
                    .arg(format!("--port={port}"))
                    .env("DISPLAY", format!(":{number}"))
                    .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
                    .env("NO_AT_BRIDGE", "1"),
            );
            if listens(&mut process, port) {
                return Self {
                    port,
                    session: None,
                    _process: process,
                    _output: Some(output),
                    _display: Some(display),
                };
            }
        }
        panic!("WebKitWebDriver listens on no port")
    }

    /// Closes the browser, by hand: a destructor cannot wait for a future.
    fn close_browser(&self) -> std::io::Result<()> {
        let Some(session) = &self.session else { return Ok(()) };
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            connection,
            "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )?;
        connection.read(&mut [0; 256]).map(drop)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Whatever fails here, the driver itself must end.
        let _ = self.close_browser();
    }
}

fn chromium() -> Capabilities {
    let mut wishes = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        wishes.add_arg(argument).expect("an argument");
    }
    if let Some(binary) = program("CHROME", &["/usr/bin/chromium"]) {
        wishes.set_binary(&binary.to_string_lossy()).expect("a path");
    }
    wishes.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a level");
    wishes.into()
}

fn mini_browser() -> Capabilities {
    let binary = program("MINIBROWSER", MINI_BROWSERS).expect("WebKitGTK's MiniBrowser");
    let mut wishes = Capabilities::new();
    wishes.set("browserName", "MiniBrowser").expect("a name");
    let options = json!({ "binary": binary.to_string_lossy(), "args": ["--automation"] });
    wishes.set("webkitgtk:browserOptions", options).expect("options");
    wishes
}

/// The number behind these words in what a program prints; none if it ends before.
fn told(output: &mut impl BufRead, words: &str) -> Option<u16> {
    let mut line = String::new();
    while output.read_line(&mut line).expect("the program's output") > 0 {
        if let Some((_, rest)) = line.split_once(words) {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            return Some(digits.parse().expect("a number"));
        }
        line.clear();
    }
    None
}

/// Waits until somebody listens on the port; false if the program ends before.
fn listens(process: &mut Process, port: u16) -> bool {
    let start = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(start.elapsed() < PATIENCE, "WebKitWebDriver does not listen");
        if process.0.try_wait().expect("its state").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    true
}
