//! Nodes from a compact text: what is built once costs its letters and no code. The texts are the
//! module's own constants; nothing of anybody else's comes through here.
//!
//! The words of a template, parted by white space: `tag.class.class` opens an element, `name=value`
//! sets an attribute of it, `@7` gives it the icon of this number, `*` keeps it, `/` closes it.

use eloquent_types::text::split_at_mark;
use web_sys::{HtmlElement, Node};

use crate::dom::{append, attribute, element, icon, toggle_class};

/// Adds the template's elements at the end of `parent`, and gives those that it keeps, in their order.
pub(crate) fn build(parent: &Node, template: &str) -> Vec<HtmlElement> {
    let mut open: Vec<HtmlElement> = Vec::new();
    let mut kept = Vec::new();
    for word in template.split_ascii_whitespace() {
        if let Some(last) = open.last() {
            if word == "/" {
                open.pop();
                continue;
            }
            if word == "*" {
                kept.push(last.clone());
                continue;
            }
            if let Some(number) = word.strip_prefix('@') {
                let number = number.bytes().fold(0, |sum, digit| sum * 10 + usize::from(digit & 15));
                icon(last, number);
                continue;
            }
            if let Some((name, value)) = split_at_mark(word, b'=') {
                attribute(last, name, value);
                continue;
            }
        }
        let (name, mut classes) = split_at_mark(word, b'.').unwrap_or((word, ""));
        let new = element(name, "");
        while !classes.is_empty() {
            let (class, rest) = split_at_mark(classes, b'.').unwrap_or((classes, ""));
            toggle_class(&new, class, true);
            classes = rest;
        }
        append(open.last().map_or(parent, |last| last), &new);
        open.push(new);
    }
    kept
}
