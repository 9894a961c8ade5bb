//! `POST …/chat`: a message in, a stream out.

use std::collections::BTreeMap;

use axum::{
    Extension, Json,
    extract::{State, rejection::JsonRejection},
    http::HeaderMap,
    response::Response,
};
use eloquent_identity::Token;
use eloquent_store::{Admitted, Agent, SessionHash};
use eloquent_types::{
    chat::{Accepted, Format, Identity, IdentityStatus, Page, PageEvent, StreamEvent},
    id::ConversationId,
    identify::IdentityCode,
    problem::ProblemCode,
    text::{MessageText, UserId},
};
use serde_json::Value;

use super::{
    conversations::{Follow, event_stream},
    error::ApiError,
    visitor::{self, Session},
};
use crate::{
    app::App,
    client_address::ClientAddress,
    stream::{self, Cursor, Reading},
    turn::{self, Asker, Begun, Message},
};

pub(super) async fn chat(
    State(app): State<App>,
    Extension(agent): Extension<Agent>,
    Session(session): Session,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response, ApiError> {
    if app.is_stopping() {
        // It could be stored, but hardly answered any more: the client tries again at the next server.
        return Err(ProblemCode::ServerBusy.into());
    }
    let Json(body) = body?;
    let format = parse_format(&body)?;
    let message = parse_message(&body)?;
    let after = parse_after(&body, message.conversation)?;
    let agent = visitor::as_set_now(&app, &agent).await?;
    let judgement = match identity_token(&body) {
        Some(token) => Some(visitor::judge(&app, &agent, &token).await?),
        None => None,
    };
    let (user_id, code) = match judgement.as_ref().map(|judgement| &judgement.outcome) {
        None => (None, None),
        Some(Ok(identity)) => (Some(identity.user_id().clone()), None),
        Some(Err(rejection)) => (None, Some(rejection.code())),
    };
    let address = address.map(|Extension(address)| address);
    let origin = visitor::origin(&headers);
    let asker = Asker { session, judgement, origin, address };
    let begun = turn::begin(&app, agent, asker, message).await?;

    // Where a person has taken over, nobody knows when the answer comes: the stream follows, if there is room
    // for one more.
    let session = begun.session.as_ref().map(SessionHash::of).or(session);
    let slot = match begun.posted.answer {
        Some(_) => None,
        None => app.followers.enter(session.as_ref(), address.as_ref()).ok(),
    };
    let ends = begun.posted.answer.is_none() && slot.is_none();
    let behind = after.unwrap_or(Cursor::end_of(begun.posted.question.seq));
    let accepted = stream::frame(behind, &StreamEvent::Accepted(accepted(&begun, user_id, code)));
    let follow = Follow {
        visitor: begun.visitor,
        conversation: begun.posted.conversation,
        reading: Reading::new(behind, format),
        until: begun.posted.answer.map(|answer| answer.seq).or(ends.then_some(begun.posted.question.seq)),
        slot,
    };
    Ok(event_stream(&app, follow, accepted))
}

fn accepted(begun: &Begun, user_id: Option<UserId>, code: Option<IdentityCode>) -> Accepted {
    let identity = match begun.admitted {
        Admitted::Verified { .. } => Identity { status: IdentityStatus::Verified, user_id, code: None },
        Admitted::Blocked => Identity {
            status: IdentityStatus::Anonymous,
            user_id: None,
            code: Some(IdentityCode::IdentityBlocked),
        },
        Admitted::Anonymous => Identity { status: IdentityStatus::Anonymous, user_id: None, code },
    };
    Accepted {
        conversation_id: begun.posted.conversation,
        message_id: begun.posted.question.id,
        identity,
        session: begun.session.clone(),
    }
}

/// A token of any JSON type but null was sent, and is judged: one that is no string is an empty one.
fn identity_token(body: &Value) -> Option<Token> {
    match body.get("identity_token") {
        None | Some(Value::Null) => None,
        Some(token) => Some(Token::new(token.as_str().unwrap_or_default())),
    }
}

fn parse_format(body: &Value) -> Result<Format, ApiError> {
    match body.get("format").map(Value::as_str) {
        None | Some(Some("markdown")) => Ok(Format::Markdown),
        Some(Some("blocks")) => Ok(Format::Blocks),
        Some(_) => Err(ApiError::invalid_field("`format` is \"markdown\" or \"blocks\".")),
    }
}

fn parse_message(body: &Value) -> Result<Message, ApiError> {
    let message = body
        .get("message")
        .and_then(Value::as_object)
        .ok_or(ApiError::invalid_field("`message` is an object with `id` and `text`."))?;
    let client_id = message
        .get("id")
        .and_then(Value::as_str)
        .and_then(parse_uuid)
        .ok_or(ApiError::invalid_field("`message.id` is a UUID that the client mints."))?;
    let text = message
        .get("text")
        .and_then(Value::as_str)
        .ok_or(ApiError::invalid_field("`message.text` is a string."))?;
    Ok(Message {
        client_id,
        text: MessageText::parse(text)?,
        conversation: parse_conversation(body)?,
        page: parse_page(body)?,
        locale: optional_text(body, "locale", 35, "`locale` is a language tag of at most 35 characters.")?,
        attributes: parse_attributes(body)?,
        events: parse_events(body)?,
    })
}

/// A UUID in its usual form, in lower case.
fn parse_uuid(text: &str) -> Option<String> {
    let well_formed = text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    well_formed.then(|| text.to_ascii_lowercase())
}

fn parse_conversation(body: &Value) -> Result<Option<ConversationId>, ApiError> {
    match body.get("conversation_id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => id.parse().map(Some).map_err(|_| ProblemCode::ConversationNotFound.into()),
        Some(_) => Err(ApiError::invalid_field("`conversation_id` is a string.")),
    }
}

fn parse_page(body: &Value) -> Result<Option<Page>, ApiError> {
    const DETAIL: &str = "`page` is an object with `url` and `title`, strings of at most 2,048 characters.";
    match body.get("page") {
        None | Some(Value::Null) => Ok(None),
        Some(page @ Value::Object(_)) => Ok(Some(Page {
            url: optional_text(page, "url", 2_048, DETAIL)?.ok_or(ApiError::invalid_field(DETAIL))?,
            title: optional_text(page, "title", 2_048, DETAIL)?.unwrap_or_default(),
        })),
        Some(_) => Err(ApiError::invalid_field(DETAIL)),
    }
}

/// Where the reader of a conversation that goes on stands: the stream begins there.
fn parse_after(body: &Value, conversation: Option<ConversationId>) -> Result<Option<Cursor>, ApiError> {
    let after = optional_text(body, "after", 64, "`after` is the id of an event of this conversation.")?;
    Ok(after.filter(|_| conversation.is_some()).map(|after| after.parse()).transpose()?)
}

/// Flat hints: strings, numbers, booleans; 50 of them at most.
fn parse_attributes(body: &Value) -> Result<BTreeMap<String, String>, ApiError> {
    const DETAIL: &str =
        "`attributes` is a flat object of at most 50 strings, numbers or booleans of at most 512 characters.";
    let invalid = || ApiError::invalid_field(DETAIL);
    let attributes = match body.get("attributes") {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(attributes)) if attributes.len() <= 50 => attributes,
        Some(_) => return Err(invalid()),
    };
    let fits = |text: &str| text.chars().count() <= 512;
    attributes
        .iter()
        .map(|(name, value)| {
            let value = flat_text(value).filter(|value| fits(value) && fits(name)).ok_or_else(invalid)?;
            Ok((name.clone(), value))
        })
        .collect()
}

/// How many things a page can say have happened since the last message.
const EVENTS_MAX: usize = 20;
/// The longest name of one, in characters.
const EVENT_NAME_MAX_CHARS: usize = 128;
/// The largest, in bytes: name and properties together.
const EVENT_MAX_BYTES: usize = 2_048;

fn parse_events(body: &Value) -> Result<Vec<PageEvent>, ApiError> {
    const DETAIL: &str = "`events` is a list of at most 20 objects with `name` (1 to 128 characters), `at` and flat \
        `properties`, each of at most 2 KB.";
    let events = match body.get("events") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(events)) if events.len() <= EVENTS_MAX => events,
        Some(_) => return Err(ApiError::invalid_field(DETAIL)),
    };
    events.iter().map(|event| parse_event(event).ok_or(ApiError::invalid_field(DETAIL))).collect()
}

fn parse_event(event: &Value) -> Option<PageEvent> {
    let name = event.get("name")?.as_str().filter(|name| !name.trim().is_empty())?;
    let at = event.get("at")?.as_str()?.parse().ok()?;
    let properties: Vec<_> = match event.get("properties") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(properties)) => {
            let flat = |(name, value): (&String, &Value)| Some((name.clone(), flat_text(value)?));
            properties.iter().map(flat).collect::<Option<_>>()?
        }
        Some(_) => return None,
    };
    let bytes: usize = properties.iter().map(|(name, value)| name.len() + value.len()).sum();
    let fits = name.chars().count() <= EVENT_NAME_MAX_CHARS && name.len() + bytes <= EVENT_MAX_BYTES;
    fits.then(|| PageEvent { name: name.to_owned(), properties, at })
}

/// The text of a value that is neither empty nor a container.
fn flat_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn optional_text(
    object: &Value,
    name: &str,
    max_chars: usize,
    detail: &'static str,
) -> Result<Option<String>, ApiError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= max_chars => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::invalid_field(detail)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn uuids_have_one_form() {
        assert_eq!(
            parse_uuid("0188BAC7-4afa-78aa-bc3b-bd1eef28d881").as_deref(),
            Some("0188bac7-4afa-78aa-bc3b-bd1eef28d881")
        );
        for bad in [
            "",
            "0188bac7",
            "0188bac74afa78aabc3bbd1eef28d881",
            "{188bac7-4afa-78aa-bc3b-bd1eef28d881}",
            "0188bac7-4afa-78aa-bc3b-bd1eef28d88g",
        ] {
            assert_eq!(parse_uuid(bad), None, "{bad}");
        }
    }

    #[test]
    fn attributes_are_flat() {
        let parsed = parse_attributes(&json!({"attributes": {"a": "x", "b": 1, "c": true}})).unwrap();
        assert_eq!(parsed.values().collect::<Vec<_>>(), ["x", "1", "true"]);
        for bad in
            [json!([]), json!("x"), json!({"a": null}), json!({"a": {}}), json!({"a": "x".repeat(513)})]
        {
            assert!(parse_attributes(&json!({"attributes": bad})).is_err());
        }
    }
}
