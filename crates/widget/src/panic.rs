//! A panic poisons the module: its state stays borrowed, so nothing runs any more. Here the loader is
//! told, which says so to the visitor and answers the page's open calls.

use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::JsValue;

thread_local! {
    static CRASH: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has every panic reported to this function, by its place in the source. The message is left out:
/// it could quote what a visitor wrote.
pub(crate) fn report_to(crash: Function) {
    CRASH.set(Some(crash));
    std::panic::set_hook(Box::new(|info| {
        if let (Some(crash), Some(place)) = (CRASH.take(), info.location()) {
            let place = [place.file(), " ", &place.line().to_string()].concat();
            let _ = crash.call1(&JsValue::NULL, &place.into());
        }
    }));
}
