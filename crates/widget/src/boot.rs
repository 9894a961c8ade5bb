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
    /// Reads the loader's object; an error where the page has named no agent.
    pub(crate) fn read(object: &JsValue) -> Result<Self, JsValue> {
        let Ok(agent) = text(object, "agentId").parse() else {
            return Err("agentId is not an agent's id".into());
        };
        let options = get(object, "options");
        Ok(Self {
            agent,
            base: text(object, "base"),
            host: typed(object, "host"),
            root: typed(object, "root"),
            launcher: typed(object, "launcher"),
            storage_key: text(object, "storageKey"),
            storage: Kind::parse(get_text(&options, "storage").as_deref()),
            locale: locale(&get(&options, "locale")),
            theme: theme(&options),
            expose_messages: is_on(&get(&options, "exposeMessages")),
            launcher_hidden: get_text(&options, "launcher").as_deref() == Some("hidden"),
            emit: typed(object, "emit"),
            load: typed(object, "load"),
            title: Some(typed(object, "title")).filter(|title: &Function| title.is_function()),
            end: typed(object, "end"),
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
        // (The search of a text for another one is a kilobyte.)
        let left = position.as_bytes().windows(4).any(|part| part == b"left");
        theme.position = Some(if left { Position::Left } else { Position::Right });
    }
    theme
}

/// Whether an option is on that is an attribute without a value, or `true`.
fn is_on(value: &JsValue) -> bool {
    value.as_string().map_or(value.is_truthy(), |text| text != "false")
}

fn text(object: &JsValue, name: &str) -> String {
    get_text(object, name).unwrap_or_default()
}

/// A member as it is: what comes from the loader is of this version's form.
fn typed<T: JsCast>(object: &JsValue, name: &str) -> T {
    get(object, name).unchecked_into()
}
