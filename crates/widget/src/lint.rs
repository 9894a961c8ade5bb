//! The linter of `debug(true)`: a file of its own, loaded when it is asked for, that looks at what the
//! page does with identities and says in the console what is wrong. Nothing waits for it.

use std::rc::Rc;

use eloquent_widget_core::IdentityToken;
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::console;

use crate::{app::App, convert::get};

const FILE: &str = "eloquent-lint.js";

/// How far the linter is.
#[derive(Default)]
pub(crate) enum Linter {
    /// Not wanted.
    #[default]
    Off,
    /// On its way; until it is there, the last token is kept for it.
    Loading(Option<IdentityToken>),
    /// There: `(name, argument)`.
    On(Function),
}

impl App {
    /// Loads the linter, or lets go of it.
    pub(crate) fn lint(self: &Rc<Self>, on: bool, token: Option<IdentityToken>) {
        let wanted = !matches!(*self.linter.borrow(), Linter::Off);
        if on && !wanted {
            self.linter.replace(Linter::Loading(token));
            let module = self.boot.load.call1(&JsValue::NULL, &FILE.into()).ok();
            self.when_given(module.map(|module| Promise::resolve(&module)), |app, module| {
                loaded(app, &module);
            });
        } else if !on {
            self.linter.take();
        }
    }

    /// Tells the linter, if it is there, of a call or of what `getToken` gave.
    pub(crate) fn tell_linter(&self, name: &str, argument: &JsValue) {
        let linter = match &*self.linter.borrow() {
            Linter::On(linter) => linter.clone(),
            Linter::Off | Linter::Loading(_) => return,
        };
        let _ = linter.call2(&JsValue::NULL, &name.into(), argument);
    }
}

fn loaded(app: &Rc<App>, module: &JsValue) {
    let Linter::Loading(token) = app.linter.take() else { return };
    let Ok(linter) = get(module, "lint").dyn_into::<Function>() else {
        return console::warn_1(&"[eloquent] debug: the linter could not be loaded.".into());
    };
    app.linter.replace(Linter::On(linter));
    if let Some(token) = token {
        app.tell_linter("earlier", &token.expose().into());
    }
}
