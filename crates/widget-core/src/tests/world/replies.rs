//! What the server and the page reply in a walk: anything at all, or, when it is to come to rest, what
//! is asked for.

use eloquent_types::{
    chat::{FailureCode, FinishReason, IdentityStatus, StreamEvent},
    conversation::{MessageState, Role},
    id::MessageId,
    identify::{IdentifyResponse, IdentityCode},
    problem::ProblemCode,
};

use super::{super::samples::*, USERS, World, mark};
use crate::{
    IdentityToken, Msg, Ticket, TransportError, state::Agent, thread::{Line, Step as Fetching}, visitor::Identity,
};

impl World {
    /// An event of any stream there ever was; most of them come from the open one.
    pub(super) fn stream_says(&mut self, ticket: Ticket, person: u8, a: u8, b: u8) {
        self.next_message += 1;
        let text = mark(person);
        let answer = self.machine.state.visitor.thread.writing;
        let answer = answer.map_or(self.next_message, MessageId::as_u128);
        let status = if b.is_multiple_of(4) { IdentityStatus::Anonymous } else { IdentityStatus::Verified };
        let code = [None, Some(IdentityCode::TokenExpired)][usize::from(b / 4 % 2)];
        let verified = matches!(self.machine.state.visitor.identity, Identity::Verified { .. });
        let event = match a % 12 {
            0..=3 => {
                let status = if verified { status } else { IdentityStatus::Anonymous };
                let mut event = accepted_as(person.into(), self.next_message, status, code);
                if let (StreamEvent::Accepted(accepted), true) = (&mut event, self.user.is_some()) {
                    accepted.session = None;
                }
                event
            }
            4..=6 => delta(answer, u32::from(b % 3), &[&text, &text]),
            7 => done(answer),
            8 => done_by(self.next_message, FinishReason::Stopped),
            9 => failure(FailureCode::AgentFailed, b.is_multiple_of(2)),
            10 => {
                let role = [Role::Operator, Role::Visitor, Role::Agent][usize::from(b) % 3];
                StreamEvent::Message(message_view(self.next_message, role, MessageState::Complete, &text))
            }
            _ => {
                let result = if b.is_multiple_of(3) { Ok(()) } else { Err(any_error(b)) };
                return self.send(Msg::StreamEnded { ticket, result });
            }
        };
        let id = (!b.is_multiple_of(8)).then(|| b.to_string());
        self.send(Msg::Stream { ticket, id, event });
    }

    /// An answer to a request, old ones and answered ones included.
    pub(super) fn answer(&mut self, a: u8, b: u8) {
        let back = usize::from(a % 4).saturating_sub(1).min(self.asked.len().saturating_sub(1));
        let (ticket, kind, person) = self.asked[self.asked.len() - 1 - back];
        let bad = b.is_multiple_of(4);
        let text = mark(person);
        let msg = match kind {
            "LoadConfig" => {
                Msg::Config { ticket, result: if bad { Err(any_error(b)) } else { Ok(config()) } }
            }
            "Identify" => {
                let result = if bad { Err(any_error(b)) } else { Ok(self.verdict(ticket, b)) };
                Msg::Identify { ticket, result }
            }
            "GetToken" => Msg::Token { ticket, token: self.given(b) },
            "ListConversations" => {
                let known: &[u128] = if b.is_multiple_of(3) { &[] } else { &[person.into()] };
                Msg::Conversations { ticket, result: if bad { Err(any_error(b)) } else { Ok(list(known)) } }
            }
            "FetchConversation" => {
                let state = [MessageState::Streaming, MessageState::Complete][usize::from(b / 4 % 2)];
                let messages = vec![
                    message_view(7000, Role::Visitor, MessageState::Complete, &text),
                    message_view(7001, Role::Agent, state, if b.is_multiple_of(3) { "" } else { &text }),
                ];
                let found = conversation_view(person.into(), messages, "c");
                Msg::Conversation { ticket, result: if bad { Err(any_error(b)) } else { Ok(found) } }
            }
            _ => return self.stream_says(ticket, person, a / 4, b),
        };
        self.send(msg);
    }

    /// What the server makes of the token that was sent under the ticket.
    fn verdict(&self, ticket: Ticket, b: u8) -> IdentifyResponse {
        let pending = self.machine.state.visitor.identifying.as_ref();
        let sent =
            pending.filter(|pending| pending.ticket == Some(ticket)).map(|pending| pending.token.clone());
        let user = sent.as_ref().and_then(|sent| user_of(sent.expose())).unwrap_or("eve");
        match b % 4 {
            1 => not_verified(IdentityCode::TokenExpired),
            2 => verified(user, true),
            // From no time at all to some hours.
            _ => verified_for(user, self.machine.now, (1 << (b % 24)) - 1),
        }
    }

    /// What the page's `getToken` gives.
    pub(super) fn given(&self, b: u8) -> Option<IdentityToken> {
        let user = self.user.as_deref().unwrap_or(USERS[0]);
        match b % 8 {
            0 => None,
            1 => Some(IdentityToken::new("")),
            2 => Some(token(user)),
            3 => Some(fresh_token(USERS[usize::from(b) % USERS.len()], b.into())),
            _ => Some(fresh_token(user, b.into())),
        }
    }

    pub(super) fn serve(&mut self, ticket: Ticket) {
        self.next_message += 10;
        let thread = &self.machine.state.visitor.thread;
        let event = match (&thread.line, thread.writing) {
            (Line::Sending { .. }, _) => {
                let verified = self.machine.view().panel.verified;
                let status = if verified { IdentityStatus::Verified } else { IdentityStatus::Anonymous };
                accepted_as(self.person.into(), self.next_message, status, None)
            }
            (_, None) => delta(self.next_message, 0, &[&self.mark()]),
            (_, Some(answer)) => done(answer.as_u128()),
        };
        self.send(Msg::Stream { ticket, id: Some("r".into()), event });
    }

    pub(super) fn answer_well(&mut self) -> bool {
        let visitor = &self.machine.state.visitor;
        let fetching = visitor.thread.fetch.as_ref().map(|fetch| fetch.step);
        let identifying = visitor.identifying.as_ref().and_then(|identifying| identifying.ticket);
        let question = visitor.renewal.question();
        let awaited = |&&(ticket, kind, _): &&(Ticket, &str, u8)| match kind {
            "LoadConfig" => matches!(
                self.machine.state.agent,
                Agent::Loading { ticket: Some(asked), .. } if asked == ticket
            ),
            "Identify" => identifying == Some(ticket),
            "GetToken" => question == Some(ticket),
            _ => fetching == Some(Fetching::Asked(ticket)),
        };
        let Some(&(ticket, kind, person)) = self.asked.iter().find(awaited) else { return false };
        self.send(match kind {
            "LoadConfig" => Msg::Config { ticket, result: Ok(config()) },
            "Identify" => Msg::Identify { ticket, result: Ok(self.verdict(ticket, 2)) },
            "GetToken" => Msg::Token { ticket, token: self.given(7) },
            "ListConversations" => Msg::Conversations { ticket, result: Ok(list(&[person.into()])) },
            _ => Msg::Conversation { ticket, result: Ok(conversation_view(person.into(), vec![], "c")) },
        });
        true
    }
}

fn any_error(choice: u8) -> TransportError {
    let code = ProblemCode::ALL[usize::from(choice / 3) % ProblemCode::ALL.len()];
    match choice % 3 {
        0 => TransportError::Unreachable,
        1 => TransportError::Unexpected,
        _ => TransportError::Refused { code, retry_after: choice.is_multiple_of(2).then_some(choice.into()) },
    }
}
