//! The form as it was typed, and what becomes of it.

use std::collections::BTreeMap;

use eloquent_store::{Agent, AgentScope, StoreError, Writer};
use eloquent_types::{
    config::{Contact, is_language_tag},
    theme::{Color, Font, LauncherIcon, LauncherLabel, Position, Radius, Scheme, Theme, contrast},
};

use super::color::{Own, readable, written};
use crate::{
    appearance::{CONTRAST_MIN, GREETING_MAX_CHARS, STARTER_MAX_CHARS, STARTERS_MAX},
    http::dashboard::error::PageError,
};

/// The panel's radius where an agent has none, in CSS pixels.
pub(super) const OWN_RADIUS: u8 = 20;

/// The fields that stand once in every form, by their names.
const TEXTS: [&str; 12] = [
    "accent",
    "background",
    "text",
    "radius",
    "font",
    "scheme",
    "position",
    "launcher_icon",
    "launcher_label",
    "greeting",
    "locale",
    "contact",
];

/// The form as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    texts: BTreeMap<&'static str, String>,
    /// The questions to start with, empty fields among them.
    pub(super) starters: Vec<String>,
    /// Whether answers can be rated.
    pub(super) feedback: bool,
    /// Whether a person can be asked for.
    pub(super) handover: bool,
}

/// Why a field cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The field's name in the form.
    pub(super) field: &'static str,
    /// What is wrong, and what to do.
    pub(super) text: String,
}

/// What is to be saved: all of it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    theme: Theme,
    greeting: String,
    starters: Vec<String>,
    locale: Option<String>,
    contact: Option<Contact>,
    feedback: bool,
    handover: bool,
}

impl Typed {
    /// The form as the agent is now.
    pub(super) fn of(agent: &Agent) -> Self {
        let theme = &agent.theme;
        let color = |color: &Option<Color>| color.as_ref().map_or("", |color| color.as_str()).to_owned();
        let radius = theme.radius.map_or(OWN_RADIUS, Radius::pixels);
        let label = theme.launcher_label.as_ref().map_or("", |label| label.as_str());
        let texts = [
            ("accent", color(&theme.accent)),
            ("background", color(&theme.background)),
            ("text", color(&theme.text)),
            ("radius", radius.to_string()),
            ("font", theme.font.unwrap_or(Font::System).as_str().to_owned()),
            ("scheme", theme.scheme.unwrap_or(Scheme::Auto).as_str().to_owned()),
            ("position", theme.position.unwrap_or(Position::Right).as_str().to_owned()),
            ("launcher_icon", theme.launcher_icon.unwrap_or(LauncherIcon::Chat).as_str().to_owned()),
            ("launcher_label", label.to_owned()),
            ("greeting", agent.greeting.clone()),
            ("locale", agent.locale.clone().unwrap_or_default()),
            ("contact", agent.contact.as_ref().map_or("", |contact| contact.as_str()).to_owned()),
        ];
        Self {
            texts: texts.into_iter().collect(),
            starters: agent.starters.clone(),
            feedback: agent.feedback_enabled,
            handover: agent.handover_enabled,
        }
    }

    /// The form that a browser sent; a field that is missing, unknown or there twice is none of ours.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Result<Self, PageError> {
        let mut typed = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "starter" => typed.starters.push(value),
                "feedback" => typed.feedback = true,
                "handover" => typed.handover = true,
                other => {
                    let name = TEXTS.into_iter().find(|text| *text == other).ok_or(PageError::BadForm)?;
                    // Browsers send a line break as two characters.
                    if typed.texts.insert(name, value.replace("\r\n", "\n")).is_some() {
                        return Err(PageError::BadForm);
                    }
                }
            }
        }
        if typed.texts.len() == TEXTS.len() { Ok(typed) } else { Err(PageError::BadForm) }
    }

    /// What was typed into a field.
    pub(super) fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// A field's colour, and the widget's own where nothing is typed; none where it is no colour.
    pub(super) fn color(&self, name: &str) -> Option<Color> {
        let own = match name {
            "accent" => Own::ACCENT,
            "background" => Own::BACKGROUND,
            _ => Own::TEXT,
        };
        let typed = self.text(name).trim();
        Color::parse(if typed.is_empty() { own } else { typed }).ok()
    }

    /// Checks everything. What only a browser that is not ours can send is a bad form; what a person can
    /// get wrong is a problem at its field.
    pub(super) fn parse(&self) -> Result<Result<Wanted, Vec<Problem>>, PageError> {
        let mut problems = Problems::default();
        let color = |name| Some(self.text(name).trim()).filter(|typed| !typed.is_empty()).map(Color::parse);
        let mut parsed = |name| color(name).and_then(|color| problems.of(name, color));
        let (accent, background, text) = (parsed("accent"), parsed("background"), parsed("text"));
        let label = Some(self.text("launcher_label").trim()).filter(|label| !label.is_empty());
        let theme = Theme {
            accent,
            background,
            text,
            launcher_label: label
                .and_then(|label| problems.of("launcher_label", LauncherLabel::parse(label))),
            logo: None,
            ..self.chosen()?
        };
        problems.add_unreadable(self);
        let wanted = Wanted {
            theme,
            greeting: problems.greeting(self.text("greeting")),
            starters: problems.starters(&self.starters),
            locale: problems.locale(self.text("locale")),
            contact: Some(self.text("contact").trim())
                .filter(|contact| !contact.is_empty())
                .and_then(|contact| problems.of("contact", Contact::parse(contact))),
            feedback: self.feedback,
            handover: self.handover,
        };
        Ok(if problems.0.is_empty() { Ok(wanted) } else { Err(problems.0) })
    }

    /// The tokens that are chosen rather than typed. What the widget does of itself is no token.
    fn chosen(&self) -> Result<Theme, PageError> {
        let radius = self.text("radius").parse().ok().and_then(|pixels| Radius::new(pixels).ok());
        let radius = radius.ok_or(PageError::BadForm)?;
        let (font, scheme) = (Font::parse(self.text("font")), Scheme::parse(self.text("scheme")));
        let position = Position::parse(self.text("position"));
        let icon = LauncherIcon::parse(self.text("launcher_icon"));
        Ok(Theme {
            radius: Some(radius).filter(|radius| radius.pixels() != OWN_RADIUS),
            font: Some(font.ok_or(PageError::BadForm)?).filter(|font| *font != Font::System),
            scheme: Some(scheme.ok_or(PageError::BadForm)?).filter(|scheme| *scheme != Scheme::Auto),
            position: Some(position.ok_or(PageError::BadForm)?).filter(|side| *side != Position::Right),
            launcher_icon: Some(icon.ok_or(PageError::BadForm)?).filter(|icon| *icon != LauncherIcon::Chat),
            ..Theme::default()
        })
    }
}

/// What is wrong with a form, in the order of its fields.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: &'static str, text: String) {
        self.0.push(Problem { field, text });
    }

    fn of<T, E: std::fmt::Display>(&mut self, field: &'static str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.add(field, sentence(&error.to_string()))).ok()
    }

    /// Text that cannot be read on its ground: the accent carries black or white, whichever is better.
    fn add_unreadable(&mut self, typed: &Typed) {
        let (Some(text), Some(ground)) = (typed.color("text"), typed.color("background")) else { return };
        let ratio = contrast(&text, &ground);
        if ratio < CONTRAST_MIN {
            let (text_name, ground_name) = (text.as_str(), ground.as_str());
            let (ratio, better) = (written(ratio), readable(&text, &ground));
            let better = better.as_str();
            self.add(
                "text",
                format!("{text_name} on {ground_name} has a contrast of {ratio}:1; people need 4.5:1 to read it. {better} would do."),
            );
        }
    }

    fn greeting(&mut self, typed: &str) -> String {
        let greeting = typed.trim();
        if greeting.chars().count() > GREETING_MAX_CHARS {
            self.add("greeting", format!("The greeting has more than {GREETING_MAX_CHARS} characters."));
        }
        if has_controls(greeting) {
            self.add("greeting", "The greeting holds characters that cannot be shown.".to_owned());
        }
        greeting.to_owned()
    }

    fn starters(&mut self, typed: &[String]) -> Vec<String> {
        let written = typed.iter().map(|starter| starter.trim()).filter(|starter| !starter.is_empty());
        let starters: Vec<_> = written.map(ToOwned::to_owned).collect();
        if starters.len() > STARTERS_MAX {
            self.add("starter", format!("There can be {STARTERS_MAX} questions at most."));
        }
        if starters.iter().any(|starter| starter.chars().count() > STARTER_MAX_CHARS) {
            self.add("starter", format!("A question has {STARTER_MAX_CHARS} characters at most."));
        }
        if starters.iter().any(|starter| has_controls(starter)) {
            self.add("starter", "A question holds characters that cannot be shown.".to_owned());
        }
        starters
    }

    fn locale(&mut self, typed: &str) -> Option<String> {
        let locale = Some(typed.trim()).filter(|locale| !locale.is_empty())?;
        if !is_language_tag(locale) {
            self.add("locale", "A language is a tag like en or pt-BR.".to_owned());
        }
        Some(locale.to_owned())
    }
}

fn has_controls(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n')
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}

impl Wanted {
    /// Writes all of it; the logo stays as it is.
    pub(super) fn save(&self, writer: &Writer<'_>, scope: &AgentScope) -> Result<(), StoreError> {
        writer.set_theme(scope, &self.theme)?;
        writer.set_greeting(scope, &self.greeting)?;
        writer.set_starters(scope, &self.starters)?;
        writer.set_locale(scope, self.locale.as_deref())?;
        writer.set_contact(scope, self.contact.as_ref())?;
        writer.set_feedback(scope, self.feedback)?;
        writer.set_handover(scope, self.handover)
    }
}

#[cfg(test)]
mod tests;
