//! One message in the list. While an answer streams, only the blocks that changed are touched.

use eloquent_types::conversation::{Role, Source};
use eloquent_widget_core::{Bubble, BubbleState, Content, Strings};
use web_sys::{Element, HtmlElement};

use crate::{
    dom::{attribute, button, child, child_with_text, clear, element, icon, set_text},
    icons, rich,
};

/// A message as it stands in the list.
pub(crate) struct Row {
    key: u32,
    revision: Option<u32>,
    element: HtmlElement,
    author: HtmlElement,
    body: HtmlElement,
    tail: HtmlElement,
    pieces: Vec<(u32, Element)>,
}

impl Row {
    /// A row without content, for [`Row::draw`] to fill.
    pub(crate) fn new(bubble: &Bubble) -> Self {
        let element = element("div", "");
        let author = child(&element, "span", "silent");
        let body = child(&element, "div", "");
        let tail = child(&element, "div", "tail");
        Self { key: bubble.key, revision: None, element, author, body, tail, pieces: Vec::new() }
    }

    /// Which message it is.
    pub(crate) fn key(&self) -> u32 {
        self.key
    }

    /// What stands in the list.
    pub(crate) fn element(&self) -> &HtmlElement {
        &self.element
    }

    /// Brings the row to what the bubble is now.
    pub(crate) fn draw(&mut self, bubble: &Bubble, agent: &str, strings: &Strings) {
        if self.revision.replace(bubble.revision) == Some(bubble.revision) {
            return;
        }
        let (author, name) = match bubble.author {
            Role::Visitor => ("visitor", strings.by_visitor),
            Role::Agent => ("agent", agent),
            Role::Operator | Role::Status => ("operator", bubble.author_name.as_deref().unwrap_or_default()),
        };
        let state = match bubble.state {
            BubbleState::Sending | BubbleState::Waiting => " sending",
            BubbleState::NotSent { .. } | BubbleState::Failed { .. } => " failed",
            BubbleState::Streaming => " streaming",
            BubbleState::Complete | BubbleState::Stopped => "",
        };
        self.element.set_class_name(&["row ", author, state].concat());
        set_text(&self.author, name);
        match &bubble.content {
            Content::Plain(text) => {
                self.body.set_class_name("bubble");
                set_text(&self.body, text);
            }
            Content::Rich(_) | Content::Status(_) => self.draw_pieces(bubble, strings),
        }
        self.draw_tail(bubble, strings);
    }

    fn draw_pieces(&mut self, bubble: &Bubble, strings: &Strings) {
        let Content::Rich(pieces) = &bubble.content else { return };
        // An answer of which nothing is there yet is the three dots, not an empty bubble.
        self.body.set_class_name(if pieces.is_empty() { "" } else { "bubble rich" });
        for (_, extra) in self.pieces.drain(pieces.len().min(self.pieces.len())..) {
            extra.remove();
        }
        for (index, piece) in pieces.iter().enumerate() {
            match self.pieces.get_mut(index) {
                Some((revision, _)) if *revision == piece.revision => {}
                Some((revision, old)) => {
                    let new = rich::draw(&piece.block, strings.copy);
                    let _ = old.replace_with_with_node_1(&new);
                    (*revision, *old) = (piece.revision, new);
                }
                None => {
                    let new = rich::draw(&piece.block, strings.copy);
                    let _ = self.body.append_child(&new);
                    self.pieces.push((piece.revision, new));
                }
            }
        }
    }

    /// What stands under the bubble: sources, and a word on what went wrong.
    fn draw_tail(&self, bubble: &Bubble, strings: &Strings) {
        clear(&self.tail);
        if !bubble.sources.is_empty() {
            self.draw_sources(&bubble.sources, strings);
        }
        let (text, can_retry) = match bubble.state {
            BubbleState::Sending | BubbleState::Waiting | BubbleState::Streaming | BubbleState::Complete => return,
            BubbleState::Stopped => (strings.stopped, false),
            BubbleState::NotSent { reason, can_retry } | BubbleState::Failed { reason, can_retry } => {
                (reason, can_retry)
            }
        };
        let line = child(&self.tail, "div", "meta");
        child_with_text(&line, "span", "", text);
        if can_retry {
            let retry = button(&line, "text", "retry");
            attribute(&retry, "data-key", &self.key.to_string());
            set_text(&retry, strings.retry);
        }
    }

    fn draw_sources(&self, sources: &[Source], strings: &Strings) {
        let list = child(&self.tail, "div", "sources");
        attribute(&list, "role", "group");
        attribute(&list, "aria-label", strings.sources);
        for source in sources {
            let chip = match &source.url {
                Some(url) => rich::link(&list, "source", url.as_str()),
                None => child(&list, "span", "source"),
            };
            icon(&chip, icons::SOURCE, "");
            child_with_text(&chip, "span", "", &source.title);
        }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.element.remove();
    }
}
