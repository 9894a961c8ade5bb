//! The linter: loaded when it is asked for, told of every call, and of no harm where it is not there.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Object, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::{Page, PageFetch, function, pause, response};
use crate::convert::{get, get_text, set};

fn server() -> PageFetch {
    PageFetch::install(|_| response(404, "application/problem+json", r#"{"status":404,"code":"not_found"}"#))
}

/// A module whose `lint` notes what it is told, and the notes.
fn module() -> (JsValue, Object) {
    let notes = Object::new();
    let lint = Function::new_with_args(
        "notes",
        "notes.told = []; return (name, argument) => { notes.told.push([name, argument]); throw 1 }",
    );
    let module = Object::new();
    set(&module, "lint", lint.call1(&JsValue::NULL, &notes).unwrap());
    (module.into(), notes)
}

fn told(notes: &Object) -> Vec<(String, Option<String>)> {
    let told: js_sys::Array = get(notes, "told").unchecked_into();
    let note = |note: JsValue| {
        let note: js_sys::Array = note.unchecked_into();
        let token = note.get(1).as_string().or_else(|| get_text(&note.get(1), "token"));
        (note.get(0).as_string().unwrap(), token)
    };
    told.iter().map(note).collect()
}

fn identify(page: &Page, token: &str) -> Promise {
    let options = Object::new();
    set(&options, "token", token);
    page.call("identify", options)
}

#[wasm_bindgen_test]
async fn it_hears_the_last_token_and_every_call_until_it_is_turned_off() {
    let _fetch = server();
    let (module, notes) = module();
    let asked = Rc::new(RefCell::new(Vec::new()));
    let files = asked.clone();
    let page = Page::loading(
        |_| {},
        move |file| {
            files.borrow_mut().push(file.as_string().unwrap());
            Promise::resolve(&module).into()
        },
    );
    JsFuture::from(identify(&page, "a.b.c")).await.unwrap();
    for _ in 0..2 {
        let done = JsFuture::from(page.call("debug", true)).await.unwrap();
        assert_eq!(get(&done, "ok").as_bool(), Some(true));
    }
    pause().await;
    assert_eq!(*asked.borrow(), ["eloquent-lint.js"]);
    JsFuture::from(identify(&page, "d.e.f")).await.unwrap();
    JsFuture::from(page.call("logout", JsValue::UNDEFINED)).await.unwrap();
    JsFuture::from(page.call("debug", false)).await.unwrap();
    JsFuture::from(identify(&page, "g.h.i")).await.unwrap();
    let names: Vec<_> = told(&notes).into_iter().filter(|(name, _)| name != "debug").collect();
    let note = |name: &str, token: Option<&str>| (name.to_owned(), token.map(str::to_owned));
    assert_eq!(
        names,
        [note("earlier", Some("a.b.c")), note("identify", Some("d.e.f")), note("logout", None)]
    );
}

#[wasm_bindgen_test]
async fn where_it_cannot_be_had_there_is_one_warning() {
    let _fetch = server();
    let console = get(&super::page::window(), "console");
    let original = get(&console, "warn");
    let warnings = Rc::new(RefCell::new(Vec::new()));
    let noted = warnings.clone();
    let warn = function(move |text| {
        noted.borrow_mut().push(text.as_string().unwrap_or_default());
        JsValue::UNDEFINED
    });
    set(console.unchecked_ref(), "warn", warn);
    let failures: [fn(JsValue) -> JsValue; 3] = [
        |_| Promise::reject(&"no".into()).into(),
        |_| Promise::resolve(&JsValue::from(Object::new())).into(),
        |_| JsValue::UNDEFINED,
    ];
    for failure in failures {
        warnings.borrow_mut().clear();
        let page = Page::loading(|_| {}, failure);
        let done = JsFuture::from(page.call("debug", true)).await.unwrap();
        assert_eq!(get(&done, "ok").as_bool(), Some(true));
        pause().await;
        let about_it = warnings.borrow().iter().filter(|text| text.contains("linter")).count();
        assert_eq!(about_it, 1, "{:?}", warnings.borrow());
        JsFuture::from(identify(&page, "a.b.c")).await.unwrap();
    }
    set(console.unchecked_ref(), "warn", original);
}
