//! The fields of a request, from its body or its query: each is read once by its name, and what is left
//! over is a mistake that the answer names.
//!
//! Invariant: a refusal names the field and what is wanted, and never repeats a value, which may be a
//! token.

use std::{collections::BTreeMap, fmt};

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::request::Parts,
};
use eloquent_types::problem::ProblemCode;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use serde_json::Value;

use crate::http::error::ApiError;

/// How much of an unknown field's name an answer repeats, in characters.
const NAME_MAX_CHARS: usize = 40;

/// What a field's value is, or else what is wanted: the end of the sentence "`name` must be …".
pub(super) type Parsed<T> = Result<T, &'static str>;

/// Fields that have not been read yet.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, Value>);

impl Fields {
    /// A field that must be there.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&Value) -> Parsed<T>,
    ) -> Result<T, ApiError> {
        let value = self.0.remove(name).unwrap_or(Value::Null);
        parse(&value).map_err(|wanted| must_be(name, wanted))
    }

    /// A field that must be there, also where it is null.
    pub(super) fn present<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&Value) -> Parsed<T>,
    ) -> Result<T, ApiError> {
        self.optional(name, parse)?.ok_or_else(|| must_be(name, "there"))
    }

    /// A field that may be missing.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&Value) -> Parsed<T>,
    ) -> Result<Option<T>, ApiError> {
        let parsed = self.0.remove(name).as_ref().map(parse).transpose();
        parsed.map_err(|wanted| must_be(name, wanted))
    }

    /// The fields of an object that may be missing; all of them must be read.
    pub(super) fn nested<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, ApiError>,
    ) -> Result<Option<T>, ApiError> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Object(members)) => {
                let mut inner = Self(members.into_iter().collect());
                let read = read(&mut inner)?;
                inner.end()?;
                Ok(Some(read))
            }
            Some(_) => Err(must_be(name, "an object")),
        }
    }

    /// That nothing is left that nobody asked for.
    pub(super) fn end(self) -> Result<(), ApiError> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => {
                let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX_CHARS).collect();
                Err(ApiError::invalid_field(format!("There is no field `{name}` here.")))
            }
        }
    }
}

fn must_be(name: &str, wanted: &str) -> ApiError {
    ApiError::invalid_field(format!("`{name}` must be {wanted}."))
}

/// A JSON object with each member once.
impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(de::Error::custom("a field is there twice"));
                    }
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// That the address has no query: a request that changes something takes its fields from the body alone,
/// and what is asked of it must not go unheard.
fn refuse_query(request: &Request) -> Result<(), ApiError> {
    match request.uri().query() {
        None | Some("") => Ok(()),
        Some(_) => Err(ApiError::invalid_field("This request takes no query: its fields stand in the body.")),
    }
}

/// The fields of a body, which must be a JSON object; nothing may stand in the query.
pub(super) struct Body(pub(super) Fields);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        refuse_query(&request)?;
        let Json(fields) = Json::<Fields>::from_request(request, state).await?;
        Ok(Self(fields))
    }
}

/// No field at all: an empty body, of any type, or an empty JSON object, and no query.
pub(super) struct NoBody;

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        refuse_query(&request)?;
        let (parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(whole, state).await.map_err(|_| ProblemCode::BodyTooLarge)?;
        if bytes.is_empty() {
            return Ok(Self);
        }
        let Body(fields) = Body::from_request(Request::from_parts(parts, bytes.into()), state).await?;
        fields.end()?;
        Ok(Self)
    }
}

/// The fields of the query; every value is a string.
pub(super) struct Asked(pub(super) Fields);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await?;
        let mut fields = BTreeMap::new();
        for (name, value) in pairs {
            if fields.insert(name, Value::String(value)).is_some() {
                return Err(ApiError::invalid_field("The query has the same field twice."));
            }
        }
        Ok(Self(Fields(fields)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "the form of every parser")]
    fn same(value: &Value) -> Parsed<Value> {
        Ok(value.clone())
    }

    fn fields(text: &str) -> serde_json::Result<Fields> {
        serde_json::from_str(text)
    }

    #[test]
    fn what_is_not_an_object_with_each_member_once_is_refused() {
        for bad in ["[]", "null", "3", r#"{"a":1,"a":2}"#, "{", r#"{"a":1}x"#] {
            assert!(fields(bad).is_err(), "{bad}");
        }
        assert!(fields("{}").unwrap().end().is_ok());
    }

    #[test]
    fn a_refusal_names_the_field_and_not_the_value() {
        let mut read = fields(r#"{"use":"eyJ-a-token","more":1}"#).unwrap();
        let error = read.required("use", |_| Err::<(), _>("agent or dropped")).unwrap_err();
        assert!(format!("{error:?}").contains("`use` must be agent or dropped."), "{error:?}");
        let error = read.end().unwrap_err();
        assert!(format!("{error:?}").contains("There is no field `more` here."), "{error:?}");
    }

    #[test]
    fn a_missing_field_reads_as_null_where_it_must_be_there() {
        let mut read = fields(r#"{"a":null}"#).unwrap();
        assert_eq!(read.optional("a", same).unwrap(), Some(json!(null)));
        assert_eq!(read.optional("a", same).unwrap(), None);
        assert_eq!(read.required("a", same).unwrap(), json!(null));
    }
}
