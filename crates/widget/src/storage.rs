//! What the browser keeps from one page to the next: one entry per agent. Where storage is blocked,
//! full or switched off, nothing is kept and nothing fails.

use eloquent_types::session::SessionToken;
use eloquent_widget_core::{Stored, Value};
use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Storage;

use crate::{
    convert::{get, get_text, json, object},
    global::property,
};

/// Which of the browser's storages is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Kept until it is cleared.
    Local,
    /// Kept as long as the tab.
    Session,
    /// Nothing is kept.
    None,
}

impl Kind {
    /// The option's value; `local` where it is absent or unknown.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        match text {
            Some("session") => Self::Session,
            Some("none") => Self::None,
            _ => Self::Local,
        }
    }

    fn open(self) -> Option<Storage> {
        let name = match self {
            Self::Local => "localStorage",
            Self::Session => "sessionStorage",
            Self::None => return None,
        };
        // The property itself throws where the browser blocks storage.
        Some(property(name)).filter(JsValue::is_object).map(JsCast::unchecked_into)
    }
}

/// One agent's entry.
pub(crate) struct Entry {
    kind: Kind,
    key: String,
}

impl Entry {
    /// The entry of this key; nothing is read or written yet.
    pub(crate) fn new(kind: Kind, key: String) -> Self {
        Self { kind, key }
    }

    /// What is kept; of what is not of our form, nothing.
    pub(crate) fn read(&self) -> Stored {
        let text = self.kind.open().and_then(|storage| storage.get_item(&self.key).ok().flatten());
        let Some(value) = text.and_then(|text| JSON::parse(&text).ok()) else { return Stored::default() };
        Stored {
            session: get_text(&value, "session").and_then(|text| SessionToken::parse(text).ok()),
            conversation: get_text(&value, "conversation").and_then(|text| text.parse().ok()),
            open: get(&value, "open").is_truthy(),
            sound: get(&value, "sound").is_truthy(),
        }
    }

    /// Keeps this in place of what was there.
    pub(crate) fn write(&self, stored: &Stored) {
        let mut fields = vec![("open", Value::Bool(stored.open))];
        if stored.sound {
            fields.push(("sound", Value::Bool(true)));
        }
        if let Some(session) = &stored.session {
            fields.push(("session", Value::from(session.expose())));
        }
        if let Some(conversation) = stored.conversation {
            fields.push(("conversation", Value::Text(conversation.encode())));
        }
        if let (Some(storage), Some(text)) = (self.kind.open(), json(&object(fields))) {
            let _ = storage.set_item(&self.key, &text);
        }
    }

    /// Keeps nothing any more.
    pub(crate) fn clear(&self) {
        if let Some(storage) = self.kind.open() {
            let _ = storage.remove_item(&self.key);
        }
    }
}
