//! What the loader hands over.

use eloquent_types::{
    id::AgentId,
    theme::{Position, Theme},
};
use eloquent_widget_core::set_token;
use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, ShadowRoot};

use crate::{
    convert::{get, get_text, locale, tokens},
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
    /// The tag's options, as they were given.
    pub(crate) options: JsValue,
    /// The language that the page asks for.
    pub(crate) locale: Option<String>,
    /// How the page wants the widget to look.
    pub(crate) theme: Theme,
    /// Whether the page wants message texts in events.
    pub(crate) expose_messages: bool,
    /// Whether the page wants no launcher.
    pub(crate) launcher_hidden: bool,
    /// Tells the page's listeners: `(event)`.
    pub(crate) emit: Function,
    /// Loads a script of the server's: `(file)` gives a promise of its module.
    pub(crate) load: Function,
    /// Shows the number of unread messages where the page's title is not this document's: `(unread)`.
    pub(crate) title: Option<Function>,
    /// Removes the loader's part.
    pub(crate) end: Function,
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
            locale: locale(&get(&options, "locale")),
            theme: theme(&options),
            expose_messages: is_on(&get(&options, "exposeMessages")),
            launcher_hidden: get_text(&options, "launcher").as_deref() == Some("hidden"),
            emit: typed(object, "emit")?,
            load: typed(object, "load")?,
            title: typed(object, "title").ok(),
            end: typed(object, "end")?,
            options,
        })
    }
}

/// The options' tokens: those of `theme`, which can be a scheme alone, and the side of the page. What is
/// no token is passed over.
fn theme(options: &JsValue) -> Theme {
    let mut theme = Theme::default();
    for (name, value) in tokens(&get(options, "theme")).unwrap_or_default() {
        set_token(&mut theme, &name, &value);
    }
    if let Some(position) = get_text(options, "position") {
        let left = position.contains("left");
        theme.position = Some(if left { Position::Left } else { Position::Right });
    }
    theme
}

/// Whether an option is on that is an attribute without a value, or `true`.
fn is_on(value: &JsValue) -> bool {
    value.as_string().map_or(value.is_truthy(), |text| text != "false")
}

fn text(object: &JsValue, name: &str) -> Result<String, JsValue> {
    get_text(object, name).ok_or_else(|| name.into())
}

fn typed<T: JsCast>(object: &JsValue, name: &str) -> Result<T, JsValue> {
    get(object, name).dyn_into().map_err(|_| name.into())
}
