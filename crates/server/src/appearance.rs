//! Whether a look can be read.
//!
//! The accent needs no look of its own: whatever colour it is, black or white can be read on it
//! ([`Color::ink`]), and the widget takes that one.

use std::fmt;

use eloquent_types::theme::{Color, Theme, contrast};

/// The least contrast of text (WCAG 2.2, level AA).
pub const CONTRAST_MIN: f64 = 4.5;

/// The widget's own ground in the light scheme.
pub const BACKGROUND: &str = "#ffffff";

/// The widget's own text in the light scheme.
pub const TEXT: &str = "#16181d";

/// The longest greeting, in characters.
pub const GREETING_MAX_CHARS: usize = 500;

/// How many starters there can be.
pub const STARTERS_MAX: usize = 6;

/// The longest starter, in characters.
pub const STARTER_MAX_CHARS: usize = 120;

/// Two colours that stand on each other and cannot be told apart well enough.
#[derive(Clone, Debug, PartialEq)]
pub struct LowContrast {
    text: (&'static str, Color),
    ground: (&'static str, Color),
    ratio: f64,
}

impl LowContrast {
    /// The ratio that they have.
    pub const fn ratio(&self) -> f64 {
        self.ratio
    }
}

impl fmt::Display for LowContrast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((text, letters), (ground, under)) = (&self.text, &self.ground);
        // Cut, not rounded: 4.499 is not 4.5.
        let ratio = (self.ratio * 100.0).floor() / 100.0;
        write!(
            f,
            "{text} {} on {ground} {} has a contrast of {ratio:.2}:1 and needs {CONTRAST_MIN}:1.",
            letters.as_str(),
            under.as_str()
        )
    }
}

impl std::error::Error for LowContrast {}

/// Refuses a look whose text cannot be read on its ground, where a token that is absent is the widget's own;
/// and an accent on which neither black nor white can be read (there is no such colour).
pub fn check(theme: &Theme) -> Result<(), LowContrast> {
    let token =
        |name, token: Option<&Color>, own| Some((name, token.cloned().or_else(|| Color::parse(own).ok())?));
    let text = token("text", theme.text.as_ref(), TEXT);
    let ground = token("background", theme.background.as_ref(), BACKGROUND);
    let accent = theme.accent.clone().map(|accent| (("ink", accent.ink()), ("accent", accent)));
    for (text, ground) in text.zip(ground).into_iter().chain(accent) {
        let ratio = contrast(&text.1, &ground.1);
        if ratio < CONTRAST_MIN {
            return Err(LowContrast { text, ground, ratio });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(text: Option<&str>, background: Option<&str>, accent: Option<&str>) -> Theme {
        let color = |text: Option<&str>| text.map(|text| Color::parse(text).unwrap());
        Theme { text: color(text), background: color(background), accent: color(accent), ..Theme::default() }
    }

    #[test]
    fn text_must_be_readable_on_its_ground() {
        assert_eq!(check(&Theme::default()), Ok(()));
        assert_eq!(check(&theme(Some("#767676"), None, Some("#ffff00"))), Ok(()));
        assert_eq!(check(&theme(Some("#eeeeee"), Some("#222222"), None)), Ok(()));
        let refused = check(&theme(Some("#777777"), None, None)).unwrap_err().to_string();
        assert_eq!(refused, "text #777777 on background #ffffff has a contrast of 4.47:1 and needs 4.5:1.");
        let refused = check(&theme(None, Some("#222222"), None)).unwrap_err();
        assert!(
            refused.ratio() < 2.0 && refused.to_string().starts_with("text #16181d on background #222222")
        );
    }
}
