//! The nodes of the panel, built once.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, HtmlTextAreaElement};

use super::{Drawn, Panel};
use crate::{
    boot::Boot,
    dom::{attribute, button, child, icon},
    icons,
};

/// The style sheet, squeezed by the build script.
const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.css"));

impl Panel {
    /// Adds the style sheet and the closed panel to the shadow root.
    pub(crate) fn build(boot: &Boot) -> Result<Self, JsValue> {
        let sheet = CssStyleSheet::new()?;
        sheet.replace_sync(STYLE)?;
        let sheets = boot.root.adopted_style_sheets();
        sheets.push(&sheet);
        boot.root.set_adopted_style_sheets(&sheets);
        boot.scheme.apply(&boot.host);

        let launcher = boot.launcher.clone();
        icon(&launcher, icons::DOWN, "down");
        let badge = child(&launcher, "span", "badge");
        badge.set_hidden(true);

        let section =
            child(&boot.root, "section", if boot.left { "panel left closed" } else { "panel closed" });
        attribute(&section, "role", "dialog");
        attribute(&section, "inert", "");

        // No `header`: beside the page's own it would count as a second banner.
        let header = child(&section, "div", "head");
        let avatar = child(&header, "div", "avatar");
        attribute(&avatar, "aria-hidden", "true");
        let who = child(&header, "div", "who");
        let title = child(&who, "h2", "");
        let status = child(&who, "p", "status");
        let fresh = button(&header, "icon", "new");
        icon(&fresh, icons::NEW, "");
        let close = button(&header, "icon", "close");
        icon(&close, icons::CLOSE, "");

        let scroller = child(&section, "div", "scroll");
        // Long conversations scroll, so the keyboard must be able to get there.
        attribute(&scroller, "tabindex", "0");
        let intro = child(&scroller, "div", "intro");
        let intro_avatar = child(&intro, "div", "avatar");
        attribute(&intro_avatar, "aria-hidden", "true");
        let greeting = child(&intro, "p", "");
        let starters = child(&scroller, "div", "starters");
        let log = child(&scroller, "div", "log");
        attribute(&log, "role", "log");
        // Whole answers are announced by the polite region below; every token would be noise.
        attribute(&log, "aria-live", "off");
        let waiting = child(&scroller, "div", "row agent waiting");
        let dots = child(&child(&waiting, "div", "bubble"), "div", "typing");
        for _ in 0..3 {
            child(&dots, "i", "");
        }
        let loading = child(&scroller, "p", "loading");

        let form = child(&section, "form", "");
        let latest = child(&form, "div", "latest");
        latest.set_hidden(true);
        icon(&button(&latest, "", "latest"), icons::DOWN, "");
        let banner = child(&form, "div", "banner");
        attribute(&banner, "role", "status");
        let frame = child(&form, "div", "box");
        let field: HtmlTextAreaElement = child(&frame, "textarea", "").unchecked_into();
        attribute(&field, "rows", "1");
        attribute(&field, "enterkeyhint", "send");
        let send = child(&frame, "button", "send");
        let announcer = child(&section, "div", "silent");
        attribute(&announcer, "aria-live", "polite");

        Ok(Self {
            host: boot.host.clone(),
            launcher,
            badge,
            section,
            avatar,
            title,
            status,
            fresh,
            close,
            scroller,
            intro,
            intro_avatar,
            greeting,
            log,
            starters,
            waiting,
            loading,
            latest,
            banner,
            field,
            send,
            announcer,
            rows: Vec::new(),
            drawn: Drawn::default(),
            follows: true,
        })
    }
}
