//! What an inspection shows, check by check.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use eloquent_identity::{Check, Key, Outcome, Policy, Rejection, Secret, Token, Verifier, sign};
use eloquent_types::{
    id::{AgentId, KeyId},
    time::Timestamp,
};
use serde_json::{Value, json};

const SECONDS: i64 = 1_700_000_000;
const NOW: Timestamp = Timestamp::from_secs(SECONDS);
const AGENT: AgentId = AgentId::from_u128(1);

fn key(number: u8) -> Key {
    Key { id: KeyId::from_u128(u128::from(number)), secret: Secret::generate([number; 32]), revoked: false }
}

fn minted(claims: &Value) -> Token {
    sign(&key(1).secret, claims.as_object().unwrap(), None).unwrap()
}

fn limited() -> Policy {
    Policy { max_lifetime: Some(std::time::Duration::from_hours(1)), ..Policy::default() }
}

#[test]
fn a_good_token_passes_every_check_and_is_the_proof() {
    let keys = [key(1)];
    let verifier = Verifier::new(AGENT, &keys, Policy::default());
    let token = minted(&json!({ "user_id": "42", "big": 12_345_678_901_234_567_890_u64 }));
    let mut inspection = verifier.inspect(&token, NOW, &[]);
    assert_eq!(inspection.verdict(), Ok(()));
    assert!(inspection.steps.iter().map(|step| step.check).eq(Check::ALL));
    assert_eq!(inspection.identity.as_ref(), verifier.verify(&token, NOW).as_ref().ok());
    let shown = serde_json::to_value(&inspection).unwrap();
    assert_eq!(shown["identified"], true);
    assert_eq!(shown["header"], json!({ "alg": "HS256", "typ": "JWT" }));
    assert_eq!(shown["payload"], json!({ "user_id": "42", "big": 12_345_678_901_234_567_890_u64 }));
    assert_eq!(shown["key_id"], key(1).id.to_string());
    assert_eq!(shown["user_id"], "42");
    assert_eq!(
        shown["steps"][6],
        json!({ "check": "signature", "number": 7, "title": "Signed with an active key of this agent", "outcome": "passed" })
    );

    inspection.block();
    let failed = inspection.steps.iter().filter(|step| matches!(step.outcome, Outcome::Failed { .. }));
    assert!(failed.map(|step| step.check).eq([Check::NotBlocked]));
    assert_eq!(inspection.verdict(), Err(Rejection::Blocked));
    assert_eq!(inspection.identity, None);
    let shown = serde_json::to_value(&inspection).unwrap();
    assert_eq!((&shown["identified"], &shown["code"]), (&json!(false), &json!("identity_blocked")));
}

#[test]
fn after_the_signature_all_faults_show_at_once() {
    let keys = [key(1)];
    let token = minted(&json!({ "user_id": 42, "iat": SECONDS - 9000, "exp": SECONDS - 60 }));
    let inspection = Verifier::new(AGENT, &keys, limited()).inspect(&token, NOW, &[]);
    let failures: Vec<_> = inspection
        .steps
        .iter()
        .filter_map(|step| match step.outcome {
            Outcome::Failed { rejection, .. } => Some(rejection),
            _ => None,
        })
        .collect();
    assert_eq!(failures, [Rejection::Expired, Rejection::LifetimeTooLong, Rejection::UserIdNumber]);
    assert_eq!(inspection.verdict(), Err(Rejection::Expired));
    assert_eq!(inspection.steps[10].outcome, Outcome::NotChecked);
    assert!(inspection.payload.is_some() && inspection.identity.is_none());
}

#[test]
fn before_the_signature_nothing_of_the_payload_shows() {
    let keys = [key(2)];
    let off = Policy { enabled: false, ..Policy::default() };
    let inspection = Verifier::new(AGENT, &keys, off).inspect(&minted(&json!({ "user_id": "42" })), NOW, &[]);
    assert_eq!(inspection.verdict(), Err(Rejection::Disabled));
    let shown = serde_json::to_value(&inspection).unwrap();
    for (index, outcome) in
        ["passed", "passed", "passed", "passed", "failed", "passed", "failed", "not_checked"]
            .iter()
            .enumerate()
    {
        assert_eq!(shown["steps"][index]["outcome"], *outcome, "{index}");
    }
    assert!(
        shown.get("payload").is_none() && shown.get("key_id").is_none() && shown.get("user_id").is_none()
    );
    assert_eq!(inspection.signed, None);
}

#[test]
fn what_cannot_be_read_passes_what_comes_before_and_the_agent_is_looked_at_all_the_same() {
    let keys = [key(1)];
    let outcomes = |token: &str| -> Vec<String> {
        let inspection = Verifier::new(AGENT, &keys, Policy::default()).inspect(&Token::new(token), NOW, &[]);
        let shown = serde_json::to_value(&inspection).unwrap();
        let steps = shown["steps"].as_array().unwrap();
        steps.iter().map(|step| step["outcome"].as_str().unwrap().to_owned()).collect()
    };
    let algorithm = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA";
    for (token, failed) in [("", 0), (&*"x".repeat(9000), 1), ("a.b.c", 2), (algorithm, 3)] {
        let expected = (0..11).map(|index| match index {
            _ if index < failed || index == 4 || index == 5 => "passed",
            _ if index == failed => "failed",
            _ => "not_checked",
        });
        assert!(outcomes(token).iter().map(String::as_str).eq(expected), "{failed}");
    }
}

#[test]
fn switched_off_a_good_token_shows_and_identifies_nobody() {
    let keys = [key(1)];
    let off = Policy { enabled: false, ..Policy::default() };
    let inspection = Verifier::new(AGENT, &keys, off).inspect(&minted(&json!({ "user_id": "42" })), NOW, &[]);
    assert_eq!(inspection.verdict(), Err(Rejection::Disabled));
    assert_eq!(inspection.payload.as_deref(), Some(r#"{"user_id":"42"}"#));
    assert_eq!(inspection.identity, None);
}
