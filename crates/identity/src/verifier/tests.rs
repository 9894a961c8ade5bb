use eloquent_types::{id::KeyId, text::UserId};
use serde_json::{Value, json};

use super::*;
use crate::{Secret, Signed, sign};

const AGENT: AgentId = AgentId::from_u128(1);
const SECONDS: i64 = 1_700_000_000;
const NOW: Timestamp = Timestamp::from_secs(SECONDS);

fn key(number: u8) -> Key {
    Key { id: KeyId::from_u128(u128::from(number)), secret: Secret::generate([number; 32]), revoked: false }
}

fn limited() -> Policy {
    Policy { max_lifetime: Some(Duration::from_hours(1)), ..Policy::default() }
}

fn minted(claims: &Value) -> Token {
    sign(&key(1).secret, claims.as_object().unwrap(), None).unwrap()
}

fn judged(claims: &Value, policy: Policy) -> Result<VerifiedIdentity, Rejection> {
    Verifier::new(AGENT, &[key(1)], policy).verify(&minted(claims), NOW)
}

/// Header text as it is, a payload, and a signature that is none.
fn unsigned(header: &str) -> Token {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let [header, payload] = [header, r#"{"user_id":"42"}"#].map(|part| URL_SAFE_NO_PAD.encode(part));
    Token::new(format!("{header}.{payload}.AAAA"))
}

#[test]
fn the_likely_mistake_is_told() {
    let usual = Policy::default();
    for (claims, policy, rejection, hint) in [
        (json!({"exp": 3600}), usual, Rejection::ExpiryIsDuration, "not a duration"),
        (json!({"exp": SECONDS - 11}), usual, Rejection::Expired, "clock"),
        (json!({"exp": "1"}), usual, Rejection::TimeNotNumber(TimeClaim::Expiry), "seconds"),
        (json!({"nbf": null}), usual, Rejection::TimeNotNumber(TimeClaim::NotBefore), "null"),
        (json!({"iat": []}), usual, Rejection::TimeNotNumber(TimeClaim::IssuedAt), "numbers"),
        (json!({"nbf": SECONDS + 11}), usual, Rejection::NotYetValid, "clock"),
        (json!({"exp": 99_999_999}), usual, Rejection::ExpiryIsDuration, "not a duration"),
        (json!({"exp": 100_000_000}), usual, Rejection::Expired, "clock"),
        (json!({"exp": 0}), usual, Rejection::ExpiryIsDuration, "not a duration"),
        (json!({"exp": -1}), usual, Rejection::Expired, "clock"),
        (json!({"nbf": 100_000_000_000_i64}), usual, Rejection::NotYetValid, "clock"),
        (json!({"nbf": 100_000_000_001_i64}), usual, Rejection::NotBeforeInMilliseconds, "milliseconds"),
        (json!({"exp": 100_000_000_000_i64}), limited(), Rejection::LifetimeTooLong, "shorter"),
        (json!({"exp": 100_000_000_001_i64}), limited(), Rejection::ExpiryInMilliseconds, "milliseconds"),
        (json!({"nbf": SECONDS * 1000}), usual, Rejection::NotBeforeInMilliseconds, "milliseconds"),
        (json!({"exp": SECONDS * 1000}), limited(), Rejection::ExpiryInMilliseconds, "milliseconds"),
        (json!({"exp": SECONDS + 3611}), limited(), Rejection::LifetimeTooLong, "shorter"),
        (json!({}), limited(), Rejection::NeverExpires, "exp"),
        (json!({}), usual, Rejection::UserIdMissing, "user_id"),
        (json!({"sub": "42"}), usual, Rejection::UserIdMisnamed, "sub"),
        (json!({"user_id": 42}), usual, Rejection::UserIdNumber, "String("),
        (json!({"user_id": null}), usual, Rejection::UserIdNotString, "null"),
        (json!({"user_id": ""}), usual, Rejection::UserIdInvalid, "255"),
    ] {
        let refusal = judged(&claims, policy).unwrap_err();
        assert_eq!(refusal, rejection, "{claims}");
        assert!(refusal.hint().contains(hint), "{}", refusal.hint());
    }
}

#[test]
fn the_algorithm_that_was_meant_is_told() {
    let verify = |header| Verifier::new(AGENT, &[key(1)], Policy::default()).verify(&unsigned(header), NOW);
    for (header, rejection) in [
        (r#"{"alg":"RS256"}"#, Rejection::AlgAsymmetric),
        (r#"{"alg":"PS512"}"#, Rejection::AlgAsymmetric),
        (r#"{"alg":"ES384"}"#, Rejection::AlgAsymmetric),
        (r#"{"alg":"EdDSA"}"#, Rejection::AlgAsymmetric),
        (r#"{"alg":"HS512"}"#, Rejection::AlgNotHs256),
        (r#"{"alg":"NonE"}"#, Rejection::AlgNone),
        (r#"{"alg":"none","crit":[]}"#, Rejection::AlgNone),
        (r#"{"alg":["RS256"]}"#, Rejection::AlgNotHs256),
        (r#"{"alg":"HS256","crit":[]}"#, Rejection::Critical),
        (r#"{"alg":"HS256"}"#, Rejection::SignatureInvalid),
    ] {
        assert_eq!(verify(header), Err(rejection), "{header}");
    }
}

#[test]
fn the_way_in_which_a_token_is_malformed_is_told() {
    let header = "eyJhbGciOiJIUzI1NiJ9";
    for (token, rejection) in [
        ("x".to_owned(), Rejection::NotThreeParts),
        ("a.b".to_owned(), Rejection::NotThreeParts),
        (format!("{header}.e30.AAAA.e30.AAAA"), Rejection::NotThreeParts),
        (format!(".{header}.AAAA"), Rejection::NotThreeParts),
        (format!("{header}..AAAA"), Rejection::NotThreeParts),
        (format!("{header}.e30."), Rejection::NotThreeParts),
        (format!("{header}.e30=.AAAA"), Rejection::NotBase64Url),
        (format!("Bearer {header}.e30.AAAA"), Rejection::NotBase64Url),
        (format!("{header}.AAAA.AAAA"), Rejection::NotJsonObjects),
        (format!("e30x.{header}.AAAA"), Rejection::NotJsonObjects),
        (format!("{header}.e30.AAAA"), Rejection::SignatureInvalid),
    ] {
        let verdict = Verifier::new(AGENT, &[key(1)], Policy::default()).verify(&Token::new(&*token), NOW);
        assert_eq!(verdict, Err(rejection), "{token}");
    }
}

#[test]
fn tolerance_ends_where_it_says() {
    let skew = |seconds| Policy { clock_skew: Duration::from_secs(seconds), ..Policy::default() };
    for (claim, offset, policy, rejection) in [
        ("exp", -9, Policy::default(), None),
        ("exp", -10, Policy::default(), Some(Rejection::Expired)),
        ("exp", 1, skew(0), None),
        ("exp", 0, skew(0), Some(Rejection::Expired)),
        ("exp", -299, skew(300), None),
        ("exp", -300, skew(300), Some(Rejection::Expired)),
        ("nbf", 10, Policy::default(), None),
        ("nbf", 11, Policy::default(), Some(Rejection::NotYetValid)),
        ("nbf", 0, skew(0), None),
        ("nbf", 1, skew(0), Some(Rejection::NotYetValid)),
        ("nbf", 300, skew(300), None),
        ("nbf", 301, skew(300), Some(Rejection::NotYetValid)),
    ] {
        let claims = json!({ "user_id": "42", claim: SECONDS + offset });
        assert_eq!(judged(&claims, policy).err(), rejection, "{claim} {offset:+} {policy:?}");
    }
}

#[test]
fn the_lifetime_counts_from_the_issue_or_from_now_whichever_is_longer() {
    for (issued_at, expiry, accepted) in [
        (json!(SECONDS), SECONDS + 3600, true),
        (json!(SECONDS), SECONDS + 3601, false),
        (json!(SECONDS - 3000), SECONDS + 600, true),
        (json!(SECONDS - 3000), SECONDS + 601, false),
        (json!(SECONDS + 9_000), SECONDS + 3610, true),
        (json!(SECONDS + 9_000), SECONDS + 3611, false),
    ] {
        let claims = json!({ "user_id": "42", "iat": issued_at, "exp": expiry });
        let expected = if accepted { None } else { Some(Rejection::LifetimeTooLong) };
        assert_eq!(judged(&claims, limited()).err(), expected, "{claims}");
        assert_eq!(judged(&claims, Policy::default()).err(), None, "{claims}");
    }
    let unlimited_issue = json!({ "user_id": "42", "exp": SECONDS + 3611 });
    assert_eq!(judged(&unlimited_issue, limited()), Err(Rejection::LifetimeTooLong));
}

/// Each claim set has all faults from its line on; the first one decides.
#[test]
fn an_earlier_check_decides() {
    let no_keys: &[Key] = &[];
    let keys = [key(1)];
    let off = Policy { enabled: false, ..Policy::default() };
    let bad = json!({ "exp": SECONDS - 60, "nbf": "x", "iat": "x" });
    let verdict = |token: &Token, keys, policy| Verifier::new(AGENT, keys, policy).verify(token, NOW).err();
    let forged = sign(&key(9).secret, bad.as_object().unwrap(), None).unwrap();
    assert_eq!(verdict(&Token::new(""), no_keys, off), Some(Rejection::Missing));
    assert_eq!(verdict(&Token::new(".".repeat(8193)), no_keys, off), Some(Rejection::TooLarge));
    assert_eq!(verdict(&Token::new("."), no_keys, off), Some(Rejection::NotThreeParts));
    assert_eq!(verdict(&unsigned(r#"{"alg":"RS256"}"#), no_keys, off), Some(Rejection::AlgAsymmetric));
    assert_eq!(verdict(&forged, no_keys, off), Some(Rejection::Disabled));
    assert_eq!(verdict(&forged, no_keys, Policy::default()), Some(Rejection::NotConfigured));
    assert_eq!(verdict(&forged, &keys, Policy::default()), Some(Rejection::SignatureInvalid));
    for (claims, rejection) in [
        (bad, Rejection::Expired),
        (
            json!({ "exp": SECONDS * 2, "nbf": "x", "iat": "x" }),
            Rejection::TimeNotNumber(TimeClaim::NotBefore),
        ),
        (json!({ "exp": SECONDS * 2, "nbf": SECONDS * 2, "iat": "x" }), Rejection::NotYetValid),
        (json!({ "exp": SECONDS * 2, "iat": "x" }), Rejection::TimeNotNumber(TimeClaim::IssuedAt)),
        (json!({ "exp": SECONDS * 2 }), Rejection::LifetimeTooLong),
        (json!({ "exp": SECONDS + 60 }), Rejection::UserIdMissing),
    ] {
        assert_eq!(judged(&claims, limited()), Err(rejection), "{claims}");
    }
}

#[test]
fn a_named_key_is_the_only_one_tried() {
    let revoked = Key { revoked: true, ..key(3) };
    let keys = [key(1), key(2), revoked];
    let claims = json!({ "user_id": "42" });
    let id = |number: u8| KeyId::from_u128(u128::from(number));
    for (signer, named, expected) in [
        (1, None, Ok(id(1))),
        (2, None, Ok(id(2))),
        (3, None, Err(Rejection::SignatureInvalid)),
        (4, None, Err(Rejection::SignatureInvalid)),
        (1, Some(1), Ok(id(1))),
        (2, Some(2), Ok(id(2))),
        (2, Some(1), Err(Rejection::SignatureInvalid)),
        (1, Some(2), Err(Rejection::SignatureInvalid)),
        (3, Some(3), Err(Rejection::KeyRevoked)),
        (1, Some(3), Err(Rejection::KeyRevoked)),
        (2, Some(4), Ok(id(2))),
        (4, Some(4), Err(Rejection::SignatureInvalid)),
    ] {
        let token = sign(&key(signer).secret, claims.as_object().unwrap(), named.map(id)).unwrap();
        let verdict = Verifier::new(AGENT, &keys, Policy::default()).verify(&token, NOW);
        assert_eq!(verdict.map(|identity| identity.key_id()), expected, "by {signer}, names {named:?}");
    }
}

#[test]
fn a_proof_shows_ids_only() {
    let claims = json!({ "user_id": "42", "email": "ada@example.com", "plan": "pro" });
    let identity = judged(&claims, Policy::default()).unwrap();
    let shown = format!("{identity:?}");
    assert!(shown.contains("agt_") && shown.contains("key_") && shown.contains("42"), "{shown}");
    assert!(!shown.contains("ada") && !shown.contains("plan") && !shown.contains("pro"), "{shown}");
    assert!(!format!("{:?}", Verifier::new(AGENT, &[key(1)], Policy::default())).contains("elq_"));
}

#[test]
fn a_judgement_tells_what_was_signed_whatever_the_verdict_is() {
    let keys = [key(1)];
    let judge = |token: &Token| {
        Verifier::new(AGENT, &keys, Policy::default()).judge(Candidate::read(token).unwrap(), NOW)
    };
    let claims = json!({ "user_id": "42", "iat": SECONDS - 90, "nbf": "x", "exp": 1_699_999_939.5 });
    let judgement = judge(&minted(&claims));
    assert_eq!(judgement.outcome, Err(Rejection::Expired));
    let expected = Signed {
        key: key(1).id,
        issued_at: Some(1_699_999_910.0),
        not_before: None,
        expires_at: Some(1_699_999_939.5),
        user_id: UserId::parse("42").ok(),
    };
    assert_eq!(judgement.signed, Some(expected));
    let shown = format!("{judgement:?}");
    assert!(shown.contains("key_") && shown.contains("1699999939.5") && !shown.contains("42\""), "{shown}");

    let good = judge(&minted(&json!({ "user_id": "42" })));
    assert_eq!(good.outcome.unwrap().user_id().as_str(), "42");
    assert_eq!(good.signed.unwrap().issued_at, None);

    let forged = sign(&key(9).secret, claims.as_object().unwrap(), None).unwrap();
    assert_eq!(judge(&forged), Judgement { outcome: Err(Rejection::SignatureInvalid), signed: None });
}

#[test]
fn two_proofs_are_equal_where_everything_they_say_is() {
    let keys = [key(1), key(2)];
    let claims = json!({ "user_id": "42", "email": "a@b.example", "iat": SECONDS, "exp": SECONDS + 60, "plan": "pro" });
    let proof = |agent: AgentId, number: u8, claims: &Value| {
        let token = sign(&key(number).secret, claims.as_object().unwrap(), None).unwrap();
        Verifier::new(agent, &keys, Policy::default()).verify(&token, NOW).unwrap()
    };
    let first = proof(AGENT, 1, &claims);
    assert_eq!(first, proof(AGENT, 1, &claims));
    assert_eq!(first, first.clone());
    assert_ne!(first, proof(AgentId::from_u128(2), 1, &claims));
    assert_ne!(first, proof(AGENT, 2, &claims));
    for (name, value) in [
        ("user_id", json!("43")),
        ("email", json!("b@b.example")),
        ("email", json!(null)),
        ("iat", json!(SECONDS - 1)),
        ("exp", json!(SECONDS + 61)),
        ("plan", json!("free")),
        ("seats", json!(1)),
    ] {
        let mut changed = claims.clone();
        changed[name] = value;
        assert_ne!(first, proof(AGENT, 1, &changed), "{name}");
    }
}
