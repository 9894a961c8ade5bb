//! `setTheme`: the page's tokens, by the names that the page knows them by.

use eloquent_types::theme::{Color, Font, LauncherIcon, LauncherLabel, Position, Radius, Scheme, Theme};

use crate::field::Value;

/// Sets one token; `null` takes it away, and then it is the agent's own again. False, and nothing has
/// changed, where there is no such token or the value is none of its values.
pub fn set_token(theme: &mut Theme, name: &str, value: &Value) -> bool {
    let text = match value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    };
    match name {
        "scheme" => set(&mut theme.scheme, value, || Scheme::parse(text?)),
        "accent" => set(&mut theme.accent, value, || Color::parse(text?).ok()),
        "background" => set(&mut theme.background, value, || Color::parse(text?).ok()),
        "text" => set(&mut theme.text, value, || Color::parse(text?).ok()),
        "radius" => set(&mut theme.radius, value, || match value {
            Value::Number(pixels) => Radius::new(u8::try_from(*pixels).ok()?).ok(),
            _ => None,
        }),
        "font" => set(&mut theme.font, value, || Font::parse(text?)),
        "position" => set(&mut theme.position, value, || Position::parse(text?)),
        "launcherIcon" => set(&mut theme.launcher_icon, value, || LauncherIcon::parse(text?)),
        "launcherLabel" => set(&mut theme.launcher_label, value, || LauncherLabel::parse(text?).ok()),
        _ => false,
    }
}

fn set<T>(token: &mut Option<T>, value: &Value, parse: impl FnOnce() -> Option<T>) -> bool {
    let parsed = if *value == Value::Null { None } else { parse() };
    let fits = parsed.is_some() || *value == Value::Null;
    if fits {
        *token = parsed;
    }
    fits
}
