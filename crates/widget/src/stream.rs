//! Event streams: a response's bytes, through the decoder, into messages.

use std::rc::{Rc, Weak};

use eloquent_types::sse::{Decoder, Frame};
use eloquent_widget_core::{Effect, Msg, Ticket, TransportError};
use js_sys::{JSON, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStreamDefaultReader};

use crate::{
    app::App,
    convert::{body, get},
    decode::{self, Fault},
    fetch::{self, Abort, Call},
    page,
};

impl App {
    /// Runs an effect that opens a stream.
    pub(crate) fn open(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::OpenStream { ticket, mut request, session } => {
                request.page =
                    Some(page::complete(request.page.take(), &self.boot.options, self.own_title()));
                let body = body(&*request);
                let call = Call { method: "POST", url: self.url("/chat"), session, token: None, body };
                self.read(ticket, call);
            }
            Effect::ResumeStream { ticket, conversation, after, credentials } => {
                let after = String::from(js_sys::encode_uri_component(&after));
                let path =
                    ["/conversations/", &conversation.to_string(), "/events?format=blocks&after=", &after]
                        .concat();
                let call = self.get(&path, credentials);
                self.read(ticket, call);
            }
            _ => {}
        }
    }

    fn read(self: &Rc<Self>, ticket: Ticket, call: Call) {
        let Ok(abort) = Abort::new() else {
            return self.post([Msg::StreamEnded { ticket, result: Err(TransportError::Unreachable) }]);
        };
        let signal = abort.signal();
        self.take_off(ticket, abort);
        spawn_local(read_to_end(Rc::downgrade(self), ticket, call, signal));
    }
}

async fn read_to_end(app: Weak<App>, ticket: Ticket, call: Call, signal: AbortSignal) {
    let result = pump(&app, ticket, call, signal).await;
    if let Some(app) = app.upgrade()
        && app.land(ticket)
    {
        app.post([Msg::StreamEnded { ticket, result }]);
    }
}

async fn pump(
    app: &Weak<App>,
    ticket: Ticket,
    call: Call,
    signal: AbortSignal,
) -> Result<(), TransportError> {
    let response = fetch::send(call, Some(signal)).await?;
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
        match app.upgrade() {
            Some(app) if app.is_in_flight(ticket) => app.post_soon(std::mem::take(&mut messages)),
            _ => return Ok(()),
        }
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
