//! Event streams: a response's bytes, through the decoder, into messages.

use std::rc::Rc;

use eloquent_types::sse::{Decoder, Frame};
use eloquent_widget_core::{Msg, Ticket, TransportError};
use js_sys::{JSON, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

use crate::{
    app::App,
    convert::get,
    decode::{self, Fault},
};

/// Hands on what a response brings until it ends or nobody waits for it any more.
pub(crate) async fn pump(app: &Rc<App>, ticket: Ticket, response: Response) -> Result<(), TransportError> {
    let kind = response.headers().get("Content-Type").ok().flatten().unwrap_or_default();
    let body = response
        .body()
        .filter(|_| kind.starts_with("text/event-stream"))
        .ok_or(TransportError::Unexpected)?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut decoder = Decoder::new();
    let mut messages = Vec::new();
    loop {
        messages.push(Msg::StreamAlive { ticket });
        if !app.is_in_flight(ticket) {
            return Ok(());
        }
        app.post_soon(std::mem::take(&mut messages));
        let chunk = JsFuture::from(reader.read()).await.map_err(|_| TransportError::Unreachable)?;
        if get(&chunk, "done").is_truthy() {
            return Ok(());
        }
        for frame in decoder.feed(&Uint8Array::new(&get(&chunk, "value")).to_vec()) {
            messages.extend(message(ticket, frame)?);
        }
    }
}

/// `None` for an event of a later server, which is passed over.
fn message(ticket: Ticket, frame: Frame) -> Result<Option<Msg>, TransportError> {
    let fault = Fault::default();
    let event = decode::event(&frame.event, JSON::parse(&frame.data).unwrap_or_default(), &fault);
    if fault.get() {
        return Err(TransportError::Unexpected);
    }
    Ok(event.map(|event| Msg::Stream { ticket, event, id: frame.id }))
}
