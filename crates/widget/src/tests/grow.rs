//! Answers that grow: whatever a block was before, its nodes come out as if it had been drawn at once.

use eloquent_types::rich::{Align, Block, Href, Inline};
use eloquent_widget_core::Piece;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::{dom, rich::Answer};

/// Numbers that look random and are the same every time (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn text(&mut self) -> String {
        (0..self.below(4)).map(|_| ["a", "b", " ", "é😀"][usize::try_from(self.below(4)).unwrap()]).collect()
    }

    fn inlines(&mut self, depth: u64) -> Vec<Inline> {
        (0..self.below(4)).map(|_| self.inline(depth)).collect()
    }

    fn inline(&mut self, depth: u64) -> Inline {
        match self.below(if depth > 2 { 3 } else { 7 }) {
            0 | 1 => Inline::Text(self.text()),
            2 => Inline::Code(self.text()),
            3 => Inline::Strong(self.inlines(depth + 1)),
            4 => Inline::Emphasis(self.inlines(depth + 1)),
            5 => {
                Inline::Link { href: Href::parse("https://example.com/").unwrap(), content: self.inlines(9) }
            }
            _ => Inline::Break,
        }
    }

    fn blocks(&mut self, depth: u64) -> Vec<Block> {
        (0..self.below(3)).map(|_| self.block(depth)).collect()
    }

    fn block(&mut self, depth: u64) -> Block {
        match self.below(if depth > 2 { 4 } else { 7 }) {
            0 | 1 => Block::Paragraph(self.inlines(0)),
            2 => Block::Heading { level: 1 + u8::try_from(self.below(4)).unwrap(), content: self.inlines(1) },
            3 => Block::Code { language: None, text: self.text() },
            4 => Block::Quote(self.blocks(depth + 1)),
            5 => Block::List {
                start: None,
                items: (0..self.below(3)).map(|_| self.blocks(depth + 1)).collect(),
            },
            _ => Block::Table {
                align: vec![Align::None],
                header: vec![self.inlines(1)],
                rows: (0..self.below(3)).map(|_| vec![self.inlines(2)]).collect(),
            },
        }
    }

    /// The block with something more at its end, as a stream brings it.
    fn more(&mut self, block: &Block) -> Block {
        let mut block = block.clone();
        match &mut block {
            Block::Paragraph(content) | Block::Heading { content, .. } => match content.last_mut() {
                Some(Inline::Text(text) | Inline::Code(text)) if self.below(3) > 0 => text.push_str("ab"),
                Some(Inline::Strong(inner)) if self.below(2) > 0 => inner.push(self.inline(1)),
                _ => content.push(self.inline(0)),
            },
            Block::Code { text, .. } => text.push_str("\nab"),
            Block::Quote(blocks) => match blocks.pop() {
                Some(last) if self.below(2) > 0 => blocks.push(self.more(&last)),
                last => {
                    blocks.extend(last);
                    blocks.push(self.block(2));
                }
            },
            Block::List { items, .. } => items.push(self.blocks(2)),
            Block::Table { rows, .. } => rows.push(vec![self.inlines(1)]),
            Block::Rule => {}
        }
        block
    }
}

fn body() -> HtmlElement {
    dom::element("div", "")
}

fn pieces(blocks: &[Block], revision: u32) -> Vec<Piece> {
    let last = blocks.len().saturating_sub(1);
    let piece = |(index, block): (usize, &Block)| Piece {
        revision: if index == last { revision } else { 0 },
        block: block.clone(),
    };
    blocks.iter().enumerate().map(piece).collect()
}

fn at_once(blocks: &[Block]) -> String {
    let body = body();
    Answer::default().draw(&body, &pieces(blocks, 0), "Copy");
    body.inner_html()
}

#[wasm_bindgen_test]
fn what_has_grown_is_what_is_drawn_at_once() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..1_500 {
        let (body, mut answer) = (body(), Answer::default());
        let mut blocks = vec![chance.block(0)];
        for step in 1..8 {
            answer.draw(&body, &pieces(&blocks, step), "Copy");
            assert_eq!(body.inner_html(), at_once(&blocks), "{blocks:#?}");
            let last = blocks.pop().unwrap();
            let next = match chance.below(8) {
                // Markdown can make something else of the same beginning.
                0 => chance.block(0),
                _ => chance.more(&last),
            };
            blocks.push(next);
            if chance.below(6) == 0 {
                blocks.push(chance.block(0));
            }
        }
    }
}

#[wasm_bindgen_test]
fn text_that_grows_keeps_its_node() {
    let (body, mut answer) = (body(), Answer::default());
    let say = |text: &str| vec![Block::Paragraph(vec![Inline::Text(text.into())])];
    answer.draw(&body, &pieces(&say("Hello"), 1), "Copy");
    let node = body.first_child().unwrap().first_child().unwrap();
    answer.draw(&body, &pieces(&say("Hello, Ada"), 2), "Copy");
    assert_eq!(body.first_child().unwrap().first_child().unwrap(), node);
    assert_eq!(body.text_content().unwrap(), "Hello, Ada");
}
