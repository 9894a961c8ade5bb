//! What a visit costs.

use eloquent_identity::{Key, Policy, Secret, Verifier, sign};
use eloquent_types::{
    id::{AgentId, Id},
    session::SessionToken,
};
use serde_json::json;

use super::*;
use crate::{
    Caller, MasterKey, NewAgent, NewCompany, NewKey, SessionHash, SessionNeed, Store, StoreError,
    claim_policy::POLICIES,
};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

fn proof(agent: AgentId, claims: &serde_json::Value) -> VerifiedIdentity {
    let secret = Secret::generate([1; 32]);
    let token = sign(&secret, claims.as_object().unwrap(), None).unwrap();
    let key = Key { id: Id::from_u128(7), secret, revoked: false };
    Verifier::new(agent, &[key], Policy::default()).verify(&token, NOW).unwrap()
}

fn tenant(writer: &Writer<'_>) -> Result<AgentId, crate::KeyError> {
    let (company, agent) = (Id::from_u128(1), Id::from_u128(2));
    let company = writer.create_company(&NewCompany { id: company, name: "x".into(), now: NOW })?;
    let scope = writer.create_agent(
        &company,
        &NewAgent {
            id: agent,
            name: "x".into(),
            greeting: String::new(),
            instructions: String::new(),
            starters: Vec::new(),
            accent: None,
            locale: None,
            allowed_origins: Vec::new(),
            now: NOW,
        },
    )?;
    let secret = Secret::generate([1; 32]);
    let key = NewKey { id: Id::from_u128(7), name: "x".into(), secret: &secret, nonce: [9; 24], now: NOW };
    writer.create_key(&scope, &key)?;
    Ok(agent)
}

/// How many rows a visit writes whose session is known.
fn written(writer: &Writer<'_>, agent: AgentId, claims: &serde_json::Value) -> Result<u64, StoreError> {
    let session = SessionHash::of(&SessionToken::parse(format!("vst_{:043}", 1)).unwrap());
    let caller = Caller { agent, session: Some(session), proof: Some(proof(agent, claims)) };
    let fresh = Fresh { session, profile: Id::from_u128(3), now: NOW };
    let before = writer.connection.total_changes();
    writer.admit(&caller, &fresh, SessionNeed::Always)?;
    Ok(writer.connection.total_changes() - before)
}

#[tokio::test]
async fn a_visit_writes_what_is_new_and_looks_nothing_up_without_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let master = MasterKey::from_bytes([1; 32]);
    let store = Store::open(&dir.path().join("eloquent.db"), &master).unwrap();
    let agent = store.write(tenant).await.unwrap();
    let visit = async |claims: serde_json::Value| {
        store.write(move |writer| written(writer, agent, &claims)).await.unwrap()
    };
    let many: serde_json::Map<_, _> = (0..40).map(|at| (format!("c{at}"), json!(at))).collect();
    let mut claims = json!({"user_id": "ann", "iat": 5, "email": "a@x"});
    claims.as_object_mut().unwrap().extend(many);
    // Profile, 40 claims, "created", the key's use, a session.
    assert_eq!(visit(claims.clone()).await, 44);
    // The session is confirmed; the profile was seen; the key was used.
    assert_eq!(visit(claims.clone()).await, 3, "the same again");
    let mut older = claims.clone();
    older["iat"] = json!(4);
    older["c1"] = json!("old");
    assert_eq!(visit(older).await, 3);
    claims["c1"] = json!("new");
    claims.as_object_mut().unwrap().remove("c2");
    // Two claims, two notes, and when the profile was updated.
    assert_eq!(visit(claims).await, 8);

    for (sql, step) in [
        (FIND, "SEARCH profile USING INDEX sqlite_autoindex_profile_2 (agent_id=? AND user_id=?)"),
        (CLAIMS, "SEARCH profile_claim USING PRIMARY KEY (profile_id=?)"),
        (POLICIES, "SEARCH claim_policy USING PRIMARY KEY (agent_id=?)"),
    ] {
        let explain = move |reader: &crate::Reader<'_>| {
            let mut statement = reader.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let nothing = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
            let steps = statement.query_map(nothing, |row| row.get::<_, String>("detail"))?;
            Ok::<_, StoreError>(steps.collect::<Result<Vec<_>, _>>()?)
        };
        assert_eq!(store.read(explain).await.unwrap(), [step]);
    }
}
