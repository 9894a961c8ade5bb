//! A chromedriver process and the browser session in it.

use std::{
    io::{BufReader, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};

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

/// A chromedriver on a port of its own, with one session. Dropping it ends both.
pub(super) struct Driver {
    process: Child,
    // Kept open, so that what the driver still prints does not end it.
    _output: BufReader<ChildStdout>,
    port: u16,
    session: Option<String>,
}

impl Driver {
    /// Starts the driver and the browser.
    pub(super) async fn start() -> (Self, WebDriver) {
        let mut driver = tokio::task::spawn_blocking(Self::spawn).await.expect("the driver starts");
        let mut wishes = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            wishes.add_arg(argument).expect("an argument");
        }
        if let Some(binary) = program("CHROME", &["/usr/bin/chromium"]) {
            wishes.set_binary(&binary.to_string_lossy()).expect("a path");
        }
        wishes.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a level");
        let session = WebDriver::builder(format!("http://127.0.0.1:{}", driver.port), wishes)
            .request_timeout(Duration::from_mins(2))
            .await
            .expect("chromedriver opens a browser");
        driver.session = Some(session.session_id().to_string());
        (driver, session)
    }

    /// chromedriver takes a free port of IPv4 and then the same of IPv6, and ends where somebody else
    /// has that one by now: then another start finds another port.
    fn spawn() -> Self {
        let program =
            program("CHROMEDRIVER", &["/usr/bin/chromedriver"]).unwrap_or_else(|| "chromedriver".into());
        for _ in 0..5 {
            let mut process = Command::new(&program)
                .arg("--port=0")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
            let mut output = BufReader::new(process.stdout.take().expect("its output"));
            if let Some(port) = port(&mut output) {
                return Self { process, _output: output, port, session: None };
            }
            let _ = process.wait();
        }
        panic!("chromedriver ends without having said on which port it listens")
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

impl Drop for Driver {
    fn drop(&mut self) {
        // Whatever fails here, the driver itself must end.
        let _ = self.close_browser();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The port, from the line in which the driver tells it; none if it ends before.
fn port(output: &mut impl std::io::BufRead) -> Option<u16> {
    let mut line = String::new();
    while output.read_line(&mut line).expect("the driver's output") > 0 {
        if let Some((_, rest)) = line.split_once("successfully on port ") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            return Some(digits.parse().expect("a port"));
        }
        line.clear();
    }
    None
}

/// The program that a variable names, or the first of the usual ones that is there.
fn program(variable: &str, usual: &[&str]) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own settings, the same as of cargo xtask")]
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| usual.iter().map(PathBuf::from).find(|path| path.is_file()))
}
