//! What the page looks like: the forms, and beside them the room for the preview.

use eloquent_store::Agent;
use eloquent_types::theme::{
    Color, Font, LAUNCHER_LABEL_MAX_CHARS, LauncherIcon, Position, Radius, Scheme, contrast,
};
use maud::{Markup, html};

use super::{
    Notice,
    color::{Own, readable, written},
    form::{Problem, Typed},
    href,
};
use crate::{
    appearance::{CONTRAST_MIN, GREETING_MAX_CHARS, STARTER_MAX_CHARS, STARTERS_MAX},
    http::dashboard::{
        embed,
        frame::{Frame, Place, Section},
        icon, part,
        session::AgentPage,
    },
};

/// All that the page shows.
pub(super) struct Shown<'a> {
    pub(super) page: &'a AgentPage,
    pub(super) typed: &'a Typed,
    pub(super) public_url: &'a str,
    pub(super) problems: &'a [Problem],
    pub(super) logo_problem: Option<&'static str>,
    pub(super) notice: Option<Notice>,
}

impl<'a> Shown<'a> {
    /// The page with nothing to say about what was done.
    pub(super) const fn new(page: &'a AgentPage, typed: &'a Typed, public_url: &'a str) -> Self {
        Self { page, typed, public_url, problems: &[], logo_problem: None, notice: None }
    }

    /// The whole page.
    pub(super) fn render(&self) -> Markup {
        let AgentPage { signed_in, agent, .. } = self.page;
        let place = Place::Agent(agent, Section::Appearance);
        let frame = Frame { title: "Appearance", signed_in, place, crumbs: &[] };
        frame.render(&html! {
            div.heading { div {
                h1 { "Appearance" }
                p.lead { "How the chat looks on your pages, and what it says before anybody has written. The preview is the real chat." }
            } }
            @if let Some(notice) = self.notice { p.notice role="status" { (icon::tick()) (notice.text()) } }
            @if !self.problems.is_empty() {
                p.problem role="alert" { (icon::alert()) span { "Nothing was saved. " (counted(self.problems.len())) " below." } }
            }
            div.studio {
                div.desk {
                    form #look method="post" action=(href(agent.id)) novalidate {
                        (self.colors())
                        (self.shape())
                        (self.launcher())
                        (self.words())
                        (self.people())
                        div.actions.saving { button.primary type="submit" { "Save" } }
                    }
                    (self.logo(agent))
                    (self.tag(agent))
                }
                (stage(agent))
            }
            script defer src="/dashboard/assets/appearance.js" {}
        })
    }

    /// What is wrong at a field.
    fn problem(&self, field: &str) -> Markup {
        let wrong = self.problems.iter().filter(|problem| problem.field == field);
        html! {
            @for (at, problem) in wrong.enumerate() {
                p.problem id=[(at == 0).then(|| format!("{field}-problem"))] { (icon::alert()) span { (problem.text) } }
            }
        }
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }

    /// The attribute that ties a field to what stands below it.
    fn described(&self, field: &str, hint: &str) -> String {
        if self.is_wrong(field) { format!("{field}-problem {hint}") } else { hint.to_owned() }
    }

    fn colors(&self) -> Markup {
        html! {
            section.card aria-labelledby="colors-title" {
                h2 #colors-title { "Colours" }
                (segments("scheme", "Light or dark", self.typed.text("scheme"), &[
                    (Scheme::Auto.as_str(), "As the visitor’s system"), (Scheme::Light.as_str(), "Light"), (Scheme::Dark.as_str(), "Dark"),
                ]))
                div.three {
                    (self.color("accent", "Accent", Own::ACCENT, &accent_says(self.typed)))
                    (self.color("background", "Background", Own::BACKGROUND, &html! { "Where the chat is light." }))
                    (self.color("text", "Text", Own::TEXT, &text_says(self.typed)))
                }
            }
        }
    }

    fn color(&self, name: &str, label: &str, own: &str, says: &Markup) -> Markup {
        let hint = format!("{name}-says");
        html! {
            div.field data-color=(name) data-own=(own) {
                label for=(name) { (label) }
                div.swatch {
                    input type="color" hidden value=(self.typed.color(name).as_ref().map_or(own, Color::as_str)) aria-label={ "Choose: " (label) };
                    input.mono type="text" id=(name) name=(name) value=(self.typed.text(name)) placeholder=(own) maxlength="7"
                        autocomplete="off" autocapitalize="off" spellcheck="false"
                        aria-invalid=[self.is_wrong(name).then_some("true")] aria-describedby=(self.described(name, &hint));
                }
                (self.problem(name))
                p.hint.small id=(hint) aria-live="polite" { (says) }
            }
        }
    }

    fn shape(&self) -> Markup {
        let radius = self.typed.text("radius");
        html! {
            section.card aria-labelledby="shape-title" {
                h2 #shape-title { "Shape and letters" }
                div.two {
                    div.field {
                        label for="radius" { "Corners" }
                        div.range {
                            input #radius type="range" name="radius" min="0" max=(Radius::MAX) step="1" value=(radius);
                            output for="radius" { (radius) " px" }
                        }
                    }
                    div.field {
                        label for="font" { "Letters" }
                        select #font name="font" { @for font in Font::ALL {
                            option value=(font.as_str()) selected[font.as_str() == self.typed.text("font")] { (font_name(*font)) }
                        } }
                    }
                }
            }
        }
    }

    fn launcher(&self) -> Markup {
        let icons =
            LauncherIcon::ALL.iter().map(|icon| (icon.as_str(), icon_name(*icon))).collect::<Vec<_>>();
        html! {
            section.card aria-labelledby="launcher-title" {
                h2 #launcher-title { "Launcher" }
                (segments("position", "Corner of the page", self.typed.text("position"), &[
                    (Position::Left.as_str(), "Lower left"), (Position::Right.as_str(), "Lower right"),
                ]))
                (segments("launcher_icon", "Picture", self.typed.text("launcher_icon"), &icons))
                div.field {
                    label for="launcher_label" { "Words beside it" span.muted { " (may be left out)" } }
                    input #launcher_label type="text" name="launcher_label" value=(self.typed.text("launcher_label")) maxlength=(LAUNCHER_LABEL_MAX_CHARS)
                        autocomplete="off" placeholder="Questions?"
                        aria-invalid=[self.is_wrong("launcher_label").then_some("true")] aria-describedby=(self.described("launcher_label", ""));
                    (self.problem("launcher_label"))
                }
            }
        }
    }

    fn words(&self) -> Markup {
        let rows = self.typed.starters.len().max(STARTERS_MAX);
        html! {
            section.card aria-labelledby="words-title" {
                h2 #words-title { "First words" }
                div.field {
                    label for="greeting" { "Greeting" }
                    textarea #greeting name="greeting" rows="2" maxlength=(GREETING_MAX_CHARS) dir="auto"
                        aria-invalid=[self.is_wrong("greeting").then_some("true")] aria-describedby=(self.described("greeting", "")) { "\n" (self.typed.text("greeting")) }
                    (self.problem("greeting"))
                }
                fieldset.field #starters {
                    legend { "Questions to start with" }
                    ol.starters { @for at in 0..rows {
                        li {
                            input type="text" name="starter" value=[self.typed.starters.get(at)] maxlength=(STARTER_MAX_CHARS) dir="auto"
                                aria-label={ "Question " (at + 1) } aria-invalid=[self.is_wrong("starter").then_some("true")]
                                aria-describedby=[self.is_wrong("starter").then_some("starter-problem")];
                            (mover("up", &icon::up(), &format!("Move question {} up", at + 1)))
                            (mover("down", &icon::down(), &format!("Move question {} down", at + 1)))
                            (mover("remove", &icon::cross(), &format!("Remove question {}", at + 1)))
                        }
                    } }
                    (self.problem("starter"))
                    p.hint.small { "Visitors see them until they have written. Six at most; an empty one is left out." }
                }
                (self.language())
            }
        }
    }

    fn language(&self) -> Markup {
        let chosen = self.typed.text("locale");
        let offered = chosen.is_empty() || LANGUAGES.iter().any(|(tag, _)| *tag == chosen);
        html! {
            div.field {
                label for="locale" { "Language" }
                select #locale name="locale" aria-describedby=(self.described("locale", "locale-hint")) {
                    option value="" selected[chosen.is_empty()] { "The visitor’s own" }
                    @for (tag, name) in LANGUAGES { option value=(tag) lang=(tag) selected[tag == chosen] { (name) } }
                    @if !offered { option value=(chosen) selected { (chosen) } }
                }
                (self.problem("locale"))
                p.hint.small #locale-hint { "Of the chat’s own words: its buttons, its dates. Your greeting and questions stay as you write them." }
            }
        }
    }

    fn people(&self) -> Markup {
        html! {
            section.card aria-labelledby="people-title" {
                h2 #people-title { "People" }
                (choice("feedback", self.typed.feedback, "Answers can be rated", "Visitors say with a thumb whether an answer helped. You see it in the conversation."))
                (choice("handover", self.typed.handover, "A person can be asked for", "Visitors can ask for somebody of your team; the conversation then waits for you."))
                div.field {
                    label for="contact" { "Contact without the chat" span.muted { " (may be left out)" } }
                    input #contact type="text" name="contact" value=(self.typed.text("contact")) placeholder="help@example.com or https://…"
                        autocomplete="off" autocapitalize="off" spellcheck="false" inputmode="email"
                        aria-invalid=[self.is_wrong("contact").then_some("true")] aria-describedby=(self.described("contact", "contact-hint"));
                    (self.problem("contact"))
                    p.hint.small #contact-hint { "Where visitors are sent when the chat cannot run in their browser or cannot be reached." }
                }
            }
        }
    }

    fn logo(&self, agent: &Agent) -> Markup {
        html! {
            section.card aria-labelledby="logo-title" {
                h2 #logo-title { "Logo" }
                p.hint { "In the chat’s head, in place of the agent’s initial. Square pictures look best." }
                div.logo {
                    @if let Some(logo) = &agent.theme.logo { img src={ "/" (logo) } alt="The agent’s logo" width="56" height="56"; }
                    @else { span.avatar aria-hidden="true" { (part::initials(&agent.name)) } }
                    form.inline method="post" action={ (href(agent.id)) "/logo" } enctype="multipart/form-data" {
                        input type="file" name="logo" required accept="image/png,image/jpeg,image/webp,image/gif" aria-label="Picture: PNG, JPEG, WebP or GIF, at most 64 KB"
                            aria-invalid=[self.logo_problem.map(|_| "true")] aria-describedby="logo-says";
                        button type="submit" { "Upload" }
                    }
                    @if agent.theme.logo.is_some() {
                        form method="post" action={ (href(agent.id)) "/logo/remove" } { button.danger type="submit" { "Remove" } }
                    }
                }
                div #logo-says {
                    @if let Some(problem) = self.logo_problem { p.problem role="alert" { (icon::alert()) span { (problem) } } }
                    @else { p.hint.small { "PNG, JPEG, WebP or GIF, at most 64 KB." } }
                }
            }
        }
    }

    fn tag(&self, agent: &Agent) -> Markup {
        html! {
            section.card aria-labelledby="embed-title" {
                h2 #embed-title { "The tag for your pages" }
                p.hint { "The launcher is drawn before anything is loaded, so the tag brings its colour and its place. Change it on your pages when you have changed them here; the rest is fetched from here." }
                (part::wrapped_code("embed-tag", "The tag for your pages", &embed::tag(agent.id, &agent.theme, self.public_url)))
            }
        }
    }
}

fn counted(problems: usize) -> String {
    if problems == 1 {
        "One field needs another look".to_owned()
    } else {
        format!("{problems} fields need another look")
    }
}

/// What stands under the accent: which letters it carries, and how well.
fn accent_says(typed: &Typed) -> Markup {
    html! {
        @match typed.color("accent") {
            Some(accent) => {
                @let ink = accent.ink();
                (if ink.as_str() == "#000000" { "Black" } else { "White" }) " on it: " (verdict(contrast(&accent, &ink)))
            },
            None => { "A colour like " (Own::ACCENT) "." },
        }
    }
}

/// What stands under the text's colour: how well it can be read on the background.
fn text_says(typed: &Typed) -> Markup {
    html! {
        @match (typed.color("text"), typed.color("background")) {
            (Some(text), Some(ground)) => {
                @let ratio = contrast(&text, &ground);
                "On the background: " (verdict(ratio))
                @if ratio < CONTRAST_MIN { " Try " (readable(&text, &ground).as_str()) "." }
            },
            _ => { "A colour like " (Own::TEXT) "." },
        }
    }
}

fn verdict(ratio: f64) -> Markup {
    html! {
        span.mono { (written(ratio)) ":1" } ", "
        @if ratio < CONTRAST_MIN { strong.fails { "below AA." } } @else { span.passes { "passes AA." } }
    }
}

/// A few choices in a row, one of which holds.
fn segments(name: &str, legend: &str, chosen: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        fieldset.field {
            legend { (legend) }
            div.segments { @for (value, text) in choices {
                label { input type="radio" name=(name) value=(value) checked[*value == chosen]; span { (text) } }
            } }
        }
    }
}

fn choice(name: &str, checked: bool, title: &str, text: &str) -> Markup {
    html! {
        label.option {
            input type="checkbox" name=(name) value="on" checked[checked];
            span { span.strong { (title) } span.hint { (text) } }
        }
    }
}

/// A button of a question's row. Hidden until the script that makes it work is there.
fn mover(does: &str, picture: &Markup, label: &str) -> Markup {
    html! { button.plain.mover type="button" data-does=(does) hidden aria-label=(label) { (picture) } }
}

const fn font_name(font: Font) -> &'static str {
    match font {
        Font::System => "The system’s own",
        Font::Serif => "With serifs",
        Font::Rounded => "Rounded",
        Font::Mono => "All of one width",
    }
}

const fn icon_name(icon: LauncherIcon) -> &'static str {
    match icon {
        LauncherIcon::Chat => "Speech bubble",
        LauncherIcon::Question => "Question mark",
        LauncherIcon::Wave => "Waving hand",
        LauncherIcon::Spark => "Spark",
    }
}

/// The languages that the chat has words in, by their own names.
const LANGUAGES: [(&str, &str); 14] = [
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("he", "עברית"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("tr", "Türkçe"),
    ("zh-Hans", "简体中文"),
];

/// The room for the preview, which the page's script fills.
fn stage(agent: &Agent) -> Markup {
    html! {
        aside.stage aria-label="Preview" {
            noscript { p.note { (icon::alert()) "The preview needs JavaScript, which is off in this browser. Everything else works." } }
            div #stage hidden data-src={ (href(agent.id)) "/preview" } {
                div.switches {
                    (segments("preview-scheme", "Show it", "", &[("", "As chosen"), (Scheme::Light.as_str(), "Light"), (Scheme::Dark.as_str(), "Dark")]))
                    (segments("preview-screen", "On a", "computer", &[("computer", "Computer"), ("phone", "Phone")]))
                    button.primary type="submit" form="look" { "Save" }
                }
                div.screen data-screen="computer" {}
                p.hint.small { "Colours, shape and launcher change as you edit; words and logo once they are saved. What you write in it is a real conversation." }
            }
        }
    }
}
