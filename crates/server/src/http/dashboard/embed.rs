//! The tag that puts an agent's chat on a page.

use std::fmt::Write as _;

use eloquent_types::{
    id::AgentId,
    theme::{Color, Position, Scheme, Theme},
};

/// The tag for an agent's pages. The launcher is drawn before anything is asked of the server, so the tag
/// brings what it looks like: the colour, the side, and light or dark.
pub(super) fn tag(agent: AgentId, theme: &Theme, public_url: &str) -> String {
    let mut tag = format!("<script async src=\"{public_url}/eloquent.js\" data-agent-id=\"{agent}\"");
    for (name, value) in [
        ("accent", theme.accent.as_ref().map(Color::as_str)),
        ("position", theme.position.filter(|side| *side != Position::Right).map(Position::as_str)),
        ("theme", theme.scheme.filter(|scheme| *scheme != Scheme::Auto).map(Scheme::as_str)),
    ] {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = write!(tag, " data-{name}=\"{value}\"");
        }
    }
    tag.push_str("></script>");
    tag
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tag_brings_what_the_launcher_looks_like_and_nothing_that_is_so_anyway() {
        let agent: AgentId = "agt_01h2xcejqtf2nbrexx3vqjhp41".parse().unwrap();
        for (theme, attributes) in [
            (json!({}), ""),
            (json!({ "position": "right", "scheme": "auto", "radius": 4, "launcher_label": "Help" }), ""),
            (
                json!({ "accent": "#123456", "position": "left", "scheme": "dark" }),
                " data-accent=\"#123456\" data-position=\"left\" data-theme=\"dark\"",
            ),
        ] {
            let theme: Theme = serde_json::from_value(theme).unwrap();
            let start = "<script async src=\"https://chat.shop.example/eloquent.js\" data-agent-id=";
            assert_eq!(
                tag(agent, &theme, "https://chat.shop.example"),
                format!("{start}\"{agent}\"{attributes}></script>")
            );
        }
    }
}
