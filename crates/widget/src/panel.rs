//! The launcher's changing parts and the panel: built once, then brought to each view by the
//! differences alone.

mod build;
mod input;

use eloquent_types::theme::Color;
use eloquent_widget_core::{
    Banner, Composer, FocusTarget, Launcher, Panel as PanelView, Status, Strings, View,
};
use web_sys::{Element, EventTarget, HtmlElement, HtmlTextAreaElement};

pub(crate) use self::input::EVENTS;
use crate::{
    dom::{attribute, button, child_with_text, clear, icon, label, set_text, toggle_class},
    icons,
    row::Row,
    theme,
};

/// How near the end of the list counts as being there, in CSS pixels.
const NEAR_END: i32 = 48;

/// Everything that is drawn.
pub(crate) struct Panel {
    host: HtmlElement,
    launcher: HtmlElement,
    badge: HtmlElement,
    section: HtmlElement,
    avatar: HtmlElement,
    title: HtmlElement,
    status: HtmlElement,
    fresh: HtmlElement,
    close: HtmlElement,
    scroller: HtmlElement,
    intro: HtmlElement,
    intro_avatar: HtmlElement,
    greeting: HtmlElement,
    log: HtmlElement,
    starters: HtmlElement,
    waiting: HtmlElement,
    loading: HtmlElement,
    latest: HtmlElement,
    banner: HtmlElement,
    field: HtmlTextAreaElement,
    send: HtmlElement,
    announcer: HtmlElement,
    rows: Vec<Row>,
    drawn: Drawn,
    follows: bool,
}

/// What was drawn last, of what costs more to draw than to compare.
#[derive(Default)]
struct Drawn {
    strings: Option<&'static Strings>,
    accent: Option<String>,
    status: Option<(Status, bool)>,
    starters: Vec<String>,
    banner: Option<Banner>,
    can_stop: Option<bool>,
    open: bool,
}

impl Panel {
    /// Where [`EVENTS`] are heard.
    pub(crate) fn target(&self) -> &EventTarget {
        &self.section
    }

    /// What is scrolled.
    pub(crate) fn scroller(&self) -> &EventTarget {
        &self.scroller
    }

    /// Brings everything to what the view is now.
    pub(crate) fn draw(&mut self, view: &View<'_>) {
        self.draw_strings(view.strings);
        if let Some(accent) = view.theme.accent.as_ref().map(Color::as_str)
            && self.drawn.accent.as_deref() != Some(accent)
        {
            theme::set_accent(&self.host, accent);
            self.drawn.accent = Some(accent.to_owned());
        }
        self.draw_launcher(&view.launcher);
        self.draw_head(&view.panel, view.strings);
        self.draw_messages(&view.panel, view.strings);
        self.draw_banner(view.panel.banner);
        self.draw_composer(view.panel.composer, view.strings);
        self.draw_open(view.panel.open);
        self.follow();
    }

    fn draw_strings(&mut self, strings: &'static Strings) {
        if self.drawn.strings == Some(strings) {
            return;
        }
        self.drawn.strings = Some(strings);
        attribute(&self.section, "lang", strings.locale);
        label(&self.fresh, strings.new_conversation);
        label(&self.close, strings.close_chat);
        attribute(&self.log, "aria-label", strings.messages);
        attribute(&self.field, "placeholder", strings.placeholder);
        attribute(&self.field, "aria-label", strings.placeholder);
        set_text(&self.loading, strings.loading);
        // All of these are told apart by what they hold: drawn again in the new words.
        self.drawn.status = None;
        self.drawn.can_stop = None;
        self.rows.clear();
    }

    fn draw_launcher(&self, launcher: &Launcher) {
        self.launcher.set_hidden(!launcher.visible);
        attribute(&self.launcher, "aria-expanded", if launcher.open { "true" } else { "false" });
        attribute(&self.launcher, "aria-label", &launcher.label);
        self.badge.set_hidden(launcher.unread == 0);
        let count = if launcher.unread > 9 { "9+".to_owned() } else { launcher.unread.to_string() };
        set_text(&self.badge, &count);
    }

    fn draw_head(&mut self, panel: &PanelView<'_>, strings: &Strings) {
        if set_text_changed(&self.title, panel.title) {
            attribute(&self.section, "aria-label", panel.title);
            // The style sheet makes it a capital.
            let initial: String = panel.title.chars().take(1).collect();
            set_text(&self.avatar, &initial);
            set_text(&self.intro_avatar, &initial);
        }
        let now = (panel.status, panel.verified);
        if self.drawn.status.replace(now) == Some(now) {
            return;
        }
        clear(&self.status);
        let (class, text) = match panel.status {
            Status::Connecting => ("status", strings.connecting),
            Status::Unavailable => ("status away", strings.unavailable),
            Status::Online if panel.verified => {
                icon(&self.status, icons::VERIFIED, "");
                ("status verified", strings.verified)
            }
            Status::Online => ("status online", strings.online),
        };
        self.status.set_class_name(class);
        child_with_text(&self.status, "span", "", text);
    }

    fn draw_messages(&mut self, panel: &PanelView<'_>, strings: &Strings) {
        set_text(&self.greeting, panel.greeting);
        self.intro.set_hidden(panel.greeting.is_empty());
        toggle_class(&self.intro, "small", !panel.messages.is_empty());
        if self.drawn.starters != panel.starters {
            self.drawn.starters = panel.starters.to_vec();
            clear(&self.starters);
            for (index, starter) in panel.starters.iter().enumerate() {
                let chip = button(&self.starters, "starter", "starter");
                attribute(&chip, "data-key", &index.to_string());
                child_with_text(&chip, "span", "", starter);
                icon(&chip, icons::CHOOSE, "");
            }
        }
        self.rows.retain(|row| panel.messages.iter().any(|bubble| bubble.key == row.key()));
        for (index, bubble) in panel.messages.iter().enumerate() {
            if self.rows.get(index).is_none_or(|row| row.key() != bubble.key) {
                self.place(index, Row::new(bubble));
            }
            if let Some(row) = self.rows.get_mut(index) {
                row.draw(bubble, panel.title, strings);
            }
        }
        self.waiting.set_hidden(!panel.typing);
        self.loading.set_hidden(!panel.loading);
    }

    /// Puts a row at this place; a row of the same key that stands elsewhere goes.
    fn place(&mut self, index: usize, row: Row) {
        self.rows.retain(|other| other.key() != row.key());
        let next = self.rows.get(index).map(|next| next.element().as_ref());
        let _ = self.log.insert_before(row.element(), next);
        self.rows.insert(index.min(self.rows.len()), row);
        // Whoever sends something, or gets the beginning of an answer, wants to see it.
        if index + 1 == self.rows.len() && self.rows.len() > 1 {
            self.follows |= self.is_near_end();
        }
    }

    fn draw_banner(&mut self, banner: Option<Banner>) {
        if self.drawn.banner == banner {
            return;
        }
        self.drawn.banner = banner;
        clear(&self.banner);
        if let Some(banner) = banner {
            child_with_text(&self.banner, "span", "", banner.text);
            if let Some(action) = banner.action {
                set_text(&button(&self.banner, "text", "banner"), action);
            }
        }
    }

    fn draw_composer(&mut self, composer: Composer<'_>, strings: &Strings) {
        if self.field.value() != composer.draft {
            self.field.set_value(composer.draft);
            self.fit_field();
        }
        toggle_attribute(&self.field, "disabled", !composer.enabled);
        toggle_attribute(&self.send, "disabled", !composer.can_send && !composer.can_stop);
        let stops = composer.can_stop && !composer.can_send;
        if self.drawn.can_stop.replace(stops) == Some(stops) {
            return;
        }
        clear(&self.send);
        let (path, class, name, kind) = if stops {
            (icons::STOP_SOLID, "solid", strings.stop, "button")
        } else {
            (icons::SEND, "", strings.send, "submit")
        };
        icon(&self.send, path, class);
        label(&self.send, name);
        attribute(&self.send, "type", kind);
        attribute(&self.send, "data-do", if stops { "stop" } else { "" });
    }

    fn draw_open(&mut self, open: bool) {
        if std::mem::replace(&mut self.drawn.open, open) == open {
            return;
        }
        toggle_class(&self.section, "closed", !open);
        toggle_attribute(&self.section, "inert", !open);
        self.follows |= open;
    }

    /// Keeps the end of the list in sight, unless the visitor has scrolled up.
    fn follow(&self) {
        if self.follows && self.drawn.open {
            self.scroller.set_scroll_top(self.scroller.scroll_height());
        }
        self.latest.set_hidden(self.follows);
    }

    fn is_near_end(&self) -> bool {
        let scroller = &self.scroller;
        scroller.scroll_height() - scroller.scroll_top() - scroller.client_height() < NEAR_END
    }

    /// Takes notice of where the visitor has scrolled to.
    pub(crate) fn scrolled(&mut self) {
        self.follows = self.is_near_end();
        self.latest.set_hidden(self.follows);
    }

    /// Grows the text field with its text.
    pub(crate) fn fit_field(&self) {
        let style = self.field.style();
        let _ = style.remove_property("height");
        let height = [&self.field.scroll_height().to_string(), "px"].concat();
        let _ = style.set_property("height", &height);
    }

    /// Fits the panel into what a phone's keyboard leaves of the screen.
    pub(crate) fn fit_viewport(&self, height: f64, top: f64) {
        // Whole pixels: formatting fractions would cost the module more than they are worth.
        #[expect(clippy::cast_possible_truncation, reason = "a screen has fewer pixels")]
        let pixels = |value: f64| [&(value as i32).to_string(), "px"].concat();
        let _ = self.host.style().set_property("--viewport", &pixels(height));
        let _ = self.host.style().set_property("--viewport-top", &pixels(top));
        // The keyboard takes its place from the list: what was last said stays above it.
        self.follow();
    }

    /// Moves the keyboard's focus.
    pub(crate) fn focus(&self, target: FocusTarget) {
        let _ = match target {
            FocusTarget::Composer => self.field.focus(),
            FocusTarget::Launcher => self.launcher.focus(),
        };
    }

    /// Has a screen reader say this. The same words twice are heard twice.
    pub(crate) fn announce(&self, text: &str) {
        clear(&self.announcer);
        child_with_text(&self.announcer, "p", "", text);
    }
}

fn toggle_attribute(element: &Element, name: &str, on: bool) {
    let _ = element.toggle_attribute_with_force(name, on);
}

/// Sets an element's text, and says whether it differed.
fn set_text_changed(element: &Element, text: &str) -> bool {
    let differs = element.text_content().as_deref() != Some(text);
    if differs {
        element.set_text_content(Some(text));
    }
    differs
}
