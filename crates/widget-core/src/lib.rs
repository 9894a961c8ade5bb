//! The widget as a pure machine: [`update`] takes the [`State`] and one [`Msg`] and gives the
//! [`Effect`]s to run; [`view()`] says what is to be drawn.
//!
//! What it is not: it knows no DOM, no network, no clock and no random source. Time arrives with each
//! message, randomness once, as a seed; requests leave as effects and their answers come back as
//! messages that carry the effect's [`Ticket`].
//!
//! Invariants, over any sequence of messages:
//! - nothing panics, and the same messages give the same effects;
//! - at most one stream is open;
//! - what the server's log holds is on screen once and in its order, however often the stream broke; of a
//!   long conversation never more than 120 messages;
//! - an answer to a request of an earlier identity changes nothing;
//! - after another user is identified, or after a logout, nothing of the former visitor is in the view;
//! - the identity token leaves only in requests and for the linter: never in the view, storage, an event
//!   or a warning;
//! - the page is asked for a fresh token one question at a time, and ever more rarely while it has none.

mod agent;
mod bubble;
mod care;
mod command;
mod commands;
mod effect;
mod event;
mod feedback;
mod field;
mod follow;
mod hints;
mod history;
mod identity;
mod ids;
mod language;
mod look;
mod msg;
mod news;
mod outbox;
mod panel;
mod renewal;
mod restore;
mod state;
mod stream;
mod strings;
mod thread;
mod ticket;
mod timer;
mod token;
mod track;
mod update;
mod view;
mod visitor;
mod window;

#[cfg(test)]
mod tests;

pub use bubble::{Bubble, BubbleState, Content, Piece};
pub use command::{CallError, CallId, Command, CommandKind, CommandResult, IdentifyFailure, StateReport};
pub use effect::{Effect, FocusTarget, Stored};
pub use event::{Event, EventKind};
pub use field::{Fields, Value};
pub use look::set_token;
pub use msg::{Msg, TransportError, UiEvent};
pub use state::{Options, State};
pub use strings::{LANGUAGES, Plural, Strings};
pub use ticket::Ticket;
pub use timer::TimerId;
pub use token::{Credentials, IdentityToken};
pub use track::page;
pub use update::update;
pub use view::{Banner, Composer, Launcher, List, Panel, Status, View, view};
