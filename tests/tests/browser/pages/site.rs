//! A customer's site of several pages, from a tiny server on an origin of its own: pages and scripts by
//! their paths, and forms that lead somewhere else.

use std::{collections::BTreeMap, path::PathBuf, process::Command};

use eloquent_tests::{app::TestApp, browser::host::tag};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What stands at a path.
#[derive(Clone)]
pub(super) enum Answer {
    Page(String),
    Script(String),
    /// What a form that was sent is answered with.
    SeeOther(&'static str),
}

/// The site; it ends with its value.
pub(super) struct Site {
    /// Without a slash at its end.
    pub(super) url: String,
    serving: JoinHandle<()>,
}

impl Site {
    /// Serves what stands at these paths, and to all others an error.
    pub(super) async fn serve(answers: impl IntoIterator<Item = (&'static str, Answer)>) -> Self {
        let answers: BTreeMap<_, _> = answers.into_iter().collect();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        #[expect(clippy::disallowed_methods, reason = "the handle is kept and aborted when the test ends")]
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // A browser may open a connection and say nothing: it must not hold up the next one.
                tokio::spawn(answer(connection, answers.clone()));
            }
        });
        Self { url: format!("http://localhost:{port}"), serving }
    }

    /// The address of a path.
    pub(super) fn at(&self, path: &str) -> String {
        [&self.url, path].concat()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Where the tag stands on each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Head,
    Body,
}

/// The pages of a shop, three of them and a form, each with the tag and, at the end of its body, what such
/// sites do there: who is logged in is told anew on every page.
pub(super) fn shop(app: &TestApp, place: Place, head: &str, told: &str) -> Vec<(&'static str, Answer)> {
    let tag = tag(app, "");
    let (above, below) = if place == Place::Head { (&*tag, "") } else { ("", &*tag) };
    let page = |title: &str, body: &str, told: &str| {
        Answer::Page(format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
            <link rel=\"icon\" href=\"data:,\">{head}{above}</head><body><h1>{title}</h1>\
            <nav><a id=\"to-home\" href=\"/\">Home</a> <a id=\"to-cart\" href=\"/cart\">Cart</a> \
            <a id=\"to-bye\" href=\"/bye\">Log out</a></nav>{body}{below}<script data-astro-rerun>{told}</script></body></html>"
        ))
    };
    let form = "<form method=\"post\" action=\"/order\"><input type=\"hidden\" name=\"item\" value=\"3\">\
        <button id=\"order\">Order</button></form>";
    vec![
        ("/", page("Home", "", told)),
        ("/cart", page("Cart", form, told)),
        ("/order", Answer::SeeOther("/thanks")),
        ("/thanks", page("Thanks", "", told)),
        ("/bye", page("Bye", "", "window.eloquent?.('logout').then(() => { window.leftAt = 'bye'; })")),
    ]
}

/// Where the packages are that change pages without loading them.
pub(super) fn packages() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pages");
    if !folder.join("node_modules/.package-lock.json").is_file() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        let done = npm.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    folder.join("node_modules")
}

async fn answer(mut connection: TcpStream, answers: BTreeMap<&'static str, Answer>) {
    let Some(request) = read(&mut connection).await else { return };
    let target = request.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let (head, body) = match answers.get(path) {
        Some(Answer::Page(html)) => ("200 OK\r\ncontent-type: text/html; charset=utf-8".to_owned(), &**html),
        Some(Answer::Script(code)) => ("200 OK\r\ncontent-type: text/javascript".to_owned(), &**code),
        Some(Answer::SeeOther(path)) => (format!("303 See Other\r\nlocation: {path}"), ""),
        None => ("404 Not Found\r\ncontent-type: text/plain".to_owned(), "Not here."),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {head}\r\ncontent-length: {length}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    );
    // The browser may have gone: then nobody is waiting for this.
    let _ = connection.write_all(head.as_bytes()).await;
    let _ = connection.write_all(body.as_bytes()).await;
}

/// A whole request, with its body: a connection that is closed while its client still writes is reset.
async fn read(connection: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match connection.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}
