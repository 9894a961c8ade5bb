//! How a turn opens: everything that is decided and written with the question, in one transaction.

use eloquent_identity::Rejection;
use eloquent_store::{
    Admission, Admitted, Agent, Caller, Enforcement, Fresh, PostError, Posted, Question, SessionHash,
    SessionNeed, StoreError, Surface, Visitor, Writer,
};
use eloquent_types::id::{AgentId, ConversationId};

use super::{Asker, Begun, Message, TurnError};
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
            events: message.events,
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

    /// What the question would be a repetition of.
    pub(super) fn earlier(&self) -> Earlier {
        let Caller { agent, session, .. } = self.caller;
        Earlier { agent, session, client_id: self.question.client_id.clone() }
    }

    /// Writes it, or says why not; then nothing of it is left.
    pub(super) async fn open(self, app: &App) -> Result<(Admission, Posted), Refusal> {
        // Before the writer is troubled.
        if self.must_verify && self.entry.verdict().is_err() {
            return Err(Refusal::of(TurnError::IdentityRequired, self.entry));
        }
        let limits = app.clone();
        app.store.write(move |writer| self.run(writer, &limits.limiters)).await
    }

    fn run(self, writer: &Writer<'_>, limiters: &Limiters) -> Result<(Admission, Posted), Refusal> {
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

/// A question that may have been taken before, with a session that stands alone now.
pub(super) struct Earlier {
    agent: AgentId,
    session: Option<SessionHash>,
    client_id: String,
}

impl Earlier {
    /// The turn that this very question began, if the session alone may read it.
    async fn find(self, app: &App) -> Result<Option<(Visitor, Posted)>, StoreError> {
        let Self { agent, session: session @ Some(_), client_id } = self else { return Ok(None) };
        let caller = Caller { agent, session, proof: None };
        app.store
            .read(move |reader| {
                let visitor = reader.visitor(&caller)?;
                Ok(reader.posted(&visitor, &client_id)?.map(|posted| (visitor, posted)))
            })
            .await
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

    /// Where an identity was wanted and the question was taken before, what was begun then: whoever lost the
    /// response gets it, also when the token has ended meanwhile. It is no more than reading.
    pub(super) async fn unless_repeated(self, app: &App, earlier: Earlier) -> Result<Begun, TurnError> {
        if !matches!(self.error, TurnError::IdentityRequired) {
            return Err(self.leave_trace(app));
        }
        let Some((visitor, posted)) = earlier.find(app).await? else { return Err(self.leave_trace(app)) };
        let blocked = self.entry.as_ref().is_some_and(|entry| entry.verdict() == Err(Rejection::Blocked));
        self.leave_attempt(app, posted.conversation);
        let admitted = if blocked { Admitted::Blocked } else { Admitted::Anonymous };
        Ok(Begun { visitor, admitted, session: None, posted })
    }

    /// Logs the token's verdict, if there was one, with the conversation.
    fn leave_attempt(self, app: &App, conversation: ConversationId) {
        if let Some(entry) = self.entry.filter(|entry| entry.was_presented()) {
            identity_log::write_beside(app, move |writer| entry.record(writer, Some(conversation), None));
        }
    }

    /// Leaves its trace: a question that was refused for want of an identity is logged, with or without a
    /// token, and counted; of any other, the token's verdict is logged.
    fn leave_trace(self, app: &App) -> TurnError {
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
