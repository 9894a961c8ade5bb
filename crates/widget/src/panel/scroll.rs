//! Where the list is scrolled to, and how the panel fits what it has.
//!
//! The browser's own scroll anchoring is off, because one engine has none: what is added or removed
//! above the visitor's reading place is made up for here.

use eloquent_widget_core::{Panel as PanelView, UiEvent};
use web_sys::HtmlElement;

use super::{Panel, build::Part};
use crate::convert::digits;

/// How near the end of the list counts as being there, in CSS pixels.
const NEAR_END: i32 = 48;

/// How near an end of the list more messages are asked for, in CSS pixels.
const NEAR_MORE: i32 = 600;

/// A row, and how far below the upper edge of what is seen it begins.
pub(super) struct ReadingPlace {
    row: HtmlElement,
    below: i32,
}

impl Panel {
    /// The first row in sight that stays, if what stands above it is about to change and the end of the
    /// list is not what the visitor sees.
    pub(super) fn reading_place(&self, panel: &PanelView<'_>) -> Option<ReadingPlace> {
        let (first, messages) = (self.rows.first()?.key(), panel.messages);
        let stays = messages.first().is_none_or(|bubble| bubble.key == first);
        if self.follows || stays && self.is_hidden(Part::More) != panel.earlier {
            return None;
        }
        let top = self.part(Part::Scroll).scroll_top();
        let in_sight = self.rows.iter().find(|row| {
            let element = row.element();
            element.offset_top() + element.offset_height() > top
                && messages.iter().any(|bubble| bubble.key == row.key())
        })?;
        let row = in_sight.element().clone();
        Some(ReadingPlace { below: row.offset_top() - top, row })
    }

    /// Puts a row back to where it was seen.
    pub(super) fn restore_place(&mut self, place: &ReadingPlace) {
        self.top = place.row.offset_top() - place.below;
        self.part(Part::Scroll).set_scroll_top(self.top);
    }

    /// Keeps the end of the list in sight, unless the visitor has scrolled up.
    pub(super) fn follow(&mut self) {
        if self.follows && self.drawn.at_end && !self.drawn.flags[5] {
            // Further than there is: nothing has to be measured for it. Whoever is above the end afterwards
            // has moved up, also where what was added is more than that move.
            self.top = i32::MAX;
            self.part(Part::Scroll).set_scroll_top(self.top);
        }
    }

    /// Takes notice of where the visitor has scrolled to, and says what that asks for.
    pub(crate) fn scrolled(&mut self) -> [Option<UiEvent>; 2] {
        let scroller = self.part(Part::Scroll);
        let (top, height) = (scroller.scroll_top(), scroller.client_height());
        let end = scroller.scroll_height() - top - height;
        // Whoever moves up, however little, is not to be pulled back.
        let follows = end < 2 || end < NEAR_END && top >= self.top;
        self.top = top;
        let ends = self.rows.first().zip(self.rows.last()).map(|(first, last)| (first.key(), last.key()));
        self.follows = follows;
        let turned =
            (self.told != follows).then_some(if follows { UiEvent::ReachedEnd } else { UiEvent::LeftEnd });
        self.told = follows;
        let earlier = top < NEAR_MORE && !self.is_hidden(Part::More);
        let later = end < NEAR_MORE && !self.drawn.at_end;
        if !earlier && !later {
            self.near = None;
            return [turned, None];
        }
        if self.near == ends {
            return [turned, None];
        }
        self.near = ends;
        [turned, Some(if earlier { UiEvent::ReachedTop } else { UiEvent::ReachedEnd })]
    }

    fn is_hidden(&self, part: Part) -> bool {
        self.part(part).has_attribute("hidden")
    }

    /// Grows the text field with its text.
    pub(crate) fn fit_field(&self) {
        let style = self.field.style();
        let _ = style.remove_property("height");
        let height = [&digits(self.field.scroll_height().unsigned_abs()), "px"].concat();
        let _ = style.set_property("height", &height);
    }

    /// Fits the panel into what a phone's keyboard leaves of the screen.
    pub(crate) fn fit_viewport(&mut self, height: f64, top: f64) {
        // Whole pixels: formatting fractions would cost the module more than they are worth.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a screen has fewer pixels"
        )]
        let pixels = |value: f64| [&digits(value as u32), "px"].concat();
        let style = self.part(Part::Host).style();
        let _ = style.set_property("--viewport", &pixels(height));
        let _ = style.set_property("--viewport-top", &pixels(top));
        // The keyboard takes its place from the list: what was last said stays above it.
        self.follow();
    }
}
