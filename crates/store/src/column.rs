//! How values of our types stand in columns.
//!
//! Ids are the 16 bytes of their UUID, times are milliseconds since the epoch, closed sets are their
//! names on the wire, lists and maps are JSON text.

use std::collections::BTreeMap;

use eloquent_types::{
    chat::FinishReason,
    claims::Claims,
    config::Contact,
    conversation::{MessageState, Rating, Role},
    id::Id,
    identify::IdentityCode,
    rich::Href,
    text::UserId,
    time::Timestamp,
};
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

/// A value of one of our types as a column.
pub(crate) struct Col<T>(pub(crate) T);

impl<K> ToSql for Col<Id<K>> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.as_u128().to_be_bytes().to_vec()))
    }
}

impl<K> FromSql for Col<Id<K>> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 16]>::column_result(value).map(|bytes| Self(Id::from_u128(u128::from_be_bytes(bytes))))
    }
}

impl ToSql for Col<Timestamp> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.as_millis()))
    }
}

impl FromSql for Col<Timestamp> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(|millis| Self(Timestamp::from_millis(millis)))
    }
}

impl FromSql for Col<UserId> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        UserId::parse(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

impl FromSql for Col<Href> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Href::parse(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

impl FromSql for Col<Contact> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Contact::parse(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// Claims stand as a JSON object of their names to their JSON text, as strings: a number that no
/// parser can hold comes back digit for digit.
impl ToSql for Col<&Claims> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let by_name: BTreeMap<&str, &str> = self.0.iter().collect();
        json_text(&by_name)
    }
}

impl FromSql for Col<Claims> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let by_name: BTreeMap<String, String> =
            serde_json::from_str(value.as_str()?).map_err(FromSqlError::other)?;
        Ok(Self(Claims::from_json_values(by_name)))
    }
}

/// A list or map as JSON text.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        json_text(&self.0)
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

fn json_text<T: Serialize>(value: &T) -> rusqlite::Result<ToSqlOutput<'static>> {
    let text = serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    Ok(ToSqlOutput::from(text))
}

/// A name that stands for nothing in a closed set.
#[derive(Debug, thiserror::Error)]
#[error("an unknown name in a closed set")]
struct UnknownName;

/// Writes a closed set by names, both ways from one list.
macro_rules! names {
    ($type:ty { $($variant:path = $name:literal,)* }) => {
        impl ToSql for Col<$type> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(match self.0 { $($variant => $name,)* }))
            }
        }
        impl FromSql for Col<$type> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($name => Ok(Self($variant)),)*
                    _ => Err(FromSqlError::other(UnknownName)),
                }
            }
        }
    };
}

names!(Role { Role::Visitor = "visitor", Role::Agent = "agent", Role::Operator = "operator", Role::Status = "status", });
names!(MessageState {
    MessageState::Streaming = "streaming",
    MessageState::Complete = "complete",
    MessageState::Stopped = "stopped",
    MessageState::Interrupted = "interrupted",
    MessageState::Failed = "failed",
});
names!(Rating { Rating::Up = "up", Rating::Down = "down", });
names!(FinishReason {
    FinishReason::Stop = "stop",
    FinishReason::Length = "length",
    FinishReason::Stopped = "stopped",
});

/// The same for a closed set that can be written and parsed by itself.
macro_rules! spelled {
    ($($type:ty),*) => {$(
        impl ToSql for Col<$type> {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::from(self.0.as_str()))
            }
        }
        impl FromSql for Col<$type> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                <$type>::parse(value.as_str()?).map(Self).ok_or_else(|| FromSqlError::other(UnknownName))
            }
        }
    )*};
}

spelled!(
    crate::agent::Enforcement,
    crate::attempt::Surface,
    crate::appearance::LogoKind,
    crate::takeover::ConversationStatus
);

/// What became of a token, as the code alone: `ok`, or the code's name.
impl ToSql for Col<Result<(), IdentityCode>> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.map_or_else(IdentityCode::as_str, |()| "ok")))
    }
}

impl FromSql for Col<Result<(), IdentityCode>> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let code = IdentityCode::ALL.into_iter().find(|code| code.as_str() == name);
        match (name, code) {
            ("ok", _) => Ok(Self(Ok(()))),
            (_, Some(code)) => Ok(Self(Err(code))),
            _ => Err(FromSqlError::other(UnknownName)),
        }
    }
}
