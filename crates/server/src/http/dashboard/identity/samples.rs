//! How a site signs, in eight languages: the examples that the tests run, with this agent's id and this
//! server's address filled in.

use axum::extract::{Query, State, rejection::QueryRejection};
use eloquent_types::{id::AgentId, theme::Theme};
use maud::{Markup, html};
use serde::Deserialize;

use super::tab::Tab;
use crate::{
    app::App,
    http::dashboard::{embed, part, session::AgentPage},
};

/// One language: how it is called, and its example.
struct Sample {
    /// Its name in an address.
    id: &'static str,
    name: &'static str,
    /// What has to be installed, as a command; none where nothing has to.
    install: Option<&'static str>,
    file: &'static str,
    source: &'static str,
}

macro_rules! example {
    ($path:literal) => {
        include_str!(concat!("../../../../../../examples/", $path))
    };
}

/// The page's side, which is the same for every server.
const PAGE: &str = example!("express/public/site.js");

/// What the page's script does with it.
const PAGE_CALL: &str = "identify(); // now that the page loads; the same after each log-in";

/// The example's page, which has the line for calls that come before the chat's script.
const PAGE_HTML: &str = example!("express/page.html");

const SAMPLES: [Sample; 8] = [
    Sample {
        id: "node",
        name: "Node.js",
        install: Some("npm install jsonwebtoken"),
        file: "server.mjs",
        source: example!("express/server.mjs"),
    },
    Sample {
        id: "python",
        name: "Python",
        install: Some("pip install pyjwt"),
        file: "server.py",
        source: example!("python/server.py"),
    },
    Sample {
        id: "ruby",
        name: "Ruby",
        install: Some("gem install jwt"),
        file: "server.rb",
        source: example!("ruby/server.rb"),
    },
    Sample { id: "php", name: "PHP", install: None, file: "server.php", source: example!("php/server.php") },
    Sample {
        id: "go",
        name: "Go",
        install: Some("go get github.com/golang-jwt/jwt/v5"),
        file: "main.go",
        source: example!("go/main.go"),
    },
    Sample {
        id: "java",
        name: "Java",
        install: None,
        file: "Server.java",
        source: example!("java/Server.java"),
    },
    Sample {
        id: "csharp",
        name: "C#",
        install: Some("dotnet add package Microsoft.IdentityModel.JsonWebTokens"),
        file: "Program.cs",
        source: example!("csharp/Program.cs"),
    },
    Sample {
        id: "rust",
        name: "Rust",
        install: Some("cargo add serde_json && cargo add jsonwebtoken --features rust_crypto"),
        file: "src/main.rs",
        source: example!("rust/src/main.rs"),
    },
];

#[derive(Default, Deserialize)]
pub(super) struct SampleQuery {
    #[serde(default)]
    language: String,
}

pub(super) async fn show(
    State(app): State<App>,
    page: AgentPage,
    query: Result<Query<SampleQuery>, QueryRejection>,
) -> Markup {
    let language = query.map(|Query(query)| query.language).unwrap_or_default();
    let [first, ..] = &SAMPLES;
    let sample = SAMPLES.iter().find(|sample| sample.id == language).unwrap_or(first);
    let site = Site { agent: page.agent.id, server: &app.options.public_url, theme: &page.agent.theme };
    Tab::Samples.render(&page, None, &html! {
        (languages(page.agent.id, sample))
        section.card aria-labelledby="server-title" {
            h2 #server-title { "1. Your server signs who is logged in" }
            @if let Some(command) = sample.install { (part::code("install", "The command that installs the library", command)) }
            p.hint { "The secret comes from the environment: put the line there that you copied when the key was made. It never leaves your server." }
            (part::code("env", "The environment of your server", "ELOQUENT_SECRET=elq_…"))
            (part::code("sample-server", &format!("{} in {}", sample.file, sample.name), &site.fill(&shown(sample.source))))
        }
        (page_side(&site))
    })
}

fn languages(agent: AgentId, chosen: &Sample) -> Markup {
    html! {
        nav.pills aria-label="Language" { ul { @for sample in &SAMPLES {
            li { a href={ (Tab::Samples.href(agent)) "?language=" (sample.id) } aria-current=[(sample.id == chosen.id).then_some("true")] { (sample.name) } }
        } } }
    }
}

fn page_side(site: &Site<'_>) -> Markup {
    html! {
        section.card aria-labelledby="page-title" {
            h2 #page-title { "2. Your page hands the token to the chat" }
            p.hint { "The tag that puts the chat on your pages, above it a line that lets your script call before the chat has arrived, and the call when a page loads and after each log-in. When your visitor logs out: " code { "eloquent(\"logout\")" } "." }
            (part::wrapped_code("sample-tag", "The tag for your pages", &format!("{}\n{}", stub(), embed::tag(site.agent, site.theme, site.server))))
            (part::code("sample-page", "Page code that identifies the visitor", &format!("{}\n\n{PAGE_CALL}", site.fill(&shown(PAGE)))))
            p.hint {
                code { "user_id" } " is required and must be a string. "
                code { "email" } " is kept on the profile. The agent is told all claims as facts, but those that you keep from it under " a href=(Tab::Claims.href(site.agent)) { "Claims" } "; your customer can read every one."
            }
            p { a.button href=(Tab::Playground.href(site.agent)) { "Try it without a server" } }
        }
    }
}

/// The line above the tag: calls wait in a queue until the chat's script is there.
fn stub() -> &'static str {
    PAGE_HTML.lines().map(str::trim).find(|line| line.starts_with("<script>!function")).unwrap_or_default()
}

/// What is filled in.
struct Site<'a> {
    agent: AgentId,
    server: &'a str,
    theme: &'a Theme,
}

impl Site<'_> {
    /// The example with its placeholders replaced.
    fn fill(&self, example: &str) -> String {
        example.replace("agt_…", &self.agent.to_string()).replace("https://chat.example.com", self.server)
    }
}

/// The region of an example that the documentation shows, moved to the left edge.
fn shown(example: &str) -> String {
    let after = example.split_once("docs:begin").map_or(example, |(_, after)| after);
    let region = after.split_once("docs:end").map_or(after, |(region, _)| region);
    let lines: Vec<_> = region.lines().skip(1).collect();
    // The last line is the comment that ends the region.
    let lines = lines.split_last().map_or(&lines[..], |(_, lines)| lines);
    let written = lines.iter().filter(|line| !line.trim().is_empty());
    let indentation = written.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    let moved: Vec<_> = lines.iter().map(|line| line.get(indentation..).unwrap_or_default()).collect();
    moved.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_is_the_marked_region_of_an_example_and_signs_a_user_id() {
        for sample in &SAMPLES {
            let shown = shown(sample.source);
            assert!(shown.contains("user_id"), "{}: {shown}", sample.name);
            assert!(!shown.contains("docs:"), "{}: {shown}", sample.name);
            assert!(shown.lines().count() < 45, "{}: {shown}", sample.name);
            assert!(!shown.starts_with(char::is_whitespace), "{}", sample.name);
        }
        assert!(shown(PAGE).contains("\"identify\", { token, getToken }"));
        assert!(shown(PAGE).contains("async function identify()") && PAGE_CALL.starts_with("identify();"));
        assert!(stub().ends_with("w.eloquent=f}(window)</script>"), "{}", stub());
    }

    #[test]
    fn a_region_is_moved_to_the_left_edge() {
        assert_eq!(shown("x\n  // docs:begin\n  a {\n\n    b\n  }\n  // docs:end\ny"), "a {\n\n  b\n}");
        assert_eq!(shown("# docs:begin\na\n# docs:end\n"), "a");
    }

    #[test]
    fn what_is_known_is_filled_in() {
        let agent: AgentId = "agt_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
        let site = Site { agent, server: "https://chat.shop.example", theme: &Theme::default() };
        assert_eq!(
            site.fill("id agt_… at https://chat.example.com/"),
            format!("id {agent} at https://chat.shop.example/")
        );
    }
}
