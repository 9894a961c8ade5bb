//! The running widget: the mailbox, requests and streams, and its end.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::page::{CONFIG, Page, PageFetch, event_stream, feed, local_storage, pause, response};
use crate::{
    app::App,
    convert::{get, get_text, set},
};

const STREAM: &str = concat!(
    "id: 1\nevent: accepted\ndata: {\"conversation_id\":\"cnv_01h2xcejqtf2nbrexx3vqjhp41\",",
    "\"message_id\":\"msg_01h2xcejqtf2nbrexx3vqjhp41\",\"identity\":{\"status\":\"anonymous\"},",
    "\"session\":\"vst_0123456789012345678901234567890123456789012\"}\n\n",
    "id: 2\nevent: later\ndata: what nobody knows yet\n\n",
    "id: 3\nevent: delta\ndata: {\"message_id\":\"msg_01h2xcejqtf2nbrexx3vqjhp42\",\"from\":0,",
    "\"blocks\":[{\"paragraph\":[{\"text\":\"<b>Hi</b> \"},{\"strong\":[{\"text\":\"Ada\"}]}]}]}\n\n",
    "id: 4\nevent: done\ndata: {\"message_id\":\"msg_01h2xcejqtf2nbrexx3vqjhp42\",\"sources\":[],",
    "\"finish_reason\":\"stop\"}\n\n",
);

fn server(url: &str) -> JsValue {
    match url.rsplit('/').next() {
        Some("config") => response(200, "application/json", CONFIG),
        Some("chat") => response(200, "text/event-stream", STREAM),
        _ => response(404, "application/problem+json", r#"{"status":404,"code":"not_found"}"#),
    }
}

#[wasm_bindgen_test]
async fn an_answer_streams_into_the_list() {
    let fetch = PageFetch::install(server);
    let page = Page::start(|_| {});
    pause().await;
    assert_eq!(page.text("h2"), "Ada");
    assert_eq!(page.text(".greeting, .intro p"), "Hello");
    let sent = JsFuture::from(page.call("sendMessage", "Hello?")).await.unwrap();
    assert_eq!(get_text(&sent, "messageId").as_deref(), Some("msg_01h2xcejqtf2nbrexx3vqjhp41"));
    pause().await;
    assert_eq!(page.text(".visitor .bubble"), "Hello?");
    assert_eq!(page.text(".agent .rich"), "<b>Hi</b> Ada");
    assert_eq!(page.text(".agent .rich strong"), "Ada");
    assert!(page.find(".rich b").is_none());
    let body = fetch.body("/chat").await;
    assert_eq!(get_text(&get(&body, "message"), "text").as_deref(), Some("Hello?"));
    assert_eq!(get_text(&body, "format").as_deref(), Some("blocks"));
    let events = page.events.borrow();
    for name in ["ready", "message:sent", "message:received", "conversation:started"] {
        assert!(events.iter().any(|event| event == name), "{name} in {events:?}");
    }
}

#[wasm_bindgen_test]
async fn only_the_blocks_that_changed_are_touched() {
    let (reply, controller) = event_stream();
    let _fetch =
        PageFetch::install(move |url| if url.ends_with("/chat") { reply.clone() } else { server(url) });
    let page = Page::start(|_| {});
    pause().await;
    let _ = page.call("sendMessage", "Hello?");
    pause().await;
    let mut parts = STREAM.split_inclusive("\n\n");
    let accepted = parts.next().unwrap();
    feed(&controller, accepted.as_bytes());
    pause().await;
    assert!(!page.find(".waiting").unwrap().has_attribute("hidden"));
    let delta = |from: u32, text: &str| {
        format!(
            "event: delta\ndata: {{\"message_id\":\"msg_01h2xcejqtf2nbrexx3vqjhp42\",\"from\":{from},\
             \"blocks\":[{{\"paragraph\":[{{\"text\":\"{text}\"}}]}}]}}\n\n"
        )
    };
    feed(&controller, delta(0, "first").as_bytes());
    feed(&controller, delta(1, "sec").as_bytes());
    pause().await;
    assert!(page.find(".waiting").unwrap().has_attribute("hidden"));
    let (row, first, second) =
        (page.find(".row.agent"), page.find(".rich p:first-child"), page.find(".rich p:last-child"));
    // Cut inside of a character.
    let next = delta(1, "second \u{1f600}!").into_bytes();
    let cut = next.iter().position(|&byte| byte == 0xf0).unwrap() + 2;
    feed(&controller, &next[..cut]);
    pause().await;
    assert_eq!(page.text(".rich"), "firstsec");
    feed(&controller, &next[cut..]);
    pause().await;
    assert_eq!(page.text(".rich"), "firstsecond \u{1f600}!");
    assert_eq!(page.find(".row.agent"), row);
    assert_eq!(page.find(".rich p:first-child"), first);
    assert_eq!(page.find(".rich p:last-child"), second, "it has only grown");
}

#[wasm_bindgen_test]
async fn a_logout_aborts_the_running_answer() {
    let (reply, controller) = event_stream();
    let fetch =
        PageFetch::install(move |url| if url.ends_with("/chat") { reply.clone() } else { server(url) });
    let page = Page::start(|_| {});
    pause().await;
    let _ = page.call("sendMessage", "Hello?");
    pause().await;
    feed(&controller, STREAM.split_inclusive("\n\n").next().unwrap().as_bytes());
    pause().await;
    assert!(local_storage().get_item("eloquent:test").unwrap().is_some());
    JsFuture::from(page.call("logout", JsValue::UNDEFINED)).await.unwrap();
    pause().await;
    let calls = fetch.calls.borrow();
    let (_, chat) = calls.iter().find(|(url, _)| url.ends_with("/chat")).unwrap();
    assert_eq!(get(&get(chat, "signal"), "aborted").as_bool(), Some(true));
    let (_, end) = calls.iter().find(|(url, _)| url.ends_with("/session")).unwrap();
    assert_eq!(get_text(end, "method").as_deref(), Some("DELETE"));
    assert_eq!(get(end, "keepalive").as_bool(), Some(true));
    assert!(page.find(".row.visitor").is_none());
    let kept = local_storage().get_item("eloquent:test").unwrap();
    assert!(kept.is_none_or(|kept| !kept.contains("vst_")));
}

#[wasm_bindgen_test]
async fn a_listener_may_call_commands() {
    let _fetch = PageFetch::install(server);
    let inner: Rc<RefCell<Option<Rc<App>>>> = Rc::default();
    let results: Rc<RefCell<Vec<String>>> = Rc::default();
    let (app, seen) = (inner.clone(), results.clone());
    // Closes the panel from inside the event of its opening, and asks for the state in between.
    let page = Page::start(move |event| {
        let Some(app) = app.borrow().clone() else { return };
        if event == "open" {
            let seen = seen.clone();
            let note = super::page::function(move |state| {
                seen.borrow_mut().push(format!("{:?}", get(&state, "open").as_bool()));
                JsValue::UNDEFINED
            });
            app.call("getState", &js_sys::Array::new(), note.clone());
            app.call("close", &js_sys::Array::new(), note.clone());
            app.call("getState", &js_sys::Array::new(), note);
            // Nothing of it is done before the page's function has returned.
            assert!(results.borrow().is_empty());
        }
    });
    inner.replace(Some(page.app.clone()));
    let opened = JsFuture::from(page.call("open", JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get(&opened, "open").as_bool(), Some(true));
    pause().await;
    let state = JsFuture::from(page.call("getState", JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get(&state, "open").as_bool(), Some(false));
    assert_eq!(page.events.borrow().iter().filter(|event| *event == "close").count(), 1);
    inner.replace(None);
}

#[wasm_bindgen_test]
async fn a_page_whose_fetch_rejects_with_anything_is_survived() {
    let _fetch = PageFetch::install(|_| Promise::reject(&"no Error at all".into()).into());
    let page = Page::start(|_| {});
    let token = Object::new();
    set(&token, "token", "not.even\u{e9}\na header");
    let result = JsFuture::from(page.call("identify", token)).await.unwrap();
    assert_eq!(get(&result, "ok").as_bool(), Some(false));
    assert_eq!(get_text(&result, "code").as_deref(), Some("network_error"));
    drop(page);
}

#[wasm_bindgen_test]
async fn what_is_no_stream_is_not_read_as_one() {
    let _fetch = PageFetch::install(|url| {
        if url.ends_with("/chat") {
            response(200, "text/html", "<p>Log in to the network</p>")
        } else {
            server(url)
        }
    });
    let page = Page::start(|_| {});
    pause().await;
    let _ = page.call("sendMessage", "Hello?");
    pause().await;
    assert!(page.find(".agent .rich").is_none());
    assert!(!page.events.borrow().iter().any(|event| event == "message:sent"));
}

#[wasm_bindgen_test]
async fn unknown_commands_and_bad_arguments_resolve() {
    let _fetch = PageFetch::install(server);
    let page = Page::start(|_| {});
    for (name, argument, code) in [
        ("nope", JsValue::UNDEFINED, "unknown_command"),
        ("prefill", JsValue::from(7), "invalid_argument"),
        ("sendMessage", JsValue::NULL, "invalid_argument"),
        ("sendMessage", JsValue::from("  "), "message_empty"),
    ] {
        let result = JsFuture::from(page.call(name, argument)).await.unwrap();
        assert_eq!(get(&result, "ok").as_bool(), Some(false), "{name}");
        assert_eq!(get_text(&result, "code").as_deref(), Some(code), "{name}");
    }
}

#[wasm_bindgen_test]
async fn destroy_ends_requests_and_answers_every_call() {
    // An identify that is never answered.
    let fetch = PageFetch::install(|url| {
        if url.ends_with("/identify") { Promise::new(&mut |_, _| {}).into() } else { server(url) }
    });
    let page = Page::start(|_| {});
    pause().await;
    let token = Object::new();
    set(&token, "token", "a.b.c");
    let waiting = page.call("identify", token);
    let done = JsFuture::from(page.call("destroy", JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get(&done, "ok").as_bool(), Some(true));
    let result = JsFuture::from(waiting).await.unwrap();
    assert_eq!(get(&result, "ok").as_bool(), Some(false));
    assert_eq!(*page.ended.borrow(), 1);
    let late = JsFuture::from(page.call("open", JsValue::UNDEFINED)).await.unwrap();
    assert_eq!(get_text(&late, "code").as_deref(), Some("destroyed"));
    let calls = fetch.calls.borrow();
    let (_, init) = calls.iter().find(|(url, _)| url.ends_with("/identify")).unwrap();
    assert_eq!(get(&get(init, "signal"), "aborted").as_bool(), Some(true));
}

#[wasm_bindgen_test]
async fn keys_and_clicks_reach_the_core() {
    let _fetch = PageFetch::install(server);
    let page = Page::start(|_| {});
    pause().await;
    JsFuture::from(page.call("open", JsValue::UNDEFINED)).await.unwrap();
    assert!(!page.find(".panel").unwrap().class_list().contains("closed"));
    let click = |selector: &str| {
        use wasm_bindgen::JsCast;
        page.find(selector).unwrap().unchecked_into::<web_sys::HtmlElement>().click();
    };
    click(".starter");
    pause().await;
    assert_eq!(page.text(".visitor .bubble"), "One?");
    assert_eq!(page.text(".agent .rich"), "<b>Hi</b> Ada");
    click("[data-do=new]");
    pause().await;
    assert!(page.find(".row.visitor").is_none());
    click("[data-do=close]");
    assert!(page.find(".panel").unwrap().class_list().contains("closed"));
    assert!(page.find(".panel").unwrap().has_attribute("inert"));
}
