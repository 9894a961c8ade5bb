//! `POST …/chat`: a message in, a stream out.

use std::collections::BTreeMap;

use axum::{
    Extension, Json,
    extract::{State, rejection::JsonRejection},
    http::HeaderMap,
    response::Response,
};
use eloquent_identity::Token;
use eloquent_store::{Admitted, Agent};
use eloquent_types::{
    chat::{Accepted, Format, Identity, IdentityStatus, Page, StreamEvent},
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
    let asker = Asker { session, judgement, origin: visitor::origin(&headers), address };
    let begun = turn::begin(&app, agent, asker, message).await?;

    let behind = after.unwrap_or(Cursor::end_of(begun.posted.question.seq));
    let accepted = stream::frame(behind, &StreamEvent::Accepted(accepted(&begun, user_id, code)));
    let follow = Follow {
        visitor: begun.visitor,
        conversation: begun.posted.conversation,
        reading: Reading::new(behind, format),
        until: Some(begun.posted.answer.seq),
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
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let fits = |text: &str| text.chars().count() <= 512;
    attributes
        .iter()
        .map(|(name, value)| {
            let value = text(value).filter(|value| fits(value) && fits(name)).ok_or_else(invalid)?;
            Ok((name.clone(), value))
        })
        .collect()
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
