//! The server that the page benchmark measures against: the real service on the real store, with what no
//! demo has: an agent whose every answer is 2,000 pieces long and comes at the pace of a fast model, and a
//! conversation of 10,000 messages.
//!
//! It is driven by `run.mjs` beside it: prints one line of JSON when it listens, reads commands from its
//! standard input, one per line, and ends when that ends. It is no part of the product.
//!
//! Nothing of the protocol is made up: the built-in agent is asked as ever, and is given a pace at which it
//! writes its first word and waits; the rest of the answer is written here, into the same answer, by the
//! same calls of the store.
#![expect(clippy::print_stdout, reason = "the benchmark reads what this prints")]

use std::{error::Error, io, time::Duration};

use eloquent_server::{
    agent::builtin,
    app::{App, Options},
    clock::{Clock as _, SystemClock},
    entropy, http,
    limits::Limits,
};
use eloquent_store::{
    AgentScope, AnswerEnd, AnswerRef, Caller, ConversationFilter, Fresh, MasterKey, NewAgent, NewCompany,
    PostError, Question, Reader, SessionHash, SessionNeed, Store, StoreError, Writer,
};
use eloquent_types::{
    chat::FinishReason,
    conversation::MessageState,
    id::{ConversationId, Id},
    session::SessionToken,
    text::MessageText,
    time::Timestamp,
};
use tokio::{net::TcpListener, time::Instant};

type Failure = Box<dyn Error + Send + Sync>;

/// How many pieces an answer has, and the pause between two: ten seconds in all.
const PIECES: usize = 2_000;
const PACE: Duration = Duration::from_millis(5);

/// How many questions with their answers a filled conversation gets.
const TURNS: usize = 5_000;

/// The built-in agent's pace: after its first word it is not heard of again.
const WAIT: Duration = Duration::from_secs(10);

/// How soon a question is found that waits for its answer.
const LOOK_EACH: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("eloquent.sqlite"), &MasterKey::from_bytes([7; 32]))?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let options = Options { pace: WAIT, limits: Limits::none(), ..Options::new(url.clone()) };
    let app = App::new(store.clone(), SystemClock, options);
    let (streaming, history) = seed(&store).await?;
    println!(
        "{}",
        serde_json::json!({ "url": url, "stream": streaming.agent_id(), "history": history.agent_id() })
    );
    tokio::select! {
        served = http::serve(listener, app.clone(), std::future::pending()) => served?,
        written = write_answers(&app, streaming) => written?,
        obeyed = obey(&app, history) => obeyed?,
    }
    Ok(())
}

async fn seed(store: &Store) -> Result<(AgentScope, AgentScope), Failure> {
    let now = SystemClock.now();
    let company = NewCompany { id: mint(now)?, name: "Benchmark".to_owned(), now };
    let (streaming, history) = (agent("Stream", now)?, agent("History", now)?);
    let write = move |writer: &Writer<'_>| {
        let company = writer.create_company(&company)?;
        Ok::<_, StoreError>((
            writer.create_agent(&company, &streaming)?,
            writer.create_agent(&company, &history)?,
        ))
    };
    Ok(store.write(write).await?)
}

fn agent(name: &str, now: Timestamp) -> Result<NewAgent, Failure> {
    Ok(NewAgent {
        id: mint(now)?,
        name: name.to_owned(),
        greeting: "Hello!".to_owned(),
        instructions: String::new(),
        starters: Vec::new(),
        accent: None,
        locale: None,
        allowed_origins: Vec::new(),
        now,
    })
}

fn mint<K>(now: Timestamp) -> Result<Id<K>, Failure> {
    Ok(Id::mint(now, entropy::bytes()?))
}

/// Answers whatever is asked of the agent, one question after another.
async fn write_answers(app: &App, scope: AgentScope) -> Result<(), Failure> {
    let whole = long_text();
    loop {
        tokio::time::sleep(LOOK_EACH).await;
        let find = move |reader: &Reader<'_>| open_answer(reader, &scope);
        if let Some(answer) = app.store.read(find).await? {
            write_answer(app, answer, &whole).await?;
        }
    }
}

/// The answer of the newest conversation, while it is being written and has begun.
fn open_answer(reader: &Reader<'_>, scope: &AgentScope) -> Result<Option<AnswerRef>, StoreError> {
    let newest = reader.conversations(scope, &ConversationFilter::default(), 1, 0)?;
    let Some(row) = newest.first() else { return Ok(None) };
    let Some(record) = reader.conversation(scope, row.id)? else { return Ok(None) };
    let last = record.messages.last();
    let open = last.filter(|message| message.state == MessageState::Streaming && !message.text.is_empty());
    Ok(open.map(|message| AnswerRef { conversation: row.id, message: message.id }))
}

async fn write_answer(app: &App, answer: AnswerRef, whole: &str) -> Result<(), Failure> {
    let pieces = builtin::pieces(whole);
    let (begun, mut written) = (Instant::now(), 0);
    while written < pieces.len() {
        // Where the disk is slower than the pace, several pieces share a commit.
        let due = usize::try_from(begun.elapsed().as_nanos() / PACE.as_nanos())? + 1;
        let upto = due.clamp(written + 1, pieces.len());
        let text = pieces.get(written..upto).unwrap_or_default().concat();
        written = upto;
        app.store.write(move |writer| writer.append_text(&answer, &text).map(drop)).await?;
        app.live.ring(answer.conversation);
        tokio::time::sleep_until(begun + PACE * u32::try_from(written)?).await;
    }
    finish(app, answer).await
}

async fn finish(app: &App, answer: AnswerRef) -> Result<(), Failure> {
    let now = app.now();
    let end = move |writer: &Writer<'_>| {
        writer
            .finish_answer(&answer, &AnswerEnd::of(MessageState::Complete, Some(FinishReason::Stop)), now)
            .map(drop)
    };
    app.store.write(end).await?;
    app.live.stop_answers(answer.conversation);
    app.live.ring(answer.conversation);
    Ok(())
}

/// Follows the commands on the standard input to its end.
async fn obey(app: &App, history: AgentScope) -> Result<(), Failure> {
    loop {
        let line = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        let line = line.await??;
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            [] => return Ok(()),
            ["fill", session] => {
                let filled = fill(app, history, session).await?;
                println!("{}", serde_json::json!({ "filled": filled }));
            }
            _ => return Err(format!("no command: {line:?}").into()),
        }
    }
}

/// Fills the newest conversation of the visitor with this session. Gives its number of messages.
async fn fill(app: &App, scope: AgentScope, session: &str) -> Result<usize, Failure> {
    let open = app.store.read(move |reader| open_answer(reader, &scope)).await?;
    if let Some(answer) = open {
        finish(app, answer).await?;
    }
    let session = SessionHash::of(&SessionToken::parse(session)?);
    let now = app.now();
    let mut ids = Vec::with_capacity(TURNS);
    for _ in 0..TURNS {
        ids.push((mint(now)?, mint(now)?));
    }
    let fresh = Fresh { session, profile: mint(now)?, now };
    let caller = Caller { agent: scope.agent_id(), session: Some(session), proof: None };
    let write = move |writer: &Writer<'_>| {
        let visitor = writer.admit(&caller, &fresh, SessionNeed::Always)?.visitor;
        let rows = writer.conversations(&scope, &ConversationFilter::default(), 1, 0)?;
        let Some(conversation) = rows.first().map(|row| row.id) else {
            return Err(PostError::ConversationNotFound);
        };
        for (turn, (id, answer_id)) in ids.into_iter().enumerate() {
            let text = MessageText::parse(question(turn)).map_err(|_| PostError::ConversationNotFound)?;
            let question = turn_of(conversation, id, answer_id, text, turn, now);
            let posted = writer.post_question(&visitor, &question)?;
            let answer = posted.answer_ref().ok_or(PostError::ConversationNotFound)?;
            writer.append_text(&answer, &short_answer(turn))?;
            let end = AnswerEnd::of(MessageState::Complete, Some(FinishReason::Stop));
            writer.finish_answer(&answer, &end, now)?;
        }
        let filled = writer.conversation(&scope, conversation)?.map_or(0, |record| record.messages.len());
        Ok(filled)
    };
    Ok(app.store.write(write).await?)
}

fn turn_of(
    conversation: ConversationId,
    id: eloquent_types::id::MessageId,
    answer_id: eloquent_types::id::MessageId,
    text: MessageText,
    turn: usize,
    now: Timestamp,
) -> Question {
    Question {
        conversation: Some(conversation),
        new_conversation: conversation,
        id,
        answer_id,
        client_id: format!("00000000-0000-4000-8000-{turn:012x}"),
        text,
        page: None,
        locale: None,
        attributes: std::collections::BTreeMap::new(),
        events: Vec::new(),
        now,
    }
}

fn question(turn: usize) -> String {
    format!(
        "Question {turn}: how long does delivery take, and can I change the address of an order that is on its way?"
    )
}

fn short_answer(turn: usize) -> String {
    format!(
        "Answer {turn}. Orders leave us **within one working day**; delivery takes two more, abroad up to a week.\n\n\
        - Until the parcel has left, change the address in *Orders*.\n- After that, the carrier's page can do it: \
        the link is in the mail that said it was on its way.\n\n\
        Tell me the number of the order, and I will look up where it is."
    )
}

/// An answer with everything that answers have: headings, lists, a table, code, links.
fn long_text() -> String {
    let mut text = String::new();
    let mut part = 0;
    while builtin::pieces(&text).len() < PIECES {
        part += 1;
        text.push_str(&section(part));
    }
    let pieces = builtin::pieces(&text);
    pieces.get(..PIECES).unwrap_or(&pieces).concat()
}

fn section(part: u32) -> String {
    format!(
        "## Step {part}: look after the machine\n\n\
        Descale it **every two months**, or *sooner* where the water is hard, with `200 ml` of the descaler; the \
        [instructions](https://help.example.com/{part}) say how hard your water is, and what else there is to do. \
        Nothing of this takes longer than half an hour, and most of that time is spent waiting.\n\n\
        1. Empty the tank, take the filter out, and fill in the descaler with water up to the mark.\n\
        2. Press and hold the steam button for five seconds, until the orange lamp blinks twice.\n\
        3. Let a third of the tank run through the group head, and another third through the wand.\n\n\
        | Water | How often | Descaler |\n|---|:-:|--:|\n| soft | four months | 150 ml |\n| hard | one month | 250 ml |\n\n\
        ```sh\nmachine --status\nmachine --rinse {part}\n```\n\n"
    )
}
