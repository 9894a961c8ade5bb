//! How an agent's widget looks and speaks: the tokens of a PATCH, and the logo.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
};
use eloquent_store::{AgentScope, InvalidLogo, Logo, Writer};
use eloquent_types::{
    config::Contact,
    problem::ProblemCode,
    theme::{Color, Font, LauncherIcon, LauncherLabel, Position, Radius, Scheme, Theme},
};
use serde_json::Value;

use super::{
    agents::as_it_is,
    caller::AgentCall,
    field,
    fields::{Fields, NoBody, Parsed},
};
use crate::{
    app::App,
    appearance::{self, GREETING_MAX_CHARS, STARTER_MAX_CHARS, STARTERS_MAX},
    http::error::ApiError,
    view::AgentView,
};

/// What becomes of one value: it is set, or taken away (null).
type Token<T> = Option<Option<T>>;

/// The tokens of a PATCH; what is missing stays.
#[derive(Debug, Default)]
pub(super) struct ThemeChange {
    scheme: Token<Scheme>,
    accent: Token<Color>,
    background: Token<Color>,
    text: Token<Color>,
    radius: Token<Radius>,
    font: Token<Font>,
    position: Token<Position>,
    launcher_icon: Token<LauncherIcon>,
    launcher_label: Token<LauncherLabel>,
}

const A_COLOR: &str = "a colour like #3157e0, or null";

impl ThemeChange {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let color = |value: &Value| value.as_str().and_then(|text| Color::parse(text).ok()).ok_or(A_COLOR);
        Ok(Self {
            scheme: fields.optional("scheme", named(Scheme::parse, "auto, light or dark, or null"))?,
            accent: fields.optional("accent", field::or_null(color))?,
            background: fields.optional("background", field::or_null(color))?,
            text: fields.optional("text", field::or_null(color))?,
            radius: fields.optional("radius", field::or_null(radius))?,
            font: fields.optional("font", named(Font::parse, "system, serif, rounded or mono, or null"))?,
            position: fields.optional("position", named(Position::parse, "right or left, or null"))?,
            launcher_icon: fields.optional(
                "launcher_icon",
                named(LauncherIcon::parse, "chat, question, wave or spark, or null"),
            )?,
            launcher_label: fields.optional("launcher_label", field::or_null(launcher_label))?,
        })
    }

    /// The look with the change made; refused where it could not be read.
    fn over(self, theme: &Theme) -> Result<Theme, ApiError> {
        fn pick<T: Clone>(change: Token<T>, now: Option<&T>) -> Option<T> {
            change.unwrap_or_else(|| now.cloned())
        }
        let theme = Theme {
            scheme: pick(self.scheme, theme.scheme.as_ref()),
            accent: pick(self.accent, theme.accent.as_ref()),
            background: pick(self.background, theme.background.as_ref()),
            text: pick(self.text, theme.text.as_ref()),
            radius: pick(self.radius, theme.radius.as_ref()),
            font: pick(self.font, theme.font.as_ref()),
            position: pick(self.position, theme.position.as_ref()),
            launcher_icon: pick(self.launcher_icon, theme.launcher_icon.as_ref()),
            launcher_label: pick(self.launcher_label, theme.launcher_label.as_ref()),
            logo: None,
        };
        appearance::check(&theme)
            .map_err(|low| ApiError::from(ProblemCode::ContrastTooLow).saying(low.to_string()))?;
        Ok(theme)
    }
}

/// A token with a closed set of names, or null.
fn named<T>(
    parse: impl Fn(&str) -> Option<T>,
    wanted: &'static str,
) -> impl FnOnce(&Value) -> Parsed<Option<T>> {
    field::or_null(move |value| value.as_str().and_then(parse).ok_or(wanted))
}

fn radius(value: &Value) -> Parsed<Radius> {
    let pixels = value.as_u64().and_then(|pixels| u8::try_from(pixels).ok());
    pixels.and_then(|pixels| Radius::new(pixels).ok()).ok_or("a whole number of pixels from 0 to 28, or null")
}

fn launcher_label(value: &Value) -> Parsed<LauncherLabel> {
    let label = value.as_str().and_then(|text| LauncherLabel::parse(text.trim()).ok());
    label.ok_or("a string of 1 to 24 characters, none of them a control character, or null")
}

/// What a PATCH changes of how the agent looks and speaks.
#[derive(Debug, Default)]
pub(super) struct Change {
    theme: Option<ThemeChange>,
    contact: Token<Contact>,
    greeting: Option<String>,
    starters: Option<Vec<String>>,
    locale: Token<String>,
}

impl Change {
    pub(super) fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            theme: fields.nested("theme", ThemeChange::read)?,
            contact: fields.optional("contact", field::or_null(contact))?,
            greeting: fields.optional("greeting", greeting)?,
            starters: fields.optional("starters", starters)?,
            locale: fields.optional("locale", field::or_null(locale))?,
        })
    }

    /// Makes the change to an agent that looks like `theme` now.
    pub(super) fn make(self, writer: &Writer<'_>, scope: &AgentScope, theme: &Theme) -> Result<(), ApiError> {
        if let Some(change) = self.theme {
            writer.set_theme(scope, &change.over(theme)?)?;
        }
        if let Some(contact) = &self.contact {
            writer.set_contact(scope, contact.as_ref())?;
        }
        if let Some(greeting) = &self.greeting {
            writer.set_greeting(scope, greeting)?;
        }
        if let Some(starters) = &self.starters {
            writer.set_starters(scope, starters)?;
        }
        if let Some(locale) = &self.locale {
            writer.set_locale(scope, locale.as_deref())?;
        }
        Ok(())
    }
}

fn contact(value: &Value) -> Parsed<Contact> {
    let contact = value.as_str().and_then(|text| Contact::parse(text.trim()).ok());
    contact.ok_or("an email address, an https address, or null")
}

fn locale(value: &Value) -> Parsed<String> {
    let tag = value.as_str().filter(|tag| eloquent_types::config::is_language_tag(tag));
    tag.map(str::to_owned).ok_or("a language tag like en or pt-BR, or null")
}

/// Words that visitors read, without the white space around them.
fn words(value: &Value, max_chars: usize) -> Option<String> {
    let text = value.as_str()?.trim();
    let fits = (1..=max_chars).contains(&text.chars().count());
    (fits && !text.chars().any(|c| c.is_control() && c != '\n')).then(|| text.to_owned())
}

fn greeting(value: &Value) -> Parsed<String> {
    words(value, GREETING_MAX_CHARS).ok_or("a string of 1 to 500 characters")
}

fn starters(value: &Value) -> Parsed<Vec<String>> {
    let wanted = "a list of at most 6 strings of 1 to 120 characters";
    let list = value.as_array().filter(|list| list.len() <= STARTERS_MAX).ok_or(wanted)?;
    list.iter().map(|one| words(one, STARTER_MAX_CHARS)).collect::<Option<_>>().ok_or(wanted)
}

/// The file of a request: no other fields, and no query.
pub(super) struct File(Logo);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|_| ProblemCode::BodyTooLarge)?;
        Logo::parse(bytes.to_vec()).map(Self).map_err(|invalid| match invalid {
            InvalidLogo::TooLarge => ProblemCode::BodyTooLarge.into(),
            InvalidLogo::UnknownKind => ApiError::from(ProblemCode::UnsupportedMediaType)
                .saying("Send the file itself as the body: a PNG, JPEG, WebP or GIF."),
        })
    }
}

/// Takes the place of a logo that is there.
pub(super) async fn put_logo(
    State(app): State<App>,
    call: AgentCall,
    File(logo): File,
) -> Result<Json<AgentView>, ApiError> {
    set_logo(&app, call.scope, Some(logo)).await
}

/// Nothing happens where there is none.
pub(super) async fn delete_logo(
    State(app): State<App>,
    call: AgentCall,
    NoBody: NoBody,
) -> Result<Json<AgentView>, ApiError> {
    set_logo(&app, call.scope, None).await
}

async fn set_logo(app: &App, scope: AgentScope, logo: Option<Logo>) -> Result<Json<AgentView>, ApiError> {
    let changed = app
        .store
        .write(move |writer| {
            writer.set_logo(&scope, logo.as_ref())?;
            writer.agent(scope.agent_id())
        })
        .await?;
    as_it_is(changed)
}
