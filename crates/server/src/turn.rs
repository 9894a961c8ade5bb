//! One turn of a conversation: a question is made durable, the agent answers, the answer is stored
//! piece by piece and finished whether or not anybody still listens.

mod answer;
mod opening;

use std::collections::BTreeMap;

use eloquent_identity::Judgement;
use eloquent_store::{Admission, Admitted, Agent, Posted, SessionHash, StoreError, Visitor};
use eloquent_types::{
    chat::{Page, PageEvent},
    id::ConversationId,
    session::SessionToken,
    text::MessageText,
};

use self::opening::Opening;
use crate::{
    app::App,
    client_address::ClientAddress,
    entropy::{self, EntropyError},
    limits::TooMany,
};

/// A visitor's message, checked.
#[derive(Debug)]
pub struct Message {
    /// The client's UUID, in lower case.
    pub client_id: String,
    /// What was written.
    pub text: MessageText,
    /// The conversation that it continues.
    pub conversation: Option<ConversationId>,
    /// The page on which it was written: a hint.
    pub page: Option<Page>,
    /// The visitor's language: a hint.
    pub locale: Option<String>,
    /// What the page says of the visitor: hints.
    pub attributes: BTreeMap<String, String>,
    /// What the page says has happened, the oldest first: hints.
    pub events: Vec<PageEvent>,
}

/// A turn that has begun: the question is durable.
#[derive(Debug)]
pub struct Begun {
    /// Who asked.
    pub visitor: Visitor,
    /// As whom.
    pub admitted: Admitted,
    /// The session that was issued, if one was.
    pub session: Option<SessionToken>,
    /// The question and its answer.
    pub posted: Posted,
}

/// Why a turn did not begin. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The agent answers verified visitors only.
    #[error("the agent answers verified visitors only")]
    IdentityRequired,
    /// Too many anonymous sessions were begun from the visitor's address.
    #[error("too many anonymous sessions were begun from this address")]
    TooManySessions(TooMany),
    /// The conversation does not exist, or is not the visitor's.
    #[error("no such conversation for this visitor")]
    ConversationNotFound,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Who asks.
#[derive(Debug)]
pub struct Asker {
    /// The session presented, known or not.
    pub session: Option<SessionHash>,
    /// What became of the identity token; `None` where there was none.
    pub judgement: Option<Judgement>,
    /// The origin of the page, as the browser told it.
    pub origin: Option<String>,
    /// The address from which the request came, where it is known.
    pub address: Option<ClientAddress>,
}

/// Admits the visitor and makes the question durable, both in one transaction, with what the identity
/// log and the coverage say of it; then sets the agent to work, unless this very message was already
/// being answered.
///
/// Where the agent requires an identity, a question without one leaves nothing but its trace in the log
/// and the coverage. Reading and `identify` are no business of that: who has a conversation goes on
/// reading it; so a question that was taken before gets its answer again with the session alone.
///
/// A caller that gives up waiting changes nothing about all that: a question that is stored is answered.
pub async fn begin(app: &App, agent: Agent, asker: Asker, message: Message) -> Result<Begun, TurnError> {
    let token = entropy::session_token()?;
    let work = answer::Work::on(&agent, &message);
    let opening = Opening::prepare(app, &agent, asker, message, SessionHash::of(&token))?;
    let earlier = opening.earlier();
    // A task of its own: a page that is closed just now drops the request, and with it whatever is not
    // in a task, but the question may be stored already.
    let working = app.clone();
    let posting = app.tasks.spawn(async move {
        let (admission, posted) = match opening.open(&working).await {
            Ok(opened) => opened,
            Err(refusal) => return refusal.unless_repeated(&working, earlier).await,
        };
        let Admission { visitor, session_issued, identity: admitted } = admission;
        working.live.ring(posted.conversation);
        if let (true, Some(answer)) = (posted.fresh, posted.answer_ref()) {
            answer::spawn(&working, &visitor, answer, work);
        }
        Ok(Begun { visitor, admitted, session: session_issued.then_some(token), posted })
    });
    posting.await.unwrap_or(Err(TurnError::Store(StoreError::Panicked)))
}
