//! The block tree of an answer as markup. Every text goes through `maud`'s escaping; links are
//! [`Href`]s, which cannot lead anywhere but to http, https and mailto.

use eloquent_types::rich::{Align, Block, Href, Inline};
use maud::{Markup, html};

/// An answer's Markdown as markup.
pub(super) fn markdown(text: &str) -> Markup {
    html! { div.rich { (blocks(&crate::markdown::parse(text))) } }
}

fn blocks(blocks: &[Block]) -> Markup {
    html! { @for block in blocks { (one(block)) } }
}

fn one(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Paragraph(content) => p { (inlines(content)) },
            // The page has headings of its own; an answer's do not belong among them.
            Block::Heading { content, .. } => p.subtitle { strong { (inlines(content)) } },
            Block::List { start: Some(start), items } => ol start=(start) { (list_items(items)) },
            Block::List { start: None, items } => ul { (list_items(items)) },
            Block::Code { text, .. } => pre tabindex="0" role="group" aria-label="Code" { code { (text) } },
            Block::Quote(inner) => blockquote { (blocks(inner)) },
            Block::Table { align, header, rows } => (table(align, header, rows)),
            Block::Rule => hr;,
        }
    }
}

fn list_items(items: &[Vec<Block>]) -> Markup {
    html! { @for item in items { li { (blocks(item)) } } }
}

fn table(align: &[Align], header: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> Markup {
    let class = |column: usize| match align.get(column) {
        Some(Align::Center) => Some("center"),
        Some(Align::Right) => Some("right"),
        Some(Align::Left | Align::None) | None => None,
    };
    html! {
        div.scroll tabindex="0" role="group" aria-label="Table" { table {
            thead { tr { @for (column, cell) in header.iter().enumerate() {
                th scope="col" class=[class(column)] { (inlines(cell)) }
            } } }
            tbody { @for row in rows { tr { @for (column, cell) in row.iter().enumerate() {
                td class=[class(column)] { (inlines(cell)) }
            } } } }
        } }
    }
}

fn inlines(content: &[Inline]) -> Markup {
    html! {
        @for inline in content {
            @match inline {
                Inline::Text(text) => (text),
                Inline::Strong(content) => strong { (inlines(content)) },
                Inline::Emphasis(content) => em { (inlines(content)) },
                Inline::Strike(content) => s { (inlines(content)) },
                Inline::Code(text) => code { (text) },
                Inline::Link { href, content } => (link(href, &inlines(content))),
                Inline::Break => br;,
            }
        }
    }
}

/// A link that tells its target nothing about this page and gets no hold of it.
pub(super) fn link(href: &Href, content: &Markup) -> Markup {
    html! { a href=(href.as_str()) target="_blank" rel="noopener noreferrer nofollow" { (content) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_its_element() {
        let text = "# T\n\na **b** *c* ~~d~~ `e`\\\n[f](https://example.com/)\n\n3. x\n4. y\n\n- z\n\n> q\n\n```rust\n<b>\n```\n\n| h | i |\n|:-:|--:|\n| 1 | 2 |\n\n---\n";
        let markup = markdown(text).into_string();
        for expected in [
            "<p class=\"subtitle\"><strong>T</strong></p>",
            "<strong>b</strong>",
            "<em>c</em>",
            "<s>d</s>",
            "<code>e</code><br>",
            "<a href=\"https://example.com/\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">f</a>",
            "<ol start=\"3\"><li>",
            "<ul><li>",
            "<blockquote><p>q</p></blockquote>",
            "<code>&lt;b&gt;\n</code>",
            "<th scope=\"col\" class=\"center\">h</th>",
            "<td class=\"right\">2</td>",
            "<hr>",
        ] {
            assert!(markup.contains(expected), "{expected} is not in {markup}");
        }
    }

    #[test]
    fn nothing_written_becomes_markup() {
        let text = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) \
            [y](https://a\"onmouseover=alert(1)) ![z](https://evil.example/leak.png) `<b>`";
        let markup = markdown(text).into_string();
        for bad in ["<script", "<img", "href=\"javascript", "\"onmouseover", "<b>"] {
            assert!(!markup.contains(bad), "{bad} is in {markup}");
        }
    }
}
