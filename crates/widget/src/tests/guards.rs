//! What lives long ends when its guard is dropped.

use std::{cell::Cell, rc::Rc};

use eloquent_widget_core::Msg;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;

use super::page::pause;
use crate::{channel::Channel, dom, frame::Frame, listener::Listener, timer::Timer};

fn counter() -> (Rc<Cell<u32>>, impl Fn() + Clone) {
    let count = Rc::new(Cell::new(0));
    let counted = count.clone();
    (count, move || counted.set(counted.get() + 1))
}

#[wasm_bindgen_test]
fn a_listener() {
    let (count, add) = counter();
    let target = dom::element("div", "");
    let listener = Listener::new(move |_| add()).on(&target, &["a", "b"]);
    for name in ["a", "b", "c"] {
        target.dispatch_event(&Event::new(name).unwrap()).unwrap();
    }
    assert_eq!(count.get(), 2);
    drop(listener);
    target.dispatch_event(&Event::new("a").unwrap()).unwrap();
    assert_eq!(count.get(), 2);
}

#[wasm_bindgen_test]
async fn timers_and_frames() {
    let (count, add) = counter();
    let _kept = (Timer::start(0, add.clone()), Frame::request(add.clone()));
    drop((Timer::start(0, add.clone()), Frame::request(add)));
    pause().await;
    assert_eq!(count.get(), 2);
}

#[wasm_bindgen_test]
async fn a_channel() {
    let (count, add) = counter();
    let heard = Channel::join("eloquent:guards", add).unwrap();
    let (echo, add) = counter();
    let said = Channel::join("eloquent:guards", add).unwrap();
    said.say_logout();
    pause().await;
    assert_eq!((count.get(), echo.get()), (1, 0));
    drop(heard);
    said.say_logout();
    pause().await;
    assert_eq!(count.get(), 1);
}

/// The queue holds messages by value: a large one would be moved often.
#[wasm_bindgen_test]
fn messages_stay_small() {
    assert!(size_of::<Msg>() <= 256, "{}", size_of::<Msg>());
}
