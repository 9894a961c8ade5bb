//! The way in: one message at a time.

use eloquent_types::time::Timestamp;

use crate::{effect::Effect, msg::Msg, state::State};

/// Takes in what happened at `now` and gives what is to be done about it, in order.
#[must_use = "the effects are what the widget does"]
pub fn update(state: &mut State, now: Timestamp, msg: Msg) -> Vec<Effect> {
    let _ = (state, now, msg);
    Vec::new()
}
