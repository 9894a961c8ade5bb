//! Rich text: the block tree into which answers (Markdown) are parsed on the server, and from which
//! the widget and the dashboard build nodes. There is no HTML in it anywhere.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::text::split_at_mark;

/// A block of rich text. On the wire: `{"paragraph":[…]}`, `"rule"`, …
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its text.
        content: Vec<Inline>,
    },
    /// A bulleted or numbered list.
    List {
        /// The first number of a numbered list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<u32>,
        /// The blocks of each item.
        items: Vec<Vec<Block>>,
    },
    /// A block of code.
    Code {
        /// The language that was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// The code, with its line breaks.
        text: String,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A table.
    Table {
        /// How each column is aligned.
        align: Vec<Align>,
        /// The cells of the head.
        header: Vec<Vec<Inline>>,
        /// The cells of each row.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A thematic break.
    Rule,
}

/// How a table's column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// As the text runs.
    None,
    /// To the left.
    Left,
    /// Centred.
    Center,
    /// To the right.
    Right,
}

/// A piece of running text. On the wire: `{"text":"…"}`, `{"strong":[…]}`, `"break"`, …
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Struck out.
    Strike(Vec<Inline>),
    /// Code.
    Code(String),
    /// A link.
    Link {
        /// Where to.
        href: Href,
        /// What it is called.
        content: Vec<Inline>,
    },
    /// A line break.
    Break,
}

/// The address of a link: absolute, and `http`, `https` or `mailto` alone. Checked again wherever it
/// is deserialized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Href(String);

/// The address may not be linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only absolute http, https and mailto addresses can be linked to")]
pub struct InvalidHref;

impl Href {
    /// Accepts an absolute address with an allowed scheme and without control characters or spaces.
    /// (Browsers drop tabs and line breaks inside a scheme, so `java\nscript:` must not pass as text
    /// that merely lacks an allowed scheme: everything not recognised is refused.)
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidHref> {
        let text = text.into();
        let (scheme, rest) = split_at_mark(&text, b':').ok_or(InvalidHref)?;
        let is = |name: &str| scheme.eq_ignore_ascii_case(name);
        let known = if is("http") || is("https") {
            rest.strip_prefix("//").is_some_and(|host| !host.is_empty())
        } else {
            is("mailto") && !rest.is_empty()
        };
        if known && !text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            Ok(Self(text))
        } else {
            Err(InvalidHref)
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Href {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// The text of blocks without their form, blocks on lines of their own: for announcements, previews
/// and copies.
#[must_use]
pub fn plain_text(blocks: &[Block]) -> String {
    let mut out = String::new();
    write_blocks(&mut out, blocks);
    trim_end(&mut out);
    out
}

fn trim_end(out: &mut String) {
    while out.ends_with(char::is_whitespace) {
        out.pop();
    }
}

fn write_blocks(out: &mut String, blocks: &[Block]) {
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading { content, .. } => write_line(out, content),
            Block::List { items, .. } => items.iter().for_each(|item| write_blocks(out, item)),
            Block::Quote(blocks) => write_blocks(out, blocks),
            Block::Code { text, .. } => {
                out.push_str(text);
                trim_end(out);
                out.push('\n');
            }
            Block::Table { header, rows, .. } => {
                for row in std::iter::once(header).chain(rows) {
                    for (index, cell) in row.iter().enumerate() {
                        if index > 0 {
                            out.push_str(", ");
                        }
                        write_inlines(out, cell);
                    }
                    out.push('\n');
                }
            }
            Block::Rule => {}
        }
    }
}

fn write_line(out: &mut String, content: &[Inline]) {
    write_inlines(out, content);
    out.push('\n');
}

fn write_inlines(out: &mut String, content: &[Inline]) {
    for inline in content {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Strong(content)
            | Inline::Emphasis(content)
            | Inline::Strike(content)
            | Inline::Link { content, .. } => write_inlines(out, content),
            Inline::Break => out.push('\n'),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn links_carry_three_schemes_only() {
        for good in ["https://example.com/a?b#c", "HTTP://x", "mailto:a@example.com", "https://[::1]:8080/"] {
            assert_eq!(Href::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "x",
            "/a",
            "//host",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "JavaScript:x",
            " https://a",
            "data:text/html,x",
            "vbscript:x",
            "https:",
            "https://",
            "mailto:",
            "https://a b",
            "https://a\u{2028}",
            "\u{1}https://a",
            "file:///etc/passwd",
            "blob:https://a",
            "httpsx://a",
            "é:x",
        ] {
            assert_eq!(Href::parse(bad), Err(InvalidHref), "{bad:?}");
        }
    }

    #[test]
    fn wire_form_and_plain_text() {
        let wire = json!([
            {"heading": {"level": 2, "content": [{"text": "Plans"}]}},
            {"paragraph": [{"text": "See "}, {"link": {"href": "https://example.com/", "content": [{"strong": [{"text": "this"}]}]}}, "break", {"code": "x"}]},
            {"list": {"start": 1, "items": [[{"paragraph": [{"emphasis": [{"text": "one"}]}]}], [{"paragraph": [{"strike": [{"text": "two"}]}]}]]}},
            {"code": {"language": "rust", "text": "fn x() {}\n"}},
            {"quote": [{"paragraph": [{"text": "q"}]}]},
            {"table": {"align": ["left", "none"], "header": [[{"text": "a"}], [{"text": "b"}]], "rows": [[[{"text": "1"}], []]]}},
            "rule"
        ]);
        let blocks: Vec<Block> = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(serde_json::to_value(&blocks).unwrap(), wire);
        assert_eq!(plain_text(&blocks), "Plans\nSee this\nx\none\ntwo\nfn x() {}\nq\na, b\n1,");
    }

    #[test]
    fn a_forbidden_link_does_not_deserialize() {
        let wire = json!({"link": {"href": "javascript:alert(1)", "content": []}});
        assert!(serde_json::from_value::<Inline>(wire).is_err());
    }
}
