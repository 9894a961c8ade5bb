//! The widget's WebAssembly shell: it turns the page's calls and the visitor's input into messages
//! for `eloquent-widget-core`, runs the effects that come back, and draws the view.
//!
//! What it is not: a place where anything is decided. What happens when is the core's; how it looks
//! is `www/widget.css`; the launcher before this module was loaded is `www/eloquent.js`.
//!
//! Invariants: no effect runs and no function of the page is called while the state is borrowed; what
//! lives long (listener, timer, request, channel) is a guard that ends it when dropped; no string
//! becomes markup. A panic ends the module at once: the loader hears of it by the glue (`crash`) and
//! tells the visitor.

// Native builds of the workspace pass this crate by: everything in it is the browser's.
#![cfg(target_arch = "wasm32")]

mod app;
mod body;
mod boot;
mod channel;
mod chime;
mod convert;
mod dates;
mod decode;
mod dom;
mod effects;
mod fetch;
mod frame;
mod global;
mod icons;
mod lint;
mod listener;
mod logo;
mod page;
mod page_token;
mod panel;
mod request;
mod rich;
mod row;
mod storage;
mod stream;
mod template;
mod theme;
mod timer;
mod title;
mod words;

#[cfg(test)]
mod tests;

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;

/// Half as large as the standard library's, and constant in time.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Starts the widget with what the loader hands over, and gives the function that runs a command:
/// `(name, arguments, resolve)`.
#[wasm_bindgen]
pub fn start(boot: &JsValue) -> Result<JsValue, JsValue> {
    let boot = boot::Boot::read(boot)?;
    let app = app::App::start(boot)?;
    let run = move |name: String, arguments: Array, resolve: Function| app.call(&name, &arguments, resolve);
    Ok(Closure::<dyn Fn(String, Array, Function)>::new(run).into_js_value())
}
