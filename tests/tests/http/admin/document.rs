//! docs/api.md tells the truth: its requests are made, one after the other, and what comes back must
//! stand in it word for word, but for random parts.

use std::{fmt, fs, path::Path};

use eloquent_identity::{Rejection, Signed};
use eloquent_store::{Enforcement, NewAttempt, Surface};
use eloquent_tests::app::{START, TestApp};
use eloquent_types::text::UserId;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{
    client::{Answer, Api, ada, talk},
    routes,
};

/// The widest line of an answer in the document.
const WIDTH: usize = 100;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/api.md");

/// A piece of the document.
enum Piece<'d> {
    /// What is not looked at.
    Prose(&'d str),
    /// A request; the answer that stands behind it is left out.
    Request(&'d str),
}

/// Splits the document.
fn pieces(document: &str) -> Vec<Piece<'_>> {
    const START: &str = "```sh\ncurl ";
    let mut pieces = Vec::new();
    let mut rest = document;
    while let Some(at) = rest.find(START) {
        let end = at + rest[at..].find("\n```\n").expect("the request ends") + "\n```\n".len();
        let next = rest[end..].find("\nAnswer, ").map(|found| end + found + 1);
        let heading = next.filter(|next| rest[end..*next].trim().is_empty()).expect("an answer follows");
        let open = heading + rest[heading..].find(":\n\n```json\n").expect("the answer begins");
        let close = open + rest[open..].find("\n```\n").expect("the answer ends") + "\n```\n".len();
        pieces.push(Piece::Prose(&rest[..at]));
        pieces.push(Piece::Request(&rest[at..heading]));
        rest = &rest[close..];
    }
    pieces.push(Piece::Prose(rest));
    pieces
}

/// The words of a shell command: quotes, variables and continued lines, as far as the document has them.
fn words(command: &str, variable: impl Fn(&str) -> String) -> Vec<String> {
    let (mut words, mut word, mut quote, mut started) = (Vec::new(), String::new(), None, false);
    let mut letters = command.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', None) => drop(letters.next()),
            ('\\', Some('"')) => word.extend(letters.next()),
            ('\'' | '"', None) => (quote, started) = (Some(letter), true),
            ('\'', Some('\'')) | ('"', Some('"')) => quote = None,
            ('$', None | Some('"')) => {
                let mut name = String::new();
                while let Some(next) = letters.next_if(|next| next.is_ascii_uppercase() || *next == '_') {
                    name.push(next);
                }
                word.push_str(&variable(&name));
                started = true;
            }
            (' ' | '\n', None) => {
                if started {
                    words.push(std::mem::take(&mut word));
                }
                started = false;
            }
            _ => {
                word.push(letter);
                started = true;
            }
        }
    }
    words.extend(started.then_some(word));
    words
}

/// A request as curl would make it.
struct Curl {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Curl {
    fn parse(request: &str, variable: impl Fn(&str) -> String) -> Self {
        let command = request.trim_start_matches("```sh\n").trim().trim_end_matches("```");
        let mut words = words(command, variable).into_iter().skip(1);
        let mut curl =
            Self { method: "GET".to_owned(), path: String::new(), headers: Vec::new(), body: None };
        let mut method = None;
        while let Some(word) = words.next() {
            match word.as_str() {
                "-X" => method = words.next(),
                "-H" => {
                    let header = words.next().expect("a header");
                    let (name, value) = header.split_once(": ").expect("a header");
                    curl.headers.push((name.to_owned(), value.to_owned()));
                }
                "-d" => curl.body = words.next(),
                url => url.strip_prefix("URL/api/v1").expect("an address").clone_into(&mut curl.path),
            }
        }
        if curl.body.is_some() {
            "POST".clone_into(&mut curl.method);
        }
        curl.method = method.unwrap_or(curl.method);
        curl
    }

    async fn send(&self, api: &Api) -> Answer {
        let mut request = api.request(self.method.parse().unwrap(), &self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        Answer::of(request.send().await.unwrap()).await
    }
}

/// The members of an object in the order in which they came.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// JSON as it stands in the document: what fits on a line is on one, and what is random is left out.
fn written(json: &str, indent: usize) -> String {
    let inner = |json: &RawValue| written(json.get(), indent + 2);
    let (open, close, parts) = match json.as_bytes().first() {
        Some(b'{') => {
            let members = serde_json::from_str::<Members<'_>>(json).unwrap().0;
            let part = |(name, value): (String, &RawValue)| match name.as_str() {
                "last_four" => "\"last_four\": \"…\"".to_owned(),
                _ => format!("{}: {}", Value::from(name), inner(value)),
            };
            ("{ ", " }", members.into_iter().map(part).collect::<Vec<_>>())
        }
        Some(b'[') => {
            let items = serde_json::from_str::<Vec<&RawValue>>(json).unwrap();
            ("[", "]", items.into_iter().map(inner).collect())
        }
        Some(b'"') => {
            return Value::from(without_random(&serde_json::from_str::<String>(json).unwrap())).to_string();
        }
        _ => return json.to_owned(),
    };
    let line = parts.join(", ");
    if parts.is_empty() {
        return [open.trim(), close.trim()].concat();
    }
    if indent + line.len() < WIDTH && !line.contains('\n') {
        return [open, &line, close].concat();
    }
    let gap = format!("\n{}", " ".repeat(indent + 2));
    format!("{}{gap}{}\n{}{}", open.trim(), parts.join(&format!(",{gap}")), " ".repeat(indent), close.trim())
}

/// Ids and secrets end after their prefix.
fn without_random(text: &str) -> String {
    let (before, last) =
        text.rsplit_once([' ', '=', '(']).map_or(("", text), |(before, last)| (&text[..=before.len()], last));
    let (bare, after) = last.strip_suffix(')').map_or((last, ""), |bare| (bare, ")"));
    let random = |rest: &str| [26, 43].contains(&rest.len()) && !rest.contains(' ');
    match bare.split_once('_') {
        Some((prefix @ ("agt" | "prf" | "cnv" | "msg" | "key" | "apk" | "elq" | "elk"), rest))
            if random(rest) =>
        {
            format!("{before}{prefix}_…{after}")
        }
        _ => text.to_owned(),
    }
}

/// An attempt that failed, besides the one that succeeded when the user talked.
async fn fail_once(app: &TestApp) {
    let signed = Signed {
        key: app.key,
        issued_at: Some(1_699_996_000.0),
        not_before: None,
        expires_at: Some(1_699_999_600.0),
        user_id: Some(UserId::parse("cust_ada").unwrap()),
    };
    let attempt = NewAttempt {
        agent: app.agent,
        at: START,
        surface: Surface::Identify,
        verdict: Err(Rejection::Expired),
        enforcement: Enforcement::Off,
        signed: Some(signed),
        origin: Some("https://shop.example.com".to_owned()),
        conversation: None,
        profile: None,
    };
    app.write(move |writer| writer.record_attempt(&attempt).map(drop)).await;
}

#[tokio::test]
async fn the_document_shows_what_comes_back() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app, ada()).await;
    fail_once(&app).await;
    let token = app.token(serde_json::json!({ "user_id": 42, "plan": "pro" }));
    let api = Api::of(&app).await;
    let variable = |name: &str| match name {
        "URL" => "URL".to_owned(),
        "ELOQUENT_API_KEY" => api.authorization.as_deref().unwrap().trim_start_matches("Bearer ").to_owned(),
        "AGENT" => app.agent.to_string(),
        "KEY" => app.key.to_string(),
        "PROFILE" => profile.clone(),
        "CONVERSATION" => conversation.clone(),
        "TOKEN" => token.expose().to_owned(),
        other => panic!("the document uses ${other}"),
    };
    // The requests have the key themselves.
    let nobody = Api::without_key(&app);
    let document = fs::read_to_string(FILE).unwrap();
    let (mut as_it_is, mut shown) = (String::new(), Vec::new());
    for piece in pieces(&document) {
        match piece {
            Piece::Prose(text) => as_it_is.push_str(text),
            Piece::Request(request) => {
                let curl = Curl::parse(request, variable);
                let answer = curl.send(&nobody).await;
                let body = written(&answer.text, 0);
                as_it_is.push_str(request);
                let heading = format!("Answer, {}:", answer.status);
                as_it_is.push_str(&[&heading, "\n\n```json\n", &body, "\n```\n"].concat());
                shown.push(format!("{} {}", curl.method, curl.path.split('?').next().unwrap()));
            }
        }
    }
    if as_it_is != document {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("api.md");
        fs::write(&file, as_it_is).unwrap();
        panic!("docs/api.md differs from what is so; the document as it should be: {}", file.display());
    }
    let mut routes = routes::all(&app.agent.to_string(), &app.key.to_string(), &profile, &conversation);
    routes.push(routes::Route { method: "GET", path: "/agents".to_owned(), body: None });
    for route in routes {
        let name = format!("{} {}", route.method, route.path);
        assert!(shown.contains(&name), "docs/api.md does not show {name}");
    }
}

#[test]
fn commands_are_taken_apart_as_a_shell_does() {
    let value = |name: &str| format!("<{name}>");
    assert_eq!(
        words("curl -H \"A: $B_C/d\" \\\n  '{\"$x\": 1}' $E/f ''", value),
        ["curl", "-H", "A: <B_C>/d", "{\"$x\": 1}", "<E>/f", ""]
    );
}

#[test]
fn what_is_random_is_left_out() {
    let id = "01h2xcejqtf2nbrexx3vqjhp41";
    assert_eq!(without_random(&format!("agt_{id}")), "agt_…");
    assert_eq!(without_random(&format!("ELOQUENT_SECRET=elq_{}", "A".repeat(43))), "ELOQUENT_SECRET=elq_…");
    assert_eq!(without_random(&format!("API key script (apk_{id})")), "API key script (apk_…)");
    assert_eq!(without_random("cust_ada"), "cust_ada");
    assert_eq!(written(r#"{"b":1,"a":[],"last_four":"x"}"#, 0), r#"{ "b": 1, "a": [], "last_four": "…" }"#);
}
