//! What the page says of colours: how well they can be told apart, and which one would do.

use eloquent_types::theme::{Color, contrast};

use crate::appearance::{self, CONTRAST_MIN};

/// The widget's own colours, which stand where an agent has none.
pub(super) struct Own;

impl Own {
    pub(super) const ACCENT: &str = "#3157e0";
    pub(super) const BACKGROUND: &str = appearance::BACKGROUND;
    pub(super) const TEXT: &str = appearance::TEXT;
}

/// A ratio as people write it, rounded down so that no colour seems to pass that does not: `4.49`.
pub(super) fn written(ratio: f64) -> String {
    format!("{:.2}", (ratio * 100.0).floor() / 100.0)
}

/// The colour nearest to `text`, on its way to black or white, that can be read on `ground`.
pub(super) fn readable(text: &Color, ground: &Color) -> Color {
    let goal = ground.ink();
    (0_u16..=STEPS)
        .map(|step| mixed(text, &goal, step))
        .find(|color| contrast(color, ground) >= CONTRAST_MIN)
        .unwrap_or(goal)
}

/// In how many steps a colour becomes black or white.
const STEPS: u16 = 32;

/// `one` with `step` of [`STEPS`] parts of `other`.
fn mixed(one: &Color, other: &Color, step: u16) -> Color {
    let channel = |color: &Color, at: usize| {
        let digits = color.as_str().get(at..at + 2).unwrap_or_default();
        u16::from_str_radix(digits, 16).unwrap_or_default()
    };
    let mix = |at| (channel(one, at) * (STEPS - step) + channel(other, at) * step) / STEPS;
    let text = format!("#{:02x}{:02x}{:02x}", mix(1), mix(3), mix(5));
    Color::parse(&text).unwrap_or_else(|_| other.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        Color::parse(text).unwrap()
    }

    #[test]
    fn what_is_proposed_can_be_read_and_is_as_near_as_can_be() {
        assert_eq!(readable(&color("#767676"), &color("#ffffff")).as_str(), "#767676");
        assert_eq!(readable(&color("#777777"), &color("#ffffff")).as_str(), "#737373");
        for (text, ground) in [("#ffffff", "#ffffff"), ("#333333", "#000000"), ("#808080", "#808080")] {
            let (text, ground) = (color(text), color(ground));
            let proposed = readable(&text, &ground);
            assert!(contrast(&proposed, &ground) >= CONTRAST_MIN, "{text:?} on {ground:?}: {proposed:?}");
        }
    }

    #[test]
    fn no_ratio_is_written_as_more_than_it_is() {
        assert_eq!([4.499_9, 4.5, 21.0, 1.0].map(written), ["4.49", "4.50", "21.00", "1.00"]);
    }

    #[test]
    fn the_widgets_own_colours_can_be_read() {
        assert!(contrast(&color(Own::TEXT), &color(Own::BACKGROUND)) > 7.0);
        assert!(contrast(&color(Own::ACCENT), &color("#ffffff")) > CONTRAST_MIN);
    }
}
