//! The number of unread messages before the document's title.
//!
//! Invariant: the page's own title is never lost. What the page sets meanwhile is what it gets back.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

use crate::{
    convert::{digits, get, get_text, set},
    global::property,
};

/// The number in the title; taken out again when dropped.
pub(crate) struct TitleBadge {
    badge: String,
    /// The page's own title.
    own: Rc<RefCell<String>>,
    observer: JsValue,
    _closure: Closure<dyn FnMut()>,
}

impl TitleBadge {
    /// Puts a number into the title, and keeps it there when the page changes its title.
    pub(crate) fn show(unread: u32) -> Self {
        let badge = ["(", &digits(unread), ") "].concat();
        let own = Rc::new(RefCell::new(String::new()));
        let (number, kept) = (badge.clone(), own.clone());
        let write = move || {
            let title = title();
            if title.strip_prefix(&number) != Some(&**kept.borrow()) {
                set_title(&[&number, &*title].concat());
                kept.replace(title);
            }
        };
        write();
        let closure = Closure::<dyn FnMut()>::new(write);
        let constructor: Function = property("MutationObserver").unchecked_into();
        let observer = Reflect::construct(&constructor, &Array::of1(closure.as_ref())).unwrap_or_default();
        let what = Object::new();
        set(&what, "childList", true);
        set(&what, "subtree", true);
        set(&what, "characterData", true);
        if let Ok(observe) = get(&observer, "observe").dyn_into::<Function>() {
            let _ = observe.call2(&observer, &get(&property("document"), "head"), &what);
        }
        Self { badge, own, observer, _closure: closure }
    }
}

impl TitleBadge {
    /// The page's own title, without the number.
    pub(crate) fn own(&self) -> String {
        self.own.borrow().clone()
    }
}

impl Drop for TitleBadge {
    fn drop(&mut self) {
        if let Ok(disconnect) = get(&self.observer, "disconnect").dyn_into::<Function>() {
            let _ = disconnect.call0(&self.observer);
        }
        let own = self.own.take();
        if title().strip_prefix(&self.badge) == Some(&*own) {
            set_title(&own);
        }
    }
}

fn title() -> String {
    get_text(&property("document"), "title").unwrap_or_default()
}

fn set_title(title: &str) {
    set(property("document").unchecked_ref(), "title", title);
}
