//! The bodies of requests, in the wire's form.
//!
//! Member by member and not derived, for the sake of size: a structure's names alone would bring a hash
//! table along. What these types are on the wire is `eloquent-types`' to say, and the tests read there
//! what is written here. Maps go by serde.

use eloquent_types::{
    chat::{ChatRequest, Format},
    conversation::FeedbackRequest,
    id::Id,
};
use eloquent_widget_core::IdentityToken;
use js_sys::{Array, Object};
use serde::Serializer as _;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::convert::{set, time};

/// Of `POST …/identify`.
pub(crate) fn identify(token: &IdentityToken) -> Object {
    let out = Object::new();
    set(&out, "token", token.expose());
    out
}

/// Of `POST …/feedback`.
pub(crate) fn feedback(request: &FeedbackRequest) -> Object {
    let out = Object::new();
    set(&out, "message_id", request.message_id.encode());
    set(&out, "rating", request.rating.as_str());
    set_text(&out, "comment", request.comment.as_deref());
    out
}

/// Of `POST …/chat`.
pub(crate) fn chat(request: &ChatRequest) -> Object {
    let out = Object::new();
    let message = Object::new();
    set(&message, "id", &*request.message.id);
    set(&message, "text", &*request.message.text);
    set(&out, "message", message);
    set_text(&out, "conversation_id", request.conversation_id.map(Id::encode).as_deref());
    set_text(&out, "after", request.after.as_deref());
    set_text(&out, "identity_token", request.identity_token.as_deref());
    set_map(&out, "attributes", &request.attributes);
    if let Some(page) = &request.page {
        let about = Object::new();
        set(&about, "url", &*page.url);
        set_text(&about, "title", Some(&*page.title).filter(|title| !title.is_empty()));
        set(&out, "page", about);
    }
    let events = Array::new();
    for event in &request.events {
        let about = Object::new();
        set(&about, "name", &*event.name);
        set_map(&about, "properties", &event.properties);
        set(&about, "at", time(event.at));
        events.push(&about);
    }
    if !request.events.is_empty() {
        set(&out, "events", events);
    }
    set_text(&out, "locale", request.locale.as_deref());
    set(&out, "format", if request.format == Format::Blocks { "blocks" } else { "markdown" });
    out
}

/// Sets what there is.
fn set_text(object: &Object, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        set(object, name, text);
    }
}

fn set_map(object: &Object, name: &str, map: &[(String, String)]) {
    if map.is_empty() {
        return;
    }
    // Texts by texts cannot fail.
    let map = Serializer::json_compatible().collect_map(map.iter().map(|(name, value)| (name, value)));
    set(object, name, map.unwrap_or(JsValue::UNDEFINED));
}
