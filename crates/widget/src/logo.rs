//! The agent's picture, which takes the place of its initial once it is there: where it cannot load, or
//! the page's policy forbids it, the initial stays.

use js_sys::{Function, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlElement;

use crate::{
    convert::get,
    dom::{append, attribute, element},
};

/// Shows the picture of this address in each of these places, or none.
pub(crate) fn show(places: [HtmlElement; 2], url: Option<&str>) {
    for place in places {
        if let Ok(Some(old)) = place.query_selector("img") {
            old.remove();
        }
        attribute(&place, "data-logo", url.unwrap_or_default());
        if let Some(url) = url.map(ToOwned::to_owned) {
            let image = element("img", "");
            attribute(&image, "alt", "");
            attribute(&image, "src", &url);
            spawn_local(async move {
                let Ok(decode) = get(&image, "decode").dyn_into::<Function>() else { return };
                let loads = decode.call0(&image).map(|promised| Promise::resolve(&promised));
                if let Ok(loads) = loads
                    && JsFuture::from(loads).await.is_ok()
                    // Another one may have been chosen meanwhile.
                    && place.get_attribute("data-logo") == Some(url)
                {
                    append(&place, &image);
                }
            });
        }
    }
}
