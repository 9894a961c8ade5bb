//! The page's `getToken`, whatever it does: one question, one answer, and nothing of it escapes.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Object, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::{CONFIG, Page, PageFetch, function, pause, response, window};
use crate::convert::{get, get_text, set};

const EXPIRED: &str = r#"{"ok":false,"identified":false,"code":"token_expired","message":"m","hint":"h"}"#;
const IDENTIFIED: &str = r#"{"ok":true,"identified":true,"user_id":"ada",
    "profile_id":"prf_01h2xcejqtf2nbrexx3vqjhp41","server_time":"2020-01-01T00:00:00.000Z",
    "expires_at":"2020-01-01T01:00:00.000Z",
    "session":"vst_0123456789012345678901234567890123456789012"}"#;

/// A server that finds the first token expired, and every later one good.
fn server() -> PageFetch {
    let asked = RefCell::new(0);
    PageFetch::install(move |url| match url.rsplit('/').next() {
        Some("config") => response(200, "application/json", CONFIG),
        Some("identify") => {
            *asked.borrow_mut() += 1;
            response(200, "application/json", if *asked.borrow() == 1 { EXPIRED } else { IDENTIFIED })
        }
        Some("conversations") => response(200, "application/json", r#"{"conversations":[]}"#),
        _ => response(404, "application/problem+json", r#"{"status":404,"code":"not_found"}"#),
    })
}

fn identifies(fetch: &PageFetch) -> usize {
    fetch.calls.borrow().iter().filter(|(url, _)| url.ends_with("/identify")).count()
}

fn options(get_token: &Function) -> Object {
    let options = Object::new();
    set(&options, "token", "o.l.d");
    set(&options, "getToken", get_token.clone());
    options
}

/// A function that counts its calls.
fn counted(give: impl Fn() -> JsValue + 'static) -> (Rc<RefCell<u32>>, Function) {
    let count = Rc::new(RefCell::new(0));
    let counted = count.clone();
    let get_token = function(move |_| {
        *counted.borrow_mut() += 1;
        give()
    });
    (count, get_token)
}

/// Notes what the page's own handlers of errors hear.
fn escapes() -> (Rc<RefCell<u32>>, impl FnOnce()) {
    let (count, note) = counted(|| JsValue::UNDEFINED);
    let call = |name: &str, note: &Function| {
        let listen: Function = get(&window(), name).unchecked_into();
        listen.call2(&window(), &"unhandledrejection".into(), note).unwrap();
        listen.call2(&window(), &"error".into(), note).unwrap();
    };
    call("addEventListener", &note);
    (count, move || call("removeEventListener", &note))
}

#[wasm_bindgen_test]
async fn a_string_or_the_promise_of_one_is_a_fresh_token() {
    let late = || Promise::resolve(&JsValue::from("f.r.esh")).into();
    let thenable =
        || Function::new_no_args("return { then(done) { done('f.r.esh') } }").call0(&JsValue::NULL);
    let ways: [Box<dyn Fn() -> JsValue>; 3] =
        [Box::new(|| "f.r.esh".into()), Box::new(late), Box::new(move || thenable().unwrap())];
    for way in ways {
        let fetch = server();
        let page = Page::start(|_| {});
        let (count, get_token) = counted(way);
        let result = JsFuture::from(page.call("identify", options(&get_token))).await.unwrap();
        assert_eq!(get_text(&result, "code").as_deref(), Some("token_expired"));
        pause().await;
        assert_eq!((*count.borrow(), identifies(&fetch)), (1, 2));
        assert_eq!(get_text(&fetch.body("/identify").await, "token").as_deref(), Some("f.r.esh"));
        let state = JsFuture::from(page.call("getState", JsValue::UNDEFINED)).await.unwrap();
        assert_eq!(get_text(&state, "userId").as_deref(), Some("ada"));
    }
}

#[wasm_bindgen_test]
async fn what_is_no_token_is_none_and_nothing_escapes() {
    let (escaped, end) = escapes();
    for code in [
        "",
        "throw new Error('the page\\'s own')",
        "throw undefined",
        "return Promise.reject(new Error('no'))",
        "return Promise.reject()",
        "return { get then() { throw 1 } }",
        "return { then() { throw 1 } }",
        "return null",
        "return 42",
        "return ''",
        "return { token: 'f.r.esh' }",
        "return new Proxy({}, { get() { throw 1 } })",
        "const own = Promise.resolve('x'); Object.defineProperty(own, 'constructor', { get() { throw 1 } }); return own",
    ] {
        let fetch = server();
        let page = Page::start(|_| {});
        let source = Function::new_no_args(code);
        let (count, get_token) = counted(move || {
            source.call0(&JsValue::NULL).unwrap_or_else(|error| wasm_bindgen::throw_val(error))
        });
        JsFuture::from(page.call("identify", options(&get_token))).await.unwrap();
        pause().await;
        assert_eq!((*count.borrow(), identifies(&fetch)), (1, 1), "{code}");
        // The visitor opens the chat: the page is asked once more.
        JsFuture::from(page.call("open", JsValue::UNDEFINED)).await.unwrap();
        pause().await;
        assert_eq!(*count.borrow(), 2, "{code}");
    }
    end();
    assert_eq!(*escaped.borrow(), 0);
}

#[wasm_bindgen_test]
async fn an_answer_after_a_logout_is_dropped() {
    for command in ["logout", "destroy"] {
        let fetch = server();
        let page = Page::start(|_| {});
        let resolver = Rc::new(RefCell::new(None));
        let keep = resolver.clone();
        let get_token = function(move |_| {
            let keep = keep.clone();
            Promise::new(&mut move |resolve, _| drop(keep.replace(Some(resolve)))).into()
        });
        JsFuture::from(page.call("identify", options(&get_token))).await.unwrap();
        pause().await;
        JsFuture::from(page.call(command, JsValue::UNDEFINED)).await.unwrap();
        let resolve: Function = resolver.take().unwrap();
        resolve.call1(&JsValue::NULL, &"f.r.esh".into()).unwrap();
        pause().await;
        assert_eq!(identifies(&fetch), 1, "{command}");
    }
}

#[wasm_bindgen_test]
async fn the_function_may_call_the_widget() {
    let fetch = server();
    let page = Rc::new(Page::start(|_| {}));
    let states = Rc::new(RefCell::new(0));
    let (app, seen) = (page.app.clone(), states.clone());
    let (_, get_token) = counted(move || {
        let seen = seen.clone();
        let note = function(move |_| {
            *seen.borrow_mut() += 1;
            JsValue::UNDEFINED
        });
        app.call("getState", &js_sys::Array::new(), note);
        "f.r.esh".into()
    });
    JsFuture::from(page.call("identify", options(&get_token))).await.unwrap();
    pause().await;
    assert_eq!((*states.borrow(), identifies(&fetch)), (1, 2));
}
