//! The page that the visitor looks at: its address, its title, its language, for whoever answers.

use eloquent_types::{chat::Page, config::is_language_tag};
use wasm_bindgen::JsValue;

use crate::{
    convert::{get, get_text},
    global::property,
};

/// What the page has said of itself, completed by the document's own address and title. In a frame it is
/// the host's document that counts: `options.page` tells of it. `badged` is the document's title without
/// the number that stands before it, where one does.
pub(crate) fn complete(said: Option<Page>, options: &JsValue, badged: Option<String>) -> Page {
    let host = get(options, "page");
    let Page { mut url, mut title } = said.unwrap_or(Page { url: String::new(), title: String::new() });
    if url.is_empty() {
        let href = get_text(&host, "url").or_else(|| get_text(&property("location"), "href"));
        // The fragment is not for servers: single sign-on hands over its tokens there.
        url = href.unwrap_or_default();
        url.truncate(url.bytes().position(|byte| byte == b'#').unwrap_or(url.len()));
    }
    if title.is_empty() {
        let document = || badged.or_else(|| get_text(&property("document"), "title"));
        title = get_text(&host, "title").or_else(document).unwrap_or_default();
    }
    eloquent_widget_core::page(&url, &title)
}

/// The document's language, or the browser's where it has none.
pub(crate) fn language(options: &JsValue) -> String {
    let root = get(&property("document"), "documentElement");
    let document = get_text(&get(options, "page"), "lang").or_else(|| get_text(&root, "lang"));
    let document = document.filter(|tag| is_language_tag(tag));
    document.or_else(|| get_text(&property("navigator"), "language")).unwrap_or_default()
}
