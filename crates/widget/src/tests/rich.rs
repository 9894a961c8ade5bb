//! Answers in the page: what is markup in a string stays a string.

use eloquent_types::rich::{Align, Block, Href, Inline};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

use crate::rich;

const EVIL: &str = "<img src=x onerror=\"top.evil=1\"><script>top.evil=1</script>&lt;b&gt;{{7*7}}";

fn text() -> Vec<Inline> {
    vec![Inline::Text(EVIL.into())]
}

fn names(element: &Element, into: &mut Vec<String>) {
    into.push(element.tag_name().to_lowercase());
    let mut next = element.first_element_child();
    while let Some(child) = next {
        names(&child, into);
        next = child.next_element_sibling();
    }
}

#[wasm_bindgen_test]
fn no_string_becomes_markup() {
    let inlines = vec![
        Inline::Text(EVIL.into()),
        Inline::Code(EVIL.into()),
        Inline::Strong(text()),
        Inline::Emphasis(text()),
        Inline::Strike(text()),
        Inline::Link { href: Href::parse("https://example.com/?\"><script>").unwrap(), content: text() },
    ];
    let count = inlines.len();
    let blocks = [
        (Block::Paragraph(inlines), count),
        (Block::Heading { level: 1, content: text() }, 1),
        (Block::List { start: Some(7), items: vec![vec![Block::Paragraph(text())]] }, 1),
        (Block::Code { language: Some(EVIL.into()), text: EVIL.into() }, 2),
        (Block::Quote(vec![Block::Paragraph(text())]), 1),
        (
            Block::Table {
                align: vec![Align::Right],
                header: vec![text()],
                rows: vec![vec![text(), text()]],
            },
            3,
        ),
    ];
    for (block, times) in blocks {
        let element = rich::draw(&block, EVIL);
        assert_eq!(element.text_content().unwrap(), EVIL.repeat(times), "{block:?}");
        let mut found = Vec::new();
        names(&element, &mut found);
        for name in found {
            assert!(
                "p h3 h4 ul ol li div button svg path pre code blockquote table thead tbody tr th td hr strong em s a br"
                    .split(' ')
                    .any(|known| known == name),
                "{name}"
            );
        }
    }
}

#[wasm_bindgen_test]
fn links_leave_the_page_alone() {
    let href = Href::parse("https://example.com/a").unwrap();
    let link = Block::Paragraph(vec![Inline::Link { href, content: text() }]);
    let link = rich::draw(&link, "").query_selector("a").unwrap().unwrap();
    assert_eq!(link.get_attribute("href").as_deref(), Some("https://example.com/a"));
    assert_eq!(link.get_attribute("rel").as_deref(), Some("noopener noreferrer nofollow"));
    assert_eq!(link.get_attribute("target").as_deref(), Some("_blank"));
}

#[wasm_bindgen_test]
fn what_is_nested_without_end_is_cut() {
    let mut block = Block::Paragraph(text());
    for _ in 0..2_000 {
        block = Block::Quote(vec![block]);
    }
    let mut found = Vec::new();
    names(&rich::draw(&block, ""), &mut found);
    assert!(found.len() < 64, "{}", found.len());
}
