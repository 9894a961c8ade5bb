//! A network that can be cut: a relay before the server, on a port of its own, which a test closes and
//! opens. The page loads everything through it.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::app::TestApp;

/// The relay.
pub struct Gate {
    /// Its address, to be used in place of the server's.
    pub url: String,
    open: watch::Sender<bool>,
    relaying: JoinHandle<()>,
}

impl Gate {
    /// An open relay to the server.
    pub async fn before(app: &TestApp) -> Self {
        let server = app.url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (open, watching) = watch::channel(true);
        #[expect(clippy::disallowed_methods, reason = "the handle is kept and aborted when the test ends")]
        let relaying = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // Ends when either side hangs up or the relay is closed.
                tokio::spawn(relay(connection, server.clone(), watching.clone()));
            }
        });
        Self { url, open, relaying }
    }

    /// Cuts every connection, and every new one at once.
    pub fn close(&self) {
        self.open.send_replace(false);
    }

    /// Lets connections through again.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.relaying.abort();
    }
}

async fn relay(mut visitor: TcpStream, server: String, mut open: watch::Receiver<bool>) {
    if !*open.borrow_and_update() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        // A connection that breaks is what this is for.
        _ = copy_bidirectional(&mut visitor, &mut server) => {}
        _ = open.wait_for(|open| !open) => {}
    }
}
