//! What the server and the page reply in a walk: anything at all, or, when it is to come to rest, what
//! is asked for.

use eloquent_types::{
    chat::{FailureCode, FinishReason, IdentityStatus, Status, StatusKind, StreamEvent},
    conversation::{MessageState, MessageView, Role},
    id::MessageId,
    identify::{IdentifyResponse, IdentityCode},
    problem::ProblemCode,
};

use super::{super::samples::*, USERS, World, mark};
use crate::{
    IdentityToken, Msg, Ticket, TransportError,
    state::Agent,
    thread::{Line, Step as Fetching},
    visitor::Identity,
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
        let event = match a % 13 {
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
            11 if b.is_multiple_of(2) => {
                let kinds =
                    [StatusKind::Typing, StatusKind::Assigned, StatusKind::Resolved, StatusKind::Waiting];
                StreamEvent::Status(Status { status: kinds[usize::from(b / 2 % 4)], operator: Some(text) })
            }
            11 if b % 4 == 1 => return self.send(Msg::StreamAlive { ticket }),
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
                let mut found = list(known);
                found.conversations.iter_mut().for_each(|summary| summary.title.clone_from(&text));
                Msg::Conversations { ticket, result: if bad { Err(any_error(b)) } else { Ok(found) } }
            }
            "FetchConversation" => {
                let state = [MessageState::Streaming, MessageState::Complete][usize::from(b / 4 % 2)];
                let mut messages = self.older(b % 80, &text);
                let is_page = self.machine.state.visitor.thread.window.page.as_ref();
                if !is_page.is_some_and(|page| page.is_asked(ticket)) {
                    let text = if b.is_multiple_of(3) { "" } else { &text };
                    messages.push(message_view(7000, Role::Visitor, MessageState::Complete, text));
                    messages.push(message_view(7001, Role::Agent, state, text));
                }
                let mut found = conversation_view(person.into(), messages, "c");
                found.earlier = b.is_multiple_of(2);
                found.operator = b.is_multiple_of(16).then_some(text);
                Msg::Conversation { ticket, result: if bad { Err(any_error(b)) } else { Ok(found) } }
            }
            "SendFeedback" => Msg::Feedback { ticket, result: if bad { Err(any_error(b)) } else { Ok(()) } },
            "RequestHandover" => {
                Msg::Handover { ticket, result: if bad { Err(any_error(b)) } else { Ok(()) } }
            }
            _ => return self.stream_says(ticket, person, a / 4, b),
        };
        self.send(msg);
    }

    /// So many messages that were never heard of.
    fn older(&mut self, count: u8, text: &str) -> Vec<MessageView> {
        let mut messages = Vec::new();
        for _ in 0..count {
            self.next_message += 1;
            messages.push(message_view(self.next_message, Role::Operator, MessageState::Complete, text));
        }
        messages
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

    /// Goes on with what is awaited of the open stream; whether anything is.
    pub(super) fn serve(&mut self) -> bool {
        let Some(ticket) = self.machine.open_stream() else { return false };
        self.next_message += 10;
        let thread = &self.machine.state.visitor.thread;
        let ahead = thread.question.as_ref().and_then(|question| question.ahead);
        let event = match (&thread.line, thread.writing, ahead) {
            (Line::Sending { .. }, ..) => {
                let verified = self.machine.view().panel.verified;
                let status = if verified { IdentityStatus::Verified } else { IdentityStatus::Anonymous };
                accepted_as(self.person.into(), self.next_message, status, None)
            }
            _ if !thread.is_answering() => return false,
            (_, Some(answer), _) => done(answer.as_u128()),
            (_, None, Some(ahead)) => {
                let text = self.mark();
                let echo = message_view(ahead.as_u128(), Role::Visitor, MessageState::Complete, &text);
                StreamEvent::Message(echo)
            }
            (_, None, None) => delta(self.next_message, 0, &[&self.mark()]),
        };
        self.send(Msg::Stream { ticket, id: Some("r".into()), event });
        true
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
            "SendFeedback" => visitor.thread.ratings.iter().any(|flight| flight.ticket == ticket),
            "RequestHandover" => visitor.thread.handover == Some(ticket),
            _ => {
                let listing = visitor.list.as_ref().and_then(|list| list.step);
                let page = visitor.thread.window.page.as_ref().map(|page| page.step);
                [fetching, listing, page].contains(&Some(Fetching::Asked(ticket)))
            }
        };
        let Some(&(ticket, kind, person)) = self.asked.iter().find(awaited) else { return false };
        self.send(match kind {
            "LoadConfig" => Msg::Config { ticket, result: Ok(config()) },
            "Identify" => Msg::Identify { ticket, result: Ok(self.verdict(ticket, 2)) },
            "GetToken" => Msg::Token { ticket, token: self.given(7) },
            "ListConversations" => Msg::Conversations { ticket, result: Ok(list(&[person.into()])) },
            "SendFeedback" => Msg::Feedback { ticket, result: Ok(()) },
            // That nobody came after all ends the waiting.
            "RequestHandover" => Msg::Handover { ticket, result: Err(TransportError::Unreachable) },
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
