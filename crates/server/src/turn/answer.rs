//! The answer to a question: worked out, then written piece by piece, to its end whoever listens.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, time::Duration};

use eloquent_store::{Agent, AnswerEnd, AnswerRef, StoreError, Visitor, Writer};
use eloquent_types::{
    chat::{FinishReason, Page},
    conversation::MessageState,
};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Message;
use crate::{
    agent::{self, Known, Turn, builtin, prompt},
    app::App,
    live::Running,
};

/// What the agent needs besides what the store holds.
#[derive(Debug)]
pub(super) struct Work {
    agent: Agent,
    question: String,
    page: Option<Page>,
    locale: Option<String>,
    attributes: BTreeMap<String, String>,
}

impl Work {
    pub(super) fn on(agent: &Agent, message: &Message) -> Self {
        Self {
            agent: agent.clone(),
            question: message.text.as_str().to_owned(),
            page: message.page.clone(),
            locale: message.locale.clone(),
            attributes: message.attributes.clone(),
        }
    }
}

pub(super) fn spawn(app: &App, visitor: &Visitor, answer: AnswerRef, work: Work) {
    let running = app.live.begin(answer.conversation, answer.message);
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
        let failed = AnswerEnd::of(MessageState::Failed, None);
        let mark = move |writer: &Writer<'_>| writer.finish_answer(&answer, &failed, now);
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
    let (history, events, passages, profile, policies) = app
        .store
        .read(move |reader| {
            let mut history = reader.history(&answer)?;
            // The question itself is the last of them and is given apart.
            history.pop();
            let older = history.len().saturating_sub(HISTORY);
            history.drain(..older);
            let passages = reader.search(agent_id, &wanted, PASSAGES)?;
            let profile = reader.profile_of_visitor(&asker)?;
            let events = reader.page_events(answer.conversation)?;
            Ok::<_, StoreError>((history, events, passages, profile, reader.claim_policies(agent_id)?))
        })
        .await?;
    let turns: Vec<_> =
        history.iter().map(|message| Turn { role: message.role, text: &message.text }).collect();
    let known = profile.as_ref().map(|profile| Known::of(profile, &policies));
    let attributes = agent::permitted(&work.attributes, known.as_ref(), &policies);
    let events = agent::permitted_events(events, known.as_ref(), &policies);
    let hints = prompt::Hints {
        page: work.page.as_ref(),
        locale: work.locale.as_deref(),
        attributes: Some(&attributes),
        events: &events,
    };
    let context = agent::system_context(&work.agent, known.as_ref(), hints, &passages);
    let text = builtin::answer(&builtin::BuiltinInput {
        agent_name: &work.agent.name,
        identity: known.as_ref().map(Known::identity),
        passages: &passages,
        history: &turns,
        question: &work.question,
        starters: &work.agent.starters,
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
    let end = match ending {
        Ending::Whole => AnswerEnd {
            state: MessageState::Complete,
            finish_reason: Some(FinishReason::Stop),
            sources: whole.sources.clone(),
            suggestions: whole.suggestions.clone(),
        },
        Ending::Stopped => AnswerEnd::of(MessageState::Stopped, Some(FinishReason::Stopped)),
        Ending::ServerStops => AnswerEnd::of(MessageState::Interrupted, None),
    };
    let now = app.now();
    app.store.write(move |writer| writer.finish_answer(&answer, &end, now).map(drop)).await
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
