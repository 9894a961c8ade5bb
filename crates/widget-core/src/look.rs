//! `setTheme`: the page's tokens, by the names that the page knows them by.

use eloquent_types::theme::{Color, Font, LauncherIcon, LauncherLabel, Position, Radius, Scheme, Theme};

use crate::field::Value;

/// Sets one token; `null` takes it away, and then it is the agent's own again. False, and nothing has
/// changed, where there is no such token or the value is none of its values.
pub fn set_token(theme: &mut Theme, name: &str, value: &Value) -> bool {
    let text = match value {
        Value::Text(text) => Some(text.as_str()),
        Value::Null => None,
        Value::Number(pixels) if name == "radius" => {
            let radius = u8::try_from(*pixels).ok().and_then(|pixels| Radius::new(pixels).ok());
            return set(&mut theme.radius, false, radius);
        }
        _ => return false,
    };
    let null = text.is_none();
    // No token's text is empty: what is parsed of that is none.
    let text = text.unwrap_or_default();
    match name {
        "scheme" => set(&mut theme.scheme, null, Scheme::parse(text)),
        "accent" | "background" | "text" => {
            let token = match name {
                "accent" => &mut theme.accent,
                "text" => &mut theme.text,
                _ => &mut theme.background,
            };
            set(token, null, Color::parse(text).ok())
        }
        "radius" => set(&mut theme.radius, null, None),
        "font" => set(&mut theme.font, null, Font::parse(text)),
        "position" => set(&mut theme.position, null, Position::parse(text)),
        "launcherIcon" => set(&mut theme.launcher_icon, null, LauncherIcon::parse(text)),
        "launcherLabel" => set(&mut theme.launcher_label, null, LauncherLabel::parse(text).ok()),
        _ => false,
    }
}

fn set<T>(token: &mut Option<T>, null: bool, parsed: Option<T>) -> bool {
    let fits = null || parsed.is_some();
    if fits {
        *token = parsed;
    }
    fits
}
