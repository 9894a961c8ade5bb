//! The loader, as it is embedded: before the module is there, and where it cannot be had.

use std::{cell::Cell, rc::Rc};

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;

use super::page::{function, local_storage, pause, window};
use crate::{
    convert::{get, get_text, set},
    dom,
};

const LOADER: &str = include_str!("../../../../www/eloquent.js");
const AGENT: &str = "agt_01h2xcejqtf2nbrexx3vqjhp41";

/// Puts the tag into the page and waits until it has run.
async fn embed(agent: &str) {
    let blob: Function = get(&window(), "Blob").unchecked_into();
    let kind = Object::new();
    set(&kind, "type", "text/javascript");
    let blob = Reflect::construct(&blob, &Array::of2(&Array::of1(&LOADER.into()), &kind)).unwrap();
    let url = get(&window(), "URL");
    let create: Function = get(&url, "createObjectURL").unchecked_into();
    let address = create.call1(&url, &blob).unwrap().as_string().unwrap();
    let script = dom::element("script", "");
    dom::attribute(&script, "data-agent-id", agent);
    // Nothing listens there: the module cannot be had.
    dom::attribute(&script, "data-api", "http://127.0.0.1:9/");
    dom::attribute(&script, "src", &address);
    let loaded = Promise::new(&mut |resolve, _| set(&script, "onload", resolve));
    let head: web_sys::Node = get(&get(&window(), "document"), "head").unchecked_into();
    dom::append(&head, &script);
    JsFuture::from(loaded).await.unwrap();
    script.remove();
}

async fn call(name: &str, argument: impl Into<JsValue>) -> JsValue {
    let eloquent: Function = get(&window(), "eloquent").unchecked_into();
    let promise: Promise =
        eloquent.call2(&JsValue::NULL, &name.into(), &argument.into()).unwrap().unchecked_into();
    JsFuture::from(promise).await.unwrap()
}

fn code(result: &JsValue) -> String {
    get_text(result, "code").unwrap_or_default()
}

fn hosts() -> u32 {
    let document = get(&window(), "document");
    let find: Function = get(&document, "querySelectorAll").unchecked_into();
    let found = find.call1(&document, &"html > eloquent-widget".into()).unwrap();
    Array::from(&found).length()
}

fn inside(selector: &str) -> Option<Element> {
    let document = get(&window(), "document");
    let find: Function = get(&document, "querySelector").unchecked_into();
    let host = find.call1(&document, &"html > eloquent-widget".into()).unwrap();
    let root = get(&host, "shadowRoot");
    let find: Function = get(&root, "querySelector").unchecked_into();
    find.call1(&root, &selector.into()).unwrap().dyn_into().ok()
}

/// The stub of the documentation: a queue of `[arguments, resolver]`.
fn stub() -> (Object, Array) {
    let queue = Array::new();
    let stub: Object = Function::new_no_args("").unchecked_into();
    set(&stub, "q", queue.clone());
    set(&window(), "eloquent", stub.clone());
    (stub, queue)
}

#[wasm_bindgen_test]
async fn one_tag_draws_one_launcher_and_takes_the_queue() {
    let (_, queue) = stub();
    let results = Array::new();
    let note = results.clone();
    let resolver = function(move |result| {
        note.push(&result);
        JsValue::UNDEFINED
    });
    queue.push(&Array::of2(&Array::of1(&"nope".into()), &resolver));
    queue.push(&Array::of2(&"on".into(), &"open".into()));
    // What no stub would queue stops nothing.
    for rubbish in [JsValue::NULL, 42.into(), Object::new().into()] {
        queue.unshift(&rubbish);
    }
    embed(AGENT).await;
    pause().await;
    assert_eq!(hosts(), 1);
    assert_eq!(code(&results.get(0)), "unknown_command");
    let launcher = inside(".launcher").unwrap();
    assert_eq!(launcher.get_attribute("aria-label").as_deref(), Some("Open chat"));

    // A second tag of the same agent, and one of another, change nothing.
    let first = get(&window(), "eloquent");
    embed(AGENT).await;
    embed("agt_01h2xcejqtf2nbrexx3vqjhp42").await;
    assert_eq!(hosts(), 1);
    assert_eq!(get(&window(), "eloquent"), first);
    // Whoever has kept the stub's queue is heard still.
    queue.push(&Array::of2(&Array::of1(&"nope".into()), &resolver));
    pause().await;
    assert_eq!(results.length(), 2);

    a_name_may_be_anything().await;
    events_are_heard_before_the_module_is_there().await;
    a_module_that_cannot_be_had_is_put_into_words().await;
    a_logout_does_not_wait_for_the_module().await;
    frameworks_that_empty_the_page_do_not_remove_it().await;

    let done = call("destroy", JsValue::UNDEFINED).await;
    assert_eq!(get(&done, "ok").as_bool(), Some(true));
    assert_eq!(hosts(), 0);
    assert!(get(&window(), "eloquent").is_undefined());
    let late: Function = first.unchecked_into();
    let late: Promise = late.call1(&JsValue::NULL, &JsValue::from("open")).unwrap().unchecked_into();
    assert_eq!(code(&JsFuture::from(late).await.unwrap()), "destroyed");
}

async fn a_name_may_be_anything() {
    let eloquent: Function = get(&window(), "eloquent").unchecked_into();
    for name in [JsValue::symbol(Some("open")), JsValue::NULL, function(|_| JsValue::NULL).into()] {
        let promise: Promise = eloquent.call1(&JsValue::NULL, &name).unwrap().unchecked_into();
        assert_eq!(code(&JsFuture::from(promise).await.unwrap()), "unknown_command");
    }
}

async fn events_are_heard_before_the_module_is_there() {
    let eloquent: Function = get(&window(), "eloquent").unchecked_into();
    let on = |name: &str, listener: &JsValue| -> Promise {
        eloquent.call3(&JsValue::NULL, &name.into(), &"destroy".into(), listener).unwrap().unchecked_into()
    };
    assert_eq!(code(&JsFuture::from(on("on", &JsValue::NULL)).await.unwrap()), "invalid_argument");
    let listener = function(|_| JsValue::UNDEFINED);
    for name in ["on", "once"] {
        let unsubscribe = JsFuture::from(on(name, &listener)).await.unwrap();
        let unsubscribe: Function = unsubscribe.unchecked_into();
        unsubscribe.call0(&JsValue::NULL).unwrap();
    }
    let off = JsFuture::from(on("off", &listener)).await.unwrap();
    assert_eq!(get(&off, "ok").as_bool(), Some(true));
}

async fn a_module_that_cannot_be_had_is_put_into_words() {
    assert_eq!(code(&call("open", JsValue::UNDEFINED).await), "load_failed");
    let note = inside(".note").unwrap();
    assert!(!note.has_attribute("hidden"));
    assert!(note.text_content().unwrap().contains("could not be loaded"));
    // And again: another try, another answer, and the page is well.
    assert_eq!(code(&call("toggle", JsValue::UNDEFINED).await), "load_failed");
    let storage = local_storage();
    assert_eq!(storage.get_item(&["eloquent:", AGENT].concat()), Ok(None));
}

/// The page may be left at once: then nothing would do it later.
async fn a_logout_does_not_wait_for_the_module() {
    let entry = ["eloquent:", AGENT].concat();
    for name in ["logout", "shutdown"] {
        local_storage().set_item(&entry, "{}").unwrap();
        let tab = web_sys::BroadcastChannel::new(&entry).unwrap();
        let heard = Rc::new(Cell::new(0));
        let count = heard.clone();
        let listener = function(move |_| {
            count.set(count.get() + 1);
            JsValue::UNDEFINED
        });
        set(&tab, "onmessage", listener);
        let eloquent: Function = get(&window(), "eloquent").unchecked_into();
        let pending: Promise = eloquent.call1(&JsValue::NULL, &name.into()).unwrap().unchecked_into();
        assert_eq!(local_storage().get_item(&entry), Ok(None));
        assert_eq!(code(&JsFuture::from(pending).await.unwrap()), "load_failed");
        pause().await;
        assert_eq!(heard.get(), 1, "the other tabs hear of it");
        tab.close();
    }
}

async fn frameworks_that_empty_the_page_do_not_remove_it() {
    let document = get(&window(), "document");
    let find: Function = get(&document, "querySelector").unchecked_into();
    let host: Element = find.call1(&document, &"html > eloquent-widget".into()).unwrap().unchecked_into();
    host.remove();
    assert_eq!(hosts(), 0);
    pause().await;
    assert_eq!(hosts(), 1);
}

#[wasm_bindgen_test]
async fn another_product_of_that_name_is_left_alone() {
    let other = function(|_| JsValue::NULL);
    set(&window(), "eloquent", other.clone());
    embed(AGENT).await;
    assert_eq!(get(&window(), "eloquent"), JsValue::from(other));
    assert_eq!(hosts(), 0);
    Reflect::delete_property(&window(), &"eloquent".into()).unwrap();
}
