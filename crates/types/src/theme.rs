//! How the widget looks: the tokens that an agent's appearance and `setTheme` are made of.
//!
//! A token is checked when it is parsed, so that none of them can carry a style sheet's syntax.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::text::{count_chars, is_blank};

/// A look: every token may be absent, and then it is the widget's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Theme {
    /// Light, dark, or as the visitor's system has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// The launcher, the visitor's messages, the buttons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Color>,
    /// The panel's ground in the light scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Color>,
    /// The text on that ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Color>,
    /// How round the panel's corners are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius: Option<Radius>,
    /// The letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub font: Option<Font>,
    /// The side of the page on which the launcher stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The launcher's picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launcher_icon: Option<LauncherIcon>,
    /// Words beside the launcher's picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launcher_label: Option<LauncherLabel>,
    /// The agent's picture: an address relative to the server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
}

/// The text is not a token of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// A colour.
    #[error("a colour is # and six hexadecimal digits")]
    Color,
    /// A radius.
    #[error("a radius is a whole number of pixels from 0 to 28")]
    Radius,
    /// A launcher's label.
    #[error("a launcher's label has 1 to 24 characters, no control characters, and not only white space")]
    LauncherLabel,
}

/// An opaque colour in sRGB: `#` and six hexadecimal digits, kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Color(String);

impl Color {
    /// Checks the form.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let digits = text.strip_prefix('#').ok_or(InvalidToken::Color)?;
        if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidToken::Color)
        }
    }

    /// As a style sheet takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// How well two colours can be told apart: WCAG 2.2's contrast ratio, from 1 (not at all) to 21. Text
/// needs 4.5 (level AA).
pub fn contrast(one: &Color, other: &Color) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

impl Color {
    /// Black or white, whichever can be read better on this colour.
    #[must_use]
    pub fn ink(&self) -> Self {
        let (black, white) = (Self("#000000".to_owned()), Self("#ffffff".to_owned()));
        if contrast(self, &black) > contrast(self, &white) { black } else { white }
    }

    /// WCAG 2.2's relative luminance, from 0 (black) to 1 (white).
    fn luminance(&self) -> f64 {
        let channel = |at: usize| {
            let digits = self.0.get(at..at + 2).unwrap_or_default();
            let share = f64::from(u8::from_str_radix(digits, 16).unwrap_or_default()) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }
}

/// A radius in CSS pixels, 0 to 28.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Radius(u8);

impl Radius {
    /// The largest.
    pub const MAX: u8 = 28;

    /// Checks the range.
    pub fn new(pixels: u8) -> Result<Self, InvalidToken> {
        if pixels <= Self::MAX { Ok(Self(pixels)) } else { Err(InvalidToken::Radius) }
    }

    /// In CSS pixels.
    pub const fn pixels(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Radius {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u8::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Words beside the launcher's picture: 1 to 24 characters, no control characters, not only white space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LauncherLabel(String);

/// The longest launcher's label, in characters.
pub const LAUNCHER_LABEL_MAX_CHARS: usize = 24;

impl LauncherLabel {
    /// Checks the length; changes nothing.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidToken> {
        let text = text.into();
        let fits = count_chars(&text) <= LAUNCHER_LABEL_MAX_CHARS;
        if fits && !is_blank(&text) && !text.chars().any(char::is_control) {
            Ok(Self(text))
        } else {
            Err(InvalidToken::LauncherLabel)
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for LauncherLabel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A closed set of names, each with its place in the wire's form.
macro_rules! names {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type {
            $($(#[$doc])* $variant,)+
        }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire, in `setTheme` and in the tag's attributes.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The one of this name, spelled exactly.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

names! {
    /// Light or dark.
    Scheme {
        /// As the visitor's system has it.
        Auto = "auto",
        /// Always light.
        Light = "light",
        /// Always dark.
        Dark = "dark",
    }
}

names! {
    /// A family of letters that every system has.
    Font {
        /// The system's own.
        System = "system",
        /// With serifs.
        Serif = "serif",
        /// Rounded, where the system has such.
        Rounded = "rounded",
        /// All of one width.
        Mono = "mono",
    }
}

names! {
    /// A side of the page; on pages that are written from right to left it does not change.
    Position {
        /// The lower right corner.
        Right = "right",
        /// The lower left corner.
        Left = "left",
    }
}

names! {
    /// The launcher's picture.
    LauncherIcon {
        /// A speech bubble.
        Chat = "chat",
        /// A question mark.
        Question = "question",
        /// A waving hand.
        Wave = "wave",
        /// A spark.
        Spark = "spark",
    }
}

impl Theme {
    /// This look where it has a token, and `under` where it has none.
    #[must_use]
    pub fn over(&self, under: &Self) -> Self {
        Self {
            scheme: self.scheme.or(under.scheme),
            accent: self.accent.clone().or_else(|| under.accent.clone()),
            background: self.background.clone().or_else(|| under.background.clone()),
            text: self.text.clone().or_else(|| under.text.clone()),
            radius: self.radius.or(under.radius),
            font: self.font.or(under.font),
            position: self.position.or(under.position),
            launcher_icon: self.launcher_icon.or(under.launcher_icon),
            launcher_label: self.launcher_label.clone().or_else(|| under.launcher_label.clone()),
            logo: self.logo.clone().or_else(|| under.logo.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_have_rules() {
        assert_eq!(Color::parse("#3157E0").unwrap().as_str(), "#3157e0");
        for bad in ["", "#fff", "red", "#12345g", "#1234567", "url(x)", "#+12345", "#é2345"] {
            assert_eq!(Color::parse(bad), Err(InvalidToken::Color), "{bad}");
        }
        assert_eq!(Radius::new(28).unwrap().pixels(), 28);
        assert_eq!(Radius::new(29), Err(InvalidToken::Radius));
        assert_eq!(LauncherLabel::parse("Hilfe & Kontakt").unwrap().as_str(), "Hilfe & Kontakt");
        for bad in ["", "  ", "a\nb", &"x".repeat(25)] {
            assert_eq!(LauncherLabel::parse(bad), Err(InvalidToken::LauncherLabel), "{bad:?}");
        }
    }

    #[test]
    fn contrast_is_wcags() {
        let color = |text| Color::parse(text).unwrap();
        for (one, other, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.478),
            ("#767676", "#ffffff", 4.542),
            ("#ff0000", "#ffffff", 3.998),
            ("#0000ff", "#ffffff", 8.592),
            ("#595959", "#ffffff", 7.004),
            ("#123456", "#123456", 1.0),
        ] {
            let (there, back) = (contrast(&color(one), &color(other)), contrast(&color(other), &color(one)));
            assert!((there - expected).abs() < 0.001, "{one} on {other}: {there}");
            assert!((there - back).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn every_colour_has_an_ink_that_can_be_read() {
        for value in (0..0x0100_0000_u32).step_by(4_097) {
            let color = Color::parse(&format!("#{value:06x}")).unwrap();
            assert!(contrast(&color, &color.ink()) >= 4.5, "{color:?}");
        }
        assert_eq!(Color::parse("#ffff00").unwrap().ink().as_str(), "#000000");
        assert_eq!(Color::parse("#000080").unwrap().ink().as_str(), "#ffffff");
    }

    #[test]
    fn names_are_the_wires() {
        for scheme in Scheme::ALL {
            assert_eq!(json!(scheme), scheme.as_str());
            assert_eq!(Scheme::parse(scheme.as_str()), Some(*scheme));
        }
        for font in Font::ALL {
            assert_eq!(json!(font), font.as_str());
        }
        for position in Position::ALL {
            assert_eq!(json!(position), position.as_str());
        }
        for icon in LauncherIcon::ALL {
            assert_eq!(json!(icon), icon.as_str());
        }
        assert_eq!(Scheme::parse("Dark"), None);
    }

    #[test]
    fn a_look_over_another_hides_only_what_it_has() {
        let under: Theme =
            serde_json::from_value(json!({"accent": "#000000", "radius": 4, "position": "left"})).unwrap();
        let over: Theme = serde_json::from_value(json!({"accent": "#ffffff", "scheme": "dark"})).unwrap();
        let both = json!({"accent": "#ffffff", "radius": 4, "position": "left", "scheme": "dark"});
        assert_eq!(json!(over.over(&under)), both);
        assert_eq!(json!(Theme::default()), json!({}));
        for bad in [json!({"accent": "red"}), json!({"radius": 29}), json!({"font": "Comic Sans"})] {
            assert!(serde_json::from_value::<Theme>(bad).is_err());
        }
    }
}
