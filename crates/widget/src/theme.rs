//! How the widget looks: the tokens of a [`Theme`] as what the style sheet goes by. A token was checked
//! when it was parsed, so none of them carries more than a value.

use eloquent_types::theme::{Color, LauncherIcon, Position, Scheme, Theme};
use web_sys::HtmlElement;

use crate::{
    convert::digits,
    dom::{attribute, toggle_class},
    icons,
};

/// The families of letters, in the order of [`eloquent_types::theme::Font`]; the style sheet's own is the first.
const FONTS: [&str; 4] = [
    "",
    "ui-serif, Georgia, Cambria, \"Times New Roman\", serif",
    "ui-rounded, \"SF Pro Rounded\", \"Hiragino Maru Gothic ProN\", Quicksand, Nunito, system-ui, sans-serif",
    "ui-monospace, \"SF Mono\", Menlo, Consolas, monospace",
];

/// Sets the colours, the letters and the roundness on the host, and the scheme.
pub(crate) fn apply(host: &HtmlElement, theme: &Theme) {
    attribute(host, "data-theme", theme.scheme.unwrap_or(Scheme::Auto).as_str());
    let accent = theme.accent.as_ref().map(Color::as_str);
    let radius = theme.radius.map(|radius| [&digits(radius.pixels().into()), "px"].concat());
    for (name, value) in [
        ("--accent", accent),
        ("--on-accent", accent.map(ink)),
        ("--light", theme.background.as_ref().map(Color::as_str)),
        ("--ink", theme.text.as_ref().map(Color::as_str)),
        ("--radius", radius.as_deref()),
        ("--font", theme.font.and_then(|font| FONTS.get(font as usize).copied()).filter(|f| !f.is_empty())),
    ] {
        let style = host.style();
        let _ = match value {
            Some(value) => style.set_property(name, value),
            None => style.remove_property(name).map(drop),
        };
    }
}

/// Puts an element on its side of the page.
pub(crate) fn place(element: &HtmlElement, theme: &Theme) {
    toggle_class(element, "left", theme.position == Some(Position::Left));
}

/// Gives the launcher its picture. `own` is what the loader has drawn.
pub(crate) fn picture(launcher: &HtmlElement, icon: Option<LauncherIcon>, own: &mut Option<String>) {
    let Ok(Some(path)) = launcher.query_selector("path") else { return };
    let own = own.get_or_insert_with(|| path.get_attribute("d").unwrap_or_default());
    let icon = icon.unwrap_or(LauncherIcon::Chat);
    let chosen = icons::ICONS.get(icons::LAUNCHER + icon as usize).copied();
    attribute(&path, "d", if icon == LauncherIcon::Chat { own } else { chosen.unwrap_or_default() });
    attribute(launcher, "data-icon", icon.as_str());
}

/// Black or white on a colour `#rrggbb`, whichever reads better.
fn ink(color: &str) -> &'static str {
    // WCAG's contrast of white and of black with the colour are equal, and 4.58, at this luminance.
    if luminance(color) > 0.179 { "#000" } else { "#fff" }
}

/// The relative luminance of a colour (WCAG 2, with a polynomial for the power, which is near enough to
/// choose between two and a kilobyte smaller).
fn luminance(color: &str) -> f64 {
    let value = u32::from_str_radix(color.get(1..).unwrap_or_default(), 16).unwrap_or_default();
    let channel = |shift: u32| {
        let share = f64::from(value >> shift & 255) / 255.0;
        share * (share * (share * 0.305_306 + 0.682_171) + 0.012_523)
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

#[cfg(test)]
mod tests {
    use eloquent_types::theme::contrast;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_stands_on_a_colour_can_be_read() {
        for value in (0..0x0100_0000_u32).step_by(9_973) {
            let color = Color::parse(&format!("#{value:06x}")).unwrap();
            let ink = if ink(color.as_str()) == "#fff" { "#ffffff" } else { "#000000" };
            let contrast = contrast(&color, &Color::parse(ink).unwrap());
            assert!(contrast >= 4.5, "{ink} on {color:?}: {contrast}");
        }
    }
}
