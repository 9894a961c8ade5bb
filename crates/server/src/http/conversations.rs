//! Reading conversations: the list, one of them, its live events; and stopping an answer.
//!
//! Each request names its owner through [`visitor::reading_visitor`], and each look into the store
//! checks that owner again, so that a stream ends with the right to read it.

use std::{collections::VecDeque, convert::Infallible, str::FromStr, time::Duration};

use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use eloquent_store::{Agent, ConversationStatus, NewRating, PageError, RatingError, Visitor};
use eloquent_types::{
    chat::Format,
    conversation::{ConversationList, ConversationView, Rating},
    id::{ConversationId, ConversationKind, Id, MessageId, MessageKind},
    problem::ProblemCode,
    sse::{Frame, KEEP_ALIVE},
    time::Timestamp,
};
use futures_util::stream;
use serde::Deserialize;
use serde_json::Value;

use super::{
    error::ApiError,
    visitor::{self, ReadRequest, Session},
};
use crate::{
    app::App,
    client_address::ClientAddress,
    limits::Slot,
    live::Listener,
    stream::{At, Cursor, Reading, frame, message_view},
};

/// How often a quiet stream says that it is alive.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// The path of one conversation.
#[derive(Deserialize)]
pub(super) struct ConversationPath {
    conversation_id: String,
}

impl ConversationPath {
    fn id(&self) -> Result<ConversationId, ApiError> {
        self.conversation_id.parse().map_err(|_| ProblemCode::ConversationNotFound.into())
    }
}

/// The query of a reading request.
#[derive(Deserialize)]
pub(super) struct ReadQuery {
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<String>,
    #[serde(default)]
    before: Option<String>,
}

/// The largest page.
const LIMIT_MAX: u32 = 100;
/// How many conversations a page of the list has, unless it is asked otherwise.
const LISTED: u32 = 50;

impl ReadQuery {
    fn limit(&self, default: u32) -> Result<u32, ApiError> {
        let Some(limit) = &self.limit else { return Ok(default) };
        let limit = limit.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        limit.ok_or(ApiError::invalid_field("`limit` is a whole number from 1 to 100."))
    }

    fn before<K>(&self) -> Result<Option<Id<K>>, ApiError>
    where
        Id<K>: FromStr,
    {
        self.before.as_deref().map(|id| id.parse().map_err(|_| unknown_before())).transpose()
    }

    fn format(&self) -> Result<Format, ApiError> {
        match self.format.as_deref() {
            None | Some("markdown") => Ok(Format::Markdown),
            Some("blocks") => Ok(Format::Blocks),
            Some(_) => Err(ApiError::invalid_field("`format` is \"markdown\" or \"blocks\".")),
        }
    }
}

fn unknown_before() -> ApiError {
    ApiError::invalid_field("`before` is the id of something that stands in this list.")
}

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::ConversationNotFound => ProblemCode::ConversationNotFound.into(),
            PageError::UnknownBefore => unknown_before(),
            PageError::Store(error) => error.into(),
        }
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    query: Result<Query<ReadQuery>, QueryRejection>,
    Session(session): Session,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let Query(query) = query?;
    let (limit, before) = (query.limit(LISTED)?, query.before::<ConversationKind>()?);
    let visitor = visitor::reading_visitor(
        &app,
        &agent,
        ReadRequest { session, headers: &headers, conversation: None },
    )
    .await?;
    let conversations =
        app.store.read(move |reader| reader.conversations_page(&visitor, before, limit)).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ConversationList { conversations })))
}

pub(super) async fn view(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    path: Result<Path<ConversationPath>, PathRejection>,
    query: Result<Query<ReadQuery>, QueryRejection>,
    Session(session): Session,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let (Path(path), Query(query)) = (path?, query?);
    let (id, format) = (path.id()?, query.format()?);
    let (limit, before) = (query.limit(LIMIT_MAX)?, query.before::<MessageKind>()?);
    let visitor = visitor::reading_visitor(
        &app,
        &agent,
        ReadRequest { session, headers: &headers, conversation: Some(id) },
    )
    .await?;
    let page = app.store.read(move |reader| reader.history_page(&visitor, id, before, limit)).await?;
    let cursor = match page.streaming_before {
        // What is still being written comes whole, and after it what is here once more.
        Some(seq) => Cursor { seq, at: At::Offset(0) },
        None => Cursor::behind(&page.messages),
    };
    let view = ConversationView {
        id,
        created_at: page.conversation.created_at,
        messages: page.messages.iter().map(|message| message_view(message, format)).collect(),
        cursor: cursor.to_string(),
        earlier: page.has_earlier(),
        resolved: page.standing.status == ConversationStatus::Resolved,
        operator: page.standing.operator,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(view)))
}

pub(super) async fn events(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    path: Result<Path<ConversationPath>, PathRejection>,
    query: Result<Query<ReadQuery>, QueryRejection>,
    Session(session): Session,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (Path(path), Query(query)) = (path?, query?);
    let (conversation, format) = (path.id()?, query.format()?);
    let last_event_id = headers.get("last-event-id").map(|value| value.to_str().unwrap_or_default());
    let cursor = match last_event_id.or(query.after.as_deref()) {
        Some(after) => after.parse()?,
        None => Cursor::default(),
    };
    let visitor = visitor::reading_visitor(
        &app,
        &agent,
        ReadRequest { session, headers: &headers, conversation: Some(conversation) },
    )
    .await?;
    let owner = visitor.clone();
    app.store
        .read(move |reader| reader.messages_from(&owner, conversation, u32::MAX))
        .await?
        .ok_or(ProblemCode::ConversationNotFound)?;
    let address = address.map(|Extension(address)| address);
    let slot = Some(app.followers.enter(session.as_ref(), address.as_ref())?);
    let follow = Follow { visitor, conversation, reading: Reading::new(cursor, format), until: None, slot };
    Ok(event_stream(&app, follow, None))
}

/// Whether an answer was being written and will now stop.
#[derive(serde::Serialize)]
struct Stopped {
    stopped: bool,
}

pub(super) async fn stop(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    path: Result<Path<ConversationPath>, PathRejection>,
    Session(session): Session,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let Path(path) = path?;
    let id = path.id()?;
    let visitor = visitor::reading_visitor(
        &app,
        &agent,
        ReadRequest { session, headers: &headers, conversation: Some(id) },
    )
    .await?;
    app.store
        .read(move |reader| reader.messages_from(&visitor, id, u32::MAX))
        .await?
        .ok_or(ProblemCode::ConversationNotFound)?;
    Ok(Json(Stopped { stopped: app.live.stop_answers(id) > 0 }))
}

/// The longest comment on an answer, in characters.
const COMMENT_MAX_CHARS: usize = 2_000;

fn parse_rating(body: &Value, conversation: ConversationId, now: Timestamp) -> Result<NewRating, ApiError> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let message: MessageId =
        text("message_id").and_then(|id| id.parse().ok()).ok_or(ApiError::invalid_field(NOT_AN_ANSWER))?;
    let rating = match text("rating") {
        Some("up") => Rating::Up,
        Some("down") => Rating::Down,
        _ => return Err(ApiError::invalid_field("`rating` is \"up\" or \"down\".")),
    };
    let comment = match body.get("comment") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.chars().count() <= COMMENT_MAX_CHARS => {
            Some(text.trim().to_owned())
        }
        Some(_) => {
            return Err(ApiError::invalid_field("`comment` is a string of at most 2,000 characters."));
        }
    };
    let comment = comment.filter(|comment| !comment.is_empty());
    Ok(NewRating { conversation, message, rating, comment, now })
}

const NOT_AN_ANSWER: &str = "`message_id` is the id of an answer of this conversation.";

/// What the visitor thinks of an answer takes the place of what they thought before.
pub(super) async fn feedback(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    path: Result<Path<ConversationPath>, PathRejection>,
    Session(session): Session,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(path) = path?;
    let id = path.id()?;
    let Json(body) = body?;
    let rating = parse_rating(&body, id, app.now())?;
    if !agent.feedback_enabled {
        return Err(ProblemCode::FeatureDisabled.into());
    }
    let request = ReadRequest { session, headers: &headers, conversation: Some(id) };
    let visitor = visitor::reading_visitor(&app, &agent, request).await?;
    match app.store.write(move |writer| writer.rate(&visitor, &rating)).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(RatingError::ConversationNotFound) => Err(ProblemCode::ConversationNotFound.into()),
        Err(RatingError::NotAnAnswer) => Err(ApiError::invalid_field(NOT_AN_ANSWER)),
        Err(RatingError::Store(error)) => Err(error.into()),
    }
}

/// The visitor wants a person. Again, or where one is there, it changes nothing.
pub(super) async fn handover(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    path: Result<Path<ConversationPath>, PathRejection>,
    Session(session): Session,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let Path(path) = path?;
    let id = path.id()?;
    if !agent.handover_enabled {
        return Err(ProblemCode::FeatureDisabled.into());
    }
    let request = ReadRequest { session, headers: &headers, conversation: Some(id) };
    let visitor = visitor::reading_visitor(&app, &agent, request).await?;
    let (status, now) = (app.mint()?, app.now());
    let asked = app.store.write(move |writer| writer.request_handover(&visitor, id, status, now)).await?;
    asked.ok_or(ProblemCode::ConversationNotFound)?;
    app.live.ring(id);
    Ok(StatusCode::NO_CONTENT)
}

/// What a stream follows.
pub(super) struct Follow {
    /// On whose behalf.
    pub(super) visitor: Visitor,
    /// What.
    pub(super) conversation: ConversationId,
    /// From where, in which form.
    pub(super) reading: Reading,
    /// The number of the answer with whose end the stream ends; without, it goes on.
    pub(super) until: Option<u32>,
    /// Its place among the streams that follow, where it is counted.
    #[expect(dead_code, reason = "kept for as long as the stream is open")]
    pub(super) slot: Option<Slot>,
}

struct Following {
    app: App,
    follow: Follow,
    bell: Listener,
    waiting: VecDeque<Frame>,
    looked: bool,
    /// The server stops: what is there by now is the last that is sent.
    leaving: bool,
}

/// The response that follows a conversation: `first`, then everything beyond the cursor as it comes.
pub(super) fn event_stream(app: &App, follow: Follow, first: Option<Frame>) -> Response {
    // Listening begins before the first look, so that nothing falls between the two.
    let bell = app.live.listen(follow.conversation);
    let waiting = first.into_iter().collect();
    let state = Following { app: app.clone(), follow, bell, waiting, looked: false, leaving: false };
    let frames = stream::unfold(state, |mut state| async {
        let chunk = state.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), state))
    });
    let mut response = Body::from_stream(frames).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl Following {
    /// The next bytes of the stream; `None` at its end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame.encode());
            }
            if self.is_over() || self.leaving {
                return None;
            }
            if self.looked {
                tokio::select! {
                    () = self.bell.rung() => {}
                    () = self.app.stopping.cancelled() => self.leaving = true,
                    () = tokio::time::sleep(KEEP_ALIVE_EVERY) => return Some(KEEP_ALIVE.to_owned()),
                }
            }
            self.looked = true;
            self.look().await?;
        }
    }

    fn is_over(&self) -> bool {
        let cursor = self.follow.reading.cursor();
        let behind = |last: u32| cursor.seq > last || (cursor.seq == last && cursor.at == At::End);
        self.follow.until.is_some_and(behind)
    }

    /// Fetches what is new. `None` when the conversation is not the visitor's any more, or the store
    /// fails: the reader comes back with its last event id and hears which.
    async fn look(&mut self) -> Option<()> {
        // No verdict on a token outlives it: then only what the session took part in is read on.
        self.follow.visitor.expire(self.app.now(), self.app.options.clock_skew);
        let (visitor, id) = (self.follow.visitor.clone(), self.follow.conversation);
        let from = self.follow.reading.cursor().seq;
        let messages = self
            .app
            .store
            .read(move |reader| reader.messages_from(&visitor, id, from))
            .await
            .inspect_err(|error| tracing::error!(%error, "a stream could not be read on"))
            .ok()??;
        let until = self.follow.until.unwrap_or(u32::MAX);
        let wanted: Vec<_> = messages.into_iter().filter(|message| message.seq <= until).collect();
        for (cursor, event) in self.follow.reading.advance(&wanted) {
            self.waiting.extend(frame(cursor, &event));
        }
        Some(())
    }
}
