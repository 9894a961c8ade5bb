//! What the visitor's clicks and keys in the panel mean.

use eloquent_widget_core::UiEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlTextAreaElement, KeyboardEvent};

use super::Panel;
use crate::{convert::get, dom::toggle_class, global::property};

/// The panel's events that mean something, all heard at its root.
pub(crate) const EVENTS: &[&str] = &["click", "input", "keydown", "mousedown", "submit"];

impl Panel {
    /// What an event in the panel means, if anything.
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
        match event.key().as_str() {
            "Escape" => {
                // The page's own dialogs must not close along with the chat.
                event.stop_propagation();
                Some(UiEvent::EscapePressed)
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
        let button = closest(event, "[data-do]")?;
        let key = button.get_attribute("data-key").and_then(|key| key.parse::<u32>().ok());
        match button.get_attribute("data-do")?.as_str() {
            "close" => Some(UiEvent::ClosePressed),
            "new" => Some(UiEvent::NewConversationPressed),
            "stop" => Some(UiEvent::StopPressed),
            "retry" => Some(UiEvent::RetryPressed(key?)),
            "starter" => Some(UiEvent::StarterChosen(key? as usize)),
            "banner" => Some(UiEvent::BannerPressed),
            "latest" => {
                self.follows = true;
                self.follow();
                None
            }
            "copy" => {
                copy_code(&button);
                None
            }
            _ => None,
        }
    }
}

/// The element around what was pressed that the selector names.
fn closest(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_ref::<Element>()?.closest(selector).ok()?
}

fn is_field(event: &KeyboardEvent) -> bool {
    event.target().is_some_and(|target| target.has_type::<HtmlTextAreaElement>())
}

/// Copies the code that the button belongs to. Pages without a secure origin have no clipboard.
fn copy_code(button: &Element) {
    let code =
        button.closest(".code").ok().flatten().and_then(|frame| frame.query_selector("code").ok().flatten());
    let Some(text) = code.and_then(|code| code.text_content()) else { return };
    let clipboard = get(&property("navigator"), "clipboard");
    if let Ok(write) = get(&clipboard, "writeText").dyn_into::<js_sys::Function>() {
        // A refusal is the visitor's or the browser's choice; nothing is to be done about it.
        if let Ok(promise) =
            write.call1(&clipboard, &text.into()).and_then(JsCast::dyn_into::<js_sys::Promise>)
        {
            wasm_bindgen_futures::spawn_local(async move {
                let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
            });
            toggle_class(button, "done", true);
        }
    }
}
