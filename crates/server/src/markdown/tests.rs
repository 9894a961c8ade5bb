use eloquent_types::rich::plain_text;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn wire(markdown: &str) -> Value {
    serde_json::to_value(parse(markdown)).unwrap()
}

#[test]
fn every_element_has_its_block() {
    for (markdown, expected) in [
        ("", json!([])),
        ("one\ntwo  \nthree", json!([{"paragraph": [{"text": "one two"}, "break", {"text": "three"}]}])),
        (
            "### Hi *you*",
            json!([{"heading": {"level": 3, "content": [{"text": "Hi "}, {"emphasis": [{"text": "you"}]}]}}]),
        ),
        (
            "**a** ~~b~~ `c`",
            json!([{"paragraph": [{"strong": [{"text": "a"}]}, {"text": " "}, {"strike": [{"text": "b"}]}, {"text": " "}, {"code": "c"}]}]),
        ),
        ("> a\n>\n> b", json!([{"quote": [{"paragraph": [{"text": "a"}]}, {"paragraph": [{"text": "b"}]}]}])),
        (
            "- a *b*\n- c",
            json!([{"list": {"items": [[{"paragraph": [{"text": "a "}, {"emphasis": [{"text": "b"}]}]}], [{"paragraph": [{"text": "c"}]}]]}}]),
        ),
        (
            "- a\n  - b",
            json!([{"list": {"items": [[{"paragraph": [{"text": "a"}]}, {"list": {"items": [[{"paragraph": [{"text": "b"}]}]]}}]]}}]),
        ),
        (
            "7. a\n\n8. b",
            json!([{"list": {"start": 7, "items": [[{"paragraph": [{"text": "a"}]}], [{"paragraph": [{"text": "b"}]}]]}}]),
        ),
        ("-", json!([{"list": {"items": [[]]}}])),
        ("```rust ignore\nfn x() {}\n```", json!([{"code": {"language": "rust", "text": "fn x() {}\n"}}])),
        ("    a <b>\n", json!([{"code": {"text": "a <b>\n"}}])),
        ("a\n\n---\n", json!([{"paragraph": [{"text": "a"}]}, "rule"])),
        (
            "|a|b|\n|:-|-:|\n|1|**2**|\n|3|",
            json!([{"table": {"align": ["left", "right"], "header": [[{"text": "a"}], [{"text": "b"}]],
            "rows": [[[{"text": "1"}], [{"strong": [{"text": "2"}]}]], [[{"text": "3"}], []]]}}]),
        ),
    ] {
        assert_eq!(wire(markdown), expected, "{markdown}");
    }
}

#[test]
fn html_is_text() {
    for (markdown, expected) in [
        ("a <b>c</b> &lt;d&gt;", json!([{"paragraph": [{"text": "a <b>c</b> <d>"}]}])),
        (
            "<script>\nalert(1)\n</script>",
            json!([{"paragraph": [{"text": "<script>"}, "break", {"text": "alert(1)"}, "break", {"text": "</script>"}]}]),
        ),
        (
            "- <img src=x onerror=alert(1)>",
            json!([{"list": {"items": [[{"paragraph": [{"text": "<img src=x onerror=alert(1)>"}]}]]}}]),
        ),
        ("<!-- x -->", json!([{"paragraph": [{"text": "<!-- x -->"}]}])),
    ] {
        assert_eq!(wire(markdown), expected, "{markdown}");
    }
}

#[test]
fn links_go_to_the_web_or_are_text() {
    let link = |href: &str, text: &str| json!([{"paragraph": [{"link": {"href": href, "content": [{"text": text}]}}]}]);
    let text = |text: &str| json!([{"paragraph": [{"text": text}]}]);
    for (markdown, expected) in [
        ("[a](https://example.com/x)", link("https://example.com/x", "a")),
        ("[a][r]\n\n[r]: https://example.com/x", link("https://example.com/x", "a")),
        ("<https://example.com>", link("https://example.com", "https://example.com")),
        ("<a@example.com>", link("mailto:a@example.com", "a@example.com")),
        ("[](https://example.com)", link("https://example.com", "https://example.com")),
        ("![a cat](https://example.com/cat.png)", link("https://example.com/cat.png", "a cat")),
        (
            "![](https://example.com/cat.png)",
            link("https://example.com/cat.png", "https://example.com/cat.png"),
        ),
        (
            "[![a cat](https://cdn.example.com/cat.png)](https://example.com)",
            link("https://example.com", "a cat"),
        ),
        ("[a](javascript:alert(1))", text("a")),
        ("[a](java&#10;script:alert(1))", text("a")),
        ("[a](data:text/html,x)", text("a")),
        ("![a](data:image/png;base64,AA)", text("a")),
        ("x [a](/relative) y", text("x a y")),
        ("![](javascript:x)", json!([])),
    ] {
        assert_eq!(wire(markdown), expected, "{markdown}");
    }
}

/// How deep the blocks and inlines of a tree lie in each other.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let counts = ["quote", "list", "table", "strong", "emphasis", "strike", "link"]
                    .contains(&name.as_str());
                usize::from(counts) + depth(value)
            })
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}

#[test]
fn what_is_too_deep_keeps_its_words() {
    for markdown in [
        format!("{}word", "> ".repeat(40)),
        format!("{}word", "- ".repeat(40)),
        format!("{}word", "1. > ".repeat(20)),
        format!("{}word{}", "*a _b ".repeat(20), " b_ a*".repeat(20)),
        format!("{}**~~word~~**\n", "> ".repeat(15)),
        format!("{0}|word|x|\n{0}|-|-|\n{0}|y|z|", "> ".repeat(16)),
    ] {
        let blocks = parse(&markdown);
        assert!(plain_text(&blocks).contains("word"), "{markdown}");
        let wire = serde_json::to_string(&blocks).unwrap();
        let deepest = depth(&serde_json::from_str(&wire).unwrap());
        assert_eq!(deepest, DEPTH_MAX, "{markdown}");
    }
}

#[test]
fn bombs_end() {
    let n = 50_000;
    for bomb in [
        "> ".repeat(n),
        "- ".repeat(n),
        "*a ".repeat(n),
        "[".repeat(n),
        "[a](".repeat(n),
        "![".repeat(n),
        "`a``".repeat(n),
        "<".repeat(n),
        "<!--".repeat(n),
        "\\".repeat(n),
        format!("{}\n{}\n{}", "|a".repeat(2_000), "|-".repeat(2_000), "|\n".repeat(2_000)),
        format!("[a]: https://example.com/{}\n{}", "x".repeat(n), "[a] ".repeat(n)),
        (0..400).flat_map(|level| ["  ".repeat(level), "- a\n".to_owned()]).collect(),
    ] {
        let blocks = parse(&bomb);
        let wire = serde_json::to_vec(&blocks).unwrap();
        // Autocompleted cells cost 3 bytes each, up to 2^18 of them, and no input may cost much more.
        assert!(wire.len() < 8 << 20, "{} bytes from {:.20}", wire.len(), bomb);
    }
}

#[test]
fn what_is_too_long_follows_as_text() {
    let markdown = format!("**é**{}", "é *word* ".repeat(PARSED_MAX_BYTES / 8));
    let blocks = parse(&markdown);
    assert!(blocks.len() > 2);
    for rest in &blocks[1..] {
        assert!(plain_text(std::slice::from_ref(rest)).len() <= PLAIN_MAX_BYTES);
    }
    let words = plain_text(&blocks).matches("word").count();
    assert_eq!(words, PARSED_MAX_BYTES / 8);
}

#[test]
fn the_first_change_is_found() {
    let of = parse;
    for (before, after, expected) in [
        ("", "", 0),
        ("", "a", 0),
        ("a", "", 0),
        ("a\n\nb", "a\n\nb", 2),
        ("a\n\nb", "a\n\nb c", 1),
        ("a\n\nb", "a\n\nb\n\n> c", 2),
        ("a\n", "a\n---", 0),
    ] {
        assert_eq!(changed_from(&of(before), &of(after)), expected, "{before:?} {after:?}");
    }
}

pub(super) fn markdown_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zé😀 ]{1,6}",
        proptest::sample::select(vec![
            "\n",
            "\n\n",
            "  \n",
            "*",
            "**",
            "_",
            "~~",
            "`",
            "```\n",
            "> ",
            "- ",
            "1. ",
            "# ",
            "    ",
            "\t",
            "|",
            "\n|-|-|\n",
            "[",
            "](",
            ")",
            "](https://e.x/)",
            "![",
            "<",
            ">",
            "</b>",
            "<!--",
            "---",
            "\n===\n",
            "\\",
            "&amp;",
            "&#0;",
            "\0",
            "\r",
            "[r]: https://e.x/\n",
            "\u{2028}",
            "\u{202e}",
            "<a@e.x>",
            ":",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_prefix_of_any_text_is_a_tree_that_travels(text in markdown_like()) {
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let blocks = parse(&text[..end]);
            let wire = serde_json::to_string(&blocks).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Vec<Block>>(&wire).unwrap(), &blocks);
        }
    }

    #[test]
    fn any_characters_are_parsed(text in "(?s).{0,200}") {
        prop_assert!(plain_text(&parse(&text)).len() <= 4 * text.len());
    }

    #[test]
    fn simple_text_keeps_its_words(lines in proptest::collection::vec("[a-z]{1,8}( [a-z]{1,8}){0,5}", 0..6), gap in "\n{1,2}") {
        let text = lines.join(&gap);
        let plain = plain_text(&parse(&text));
        let words: Vec<_> = plain.split_whitespace().collect();
        let expected: Vec<_> = text.split_whitespace().collect();
        prop_assert_eq!(words, expected);
    }

    #[test]
    fn blocks_before_the_change_are_the_same(before in markdown_like(), after in markdown_like()) {
        let (before, after) = (parse(&before), parse(&format!("{before}{after}")));
        let from = changed_from(&before, &after) as usize;
        prop_assert_eq!(&before[..from], &after[..from]);
        prop_assert!(from == before.len().min(after.len()) || before[from] != after[from]);
    }
}
