//! Nodes by hand: the few calls that everything drawn is made of. Text goes into text nodes alone.

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, Node, Text};

use crate::icons::ICONS;

const SVG: &str = "http://www.w3.org/2000/svg";

// Bound here rather than taken from web-sys because these cannot fail for the constant names they are
// called with.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = document, js_name = createElement)]
    fn create_element(name: &str) -> HtmlElement;
    #[wasm_bindgen(js_namespace = document, js_name = createElementNS)]
    fn create_element_ns(namespace: &str, name: &str) -> Element;
    #[wasm_bindgen(js_namespace = document, js_name = createTextNode)]
    fn create_text_node(text: &str) -> Text;
}

/// A new element with this class, or without any where it is empty.
pub(crate) fn element(name: &str, class: &str) -> HtmlElement {
    let element = create_element(name);
    if !class.is_empty() {
        element.set_class_name(class);
    }
    element
}

/// The same at the end of `parent`.
pub(crate) fn child(parent: &Node, name: &str, class: &str) -> HtmlElement {
    let element = element(name, class);
    append(parent, &element);
    element
}

/// The same with this text.
pub(crate) fn child_with_text(parent: &Node, name: &str, class: &str, text: &str) -> HtmlElement {
    let element = child(parent, name, class);
    element.set_text_content(Some(text));
    element
}

/// A button at the end of `parent`. `action` is what a press on it means to [`crate::panel`].
pub(crate) fn button(parent: &Node, class: &str, action: &str) -> HtmlElement {
    let button = child(parent, "button", class);
    attribute(&button, "type", "button");
    attribute(&button, "data-do", action);
    button
}

/// The icon of this number at the end of `parent`; screen readers pass it by.
pub(crate) fn icon(parent: &Node, number: usize) {
    let path = ICONS.get(number).copied().unwrap_or_default();
    let icon = create_element_ns(SVG, "svg");
    attribute(&icon, "viewBox", "0 0 24 24");
    attribute(&icon, "aria-hidden", "true");
    let shape = create_element_ns(SVG, "path");
    attribute(&shape, "d", path);
    append(&icon, &shape);
    append(parent, &icon);
}

/// Puts text at the end of `parent`.
pub(crate) fn text(parent: &Node, text: &str) {
    append(parent, &create_text_node(text));
}

/// Puts a node at the end of `parent`.
pub(crate) fn append(parent: &Node, node: &Node) {
    // Fails where a node would become its own ancestor, which nothing here attempts.
    let _ = parent.append_child(node);
}

/// Sets an attribute.
pub(crate) fn attribute(element: &Element, name: &str, value: &str) {
    // Fails for names that are no names.
    let _ = element.set_attribute(name, value);
}

/// Names an element for screen readers, and for the pointer's tooltip.
pub(crate) fn label(element: &Element, text: &str) {
    attribute(element, "aria-label", text);
    attribute(element, "title", text);
}

/// Sets an element's text where it differs.
pub(crate) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Adds or removes a class.
pub(crate) fn toggle_class(element: &Element, class: &str, on: bool) {
    let _ = element.class_list().toggle_with_force(class, on);
}

/// Removes all that is in an element.
pub(crate) fn clear(element: &Element) {
    element.set_text_content(None);
}
