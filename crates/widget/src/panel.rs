//! The launcher's changing parts and the panel: built once, then brought to each view by the
//! differences alone.

mod build;
mod chips;
mod input;
mod messages;
mod scroll;

use eloquent_types::theme::Theme;
use eloquent_widget_core::{FocusTarget, Panel as PanelView, Status, Strings, View};
use web_sys::{Element, EventTarget, HtmlElement, HtmlTextAreaElement, ShadowRoot};

pub(crate) use self::input::EVENTS;
use self::{build::Part, chips::Shown};
use crate::{
    convert::digits,
    dates::Dates,
    dom::{attribute, child_with_text, clear, label, set_text, toggle_class},
    logo,
    row::Row,
    theme,
    timer::Timer,
    words::count,
};

/// Everything that is drawn.
pub(crate) struct Panel {
    root: ShadowRoot,
    /// Where the server is; ends with `/`.
    base: String,
    parts: Vec<HtmlElement>,
    field: HtmlTextAreaElement,
    rows: Vec<Row>,
    dates: Dates,
    drawn: Drawn,
    /// The button whose code was copied just now, until its word about that goes.
    copied: Option<(Timer, Element)>,
    /// Whether the menu is open.
    menu: bool,
    /// Whether the end of the list is kept in sight.
    follows: bool,
    /// How far the list was scrolled, in CSS pixels.
    top: i32,
    /// The rows at the ends when more were asked for, so that they are asked for once.
    near: Option<(u32, u32)>,
    /// Whether the machine takes the end of the list to be in sight.
    told: bool,
}

/// What was drawn last, of what costs more to draw than to compare.
#[derive(Default)]
struct Drawn {
    strings: Option<&'static Strings>,
    theme: Option<Theme>,
    picture: Option<String>,
    logo: Option<String>,
    flags: [bool; FLAGS.len()],
    texts: Vec<String>,
    shown: Shown,
    /// Whether the list shows the end of the conversation.
    at_end: bool,
}

/// What is there or not: a part, and an attribute, or a class where it begins with a dot.
const FLAGS: [(Part, &str); 25] = [
    (Part::Launcher, "hidden"),
    (Part::Launcher, ".labelled"),
    (Part::Badge, "hidden"),
    (Part::LauncherLabel, "hidden"),
    (Part::Preview, "hidden"),
    (Part::Section, ".closed"),
    (Part::Section, "inert"),
    (Part::Section, ".away"),
    (Part::Back, "hidden"),
    (Part::History, "hidden"),
    (Part::New, "hidden"),
    (Part::Menu, "hidden"),
    (Part::Handover, "hidden"),
    (Part::List, "hidden"),
    (Part::Scroll, "hidden"),
    (Part::More, "hidden"),
    (Part::Intro, "hidden"),
    (Part::Intro, ".small"),
    (Part::Waiting, "hidden"),
    (Part::Loading, "hidden"),
    (Part::Form, "hidden"),
    (Part::Latest, "hidden"),
    (Part::Field, "disabled"),
    (Part::Send, "disabled"),
    (Part::Send, ".stops"),
];

/// What says something: a part, and an attribute; without one its text. A `title` is the part's
/// accessible name, too.
const TEXTS: [(Part, &str); 38] = [
    (Part::Title, ""),
    (Part::Section, "aria-label"),
    (Part::Avatar, "data-initial"),
    (Part::IntroAvatar, "data-initial"),
    (Part::Status, "class"),
    (Part::StatusText, ""),
    (Part::Greeting, ""),
    (Part::Badge, ""),
    (Part::Launcher, "aria-expanded"),
    (Part::Launcher, "aria-label"),
    (Part::LauncherLabel, ""),
    (Part::PreviewText, ""),
    (Part::PreviewClose, "title"),
    (Part::Section, "lang"),
    (Part::Section, "dir"),
    (Part::Preview, "dir"),
    (Part::Launcher, "dir"),
    (Part::Back, "title"),
    (Part::History, "title"),
    (Part::New, "title"),
    (Part::MenuButton, "title"),
    (Part::MenuButton, "aria-expanded"),
    (Part::Menu, "aria-label"),
    (Part::Close, "title"),
    (Part::HandoverText, ""),
    (Part::SoundText, ""),
    (Part::List, "aria-label"),
    (Part::More, ""),
    (Part::Log, "aria-label"),
    (Part::Loading, ""),
    (Part::Starters, "aria-label"),
    (Part::LatestText, ""),
    (Part::LatestButton, "title"),
    (Part::Field, "placeholder"),
    (Part::Field, "aria-label"),
    (Part::Send, "title"),
    (Part::Send, "type"),
    (Part::Send, "data-do"),
];

impl Panel {
    /// Where [`EVENTS`] are heard.
    pub(crate) fn target(&self) -> &EventTarget {
        &self.root
    }

    /// What is scrolled.
    pub(crate) fn scroller(&self) -> &EventTarget {
        self.part(Part::Scroll)
    }

    fn part(&self, part: Part) -> &HtmlElement {
        &self.parts[part as usize]
    }

    /// Brings everything to what the view is now.
    pub(crate) fn draw(&mut self, view: &View<'_>) {
        // There is one table per language.
        let same = self.drawn.strings.is_some_and(|strings| std::ptr::eq(strings, view.strings));
        if self.dates.renew(view.locale) || !same {
            self.drawn.strings = Some(view.strings);
            // These are told apart by what they hold: drawn again in the new words.
            self.drawn.shown = Shown::default();
            self.rows.clear();
        }
        if self.drawn.theme.as_ref() != Some(&view.theme) {
            self.draw_theme(&view.theme);
        }
        let panel = &view.panel;
        self.menu &= panel.open;
        self.follows |= panel.open && self.drawn.flags[5];
        let place = self.reading_place(panel);
        self.draw_messages(panel, view.strings);
        self.draw_flags(view);
        self.draw_texts(view);
        self.draw_chips(panel, view.strings);
        self.draw_banner(panel.banner);
        if self.field.value() != panel.composer.draft {
            self.field.set_value(panel.composer.draft);
            self.fit_field();
        }
        if let Some(place) = place {
            self.restore_place(&place);
        }
        self.follow();
    }

    fn draw_theme(&mut self, theme: &Theme) {
        theme::apply(self.part(Part::Host), theme);
        for part in [Part::Launcher, Part::Preview, Part::Section] {
            theme::place(self.part(part), theme);
        }
        let mut picture = self.drawn.picture.take();
        theme::picture(self.part(Part::Launcher), theme.launcher_icon, &mut picture);
        self.drawn.picture = picture;
        if self.drawn.logo != theme.logo {
            self.drawn.logo.clone_from(&theme.logo);
            logo::show(
                [self.part(Part::Avatar), self.part(Part::IntroAvatar)].map(Clone::clone),
                theme.logo.as_ref().map(|path| [&*self.base, path].concat()).as_deref(),
            );
        }
        self.drawn.theme = Some(theme.clone());
    }

    fn draw_flags(&mut self, view: &View<'_>) {
        let (launcher, panel) = (&view.launcher, &view.panel);
        let lists = panel.list.is_some();
        let labelled = view.theme.launcher_label.is_some() && !launcher.open;
        let can_end = self.follows && !panel.later;
        let flags = [
            !launcher.visible,
            labelled,
            launcher.unread == 0,
            !labelled,
            view.preview.is_none() || !launcher.visible,
            !panel.open,
            !panel.open,
            panel.status == Status::Unavailable,
            !lists,
            lists || !panel.can_list,
            lists,
            !self.menu,
            !panel.can_handover,
            !lists,
            lists,
            !panel.earlier,
            panel.greeting.is_empty() || panel.earlier,
            !panel.messages.is_empty(),
            !panel.typing,
            !panel.loading,
            lists,
            can_end,
            !panel.composer.enabled,
            !panel.composer.can_send && !panel.composer.can_stop,
            stops(panel),
        ];
        for (index, on) in flags.into_iter().enumerate() {
            if self.drawn.flags[index] != on {
                self.drawn.flags[index] = on;
                let (part, name) = FLAGS[index];
                match name.strip_prefix('.') {
                    Some(class) => toggle_class(self.part(part), class, on),
                    None => drop(self.part(part).toggle_attribute_with_force(name, on)),
                }
            }
        }
    }

    fn draw_texts(&mut self, view: &View<'_>) {
        let (launcher, panel, strings) = (&view.launcher, &view.panel, view.strings);
        let title = if panel.list.is_some() { strings.conversations } else { panel.title };
        // The style sheet makes it a capital.
        let initial = panel.title.chars().next().map(String::from).unwrap_or_default();
        let badge = if launcher.unread > 9 { "9+".to_owned() } else { digits(launcher.unread) };
        let name = launcher_name(view);
        let (class, status) = status(panel, strings);
        let fresh = panel.fresh;
        let fresh = if fresh > 0 { count(strings.new_messages, fresh, view.locale) } else { String::new() };
        let dir = if view.rtl { "rtl" } else { "ltr" };
        let yes = |on| if on { "true" } else { "false" };
        let (send, kind, action) =
            if stops(panel) { (strings.stop, "button", "stop") } else { (strings.send, "submit", "") };
        let texts: [&str; TEXTS.len()] = [
            title,
            panel.title,
            &initial,
            &initial,
            class,
            status,
            panel.greeting,
            &badge,
            yes(launcher.open),
            &name,
            view.theme.launcher_label.as_ref().map_or("", |label| label.as_str()),
            view.preview.unwrap_or_default(),
            strings.close_preview,
            strings.locale,
            dir,
            dir,
            dir,
            strings.back,
            strings.conversations,
            strings.new_conversation,
            strings.menu,
            yes(self.menu),
            strings.menu,
            strings.close_chat,
            strings.talk_to_person,
            if panel.sound { strings.sound_off } else { strings.sound_on },
            strings.conversations,
            strings.loading_earlier,
            strings.messages,
            strings.loading,
            strings.suggestions,
            &fresh,
            strings.latest,
            strings.placeholder,
            strings.placeholder,
            send,
            kind,
            action,
        ];
        self.drawn.texts.resize(TEXTS.len(), String::new());
        for ((shown, text), (part, name)) in self.drawn.texts.iter_mut().zip(texts).zip(TEXTS) {
            if shown != text {
                text.clone_into(shown);
                let part = &self.parts[part as usize];
                match name {
                    "" => set_text(part, text),
                    "title" => label(part, text),
                    _ => attribute(part, name, text),
                }
            }
        }
    }

    /// Moves the keyboard's focus.
    pub(crate) fn focus(&self, target: FocusTarget) {
        let _ = match target {
            FocusTarget::Composer => self.field.focus(),
            FocusTarget::Launcher => self.part(Part::Launcher).focus(),
        };
    }

    /// Has a screen reader say this. The same words twice are heard twice.
    pub(crate) fn announce(&self, text: &str) {
        let announcer = self.part(Part::Announcer);
        clear(announcer);
        child_with_text(announcer, "p", "", text);
    }
}

/// Whether the button beside the text field ends the answer.
fn stops(panel: &PanelView<'_>) -> bool {
    panel.composer.can_stop && !panel.composer.can_send
}

/// The launcher's accessible name: what stands on it, what it does, and how much is new.
fn launcher_name(view: &View<'_>) -> String {
    let unread = view.launcher.unread;
    let does = if view.launcher.open { view.strings.close_chat } else { view.strings.open_chat };
    let mut name = String::new();
    if let Some(label) = &view.theme.launcher_label {
        name.push_str(label.as_str());
        name.push_str(", ");
    }
    name.push_str(does);
    if unread > 0 {
        name.push_str(", ");
        name.push_str(&count(view.strings.unread, unread, view.locale));
    }
    name
}

/// What the head says under the name, and its class.
fn status<'a>(panel: &PanelView<'a>, strings: &'a Strings) -> (&'static str, &'a str) {
    let broken = [strings.offline, strings.unreachable, strings.reconnecting];
    match panel.status {
        Status::Connecting => ("status", strings.connecting),
        Status::Online if panel.banner.is_some_and(|banner| broken.contains(&banner.text)) => {
            ("status away", strings.connecting)
        }
        Status::Unavailable => ("status away", strings.unavailable),
        Status::Online => match panel.operator {
            Some(operator) if panel.verified => ("status verified", operator),
            Some(operator) => ("status online", operator),
            None if panel.verified => ("status verified", strings.verified),
            None => ("status online", strings.online),
        },
    }
}
