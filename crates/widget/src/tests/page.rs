//! What the tests share: a page with a loader's part, and a `fetch` like one that a page has put
//! around the browser's own.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, ShadowRoot};

use crate::{
    app::App,
    boot::Boot,
    convert::{get, get_text, set},
    dom,
    frame::Frame,
    timer::Timer,
};

pub(super) const AGENT: &str = "agt_01h2xcejqtf2nbrexx3vqjhp41";
pub(super) const CONFIG: &str = r#"{"agent_id":"agt_01h2xcejqtf2nbrexx3vqjhp41","name":"Ada","greeting":"Hello",
    "starters":["One?"],"theme":{},"features":{"identify":true}}"#;

/// Lets everything that waits for a promise, a timer or a frame go on.
pub(super) async fn pause() {
    happened(|done| std::mem::forget(Timer::start(40, done))).await;
    // A busy machine is late with its frames; after the second one, what waited for the first is drawn.
    for _ in 0..2 {
        happened(|done| std::mem::forget(Frame::request(done))).await;
    }
}

/// Waits until what `start` has started calls back. Guards are kept: dropped, they would end it.
async fn happened(start: impl FnOnce(Box<dyn FnOnce()>)) {
    let mut start = Some(start);
    let promise = Promise::new(&mut |resolve, _| {
        if let Some(start) = start.take() {
            start(Box::new(move || drop(resolve.call0(&JsValue::NULL))));
        }
    });
    JsFuture::from(promise).await.unwrap();
}

pub(super) fn window() -> Object {
    js_sys::global().unchecked_into()
}

pub(super) fn local_storage() -> web_sys::Storage {
    get(&window(), "localStorage").unchecked_into()
}

/// A JavaScript function of one argument.
pub(super) fn function(call: impl Fn(JsValue) -> JsValue + 'static) -> Function {
    Closure::<dyn Fn(JsValue) -> JsValue>::new(call).into_js_value().unchecked_into()
}

/// Puts another `fetch` into the window until it is dropped.
pub(super) struct PageFetch {
    original: JsValue,
    pub(super) calls: Rc<RefCell<Vec<(String, JsValue)>>>,
}

impl PageFetch {
    /// Answers every request with what this makes of its address.
    pub(super) fn install(answer: impl Fn(&str) -> JsValue + 'static) -> Self {
        let original = get(&window(), "fetch");
        let calls = Rc::new(RefCell::new(Vec::new()));
        let seen = calls.clone();
        let fetch = function(move |request| {
            let url = get_text(&request, "url").unwrap();
            let reply = answer(&url);
            seen.borrow_mut().push((url, request));
            reply
        });
        set(&window(), "fetch", fetch);
        Self { original, calls }
    }

    /// The JSON body of the last request whose address ends so. It can be read once.
    pub(super) async fn body(&self, end: &str) -> JsValue {
        let request = self.calls.borrow().iter().rev().find(|(url, _)| url.ends_with(end)).unwrap().1.clone();
        let read: Function = get(&request, "json").unchecked_into();
        let body: Promise = read.call0(&request).unwrap().unchecked_into();
        JsFuture::from(body).await.unwrap()
    }
}

impl Drop for PageFetch {
    fn drop(&mut self) {
        set(&window(), "fetch", self.original.clone());
    }
}

/// A promise of a response with this status, type and text.
pub(super) fn response(status: u16, kind: &str, text: &str) -> JsValue {
    let (headers, init) = (Object::new(), Object::new());
    set(&headers, "content-type", kind);
    set(&init, "status", status);
    set(&init, "headers", headers);
    let constructor: Function = get(&window(), "Response").unchecked_into();
    let response = Reflect::construct(&constructor, &Array::of2(&text.into(), &init)).unwrap();
    Promise::resolve(&response).into()
}

/// A promise of an event stream, and the controller that feeds it.
pub(super) fn event_stream() -> (JsValue, JsValue) {
    let controller = Rc::new(RefCell::new(JsValue::UNDEFINED));
    let slot = controller.clone();
    let source = Object::new();
    let start = function(move |controller| {
        slot.replace(controller);
        JsValue::UNDEFINED
    });
    set(&source, "start", start);
    let constructor: Function = get(&window(), "ReadableStream").unchecked_into();
    let body = Reflect::construct(&constructor, &Array::of1(&source)).unwrap();
    let (headers, init) = (Object::new(), Object::new());
    set(&headers, "content-type", "text/event-stream; charset=utf-8");
    set(&init, "headers", headers);
    let constructor: Function = get(&window(), "Response").unchecked_into();
    let response = Reflect::construct(&constructor, &Array::of2(&body, &init)).unwrap();
    (Promise::resolve(&response).into(), controller.take())
}

/// Sends bytes down an event stream.
pub(super) fn feed(controller: &JsValue, bytes: &[u8]) {
    let enqueue: Function = get(controller, "enqueue").unchecked_into();
    enqueue.call1(controller, &js_sys::Uint8Array::from(bytes)).unwrap();
}

/// A widget with a loader's part, in a page of its own.
pub(super) struct Page {
    pub(super) app: Rc<App>,
    pub(super) root: ShadowRoot,
    pub(super) host: HtmlElement,
    pub(super) events: Rc<RefCell<Vec<String>>>,
    pub(super) ended: Rc<RefCell<u32>>,
}

impl Page {
    /// Starts the widget. `hear` is the page's listener of every event.
    pub(super) fn start(hear: impl Fn(&str) + 'static) -> Self {
        Self::loading(hear, |_| Promise::reject(&"there is none".into()).into())
    }

    /// The same, with what the loader makes of a script's name.
    pub(super) fn loading(
        hear: impl Fn(&str) + 'static,
        load: impl Fn(JsValue) -> JsValue + 'static,
    ) -> Self {
        let host = dom::element("eloquent-widget", "");
        let mode = Object::new();
        set(&mode, "mode", "open");
        let attach: Function = get(&host, "attachShadow").unchecked_into();
        let root: ShadowRoot = attach.call1(&host, &mode).unwrap().unchecked_into();
        let launcher = dom::child(&root, "button", "launcher");
        let body: web_sys::Node = get(&get(&window(), "document"), "body").unchecked_into();
        dom::append(&body, &host);

        let events = Rc::new(RefCell::new(Vec::new()));
        let heard = events.clone();
        let emit = function(move |event| {
            let name = get_text(&event, "type").unwrap();
            heard.borrow_mut().push(name.clone());
            hear(&name);
            JsValue::UNDEFINED
        });
        let ended = Rc::new(RefCell::new(0));
        let count = ended.clone();
        let end = function(move |_| {
            *count.borrow_mut() += 1;
            JsValue::UNDEFINED
        });
        let boot = Object::new();
        set(&boot, "base", "https://chat.test/");
        set(&boot, "agentId", AGENT);
        set(&boot, "options", Object::new());
        set(&boot, "host", host.clone());
        set(&boot, "root", root.clone());
        set(&boot, "launcher", launcher);
        set(&boot, "storageKey", "eloquent:test");
        set(&boot, "emit", emit);
        set(&boot, "end", end);
        set(&boot, "load", function(load));
        let app = App::start(Boot::read(&boot).unwrap()).unwrap();
        Self { app, root, host, events, ended }
    }

    /// Calls a command and gives what its promise resolves with.
    pub(super) fn call(&self, name: &str, argument: impl Into<JsValue>) -> Promise {
        let (app, argument) = (self.app.clone(), argument.into());
        Promise::new(&mut |resolve, _| app.call(name, &Array::of1(&argument), resolve))
    }

    /// The text of the first element that the selector names; empty where there is none.
    pub(super) fn text(&self, selector: &str) -> String {
        self.find(selector).and_then(|element| element.text_content()).unwrap_or_default()
    }

    pub(super) fn find(&self, selector: &str) -> Option<web_sys::Element> {
        let find: Function = get(&self.root, "querySelector").unchecked_into();
        find.call1(&self.root, &selector.into()).unwrap().dyn_into().ok()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.app.unmount();
        self.host.remove();
        local_storage().clear().unwrap();
    }
}
