//! The browser's storage: kept whole, read with suspicion, and done without where it is blocked.

use eloquent_types::session::SessionToken;
use eloquent_widget_core::Stored;
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::{local_storage, window};
use crate::{
    convert::set,
    storage::{Entry, Kind},
};

const KEY: &str = "eloquent:storage-test";

fn stored() -> Stored {
    Stored {
        session: SessionToken::parse(format!("vst_{}", "a1-_B".repeat(9).get(..43).unwrap())).ok(),
        conversation: "cnv_01h2xcejqtf2nbrexx3vqjhp41".parse().ok(),
        open: true,
        sound: true,
    }
}

#[wasm_bindgen_test]
fn is_kept_and_cleared() {
    for kind in [Kind::Local, Kind::Session] {
        let entry = Entry::new(kind, KEY.into());
        assert_eq!(entry.read(), Stored::default());
        for value in [stored(), Stored::default()] {
            entry.write(&value);
            assert_eq!(entry.read(), value);
        }
        entry.clear();
        assert_eq!(entry.read(), Stored::default());
    }
}

#[wasm_bindgen_test]
fn none_keeps_nothing() {
    let entry = Entry::new(Kind::None, KEY.into());
    entry.write(&stored());
    assert_eq!(entry.read(), Stored::default());
    assert_eq!(local_storage().get_item(KEY), Ok(None));
}

#[wasm_bindgen_test]
fn what_another_wrote_there_is_passed_over() {
    let storage = local_storage();
    let entry = Entry::new(Kind::Local, KEY.into());
    for text in [
        "",
        "{",
        "null",
        "7",
        "[]",
        r#"{"session":7,"conversation":"agt_x","open":0}"#,
        r#"{"session":"vst_x"}"#,
    ] {
        storage.set_item(KEY, text).unwrap();
        assert_eq!(entry.read(), Stored::default(), "{text}");
    }
    entry.clear();
}

#[wasm_bindgen_test]
fn blocked_storage_is_no_storage() {
    let descriptor = Object::new();
    set(&descriptor, "get", Function::new_no_args("throw new DOMException('blocked', 'SecurityError')"));
    set(&descriptor, "configurable", true);
    let original = Reflect::get_own_property_descriptor(&window(), &"localStorage".into()).unwrap();
    Reflect::define_property(&window(), &"localStorage".into(), &descriptor).unwrap();
    let entry = Entry::new(Kind::Local, KEY.into());
    entry.write(&stored());
    assert_eq!(entry.read(), Stored::default());
    entry.clear();
    Reflect::define_property(&window(), &"localStorage".into(), original.unchecked_ref()).unwrap();
    assert!(local_storage().is_object());
}
