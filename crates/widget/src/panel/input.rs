//! What the visitor's clicks and keys mean.

use eloquent_types::conversation::Rating;
use eloquent_widget_core::UiEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlTextAreaElement, KeyboardEvent};

use super::{Panel, build::Part};
use crate::{
    convert::get,
    dom::{label, toggle_class},
    global::property,
    timer::Timer,
};

/// The events that mean something, all heard at the shadow root.
pub(crate) const EVENTS: &[&str] = &["click", "input", "keydown", "mousedown", "submit"];

/// For how long a button says that it has copied, in milliseconds.
const COPIED_MILLIS: u32 = 2000;

impl Panel {
    /// What an event means, if anything.
    pub(crate) fn interpret(&mut self, event: &Event) -> Option<UiEvent> {
        match event.type_().as_str() {
            "click" => self.interpret_click(event),
            "input" => {
                self.fit_field();
                Some(UiEvent::DraftChanged(self.field.value()))
            }
            "submit" => {
                event.prevent_default();
                Some(self.submitted())
            }
            "mousedown" => {
                // Sending and stopping leave the focus, and a phone's keyboard, where they are.
                if closest(event, ".send").is_some() {
                    event.prevent_default();
                }
                None
            }
            "keydown" => self.interpret_key(event.dyn_ref()?),
            _ => None,
        }
    }

    fn submitted(&mut self) -> UiEvent {
        self.follows = true;
        UiEvent::Submitted(self.field.value())
    }

    fn interpret_key(&mut self, event: &KeyboardEvent) -> Option<UiEvent> {
        let key = event.key();
        match key.as_str() {
            "Escape" if closest(event, ".preview").is_some() => {
                event.stop_propagation();
                Some(UiEvent::PreviewDismissed)
            }
            "Escape" if self.is_open() => {
                // The page's own dialogs must not close along with the chat.
                event.stop_propagation();
                if self.menu {
                    self.close_menu();
                    return None;
                }
                Some(UiEvent::EscapePressed)
            }
            "Tab" if self.menu => {
                self.close_menu();
                None
            }
            "ArrowDown" | "ArrowUp" | "Home" | "End" if self.menu => {
                event.prevent_default();
                self.step(matches!(&*key, "ArrowDown" | "Home"), matches!(&*key, "Home" | "End"));
                None
            }
            // While text is being composed, Enter belongs to the input method.
            "Enter" if !event.shift_key() && !event.is_composing() && is_field(event) => {
                event.prevent_default();
                Some(self.submitted())
            }
            _ => None,
        }
    }

    fn interpret_click(&mut self, event: &Event) -> Option<UiEvent> {
        let pressed = closest(event, "[data-do],a,.panel");
        let action = pressed.as_ref().and_then(|pressed| pressed.get_attribute("data-do"));
        let was_menu = self.menu;
        if was_menu {
            self.close_menu();
        }
        let pressed = pressed?;
        let key =
            pressed.closest("[data-key]").ok().flatten().and_then(|owner| owner.get_attribute("data-key"));
        let key = key.and_then(|key| key.parse::<u32>().ok());
        let Some(action) = action else {
            let url = pressed.get_attribute("href")?;
            return Some(UiEvent::LinkPressed { url, key });
        };
        match action.as_str() {
            "close" => Some(UiEvent::ClosePressed),
            "new" => Some(UiEvent::NewConversationPressed),
            "stop" => Some(UiEvent::StopPressed),
            "history" => Some(UiEvent::HistoryPressed),
            "handover" => Some(UiEvent::HandoverPressed),
            "sound" => Some(UiEvent::SoundPressed),
            "preview" => Some(UiEvent::PreviewPressed),
            "dismiss" => Some(UiEvent::PreviewDismissed),
            "up" => Some(UiEvent::Rated(key?, Rating::Up)),
            "down" => Some(UiEvent::Rated(key?, Rating::Down)),
            "copy" => {
                self.copy_code(&pressed);
                None
            }
            "menu" => {
                if !was_menu {
                    self.open_menu();
                }
                None
            }
            // These go when they are pressed: the keyboard goes on from the list that they lead to.
            action => {
                let _ = self.part(Part::Scroll).focus();
                self.interpret_choice(action, key)
            }
        }
    }

    fn interpret_choice(&mut self, action: &str, key: Option<u32>) -> Option<UiEvent> {
        match action {
            "retry" => Some(UiEvent::RetryPressed(key?)),
            "starter" => Some(UiEvent::StarterChosen(key? as usize)),
            "suggestion" => {
                self.follows = true;
                Some(UiEvent::SuggestionChosen(key? as usize))
            }
            "chosen" => {
                self.follows = true;
                Some(UiEvent::ConversationChosen(key? as usize))
            }
            "banner" => Some(UiEvent::BannerPressed),
            "latest" => {
                self.follows = true;
                Some(UiEvent::LatestPressed)
            }
            _ => None,
        }
    }

    fn is_open(&self) -> bool {
        !self.drawn.flags[5]
    }

    fn open_menu(&mut self) {
        self.show_menu(true);
        self.step(true, true);
    }

    fn close_menu(&mut self) {
        self.show_menu(false);
        let _ = self.part(Part::MenuButton).focus();
    }

    fn show_menu(&mut self, on: bool) {
        self.menu = on;
        self.drawn.flags[11] = !on;
        self.part(Part::Menu).set_hidden(!on);
    }

    /// Moves the focus in the menu, around its ends; with `from_end` to the first or the last.
    fn step(&self, down: bool, from_end: bool) {
        let menu = self.part(Part::Menu);
        let end = || if down { menu.first_element_child() } else { menu.last_element_child() };
        let next =
            |item: &Element| if down { item.next_element_sibling() } else { item.previous_element_sibling() };
        let mut item = self.root.active_element().filter(|_| !from_end).as_ref().and_then(next).or_else(end);
        // An item that is not offered is passed by; there is always one that is.
        for _ in 0..menu.child_element_count() {
            if item.as_ref().is_some_and(|item| item.has_attribute("hidden")) {
                item = item.as_ref().and_then(next).or_else(end);
            }
        }
        if let Some(Ok(item)) = item.map(JsCast::dyn_into::<HtmlElement>) {
            let _ = item.focus();
        }
    }

    /// Copies the code that the button belongs to, and says so. Pages without a secure origin have no
    /// clipboard.
    fn copy_code(&mut self, button: &Element) {
        let Some(strings) = self.drawn.strings else { return };
        let code =
            button.closest(".code").ok().flatten().and_then(|frame| frame.query_selector("code").ok()?);
        let Some(text) = code.and_then(|code| code.text_content()) else { return };
        let clipboard = get(&property("navigator"), "clipboard");
        let Ok(write) = get(&clipboard, "writeText").dyn_into::<js_sys::Function>() else { return };
        let Ok(promise) = write.call1(&clipboard, &text.into()).and_then(JsCast::dyn_into::<js_sys::Promise>)
        else {
            return;
        };
        wasm_bindgen_futures::spawn_local(async move {
            // A refusal is the visitor's or the browser's choice; nothing is to be done about it.
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
        if let Some((_, before)) = self.copied.take() {
            show_copied(&before, strings.copy, false);
        }
        show_copied(button, strings.copied, true);
        self.announce(strings.copied);
        let after = button.clone();
        let timer = Timer::start(COPIED_MILLIS, move || show_copied(&after, strings.copy, false));
        self.copied = timer.map(|timer| (timer, button.clone()));
    }
}

fn show_copied(button: &Element, word: &str, done: bool) {
    toggle_class(button, "done", done);
    label(button, word);
}

/// The element around what was pressed that the selector names.
fn closest(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_ref::<Element>()?.closest(selector).ok()?
}

fn is_field(event: &KeyboardEvent) -> bool {
    event.target().is_some_and(|target| target.has_type::<HtmlTextAreaElement>())
}
