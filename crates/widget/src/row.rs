//! One message in the list. While an answer streams, only what is new of it is touched.

use eloquent_types::{
    chat::StatusKind,
    conversation::{Rating, Role, Source},
};
use eloquent_widget_core::{Bubble, BubbleState, Content, Strings};
use web_sys::HtmlElement;

use crate::{
    convert::digits,
    dates::Dates,
    dom::{attribute, button, child, child_with_text, clear, element, icon, label, set_text},
    icons,
    rich::{self, Answer},
};

/// What all rows have in common.
pub(crate) struct Scene<'a> {
    pub(crate) agent: &'a str,
    pub(crate) strings: &'static Strings,
    pub(crate) dates: &'a Dates,
}

/// A message as it stands in the list.
pub(crate) struct Row {
    key: u32,
    revision: Option<u32>,
    element: HtmlElement,
    author: HtmlElement,
    body: HtmlElement,
    tail: HtmlElement,
    thumbs: Vec<HtmlElement>,
    answer: Answer,
    note: &'static str,
    /// How many days ago it was written.
    days_ago: i32,
    has_day: bool,
}

impl Row {
    /// A row without content, for [`Row::draw`] to fill.
    pub(crate) fn new(bubble: &Bubble, scene: &Scene<'_>) -> Self {
        let element = element("div", "");
        attribute(&element, "data-key", &digits(bubble.key));
        let author = child(&element, "span", "");
        let body = child(&element, "div", "");
        if !matches!(bubble.content, Content::Status(_)) {
            attribute(&body, "title", &scene.dates.whole(bubble.created_at));
            attribute(&body, "data-time", &scene.dates.time(bubble.created_at));
        }
        let tail = child(&element, "div", "tail");
        let days_ago = scene.dates.days_ago(bubble.created_at);
        Self {
            key: bubble.key,
            revision: None,
            element,
            author,
            body,
            tail,
            thumbs: Vec::new(),
            answer: Answer::default(),
            note: "",
            days_ago,
            has_day: false,
        }
    }

    /// Which message it is.
    pub(crate) fn key(&self) -> u32 {
        self.key
    }

    /// What stands in the list.
    pub(crate) fn element(&self) -> &HtmlElement {
        &self.element
    }

    /// Puts the day above the first message of it. `before` is how many days ago the message before it
    /// was written. Gives its own.
    pub(crate) fn part_days(&mut self, before: i32, bubble: &Bubble, scene: &Scene<'_>) -> i32 {
        let has_day = self.days_ago != before;
        if self.has_day != has_day {
            self.has_day = has_day;
            let day = if has_day { scene.dates.day(bubble.created_at) } else { String::new() };
            attribute(&self.element, "data-day", &day);
        }
        self.days_ago
    }

    /// Brings the row to what the bubble is now.
    pub(crate) fn draw(&mut self, bubble: &Bubble, scene: &Scene<'_>, last: bool) {
        let strings = scene.strings;
        let note = match bubble.state {
            BubbleState::Waiting => strings.waits,
            BubbleState::Sending => strings.sending,
            BubbleState::Complete if last && bubble.author == Role::Visitor => strings.sent,
            _ => "",
        };
        if self.note != note {
            self.note = note;
            attribute(&self.element, "data-note", note);
        }
        if self.revision.replace(bubble.revision) == Some(bubble.revision) {
            return;
        }
        let (author, name) = match bubble.author {
            Role::Visitor => ("visitor", strings.by_visitor),
            Role::Agent => ("agent", scene.agent),
            Role::Operator => ("operator", bubble.author_name.as_deref().unwrap_or(strings.team)),
            Role::Status => ("event", ""),
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
                self.body.set_class_name(if is_emoji(text) { "bubble emoji" } else { "bubble" });
                set_text(&self.body, text);
            }
            Content::Rich(pieces) => {
                // An answer of which nothing is there yet is the three dots, not an empty bubble.
                self.body.set_class_name(if pieces.is_empty() { "" } else { "bubble rich" });
                self.answer.draw(&self.body, pieces, strings.copy);
            }
            Content::Status(StatusKind::Assigned) => {
                set_text(&self.body, &strings.joined_by(bubble.author_name.as_deref()));
            }
            Content::Status(StatusKind::Resolved) => set_text(&self.body, strings.resolved),
            Content::Status(StatusKind::Waiting) => set_text(&self.body, strings.waiting_for_person),
            Content::Status(StatusKind::Typing) => {}
        }
        if bubble.state != BubbleState::Streaming {
            self.draw_tail(bubble, strings);
            self.draw_thumbs(bubble, strings);
        }
    }

    /// What stands under the bubble: sources, and a word on what went wrong.
    fn draw_tail(&self, bubble: &Bubble, strings: &Strings) {
        clear(&self.tail);
        if !bubble.sources.is_empty() {
            self.draw_sources(&bubble.sources, strings);
        }
        let (text, can_retry) = match bubble.state {
            BubbleState::Sending | BubbleState::Waiting | BubbleState::Streaming | BubbleState::Complete => {
                return;
            }
            BubbleState::Stopped => (strings.stopped, false),
            BubbleState::NotSent { reason, can_retry } | BubbleState::Failed { reason, can_retry } => {
                (reason, can_retry)
            }
        };
        let line = child(&self.tail, "div", "meta");
        child_with_text(&line, "span", "", text);
        if can_retry {
            set_text(&button(&line, "text", "retry"), strings.retry);
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
            icon(&chip, icons::SOURCE);
            child_with_text(&chip, "span", "", &source.title);
        }
    }

    /// The thumbs stay the same nodes: one of them has the keyboard's focus when it was pressed.
    fn draw_thumbs(&mut self, bubble: &Bubble, strings: &Strings) {
        if bubble.can_rate && self.thumbs.is_empty() {
            let frame = child(&self.element, "div", "thumbs");
            for (action, name) in [("up", strings.rate_up), ("down", strings.rate_down)] {
                let thumb = button(&frame, "icon", action);
                icon(&thumb, icons::THUMB);
                label(&thumb, name);
                self.thumbs.push(thumb);
            }
        }
        for (thumb, rating) in self.thumbs.iter().zip([Rating::Up, Rating::Down]) {
            let pressed = bubble.rating == Some(rating);
            attribute(thumb, "aria-pressed", if pressed { "true" } else { "false" });
        }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        self.element.remove();
    }
}

/// Whether a text is a few pictures and nothing else.
fn is_emoji(text: &str) -> bool {
    text.len() <= 48
        && !text.is_empty()
        && text.chars().all(|c| {
            matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{200d}' | ' ')
        })
}
