//! The agent: what it is told ([`prompt`]) and the one that needs no network ([`builtin`]).
//!
//! Everything here is pure: values in, text out. Finding passages, storing answers and streaming
//! them are done elsewhere. What is here takes the identity from a proof or from the profile that a
//! proof led to, never from a message.

use eloquent_types::{claims::Claims, conversation::Role};

pub mod builtin;
pub mod prompt;

/// The verified identity of the visitor who asks. Whoever makes one answers for a valid token having
/// come with the question. (No `Debug`: it would put a person into a log.)
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The site's own id of its user.
    pub user_id: &'a str,
    /// The address on the profile.
    pub email: Option<&'a str>,
    /// The profile's claims.
    pub claims: &'a Claims,
}

/// An earlier message of the conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Turn<'a> {
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub text: &'a str,
}
