//! Nodes from the block tree of an answer. Every string of it becomes text, and every address has
//! been checked when it was parsed. While an answer streams, its last block mostly grows at its end: then
//! the nodes that are there stay, and what is new is added to them.

mod grow;

use eloquent_types::rich::{Align, Block, Inline};
use eloquent_widget_core::Piece;
use web_sys::{Element, HtmlElement, Node};

use self::grow::grow;
use crate::{
    convert::digits,
    dom::{append, attribute, button, child, child_with_text, element, icon, label, text},
    icons,
};

/// How deep blocks and emphasis are drawn inside each other; what is deeper is left out. The server
/// sends less; the stack of the page is not its to fill.
const DEPTH_MAX: u8 = 24;

/// An answer as it stands in its bubble.
#[derive(Default)]
pub(crate) struct Answer {
    /// The element of each block, with the revision of the piece that it shows.
    blocks: Vec<(u32, HtmlElement)>,
}

impl Answer {
    /// Brings the bubble to these pieces.
    pub(crate) fn draw(&mut self, body: &HtmlElement, pieces: &[Piece], copy: &str) {
        while self.blocks.len() > pieces.len() {
            if let Some((_, extra)) = self.blocks.pop() {
                extra.remove();
            }
        }
        for (index, piece) in pieces.iter().enumerate() {
            let shown = self.blocks.get_mut(index);
            if shown.as_ref().is_some_and(|(revision, _)| *revision == piece.revision) {
                continue;
            }
            let new = Drawing { copy, depth: 0 }.block(&piece.block);
            if let Some((revision, element)) = shown {
                *revision = piece.revision;
                if !grow(element, &new) {
                    let _ = element.replace_with_with_node_1(&new);
                    *element = new;
                }
            } else {
                append(body, &new);
                self.blocks.push((piece.revision, new));
            }
        }
    }
}

/// The element of a block. `copy` names the button that copies code.
#[cfg(test)]
pub(crate) fn draw(block: &Block, copy: &str) -> Element {
    Drawing { copy, depth: 0 }.block(block).into()
}

/// A link that leaves the page alone.
pub(crate) fn link(parent: &Node, class: &str, href: &str) -> HtmlElement {
    let link = child(parent, "a", class);
    attribute(&link, "href", href);
    attribute(&link, "target", "_blank");
    attribute(&link, "rel", "noopener noreferrer nofollow");
    link
}

#[derive(Clone, Copy)]
struct Drawing<'a> {
    copy: &'a str,
    depth: u8,
}

impl Drawing<'_> {
    fn block(self, block: &Block) -> HtmlElement {
        match block {
            Block::Paragraph(content) => self.with_inlines(element("p", ""), content),
            // The panel's name is the second level; what an answer calls a heading comes below it.
            Block::Heading { level, content } => {
                self.with_inlines(element(if *level > 2 { "h4" } else { "h3" }, ""), content)
            }
            Block::List { start, items } => self.list(*start, items),
            Block::Code { language, text } => self.code(language.as_deref(), text),
            Block::Quote(blocks) => {
                let quote = element("blockquote", "");
                attribute(&quote, "dir", "auto");
                self.with_blocks(quote, blocks)
            }
            Block::Table { align, header, rows } => self.table(align, header, rows),
            Block::Rule => element("hr", ""),
        }
    }

    fn with_blocks(mut self, parent: HtmlElement, blocks: &[Block]) -> HtmlElement {
        self.depth += 1;
        if self.depth < DEPTH_MAX {
            for block in blocks {
                append(&parent, &self.block(block));
            }
        }
        parent
    }

    fn list(self, start: Option<u32>, items: &[Vec<Block>]) -> HtmlElement {
        let list = element(if start.is_some() { "ol" } else { "ul" }, "");
        // Paragraphs go their own way by the style sheet; marks stand where the element's text begins.
        attribute(&list, "dir", "auto");
        if let Some(start) = start.filter(|&start| start != 1) {
            attribute(&list, "start", &digits(start));
        }
        for item in items {
            self.with_blocks(child(&list, "li", ""), item);
        }
        list
    }

    fn code(self, language: Option<&str>, code: &str) -> HtmlElement {
        let frame = element("div", "code");
        let head = child_with_text(&frame, "div", "lang", language.unwrap_or_default());
        let copy = button(&head, "icon", "copy");
        label(&copy, self.copy);
        icon(&copy, icons::COPY);
        icon(&copy, icons::DONE);
        let pre = child(&frame, "pre", "");
        // Long lines scroll, so the keyboard must be able to get there.
        attribute(&pre, "tabindex", "0");
        child_with_text(&pre, "code", "", code);
        frame
    }

    fn table(self, align: &[Align], header: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> HtmlElement {
        let frame = element("div", "table");
        attribute(&frame, "tabindex", "0");
        let table = child(&frame, "table", "");
        self.cells(&child(&child(&table, "thead", ""), "tr", ""), "th", align, header);
        let body = child(&table, "tbody", "");
        for row in rows {
            self.cells(&child(&body, "tr", ""), "td", align, row);
        }
        frame
    }

    fn cells(self, row: &HtmlElement, name: &str, align: &[Align], cells: &[Vec<Inline>]) {
        for (index, cell) in cells.iter().enumerate() {
            let class = match align.get(index) {
                Some(Align::Center) => "c",
                Some(Align::Right) => "r",
                Some(Align::Left | Align::None) | None => "",
            };
            self.with_inlines(child(row, name, class), cell);
        }
    }

    fn with_inlines(mut self, parent: HtmlElement, content: &[Inline]) -> HtmlElement {
        self.depth += 1;
        if self.depth < DEPTH_MAX {
            for inline in content {
                self.inline(&parent, inline);
            }
        }
        parent
    }

    fn inline(self, parent: &Element, inline: &Inline) {
        let (name, content) = match inline {
            Inline::Text(content) => return text(parent, content),
            Inline::Code(code) => return drop(child_with_text(parent, "code", "", code)),
            Inline::Break => return drop(child(parent, "br", "")),
            Inline::Link { href, content } => {
                return drop(self.with_inlines(link(parent, "", href.as_str()), content));
            }
            Inline::Strong(content) => ("strong", content),
            Inline::Emphasis(content) => ("em", content),
            Inline::Strike(content) => ("s", content),
        };
        self.with_inlines(child(parent, name, ""), content);
    }
}
