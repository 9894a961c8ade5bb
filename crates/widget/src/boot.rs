//! What the loader hands over.

use eloquent_types::{id::AgentId, theme::Scheme};
use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, ShadowRoot};

use crate::{
    convert::{get, get_text},
    storage::Kind,
};

/// The loader's part of the widget, and the options of the tag.
pub(crate) struct Boot {
    /// Where the API is; ends with `/`.
    pub(crate) base: String,
    /// Whose chat it is.
    pub(crate) agent: AgentId,
    /// The element that carries the shadow root.
    pub(crate) host: HtmlElement,
    /// Where everything is drawn.
    pub(crate) root: ShadowRoot,
    /// The launcher's button, drawn by the loader.
    pub(crate) launcher: HtmlElement,
    /// The key of this agent's entry in the browser's storage; also the name of the tabs' channel.
    pub(crate) storage_key: String,
    /// Which storage.
    pub(crate) storage: Kind,
    /// The language that the page asks for.
    pub(crate) locale: Option<String>,
    /// Light, dark, or as the visitor's system has it.
    pub(crate) scheme: Scheme,
    /// Whether the panel stands on the left.
    pub(crate) left: bool,
    /// Whether the page wants no launcher.
    pub(crate) launcher_hidden: bool,
    /// Tells the page's listeners: `(event)`.
    pub(crate) emit: Function,
    /// Loads a script of the server's: `(file)` gives a promise of its module.
    pub(crate) load: Function,
    /// Removes the loader's part.
    pub(crate) end: Function,
    /// Says that the widget has stopped working: `(cause)`.
    pub(crate) crash: Function,
}

impl Boot {
    /// Reads the loader's object; an error names the member that is not as it should be.
    pub(crate) fn read(object: &JsValue) -> Result<Self, JsValue> {
        let options = get(object, "options");
        Ok(Self {
            base: text(object, "base")?,
            agent: text(object, "agentId")?
                .parse()
                .map_err(|_| JsValue::from("agentId is not an agent's id"))?,
            host: typed(object, "host")?,
            root: typed(object, "root")?,
            launcher: typed(object, "launcher")?,
            storage_key: text(object, "storageKey")?,
            storage: Kind::parse(get_text(&options, "storage").as_deref()),
            locale: get_text(&options, "locale"),
            scheme: get_text(&options, "theme").and_then(|name| Scheme::parse(&name)).unwrap_or(Scheme::Auto),
            left: get_text(&options, "position").is_some_and(|position| position.contains("left")),
            launcher_hidden: get_text(&options, "launcher").as_deref() == Some("hidden"),
            emit: typed(object, "emit")?,
            load: typed(object, "load")?,
            end: typed(object, "end")?,
            crash: typed(object, "crash")?,
        })
    }
}

fn text(object: &JsValue, name: &str) -> Result<String, JsValue> {
    get_text(object, name).ok_or_else(|| name.into())
}

fn typed<T: JsCast>(object: &JsValue, name: &str) -> Result<T, JsValue> {
    get(object, name).dyn_into().map_err(|_| name.into())
}
