//! The messages: rows by their keys, and the days between them.

use eloquent_widget_core::{Panel as PanelView, Strings};

use super::{Panel, build::Part};
use crate::row::{Row, Scene};

impl Panel {
    /// Brings the rows to the view's messages.
    pub(super) fn draw_messages(&mut self, panel: &PanelView<'_>, strings: &'static Strings) {
        let dates = std::mem::take(&mut self.dates);
        let scene = Scene { agent: panel.title, strings, dates: &dates };
        let mut old = std::mem::take(&mut self.rows).into_iter();
        // Nothing stands above the first message of today: that it is today is no news.
        let mut day = 0;
        for (index, bubble) in panel.messages.iter().enumerate() {
            // Mostly the very first; what stands before it is of messages that are gone.
            let ahead = old.as_slice().iter().position(|row| row.key() == bubble.key);
            let mut row = ahead.and_then(|ahead| old.nth(ahead)).unwrap_or_else(|| {
                let row = Row::new(bubble, &scene);
                let next = old.as_slice().first().map(|next| next.element().as_ref());
                let _ = self.part(Part::Log).insert_before(row.element(), next);
                row
            });
            day = row.part_days(day, bubble, &scene);
            row.draw(bubble, &scene, index + 1 == panel.messages.len());
            self.rows.push(row);
        }
        drop(old);
        self.dates = dates;
        self.drawn.at_end = !panel.later;
    }
}
