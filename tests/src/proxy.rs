//! A network that goes wrong when it is told to: a relay before the server, on a port of its own. The page
//! loads everything through it.
//!
//! Invariant: bytes are late, come one by one, or do not come; they never change places.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::app::TestApp;

/// The relay. Dropping it ends it, with all of its connections.
pub struct Proxy {
    /// Its address, to be used in place of the server's.
    pub url: String,
    line: watch::Sender<Line>,
    listening: watch::Receiver<bool>,
    relaying: JoinHandle<()>,
}

/// What the network is like.
#[derive(Clone, Debug)]
struct Line {
    open: bool,
    /// How often all connections were cut.
    cuts: u32,
    delay: Duration,
    /// The most bytes of an answer that come at once.
    piece: usize,
    /// What a connection brings before it is cut.
    limit: Option<usize>,
}

const GOOD: Line = Line { open: true, cuts: 0, delay: Duration::ZERO, piece: usize::MAX, limit: None };

impl Proxy {
    /// A relay to the server that does nothing wrong.
    pub async fn before(app: &TestApp) -> Self {
        let server = app.url.trim_start_matches("http://").parse().expect("an address");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let here = listener.local_addr().expect("an address");
        let (line, watching) = watch::channel(GOOD);
        let (told, listening) = watch::channel(true);
        #[expect(clippy::disallowed_methods, reason = "the handle is kept and aborted when the test ends")]
        let relaying = tokio::spawn(accept(listener, server, watching, told));
        Self { url: format!("http://{here}"), line, listening, relaying }
    }

    /// Cuts every connection, and refuses new ones.
    pub async fn close(&self) {
        self.change(|line| {
            line.open = false;
            line.cuts += 1;
        });
        self.until_listening(false).await;
    }

    /// Lets connections through again.
    pub async fn open(&self) {
        self.change(|line| line.open = true);
        self.until_listening(true).await;
    }

    /// Cuts every connection that there is; new ones pass.
    pub fn cut(&self) {
        self.change(|line| line.cuts += 1);
    }

    /// What the server sends comes so much later from here on.
    pub fn delay(&self, delay: Duration) {
        self.change(|line| line.delay = delay);
    }

    /// What the server sends comes in pieces of so many bytes from here on, each in a write of its own.
    pub fn split(&self, bytes: usize) {
        self.change(|line| line.piece = bytes.max(1));
    }

    /// Each connection is cut when it has brought so many bytes, heads of answers included. One that has
    /// brought more by now is cut at its next byte.
    pub fn cut_after(&self, bytes: usize) {
        self.change(|line| line.limit = Some(bytes));
    }

    /// Brings everything at once and whole from here on. What was cut stays cut, and what was closed closed.
    pub fn mend(&self) {
        self.change(|line| *line = Line { open: line.open, cuts: line.cuts, ..GOOD });
    }

    async fn until_listening(&self, listening: bool) {
        let mut told = self.listening.clone();
        told.wait_for(|now| *now == listening).await.expect("the relay runs");
    }

    fn change(&self, change: impl FnOnce(&mut Line)) {
        self.line.send_modify(change);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.relaying.abort();
    }
}

/// Takes connections while the line is open. While it is closed nobody listens, as where no server runs.
async fn accept(
    listener: TcpListener,
    server: SocketAddr,
    line: watch::Receiver<Line>,
    listening: watch::Sender<bool>,
) {
    let here = listener.local_addr().expect("an address");
    let mut connections = JoinSet::new();
    let mut state = line.clone();
    let mut listener = Some(listener);
    loop {
        let open = state.borrow_and_update().open;
        if !open {
            listener = None;
        } else if listener.is_none() {
            listener = Some(TcpListener::bind(here).await.expect("the port is free again"));
        }
        listening.send_replace(open);
        tokio::select! {
            accepted = next(listener.as_ref()) => if let Ok((visitor, _)) = accepted {
                connections.spawn(relay(visitor, server, line.clone()));
            },
            changed = state.changed() => if changed.is_err() { return },
            // Those that have ended are not kept.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn next(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn relay(visitor: TcpStream, server: SocketAddr, mut line: watch::Receiver<Line>) {
    let Line { open, cuts, .. } = line.borrow().clone();
    // It came in the moment in which the line was closed.
    if !open {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    // Otherwise small pieces wait for each other, and come as one.
    let _ = visitor.set_nodelay(true);
    let (mut asking, answered) = visitor.into_split();
    let (answering, mut asked) = server.into_split();
    let watching = line.clone();
    tokio::select! {
        // A connection that breaks is what this is for.
        _ = copy(&mut asking, &mut asked) => {}
        _ = deliver(answering, answered, watching) => {}
        _ = line.wait_for(|line| line.cuts != cuts) => {}
    }
}

async fn deliver(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    line: watch::Receiver<Line>,
) -> io::Result<()> {
    let mut brought = 0;
    let mut buffer = [0; 4096];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        let Line { delay, piece, limit, .. } = line.borrow().clone();
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let passes = limit.map_or(read, |limit| read.min(limit.saturating_sub(brought)));
        for piece in buffer[..passes].chunks(piece) {
            to.write_all(piece).await?;
            tokio::task::yield_now().await;
        }
        brought += read;
        if passes < read {
            return Ok(());
        }
    }
}
