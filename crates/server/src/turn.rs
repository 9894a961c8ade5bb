//! One turn of a conversation: a question is made durable, the agent answers, the answer is stored
//! piece by piece and finished whether or not anybody still listens.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, time::Duration};

use eloquent_identity::VerifiedIdentity;
use eloquent_store::{
    Admission, Admitted, Agent, AnswerRef, Caller, Enforcement, Fresh, PostError, Posted, Profile, Question,
    SessionHash, SessionNeed, StoreError, Visitor, Writer,
};
use eloquent_types::{
    chat::{FinishReason, Page},
    conversation::MessageState,
    id::ConversationId,
    session::SessionToken,
    text::MessageText,
};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::{
    agent::{Identity, Turn, builtin, prompt},
    app::App,
    entropy::{self, EntropyError},
    limits::TooMany,
    live::Running,
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

impl From<PostError> for TurnError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::ConversationNotFound => Self::ConversationNotFound,
            PostError::Store(error) => Self::Store(error),
        }
    }
}

/// Admits the visitor and makes the question durable, both in one transaction; then sets the agent to
/// work, unless this very message was already being answered.
///
/// A caller that gives up waiting changes nothing about that: a question that is stored is answered.
pub async fn begin(
    app: &App,
    agent: Agent,
    session: Option<SessionHash>,
    proof: Option<VerifiedIdentity>,
    message: Message,
) -> Result<Begun, TurnError> {
    if agent.enforcement == Enforcement::Require && proof.is_none() {
        return Err(TurnError::IdentityRequired);
    }
    let must_verify = agent.enforcement == Enforcement::Require;
    let token = entropy::session_token()?;
    let fresh = Fresh { session: SessionHash::of(&token), profile: app.mint()?, now: app.now() };
    let caller = Caller { agent: agent.id, session, proof };
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
    let work = Work {
        question: question.text.as_str().to_owned(),
        page: question.page.clone(),
        locale: question.locale.clone(),
        attributes: question.attributes.clone(),
        agent,
    };
    let admit_and_post = move |writer: &Writer<'_>| {
        let admission = writer.admit(&caller, &fresh, SessionNeed::Always)?;
        if must_verify && !matches!(admission.identity, Admitted::Verified { .. }) {
            return Err(TurnError::IdentityRequired);
        }
        let posted = writer.post_question(&admission.visitor, &question)?;
        Ok((admission, posted))
    };
    // A task of its own: a page that is closed just now drops the request, and with it whatever is not
    // in a task, but the question may be stored already.
    let working = app.clone();
    let posting = app.tasks.spawn(async move {
        let (admission, posted) = working.store.write(admit_and_post).await?;
        let Admission { visitor, session_issued, identity: admitted } = admission;
        working.live.ring(posted.conversation);
        if posted.fresh {
            spawn_answer(&working, &visitor, &posted, work);
        }
        Ok(Begun { visitor, admitted, session: session_issued.then_some(token), posted })
    });
    posting.await.unwrap_or(Err(TurnError::Store(StoreError::Panicked)))
}

/// What the agent needs besides what the store holds.
#[derive(Debug)]
struct Work {
    agent: Agent,
    question: String,
    page: Option<Page>,
    locale: Option<String>,
    attributes: BTreeMap<String, String>,
}

fn spawn_answer(app: &App, visitor: &Visitor, posted: &Posted, work: Work) {
    let answer = AnswerRef { conversation: posted.conversation, message: posted.answer.id };
    let running = app.live.begin(posted.conversation, posted.answer.id);
    let (app, visitor) = (app.clone(), visitor.clone());
    app.clone().tasks.spawn(async move {
        let answering = run_answer(&app, &visitor, answer, work, &running);
        let outcome = AssertUnwindSafe(answering).catch_unwind().await;
        if let Err(error) = outcome.unwrap_or(Err(StoreError::Panicked)) {
            tracing::error!(conversation = %answer.conversation, %error, "an answer failed");
            mark_failed(&app, answer).await;
        }
        drop(running);
        app.live.ring(answer.conversation);
    });
}

/// The first pause before a failed answer is marked once more; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Marks a failed answer, as soon as the store takes it: until then its readers wait for more of it.
/// When the server stops first, the next start marks it.
async fn mark_failed(app: &App, answer: AnswerRef) {
    let mut pause = FIRST_PAUSE;
    loop {
        let now = app.now();
        let mark =
            move |writer: &Writer<'_>| writer.finish_answer(&answer, MessageState::Failed, None, &[], now);
        let Err(error) = app.store.write(mark).await else { return };
        tracing::error!(conversation = %answer.conversation, %error, "a failed answer could not be marked");
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

/// How many passages of knowledge are looked up for a question.
const PASSAGES: u32 = 4;
/// How many of the newest messages the agent is given.
const HISTORY: usize = 20;

async fn run_answer(
    app: &App,
    visitor: &Visitor,
    answer: AnswerRef,
    work: Work,
    running: &Running,
) -> Result<(), StoreError> {
    let (agent_id, wanted, asker) = (work.agent.id, work.question.clone(), visitor.clone());
    let (history, passages, profile) = app
        .store
        .read(move |reader| {
            let mut history = reader.history(&answer)?;
            // The question itself is the last of them and is given apart.
            history.pop();
            let older = history.len().saturating_sub(HISTORY);
            history.drain(..older);
            let passages = reader.search(agent_id, &wanted, PASSAGES)?;
            Ok::<_, StoreError>((history, passages, reader.profile_of_visitor(&asker)?))
        })
        .await?;
    let turns: Vec<_> =
        history.iter().map(|message| Turn { role: message.role, text: &message.text }).collect();
    let input = prompt::PromptInput {
        agent_name: &work.agent.name,
        instructions: &work.agent.instructions,
        identity: profile.as_ref().map(identity_of),
        hints: prompt::Hints {
            page: work.page.as_ref(),
            locale: work.locale.as_deref(),
            attributes: Some(&work.attributes),
        },
        passages: &passages,
        history: &turns,
        question: &work.question,
    };
    let context = prompt::build(&input).system;
    let text = builtin::answer(&builtin::BuiltinInput {
        agent_name: &work.agent.name,
        identity: input.identity,
        passages: &passages,
        history: &turns,
        question: &work.question,
    });
    app.store.write(move |writer| writer.record_context(&answer, &context)).await?;
    write_answer(app, answer, &text, running).await
}

/// How many pieces are to be there by now. Where the disk is slower than the pace, several share a
/// commit, and the answer takes no longer for it.
fn due(elapsed: Duration, pace: Duration) -> usize {
    let paces = elapsed.as_nanos().checked_div(pace.as_nanos()).unwrap_or(0);
    usize::try_from(paces).unwrap_or(usize::MAX).saturating_add(1)
}

fn identity_of(profile: &Profile) -> Identity<'_> {
    Identity { user_id: profile.user_id.as_str(), email: profile.email.as_deref(), claims: &profile.claims }
}

/// How an answer's writing came to its end.
enum Ending {
    Whole,
    Stopped,
    ServerStops,
}

async fn write_answer(
    app: &App,
    answer: AnswerRef,
    whole: &builtin::Answer,
    running: &Running,
) -> Result<(), StoreError> {
    let mut ending = Ending::Whole;
    let (pieces, pace) = (builtin::pieces(&whole.text), app.options.pace);
    let (begun, mut written) = (Instant::now(), 0);
    while written < pieces.len() {
        let upto = due(begun.elapsed(), pace).clamp(written + 1, pieces.len());
        let text = pieces.get(written..upto).unwrap_or_default().concat();
        written = upto;
        // Readers are woken after the commit: what was shown is never lost.
        app.store.write(move |writer| writer.append_text(&answer, &text).map(drop)).await?;
        app.live.ring(answer.conversation);
        let next = begun + pace.saturating_mul(u32::try_from(written).unwrap_or(u32::MAX));
        tokio::select! {
            biased;
            () = running.cancelled() => { ending = Ending::Stopped; break }
            () = app.stopping.cancelled() => { ending = Ending::ServerStops; break }
            () = tokio::time::sleep_until(next) => {}
        }
    }
    let (state, reason, sources) = match ending {
        Ending::Whole => (MessageState::Complete, Some(FinishReason::Stop), whole.sources.clone()),
        Ending::Stopped => (MessageState::Stopped, Some(FinishReason::Stopped), Vec::new()),
        Ending::ServerStops => (MessageState::Interrupted, None, Vec::new()),
    };
    let now = app.now();
    app.store.write(move |writer| writer.finish_answer(&answer, state, reason, &sources, now).map(drop)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_disk_makes_pieces_share_a_commit() {
        let millis = Duration::from_millis;
        for (elapsed, pace, expected) in [(0, 12, 1), (11, 12, 1), (12, 12, 2), (150, 12, 13), (150, 0, 1)] {
            assert_eq!(due(millis(elapsed), millis(pace)), expected, "{elapsed} at {pace}");
        }
        assert_eq!(due(Duration::MAX, Duration::from_nanos(1)), usize::MAX);
    }
}
