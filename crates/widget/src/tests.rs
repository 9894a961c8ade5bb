//! The shell in a real browser: `cargo xtask test wasm`.

mod app;
mod convert;
mod decode;
mod grow;
mod guards;
mod lint;
mod loader;
mod page;
mod page_token;
mod rich;
mod storage;
mod words;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
