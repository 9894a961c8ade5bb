//! What crosses Eloquent's wire, for the server and for the browser alike.
//!
//! Everything here is a value: no input or output, no clock, no random numbers, no SQL. A type that
//! has rules (`MessageText`, `Href`, ids, …) can only be made by parsing, also when it is
//! deserialized, so that whoever holds one need not check again.
//!
//! Wire JSON is `snake_case`; ids are `TypeIDs`; times are RFC 3339 in UTC; errors are RFC 9457 problems.

pub mod chat;
pub mod claims;
pub mod config;
pub mod conversation;
pub mod id;
pub mod identify;
pub mod problem;
pub mod rich;
pub mod session;
pub mod sse;
pub mod text;
pub mod theme;
pub mod time;
