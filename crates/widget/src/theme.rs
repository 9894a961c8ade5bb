//! Colours: the scheme that the page asks for, and the agent's accent.

use web_sys::HtmlElement;

/// Light, dark, or as the visitor's system has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// As the system has it.
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Scheme {
    /// The option's value; `auto` where it is absent or unknown.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        match text {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// Sets what the style sheet goes by.
    pub(crate) fn apply(self, host: &HtmlElement) {
        let name = match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        };
        let _ = host.set_attribute("data-theme", name);
    }
}

/// Uses this accent, `#rrggbb`, and black or white on it, whichever reads better. Another form is
/// left alone.
pub(crate) fn set_accent(host: &HtmlElement, accent: &str) {
    let Some(luminance) = luminance(accent) else { return };
    let _ = host.style().set_property("--accent", accent);
    // WCAG's contrast of white and of near-black with the accent are equal at this luminance.
    let on_accent = if luminance > 0.19 { "#101216" } else { "#fff" };
    let _ = host.style().set_property("--on-accent", on_accent);
}

/// The relative luminance of `#rrggbb` (WCAG 2, with 2.0 for the exponent, which is near enough to
/// choose between two).
fn luminance(color: &str) -> Option<f64> {
    let digits = color
        .strip_prefix('#')
        .filter(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    let channel = |shift: u32| {
        let share = f64::from(value >> shift & 255) / 255.0;
        share * share
    };
    Some(0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn luminance_of_hexadecimal_colours_only() {
        assert_eq!(luminance("#000000"), Some(0.0));
        assert!(luminance("#ffffff").is_some_and(|white| white > 0.99));
        for bad in ["", "#fff", "red", "#12345g", "#1234567", "url(x)", "#+12345"] {
            assert_eq!(luminance(bad), None, "{bad}");
        }
    }
}
