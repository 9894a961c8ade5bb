//! A customer's page: fixed HTML from a tiny server on an origin of its own, which embeds the widget
//! of a [`TestApp`] across origins, as customers do.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{KEEP, WATCH, engine::Engine};
use crate::app::TestApp;

/// What the documentation has a page paste that calls before the script has loaded.
pub const STUB: &str = "<script>!function(w){if(w.eloquent)return;var q=[],f=function(){\
    var a=[].slice.call(arguments);return new Promise(function(r){q.push([a,r])})};f.q=q;w.eloquent=f}(window)\
    </script>";

/// A server that answers every request with the same page.
pub struct HostPage {
    /// The page's address, on another site than the chat's server.
    pub url: String,
    serving: JoinHandle<()>,
}

impl HostPage {
    /// A page with the embed tag and nothing special.
    pub async fn embedding(app: &TestApp) -> Self {
        Self::serve(page("", &tag(app, ""))).await
    }

    /// A page of this HTML.
    pub async fn serve(html: String) -> Self {
        Self::listen(html, "no-store").await
    }

    /// A page of this HTML that a browser may keep as it stands when it is left, and show again on the way
    /// back.
    pub async fn serve_to_keep(html: String) -> Self {
        Self::listen(html, "private").await
    }

    async fn listen(html: String, cache: &'static str) -> Self {
        let html = watched(html);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        #[expect(clippy::disallowed_methods, reason = "the handle is kept and aborted when the test ends")]
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // A browser may open a connection and say nothing: it must not hold up the next one.
                tokio::spawn(answer(connection, html.clone(), cache));
            }
        });
        Self { url: format!("http://localhost:{port}/"), serving }
    }
}

impl Drop for HostPage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The embed tag, with more attributes.
pub fn tag(app: &TestApp, attributes: &str) -> String {
    tag_from(&app.url, app, attributes)
}

/// The embed tag with another address of the server.
pub fn tag_from(url: &str, app: &TestApp, attributes: &str) -> String {
    format!("<script async src=\"{url}/eloquent.js\" data-agent-id=\"{}\" {attributes}></script>", app.agent)
}

/// A page with these parts in its head, in this order.
pub fn page(before: &str, tag: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Host</title>\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
        <link rel=\"icon\" href=\"data:,\"><style>:root {{ color-scheme: light dark; font-family: sans-serif }} \
        body {{ margin: 2rem }}</style>{before}{tag}</head>\
        <body><h1>A customer's page</h1><p><a id=\"first\" href=\"#a\">A link</a></p></body></html>"
    )
}

/// The page, listening to itself where the engine cannot be listened to.
fn watched(html: String) -> String {
    if Engine::of_this_run() != Engine::WebKit {
        return html;
    }
    html.replacen("<head>", &format!("<head><script>{{ {KEEP} {WATCH} }}</script>"), 1)
}

async fn answer(mut connection: TcpStream, html: String, cache: &str) {
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        match connection.read(&mut piece).await {
            Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
        cache-control: {cache}\r\nconnection: close\r\n\r\n",
        html.len()
    );
    // The browser may have gone: then nobody is waiting for this.
    let _ = connection.write_all(head.as_bytes()).await;
    let _ = connection.write_all(html.as_bytes()).await;
}
