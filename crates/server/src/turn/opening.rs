//! How a turn opens: everything that is decided and written with the question, in one transaction.

use eloquent_store::{
    Admission, Admitted, Agent, Caller, Enforcement, Fresh, PostError, Posted, Question, SessionHash,
    SessionNeed, StoreError, Surface, Writer,
};

use super::{Asker, Message, TurnError};
use crate::{
    app::App,
    client_address::ClientAddress,
    entropy::EntropyError,
    identity_log::{self, Entry},
    limits::Limiters,
};

/// A question that is about to be asked.
pub(super) struct Opening {
    caller: Caller,
    fresh: Fresh,
    question: Question,
    entry: Entry,
    must_verify: bool,
    address: Option<ClientAddress>,
}

impl Opening {
    /// Mints what may be needed; `session` is the hash of a token that is given out if one is.
    pub(super) fn prepare(
        app: &App,
        agent: &Agent,
        asker: Asker,
        message: Message,
        session: SessionHash,
    ) -> Result<Self, EntropyError> {
        let entry = Entry::new(app, agent, Surface::Chat, asker.judgement.as_ref(), asker.origin);
        let proof = asker.judgement.and_then(|judgement| judgement.outcome.ok());
        let fresh = Fresh { session, profile: app.mint()?, now: app.now() };
        let question = Question {
            conversation: message.conversation,
            new_conversation: app.mint()?,
            id: app.mint()?,
            answer_id: app.mint()?,
            client_id: message.client_id,
            text: message.text,
            page: message.page,
            locale: message.locale,
            attributes: message.attributes,
            now: fresh.now,
        };
        Ok(Self {
            caller: Caller { agent: agent.id, session: asker.session, proof },
            fresh,
            question,
            entry,
            must_verify: agent.enforcement == Enforcement::Require,
            address: asker.address,
        })
    }

    /// Refuses a question without an identity to an agent that requires one, before the writer is
    /// troubled.
    pub(super) fn require_identity(self) -> Result<Self, Refusal> {
        if self.must_verify && self.entry.verdict().is_err() {
            return Err(Refusal::of(TurnError::IdentityRequired, self.entry));
        }
        Ok(self)
    }

    /// Writes it. What fails here leaves nothing.
    pub(super) fn run(
        self,
        writer: &Writer<'_>,
        limiters: &Limiters,
    ) -> Result<(Admission, Posted), Refusal> {
        let admission = writer.admit(&self.caller, &self.fresh, SessionNeed::Always)?;
        let entry = match admission.identity {
            Admitted::Blocked => self.entry.blocked(),
            Admitted::Anonymous | Admitted::Verified { .. } => self.entry,
        };
        let anonymous = entry.verdict().is_err();
        if self.must_verify && anonymous {
            return Err(Refusal::of(TurnError::IdentityRequired, entry));
        }
        if admission.session_issued && anonymous {
            limiters.begin_session(self.address.as_ref()).map_err(TurnError::TooManySessions)?;
        }
        let posted = match writer.post_question(&admission.visitor, &self.question) {
            Ok(posted) => posted,
            Err(PostError::ConversationNotFound) => {
                return Err(Refusal::of(TurnError::ConversationNotFound, entry));
            }
            Err(PostError::Store(error)) => return Err(error.into()),
        };
        if entry.was_presented() {
            entry.record(writer, Some(posted.conversation), admission.visitor.verified_profile())?;
        }
        if posted.fresh {
            entry.count(writer)?;
        }
        Ok((admission, posted))
    }
}

/// A question that is not taken, and what the identity log says of it.
pub(super) struct Refusal {
    error: TurnError,
    entry: Option<Box<Entry>>,
}

impl From<TurnError> for Refusal {
    fn from(error: TurnError) -> Self {
        Self { error, entry: None }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        TurnError::from(error).into()
    }
}

impl Refusal {
    fn of(error: TurnError, entry: Entry) -> Self {
        Self { error, entry: Some(Box::new(entry)) }
    }

    /// Leaves its trace: a question that was refused for want of an identity is logged, with or without a
    /// token, and counted; of any other, the token's verdict is logged.
    pub(super) fn leave_trace(self, app: &App) -> TurnError {
        let required = matches!(self.error, TurnError::IdentityRequired);
        if let Some(entry) = self.entry.filter(|entry| required || entry.was_presented()) {
            identity_log::write_beside(app, move |writer| {
                entry.record(writer, None, None)?;
                if required { entry.count(writer) } else { Ok(()) }
            });
        }
        self.error
    }
}
