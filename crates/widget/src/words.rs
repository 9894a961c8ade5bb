//! The words of the visitor's language: fetching them, and choosing among them by number.

use std::rc::Rc;

use eloquent_widget_core::{Msg, Plural};
use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    dates::Format,
    fetch::{self, Abort, Call},
};

/// What is said of a number, in the form and with the digits that `locale` has for it: `View.locale`, or
/// another tag that `Intl` takes.
pub(crate) fn count(words: Plural, number: u32, locale: &str) -> String {
    let by = |constructor, method| Format::new(constructor, method, locale, &[]).call(number.into());
    let mut digits = by("NumberFormat", "format");
    if digits.is_empty() {
        digits = number.to_string();
    }
    words.text(&by("PluralRules", "select"), &digits)
}

impl App {
    /// Fetches the words of a language.
    pub(crate) fn load_words(self: &Rc<Self>, locale: &'static str) {
        let url = [&self.boot.base, "assets/locale-", locale, ".json"].concat();
        let app = Rc::downgrade(self);
        spawn_local(async move {
            let words = fetch_words(url).await;
            if let Some(app) = app.upgrade() {
                app.post([Msg::Words { locale, words }]);
            }
        });
    }
}

async fn fetch_words(url: String) -> Option<Vec<String>> {
    let abort = Abort::new().ok()?;
    let call = Call { method: "GET", url, session: None, token: None, body: None };
    let response = fetch::send(call, Some(abort.signal())).await.ok()?;
    let table = fetch::json(&response).await.ok().filter(JsValue::is_object)?;
    Object::values(table.unchecked_ref::<Object>()).iter().map(|word| word.as_string()).collect()
}
