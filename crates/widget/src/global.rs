//! The functions and properties of the page's global object that are used. All of them can be the
//! page's own: what it has put in their place may throw or give anything.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::Request;

use crate::convert::get;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn call_fetch(request: &Request) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn call_set_timeout(callback: &Function, millis: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = clearTimeout)]
    fn call_clear_timeout(handle: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = requestAnimationFrame)]
    fn call_request_frame(callback: &Function) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = cancelAnimationFrame)]
    fn call_cancel_frame(handle: &JsValue) -> Result<(), JsValue>;
}

/// The property of this name; `undefined` where it cannot be read.
pub(crate) fn property(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// `fetch`, as a real promise whatever the page has made of it.
pub(crate) fn fetch(request: &Request) -> Result<Promise, JsValue> {
    call_fetch(request).map(|promised| Promise::resolve(&promised))
}

/// `setTimeout`: gives the handle.
pub(crate) fn set_timeout(callback: &Function, millis: u32) -> Result<JsValue, JsValue> {
    call_set_timeout(callback, millis)
}

/// `clearTimeout`.
pub(crate) fn clear_timeout(handle: &JsValue) {
    let _ = call_clear_timeout(handle);
}

/// `requestAnimationFrame`: gives the handle.
pub(crate) fn request_frame(callback: &Function) -> Result<JsValue, JsValue> {
    call_request_frame(callback)
}

/// `cancelAnimationFrame`.
pub(crate) fn cancel_frame(handle: &JsValue) {
    let _ = call_cancel_frame(handle);
}

/// Calls a function of the page's, a moment later. What it throws is the promise's rejection, and what
/// it gives is waited for if it can be.
pub(crate) fn call_later(function: &Function) -> Result<Promise, JsValue> {
    let now = Promise::resolve(&JsValue::UNDEFINED);
    let then: Function = get(&now, "then").unchecked_into();
    then.call1(&now, function).map(|promised| Promise::resolve(&promised))
}
