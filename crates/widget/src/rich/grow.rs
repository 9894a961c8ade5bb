//! What a block has more than it had.
//!
//! Every function here says whether the nodes show the new block now. Where it says no, they may have
//! changed, and are to be drawn anew.

use eloquent_types::rich::{Block, Inline};
use wasm_bindgen::JsCast;
use web_sys::{Element, Node, Text};

use super::Drawing;
use crate::dom::child;

impl Drawing<'_> {
    /// Brings the element of the block `from` to the block `to`, if that only has more at its end.
    pub(super) fn grow(mut self, element: &Element, from: &Block, to: &Block) -> bool {
        self.depth += 1;
        match (from, to) {
            (Block::Paragraph(from), Block::Paragraph(to)) => self.grow_inlines(element, from, to),
            (Block::Heading { level, content: from }, Block::Heading { level: other, content: to }) => {
                level == other && self.grow_inlines(element, from, to)
            }
            (Block::Code { language, text: from }, Block::Code { language: other, text: to }) => {
                // The head, and then the code in its frame.
                let code = element.last_element_child().and_then(|frame| frame.last_element_child());
                language == other && code.is_some_and(|code| grow_text(&code, from, to))
            }
            (Block::Quote(from), Block::Quote(to)) => self.grow_blocks(element, from, to),
            (Block::List { start, items: from }, Block::List { start: other, items: to }) => {
                start == other && self.grow_items(element, from, to)
            }
            _ => from == to,
        }
    }

    fn grow_items(self, parent: &Element, from: &[Vec<Block>], to: &[Vec<Block>]) -> bool {
        let Some((last, before)) = from.split_last() else { return false };
        let grown = to.starts_with(before)
            && match (parent.last_element_child(), to.get(before.len())) {
                (Some(element), Some(to)) => self.grow_blocks(&element, last, to),
                _ => false,
            };
        for item in to.get(from.len()..).into_iter().flatten().filter(|_| grown) {
            self.with_blocks(child(parent, "li", ""), item);
        }
        grown
    }

    fn grow_blocks(self, parent: &Element, from: &[Block], to: &[Block]) -> bool {
        let Some((last, before)) = from.split_last() else { return false };
        let grown = self.depth < super::DEPTH_MAX
            && to.starts_with(before)
            && match (parent.last_element_child(), to.get(before.len())) {
                (Some(element), Some(to)) => self.grow(&element, last, to),
                _ => false,
            };
        for block in to.get(from.len()..).into_iter().flatten().filter(|_| grown) {
            let _ = parent.append_child(&self.block(block));
        }
        grown
    }

    fn grow_inlines(mut self, parent: &Element, from: &[Inline], to: &[Inline]) -> bool {
        let Some((last, before)) = from.split_last() else { return false };
        let (Some(node), Some(next)) = (parent.last_child(), to.get(before.len())) else { return false };
        self.depth += 1;
        if self.depth >= super::DEPTH_MAX || !to.starts_with(before) {
            return false;
        }
        let grown = match (last, next) {
            (Inline::Text(from), Inline::Text(to)) => grow_text(&node, from, to),
            (Inline::Strong(from), Inline::Strong(to))
            | (Inline::Emphasis(from), Inline::Emphasis(to))
            | (Inline::Strike(from), Inline::Strike(to)) => {
                node.dyn_ref::<Element>().is_some_and(|node| self.grow_inlines(node, from, to))
            }
            _ => last == next,
        };
        // The last piece may have become another: `*half` is text, and emphasis one letter later.
        let kept = if grown {
            from.len()
        } else {
            let _ = parent.remove_child(&node);
            before.len()
        };
        for inline in &to[kept..] {
            self.inline(parent, inline);
        }
        true
    }
}

/// Adds to the text of a text node, or of an element that holds nothing else.
fn grow_text(node: &Node, from: &str, to: &str) -> bool {
    let Some(more) = to.strip_prefix(from) else { return false };
    let text = node.first_child().unwrap_or_else(|| node.clone());
    match text.dyn_ref::<Text>() {
        Some(text) => more.is_empty() || text.append_data(more).is_ok(),
        None => false,
    }
}
