//! The sound of a message that came: two soft tones made by the browser itself. Where the visitor has
//! not touched the page yet, the browser keeps it silent, and nothing is done about it.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    convert::{get, set},
    global::property,
};

/// The tones: when each begins, in seconds, and its frequency in hertz.
const TONES: [(f64, f64); 2] = [(0.0, 659.3), (0.11, 880.0)];

/// How loud a tone begins, of 1.
const GAIN: f64 = 0.06;

/// How long a tone lasts, in seconds.
const LENGTH: f64 = 0.4;

/// Plays it once.
pub(crate) fn play() {
    let Ok(constructor) = property("AudioContext").dyn_into::<Function>() else { return };
    let Ok(audio) = Reflect::construct(&constructor, &Array::new()) else { return };
    let now = get(&audio, "currentTime").as_f64().unwrap_or_default();
    for (after, frequency) in TONES {
        let (start, end) = (now + after, now + after + LENGTH);
        let (tone, volume) = (call(&audio, "createOscillator", &[]), call(&audio, "createGain", &[]));
        set(get(&tone, "frequency").unchecked_ref(), "value", frequency);
        let gain = get(&volume, "gain");
        call(&gain, "setValueAtTime", &[GAIN, start]);
        call(&gain, "exponentialRampToValueAtTime", &[0.0001, end]);
        connect(&tone, &volume);
        connect(&volume, &get(&audio, "destination"));
        call(&tone, "start", &[start]);
        call(&tone, "stop", &[end]);
        // The last one to end lets go of the machine's sound.
        if let Ok(close) = get(&audio, "close").dyn_into::<Function>()
            && after > 0.0
        {
            set(tone.unchecked_ref(), "onended", close.bind0(&audio));
        }
    }
}

/// Calls a method; `undefined` where it fails.
fn call(object: &JsValue, method: &str, numbers: &[f64]) -> JsValue {
    let arguments = Array::new();
    for &number in numbers {
        arguments.push(&number.into());
    }
    let method = get(object, method).dyn_into::<Function>();
    method.and_then(|method| method.apply(object, &arguments)).unwrap_or_default()
}

fn connect(from: &JsValue, to: &JsValue) {
    if let Ok(connect) = get(from, "connect").dyn_into::<Function>() {
        let _ = connect.call1(from, to);
    }
}
