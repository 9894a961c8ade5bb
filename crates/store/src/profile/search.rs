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
        let agent = || Value::Blob(scope.agent.as_u128().to_be_bytes().to_vec());
        let mut query = Self { sql: by_most_exact(filter).to_owned(), values: vec![agent()] };
        if let Some(user_id) = &filter.user_id {
            query.require("p.user_id = ?", [text(user_id)]);
        }
        if let Some(email) = &filter.email {
            // The index's collation ends at a NUL; the second comparison does not.
            let condition = "p.email = ? COLLATE NOCASE AND lower(p.email) = lower(?)";
            query.require(condition, [text(email), text(email)]);
        }
        match &filter.claim {
            Some((name, None)) => query.require(HAS_CLAIM, [agent(), text(name)]),
            Some((name, Some(value))) => {
                query.require(HAS_VALUE, [agent(), text(name), text(value), text(&quoted(value))]);
            }
            None => {}
        }
        if let Some(blocked) = filter.blocked {
            query.require("p.blocked = ?", [Value::Integer(blocked.into())]);
        }
        if let Some(sought) = &filter.text {
            let quoted = quoted(sought);
            let within = quoted.get(1..quoted.len() - 1).unwrap_or(sought);
            query.require(HAS_TEXT, [text(sought), text(sought), text(sought), text(sought), text(within)]);
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

/// The beginning, which says what rows are looked for by. Left to itself, SQLite would rather walk through
/// all of the agent's profiles in the order that is asked for. (The `+` keeps a column from being what is
/// looked for by.)
const fn by_most_exact(filter: &ProfileFilter) -> &'static str {
    match filter {
        ProfileFilter { user_id: Some(_), .. } => "SELECT * FROM profile p WHERE p.agent_id = ?",
        ProfileFilter { email: Some(_), .. } => {
            "SELECT * FROM profile p INDEXED BY profile_by_email WHERE p.agent_id = ?"
        }
        ProfileFilter { claim: Some(_), .. } => "SELECT * FROM profile p WHERE +p.agent_id = ?",
        _ => "SELECT * FROM profile p INDEXED BY profile_by_last_seen WHERE p.agent_id = ?",
    }
}

const HAS_CLAIM: &str =
    "p.id IN (SELECT c.profile_id FROM profile_claim c WHERE c.agent_id = ? AND c.name = ?)";

const HAS_VALUE: &str = "p.id IN (SELECT c.profile_id FROM profile_claim c
    WHERE c.agent_id = ? AND c.name = ? AND c.value IN (?, ?))";

/// In JSON text, a quotation mark, a backslash or a line break looks different: hence the two ways of
/// looking into values.
const HAS_TEXT: &str = "(instr(lower(p.user_id), lower(?)) OR instr(lower(p.email), lower(?))
    OR EXISTS (SELECT 1 FROM profile_claim c WHERE c.profile_id = p.id AND (instr(lower(c.name), lower(?))
        OR instr(lower(c.value), lower(?)) OR instr(lower(c.value), lower(?)))))";

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use eloquent_types::id::Id;
    use rusqlite::Connection;

    use super::*;
    use crate::{
        migration,
        seal::{MasterKey, Vault},
    };

    fn plan(connection: &Connection, filter: &ProfileFilter) -> Vec<String> {
        let scope = AgentScope { agent: Id::from_u128(1), company: Id::from_u128(2) };
        let query = Query::of(&scope, filter);
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", query.sql)).unwrap();
        let steps = statement.query_map(params_from_iter(query.values), |row| row.get("detail")).unwrap();
        steps.map(Result::unwrap).collect()
    }

    #[test]
    fn what_is_exact_is_looked_up_and_the_list_needs_no_sorting() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::new(&MasterKey::from_bytes([1; 32]));
        let connection = migration::open(&dir.path().join("eloquent.db"), &vault).unwrap();
        let some = || Some("x".to_owned());
        let user_id = ProfileFilter { user_id: some(), ..ProfileFilter::default() };
        let email = ProfileFilter { email: some(), ..ProfileFilter::default() };
        let name = ProfileFilter { claim: Some(("x".into(), None)), ..ProfileFilter::default() };
        let value = ProfileFilter { claim: Some(("x".into(), some())), ..ProfileFilter::default() };
        let all = ProfileFilter {
            text: some(),
            blocked: Some(true),
            email: some(),
            claim: value.claim.clone(),
            ..user_id.clone()
        };
        let by_id = "SEARCH p USING INDEX sqlite_autoindex_profile_1 (id=?)";
        for (filter, first, then) in [
            (user_id, "(agent_id=? AND user_id=?)", None),
            (all, "(agent_id=? AND user_id=?)", None),
            (email, "profile_by_email (agent_id=? AND email=?)", None),
            (name, by_id, Some("profile_claim_by_value (agent_id=? AND name=?)")),
            (value, by_id, Some("profile_claim_by_value (agent_id=? AND name=? AND value=?)")),
            (ProfileFilter::default(), "profile_by_last_seen (agent_id=?)", None),
        ] {
            let steps = plan(&connection, &filter);
            assert!(steps[0].ends_with(first), "{steps:?}");
            let looked_up = |wanted| steps.iter().any(|step| step.ends_with(wanted));
            assert!(then.is_none_or(looked_up), "{steps:?}");
            let walks = |step: &String| step.starts_with("SCAN") || step.contains("CORRELATED LIST");
            assert!(!steps.iter().any(walks), "{steps:?}");
        }
        let list = plan(&connection, &ProfileFilter { text: some(), ..ProfileFilter::default() });
        assert!(!list.iter().any(|step| step.ends_with("FOR ORDER BY")), "{list:?}");
    }
}
