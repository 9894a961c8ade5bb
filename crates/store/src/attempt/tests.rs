//! The bounds, small ones, against a model; and that no query walks through everybody's rows.

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::{handover::Custody, migration, query_plan, seal::MasterKey};

#[test]
fn no_query_of_the_log_walks_through_everybodys_rows() {
    for (sql, expected) in [
        (BY_AGENT, "SEARCH t USING PRIMARY KEY (agent_id=? AND id<?)"),
        (
            BY_CONVERSATION,
            "SEARCH t USING INDEX identity_attempt_by_conversation (conversation_id=? AND agent_id=? AND id<?)",
        ),
        (
            BY_PROFILE,
            "SEARCH t USING INDEX identity_attempt_by_profile (profile_id=? AND agent_id=? AND id<?)",
        ),
        (NEXT_ID, "SEARCH identity_attempt USING PRIMARY KEY (agent_id=?)"),
        (
            NEXT_PLACE,
            "SEARCH identity_attempt USING COVERING INDEX identity_attempt_by_kind (agent_id=? AND kind=?)",
        ),
        (
            DROP_BEYOND,
            "SEARCH identity_attempt USING INDEX identity_attempt_by_kind (agent_id=? AND kind=? AND place<?)",
        ),
    ] {
        assert_eq!(query_plan::steps(sql), [expected]);
    }
    for step in query_plan::steps(DROP_AGED) {
        assert!(!step.starts_with("SCAN identity_attempt"), "{step}");
    }
}

/// Some attempts of one kind at one of two agents, some time after the ones before.
#[derive(Clone, Debug)]
struct Step {
    agent: u8,
    kind: u8,
    attempts: u8,
    later_by: u64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let later_by = prop_oneof![4 => 0..3_u64, 1 => 20..200_u64];
    let step = (0..2_u8, 0..3_u8, 1..6_u8, later_by).prop_map(|(agent, kind, attempts, later_by)| Step {
        agent,
        kind,
        attempts,
        later_by,
    });
    proptest::collection::vec(step, 1..30)
}

const SMALL: Bounds = Bounds { count: 7, age: Duration::from_millis(100), aged_at_once: 3 };
const START: i64 = 1_700_000_000_000;

fn agent(number: u8) -> AgentId {
    AgentId::from_u128(number.into())
}

fn attempt(number: u8, kind: u8, at: Timestamp) -> NewAttempt {
    let (surface, verdict) = match kind {
        0 => (Surface::Read, Err(Rejection::Missing)),
        1 => (Surface::Chat, Ok(())),
        _ => (Surface::Read, Ok(())),
    };
    NewAttempt {
        agent: agent(number),
        at,
        surface,
        verdict,
        enforcement: Enforcement::Off,
        signed: None,
        origin: None,
        conversation: None,
        profile: None,
    }
}

/// The attempts that are kept, as (time, agent, number, kind, place).
type Kept = Vec<(i64, u8, i64, u8, i64)>;

fn kept(connection: &Connection) -> Kept {
    let mut statement =
        connection.prepare("SELECT at, agent_id, id, kind, place FROM identity_attempt").unwrap();
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?[15], row.get(2)?, row.get(3)?, row.get(4)?))
    });
    let mut kept: Kept = rows.unwrap().map(Result::unwrap).collect();
    kept.sort_unstable();
    kept
}

/// What the documentation of the log says, as plainly as possible.
fn record(model: &mut Kept, agent: u8, kind: u8, at: i64) {
    let newest = model.iter().filter(|row| row.1 == agent).map(|row| row.2).max().unwrap_or(0);
    let of_kind = |row: &(i64, u8, i64, u8, i64)| row.1 == agent && row.3 == kind;
    let place = model.iter().filter(|row| of_kind(row)).map(|row| row.4).max().unwrap_or(0) + 1;
    model.push((at, agent, newest + 1, kind, place));
    model.retain(|row| !of_kind(row) || row.4 > place - 7);
    model.sort_unstable();
    let aged = model.iter().filter(|row| row.0 < at - 100).count().min(3);
    model.drain(..aged);
}

fn tenants(connection: &Connection) {
    let company = "INSERT INTO company (id, name, created_at) VALUES (zeroblob(16), 'C', 1)";
    connection.execute(company, []).unwrap();
    for number in 0..2 {
        let sql =
            "INSERT INTO agent (id, company_id, name, greeting, instructions, starters, allowed_origins,
            created_at) VALUES (?1, zeroblob(16), 'A', '', '', '[]', '[]', 1)";
        connection.execute(sql, [Col(agent(number))]).unwrap();
    }
}

#[test]
fn whatever_comes_in_the_newest_are_kept_and_never_more_than_the_bounds_allow() {
    let dir = tempfile::tempdir().unwrap();
    let custody = Custody::new(&MasterKey::from_bytes([1; 32]));
    let connection = migration::open(&dir.path().join("eloquent.db"), &custody.vault).unwrap();
    tenants(&connection);
    let writer = Writer(Reader { connection: &connection, custody: &custody });
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        connection.execute_batch("BEGIN; DELETE FROM identity_attempt;").unwrap();
        let (mut model, mut now) = (Kept::new(), START);
        for step in steps {
            now += i64::try_from(step.later_by).unwrap();
            for _ in 0..step.attempts {
                let new = attempt(step.agent, step.kind, Timestamp::from_millis(now));
                writer.record_within(&SMALL, &new).unwrap();
                record(&mut model, step.agent, step.kind, now);
                prop_assert_eq!(&kept(&connection), &model);
                prop_assert!(model.iter().filter(|row| row.1 == step.agent && row.3 == step.kind).count() <= 7);
            }
        }
        connection.execute_batch("ROLLBACK").unwrap();
    });
}
