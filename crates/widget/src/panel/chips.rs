//! What the visitor can choose from: starters, suggestions, conversations, and the banner's button.

use eloquent_widget_core::{Banner, List, Panel as PanelView, Strings};

use super::{Panel, build::Part};
use crate::{
    convert::digits,
    dom::{attribute, button, child, child_with_text, clear, icon, set_text},
    icons,
};

/// What is on the screen of it.
#[derive(Default)]
pub(super) struct Shown {
    chips: Vec<String>,
    list: Option<u64>,
    banner: Option<Banner>,
}

impl Panel {
    /// Draws the questions to start or to go on with, and the conversations.
    pub(super) fn draw_chips(&mut self, panel: &PanelView<'_>, strings: &Strings) {
        let (chips, action, class) = match panel.starters {
            [] => (panel.suggestions, "suggestion", "starters next"),
            starters => (starters, "starter", "starters"),
        };
        let place = self.part(Part::Starters).clone();
        if self.drawn.shown.chips != chips {
            self.drawn.shown.chips = chips.to_vec();
            clear(&place);
            place.set_class_name(class);
            for (index, text) in (0..).zip(chips) {
                let chip = button(&place, "starter", action);
                attribute(&chip, "data-key", &digits(index));
                attribute(&chip, "dir", "auto");
                child_with_text(&chip, "span", "", text);
                icon(&chip, icons::CHOOSE);
            }
        }
        let list = panel.list.as_ref().map(fingerprint);
        if self.drawn.shown.list != list {
            self.drawn.shown.list = list;
            clear(self.part(Part::List));
            if let Some(list) = &panel.list {
                self.draw_list(list, strings);
            }
        }
    }

    fn draw_list(&self, list: &List<'_>, strings: &Strings) {
        let place = self.part(Part::List);
        if list.conversations.is_empty() {
            let word = if list.loading { strings.loading_list } else { strings.no_conversations };
            child_with_text(place, "p", "loading", word);
        }
        for (index, conversation) in (0..).zip(list.conversations) {
            let item = button(place, "item", "chosen");
            attribute(&item, "data-key", &digits(index));
            if list.current == Some(conversation.id) {
                attribute(&item, "aria-current", "true");
            }
            let title = child_with_text(&item, "span", "", &conversation.title);
            attribute(&title, "dir", "auto");
            let at = conversation.updated_at;
            let date = if self.dates.days_ago(at) == 0 { self.dates.time(at) } else { self.dates.day(at) };
            let time = child(&item, "time", "");
            set_text(&time, &date);
            attribute(&time, "title", &self.dates.whole(at));
            icon(&item, icons::CHOOSE);
        }
    }

    /// Draws what is wrong.
    pub(super) fn draw_banner(&mut self, banner: Option<Banner>) {
        if self.drawn.shown.banner == banner {
            return;
        }
        self.drawn.shown.banner = banner;
        let place = self.part(Part::Banner);
        clear(place);
        if let Some(banner) = banner {
            child_with_text(place, "span", "", banner.text);
            if let Some(action) = banner.action {
                set_text(&button(place, "text", "banner"), action);
            }
        }
    }
}

/// A number that is another one for another list (FNV-1a). It is compared with the one before alone.
fn fingerprint(list: &List<'_>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |part: u64| hash = (hash ^ part).wrapping_mul(0x0100_0000_01b3);
    add(u64::from(list.loading));
    for conversation in list.conversations {
        add(u64::from(list.current == Some(conversation.id)));
        add(conversation.updated_at.as_millis().unsigned_abs());
        conversation.title.bytes().for_each(|byte| add(byte.into()));
    }
    hash
}
