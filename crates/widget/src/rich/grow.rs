//! What a block has more than it had: its nodes as they stand, brought to how they were drawn anew. What
//! is the same stays the same node, so that a selection in it, or the focus, stays where it is.

use wasm_bindgen::JsCast;
use web_sys::{Element, Node, Text};

use crate::dom::append;

/// Brings one node to another; says whether it could be done without putting the other in its place.
pub(super) fn grow(shown: &Node, new: &Node) -> bool {
    if shown.is_equal_node(Some(new)) {
        return true;
    }
    if let (Some(shown), Some(new)) = (shown.dyn_ref::<Text>(), new.dyn_ref::<Text>()) {
        let text = new.data();
        match text.strip_prefix(&*shown.data()) {
            Some(more) => drop(shown.append_data(more)),
            None => shown.set_data(&text),
        }
        return true;
    }
    // A button may show more than was drawn: that it was pressed.
    let action = |node: &Node| node.dyn_ref::<Element>()?.get_attribute("data-do");
    if let Some(new) = action(new) {
        return action(shown) == Some(new);
    }
    if !is_alike(shown, new) {
        return false;
    }
    let (mut old, mut next) = (shown.first_child(), new.first_child());
    while let Some(to) = next {
        next = to.next_sibling();
        if let Some(from) = old {
            old = from.next_sibling();
            if !grow(&from, &to) {
                let _ = shown.replace_child(&to, &from);
            }
        } else {
            append(shown, &to);
        }
    }
    while let Some(extra) = old {
        old = extra.next_sibling();
        let _ = shown.remove_child(&extra);
    }
    true
}

/// Whether two nodes are the same but for what is in them.
fn is_alike(one: &Node, other: &Node) -> bool {
    one.clone_node()
        .ok()
        .zip(other.clone_node().ok())
        .is_some_and(|(one, other)| one.is_equal_node(Some(&other)))
}
