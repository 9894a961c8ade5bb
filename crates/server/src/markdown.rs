//! Markdown (CommonMark with tables and strikethrough) into the block tree of
//! [`eloquent_types::rich`].
//!
//! This is deliberately no HTML renderer: raw HTML comes out as the text that was written, an image
//! as a link to it or as its description (a remote picture would tell its host what the answer
//! says), and a link that [`Href`] refuses as its text alone. Visitors' messages are plain text and
//! do not come here.
//!
//! Invariants: [`parse`] is total, so that an answer can be parsed at every point of its stream; its
//! time and its result are bounded by [`PARSED_MAX_BYTES`] and [`DEPTH_MAX`]; no words are dropped
//! for being too long or too deep, only their form.

use eloquent_types::rich::{Align, Block, Href, Inline};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, OffsetIter, Options, Parser, Tag};

mod growing;

pub use growing::{Growing, Step};

/// How deep quotes, lists, tables and emphasis may lie in each other. What lies deeper keeps its
/// text and is put into the innermost one that counts, which also keeps the wire form well inside
/// the nesting that JSON parsers accept.
pub const DEPTH_MAX: usize = 16;

/// How much of a text is read as Markdown, in bytes. The rest follows as plain paragraphs.
pub const PARSED_MAX_BYTES: usize = 256 * 1024;

/// The blocks of a Markdown text.
#[must_use]
pub fn parse(markdown: &str) -> Vec<Block> {
    parse_behind(markdown, 0).blocks
}

/// The blocks of a part of a text.
struct Part {
    blocks: Vec<Block>,
    /// Where the line of the last block begins in the whole text, where nothing but white space stands before
    /// the block on it.
    last: Option<usize>,
    /// Whether the part defines a link.
    defines: bool,
}

/// The blocks from byte `start` on, where a block begins or what is not read as Markdown goes on.
fn parse_behind(markdown: &str, start: usize) -> Part {
    let end = markdown.floor_char_boundary(PARSED_MAX_BYTES);
    let parsed = markdown.get(start..end).unwrap_or_default();
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(parsed, options).into_offset_iter();
    let defines = events.reference_definitions().iter().next().is_some();
    let mut tree = Tree { events, begun: None };
    let mut blocks = tree.blocks(0);
    let line = |at: usize| parsed[..at].rfind('\n').map_or(0, |end| end + 1);
    let clean = |at: &usize| parsed[line(*at)..*at].trim().is_empty();
    let mut last = tree.begun.filter(clean).map(|at| start + line(at));
    let mut at = end.max(start);
    while let Some(rest) = markdown.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = plain_part(rest);
        if !plain.trim().is_empty() {
            blocks.push(Block::Paragraph(vec![Inline::Text(plain.to_owned())]));
            last = Some(at);
        }
        at += plain.len();
    }
    Part { blocks, last, defines }
}

/// The longest paragraph of what is not read as Markdown, in bytes: each of them is whole once there is more.
const PLAIN_MAX_BYTES: usize = 512;

/// The first paragraph of a text that is not read as Markdown: up to the last white space that fits.
fn plain_part(text: &str) -> &str {
    if text.len() <= PLAIN_MAX_BYTES {
        return text;
    }
    let window = &text[..text.floor_char_boundary(PLAIN_MAX_BYTES)];
    match window.rfind(char::is_whitespace) {
        Some(at) if at > 0 => &window[..at + window[at..].chars().next().map_or(0, char::len_utf8)],
        _ => window,
    }
}

/// The index of the first block that differs, counting one that only one side has; the length where
/// nothing differs.
#[must_use]
pub fn changed_from(before: &[Block], after: &[Block]) -> u32 {
    let same = before.iter().zip(after).take_while(|(before, after)| before == after).count();
    u32::try_from(same).unwrap_or(u32::MAX)
}

/// The events of one text, taken level by level. Every function consumes the events up to and with
/// the end of the element whose start its caller has taken.
struct Tree<'a> {
    events: OffsetIter<'a>,
    /// Where the last element of the top level begins.
    begun: Option<usize>,
}

impl Tree<'_> {
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let mut level = Level::default();
        while let Some((event, range)) = self.events.next() {
            if depth == 0 && !matches!(event, Event::End(_)) {
                self.begun = Some(range.start);
            }
            match event {
                Event::Start(tag) => self.block(tag, depth, &mut level),
                Event::End(_) if level.dissolved == 0 => break,
                Event::End(_) => {
                    level.end_line();
                    level.dissolved -= 1;
                }
                Event::Rule => level.push(Block::Rule),
                leaf => push_leaf(&mut level.line, leaf),
            }
        }
        level.end_line();
        level.blocks
    }

    fn block(&mut self, tag: Tag<'_>, depth: usize, level: &mut Level) {
        let fits = depth < DEPTH_MAX;
        match tag {
            Tag::Paragraph => level.push(Block::Paragraph(self.inlines(depth))),
            Tag::Heading { level: heading, .. } => {
                level.push(Block::Heading { level: heading as u8, content: self.inlines(depth) });
            }
            Tag::CodeBlock(kind) => level.push(Block::Code { language: language(&kind), text: self.text() }),
            Tag::HtmlBlock => level.push(Block::Paragraph(self.lines())),
            Tag::BlockQuote(_) if fits => level.push(Block::Quote(self.blocks(depth + 1))),
            Tag::List(start) if fits => level.push(Block::List {
                start: start.map(|number| u32::try_from(number).unwrap_or(u32::MAX)),
                items: self.items(depth + 1),
            }),
            Tag::Table(columns) if fits => level.push(self.table(&columns, depth + 1)),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
                if fits =>
            {
                // A tight list's items hold running text without a paragraph around it.
                self.span(tag, depth + 1, &mut level.line);
            }
            _ => {
                level.end_line();
                level.dissolved += 1;
            }
        }
    }

    fn items(&mut self, depth: usize) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        while let Some((Event::Start(_), _)) = self.events.next() {
            items.push(self.blocks(depth));
        }
        items
    }

    fn table(&mut self, columns: &[Alignment], depth: usize) -> Block {
        let align = columns.iter().copied().map(alignment).collect();
        let (mut header, mut rows) = (Vec::new(), Vec::new());
        while let Some((Event::Start(tag), _)) = self.events.next() {
            let mut cells = Vec::new();
            while let Some((Event::Start(_), _)) = self.events.next() {
                cells.push(self.inlines(depth));
            }
            if matches!(tag, Tag::TableHead) { header = cells } else { rows.push(cells) }
        }
        Block::Table { align, header, rows }
    }

    fn inlines(&mut self, depth: usize) -> Vec<Inline> {
        let mut content = Vec::new();
        let mut dissolved = 0_usize;
        while let Some((event, _)) = self.events.next() {
            match event {
                Event::Start(tag) if depth < DEPTH_MAX => self.span(tag, depth + 1, &mut content),
                Event::Start(_) => dissolved += 1,
                Event::End(_) if dissolved == 0 => break,
                Event::End(_) => dissolved -= 1,
                leaf => push_leaf(&mut content, leaf),
            }
        }
        content
    }

    fn span(&mut self, tag: Tag<'_>, depth: usize, out: &mut Vec<Inline>) {
        let content = self.inlines(depth);
        match tag {
            Tag::Emphasis => out.push(Inline::Emphasis(content)),
            Tag::Strong => out.push(Inline::Strong(content)),
            Tag::Strikethrough => out.push(Inline::Strike(content)),
            Tag::Link { link_type: LinkType::Email, dest_url, .. } => {
                push_link(out, Href::parse(format!("mailto:{dest_url}")).ok(), content);
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                push_link(out, Href::parse(dest_url.into_string()).ok(), content);
            }
            _ => append(out, content),
        }
    }

    /// The text of a code block.
    fn text(&mut self) -> String {
        let mut text = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Text(more) => text.push_str(&more),
                Event::End(_) => break,
                _ => {}
            }
        }
        text
    }

    /// The lines of a block of HTML, as text.
    fn lines(&mut self) -> Vec<Inline> {
        let mut text = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Html(more) | Event::Text(more) => text.push_str(&more),
                Event::End(_) => break,
                _ => {}
            }
        }
        let mut content = Vec::new();
        for (index, line) in text.trim_end().lines().enumerate() {
            if index > 0 {
                content.push(Inline::Break);
            }
            push_text(&mut content, line);
        }
        content
    }
}

/// What one level of blocks has collected.
#[derive(Default)]
struct Level {
    blocks: Vec<Block>,
    /// Running text that no paragraph encloses.
    line: Vec<Inline>,
    /// How many elements are open that are too deep to count.
    dissolved: usize,
}

impl Level {
    fn push(&mut self, block: Block) {
        self.end_line();
        if block != Block::Paragraph(Vec::new()) {
            self.blocks.push(block);
        }
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.blocks.push(Block::Paragraph(std::mem::take(&mut self.line)));
        }
    }
}

fn push_leaf(out: &mut Vec<Inline>, leaf: Event<'_>) {
    match leaf {
        Event::Code(code) => out.push(Inline::Code(code.into_string())),
        Event::HardBreak => out.push(Inline::Break),
        Event::SoftBreak => push_text(out, " "),
        Event::Text(text)
        | Event::Html(text)
        | Event::InlineHtml(text)
        | Event::InlineMath(text)
        | Event::DisplayMath(text)
        | Event::FootnoteReference(text) => push_text(out, &text),
        Event::Start(_) | Event::End(_) | Event::Rule | Event::TaskListMarker(_) => {}
    }
}

fn push_text(out: &mut Vec<Inline>, text: &str) {
    if let Some(Inline::Text(last)) = out.last_mut() {
        last.push_str(text);
    } else if !text.is_empty() {
        out.push(Inline::Text(text.to_owned()));
    }
}

fn append(out: &mut Vec<Inline>, content: Vec<Inline>) {
    for inline in content {
        match inline {
            Inline::Text(text) => push_text(out, &text),
            other => out.push(other),
        }
    }
}

/// A link, or its content alone where there is nowhere to go. What would be an invisible link shows
/// its address; links in links (a picture that is a link) dissolve, for a page cannot nest them.
fn push_link(out: &mut Vec<Inline>, href: Option<Href>, content: Vec<Inline>) {
    let Some(href) = href else { return append(out, content) };
    let mut content = without_links(content);
    if content.is_empty() {
        push_text(&mut content, href.as_str());
    }
    out.push(Inline::Link { href, content });
}

fn without_links(content: Vec<Inline>) -> Vec<Inline> {
    let mut out = Vec::with_capacity(content.len());
    for inline in content {
        match inline {
            Inline::Link { content, .. } => append(&mut out, content),
            Inline::Strong(content) => out.push(Inline::Strong(without_links(content))),
            Inline::Emphasis(content) => out.push(Inline::Emphasis(without_links(content))),
            Inline::Strike(content) => out.push(Inline::Strike(without_links(content))),
            Inline::Text(text) => push_text(&mut out, &text),
            leaf @ (Inline::Code(_) | Inline::Break) => out.push(leaf),
        }
    }
    out
}

fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(str::to_owned),
        CodeBlockKind::Indented => None,
    }
}

fn alignment(alignment: Alignment) -> Align {
    match alignment {
        Alignment::None => Align::None,
        Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}

#[cfg(test)]
mod tests;
