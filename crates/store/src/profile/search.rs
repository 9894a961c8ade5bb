//! Finding profiles.

use rusqlite::{params_from_iter, types::Value};

use super::{Profile, read};
use crate::{agent::AgentScope, error::StoreError, store::Reader};

/// Which profiles to find: those for which everything holds that is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFilter {
    /// This text stands in the user id, the email, or a claim's name or value, without regard to ASCII
    /// case.
    pub text: Option<String>,
    /// The user id is this one, byte for byte.
    pub user_id: Option<String>,
    /// The email is this one, without regard to ASCII case.
    pub email: Option<String>,
    /// There is a claim of this name; with a value, one that is this JSON text or this string.
    pub claim: Option<(String, Option<String>)>,
    /// The profile is blocked, or is not.
    pub blocked: Option<bool>,
    /// How many profiles at most. 50 by default.
    pub limit: u32,
    /// How many to leave out from the beginning.
    pub offset: u32,
}

impl Default for ProfileFilter {
    fn default() -> Self {
        Self { text: None, user_id: None, email: None, claim: None, blocked: None, limit: 50, offset: 0 }
    }
}

impl Reader<'_> {
    /// The agent's profiles that pass the filter, the last seen first.
    pub fn profiles(&self, scope: &AgentScope, filter: &ProfileFilter) -> Result<Vec<Profile>, StoreError> {
        let query = Query::of(scope, filter);
        let found = self.rows(&query.sql, params_from_iter(query.values), read)?;
        found.into_iter().map(|profile| self.with_claims(profile)).collect()
    }
}

/// A statement made of constant texts alone; whatever is looked for is a parameter.
struct Query {
    sql: String,
    values: Vec<Value>,
}

impl Query {
    fn of(scope: &AgentScope, filter: &ProfileFilter) -> Self {
        let agent = Value::Blob(scope.agent.as_u128().to_be_bytes().to_vec());
        let mut query =
            Self { sql: "SELECT * FROM profile p WHERE p.agent_id = ?".to_owned(), values: vec![agent] };
        if let Some(user_id) = &filter.user_id {
            query.require("p.user_id = ?", [text(user_id)]);
        }
        if let Some(email) = &filter.email {
            // The index's collation ends at a NUL; the second comparison does not.
            let sql = "p.email = ? COLLATE NOCASE AND lower(p.email) = lower(?)";
            query.require(sql, [text(email), text(email)]);
        }
        match &filter.claim {
            Some((name, None)) => query.require(
                "p.id IN (SELECT c.profile_id FROM profile_claim c WHERE c.agent_id = p.agent_id AND c.name = ?)",
                [text(name)],
            ),
            Some((name, Some(value))) => query.require(
                "p.id IN (SELECT c.profile_id FROM profile_claim c
                    WHERE c.agent_id = p.agent_id AND c.name = ? AND c.value IN (?, ?))",
                [text(name), text(value), text(&quoted(value))],
            ),
            None => {}
        }
        if let Some(blocked) = filter.blocked {
            query.require("p.blocked = ?", [Value::Integer(blocked.into())]);
        }
        if let Some(sought) = &filter.text {
            let quoted = quoted(sought);
            let within = quoted.get(1..quoted.len() - 1).unwrap_or(sought);
            query.require(
                "(instr(lower(p.user_id), lower(?)) OR instr(lower(p.email), lower(?))
                 OR EXISTS (SELECT 1 FROM profile_claim c WHERE c.profile_id = p.id
                    AND (instr(lower(c.name), lower(?)) OR instr(lower(c.value), lower(?)) OR instr(lower(c.value), lower(?)))))",
                [text(sought), text(sought), text(sought), text(sought), text(within)],
            );
        }
        query.sql.push_str(" ORDER BY p.last_seen_at DESC, p.id DESC LIMIT ? OFFSET ?");
        query.values.extend([Value::from(filter.limit), Value::from(filter.offset)]);
        query
    }

    fn require(&mut self, condition: &'static str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.extend(values);
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
