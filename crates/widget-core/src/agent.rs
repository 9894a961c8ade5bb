//! Getting to know the agent.

use eloquent_types::{config::AgentConfig, problem::ProblemCode};

use crate::{
    effect::Effect,
    event::EventKind,
    feedback, identity,
    msg::TransportError,
    state::{Agent, State},
    ticket::Ticket,
    timer::{TRIES, TimerKind},
};

/// Asks for the agent's configuration.
pub(crate) fn load(state: &mut State) {
    let attempts = match state.agent {
        Agent::Loading { attempts, .. } => attempts,
        Agent::Unreachable => 0,
        Agent::Ready(_) | Agent::Refused => return,
    };
    let ticket = state.ticket();
    state.agent = Agent::Loading { attempts: attempts + 1, ticket: Some(ticket) };
    state.push(Effect::LoadConfig { ticket });
}

/// Asks once more without waiting, if it is waited for or was given up.
pub(crate) fn again(state: &mut State) {
    if matches!(state.agent, Agent::Loading { ticket: None, .. } | Agent::Unreachable) {
        state.cancel_timer(TimerKind::Agent);
        load(state);
    }
}

#[inline(never)]
pub(crate) fn heard(state: &mut State, ticket: Ticket, result: Result<AgentConfig, TransportError>) {
    let attempts = match state.agent {
        Agent::Loading { attempts, ticket: Some(asked) } if asked == ticket => attempts,
        Agent::Loading { .. } | Agent::Ready(_) | Agent::Unreachable | Agent::Refused => return,
    };
    match result {
        Ok(config) => {
            state.agent = Agent::Ready(Box::new(config));
            feedback::agent_known(state);
            state.emit(EventKind::Ready);
        }
        Err(TransportError::Refused {
            code: code @ (ProblemCode::AgentNotFound | ProblemCode::OriginNotAllowed),
            ..
        }) => {
            state.agent = Agent::Refused;
            state.push(Effect::Warn(String::from("Eloquent: ") + identity::detail(code)));
            state.emit(EventKind::Error { code: code.as_str() });
        }
        Err(_) if attempts < TRIES || !state.online => {
            state.agent = Agent::Loading { attempts, ticket: None };
            let millis = state.pause(attempts);
            state.start_timer(TimerKind::Agent, millis);
        }
        Err(error) => {
            state.agent = Agent::Unreachable;
            state.emit(EventKind::Error { code: error.code() });
        }
    }
}
