//! What holds of every token, whatever is in it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it is surprised")]

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_identity::{Key, Policy, Rejection, Secret, TOKEN_MAX_BYTES, Token, Verifier, sign};
use eloquent_types::{
    claims::RESERVED,
    id::{AgentId, KeyId},
    identify::IdentityCode,
    text::UserId,
    time::Timestamp,
};
use proptest::{collection::btree_map, prelude::*, sample::Index};
use serde_json::{Map, Value, json};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const AGENT: AgentId = AgentId::from_u128(1);
const ID: KeyId = KeyId::from_u128(2);

fn key() -> Key {
    Key { id: ID, secret: Secret::generate([5; 32]), revoked: false }
}

fn verdict(token: &str) -> Result<eloquent_identity::VerifiedIdentity, Rejection> {
    Verifier::new(AGENT, &[key()], Policy::default()).verify(&Token::new(token), NOW)
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

fn valid() -> String {
    let claims =
        map(json!({ "user_id": "42", "email": "ada@example.com", "iat": 1_700_000_000, "plan": "pro" }));
    sign(&key().secret, &claims, Some(ID)).unwrap().expose().to_owned()
}

fn any_claim() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(".{0,8}", inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

#[test]
fn the_valid_token_is_valid() {
    assert_eq!(verdict(&valid()).unwrap().user_id().as_str(), "42");
}

#[test]
fn every_change_of_one_bit_is_refused() {
    let valid = valid();
    for (index, bit) in (0..valid.len()).flat_map(|index| (0..7).map(move |bit| (index, bit))) {
        let mut bytes = valid.clone().into_bytes();
        bytes[index] ^= 1 << bit;
        let changed = String::from_utf8(bytes).unwrap();
        assert!(verdict(&changed).is_err(), "bit {bit} of byte {index}: {changed}");
    }
}

#[test]
fn every_shorter_token_is_refused() {
    let valid = valid();
    for length in 0..valid.len() {
        assert!(verdict(&valid[..length]).is_err(), "the first {length} bytes");
        assert!(verdict(&valid[valid.len() - length..]).is_err(), "the last {length} bytes");
    }
}

#[test]
fn a_megabyte_is_refused_for_its_length() {
    let claims = map(json!({ "user_id": "42", "pad": "x".repeat(1 << 20) }));
    let long = sign(&key().secret, &claims, None).unwrap();
    assert_eq!(verdict(long.expose()), Err(Rejection::TooLarge));
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "kid": "../".repeat(1 << 18) }).to_string());
    assert_eq!(verdict(&format!("{header}.e30.AAAA")), Err(Rejection::TooLarge));
    assert_eq!(verdict(&"[".repeat(100_000)), Err(Rejection::TooLarge));
    assert_eq!(verdict(&"x".repeat(TOKEN_MAX_BYTES + 1)), Err(Rejection::TooLarge));
    assert_eq!(verdict(&"x".repeat(TOKEN_MAX_BYTES)), Err(Rejection::NotThreeParts));
}

#[test]
fn the_first_verification_may_come_from_many_threads() {
    let token = valid();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| verdict(&token).is_ok())).collect();
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
}

proptest! {
    #[test]
    fn a_changed_byte_is_refused(at: Index, byte in 0u8..128) {
        let valid = valid();
        let mut bytes = valid.clone().into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        prop_assert!(verdict(&String::from_utf8(bytes).unwrap()).is_err());
    }

    #[test]
    fn an_inserted_character_is_refused(at: Index, character: char) {
        let mut changed = valid();
        changed.insert(at.index(changed.len() + 1), character);
        prop_assert!(verdict(&changed).is_err());
    }

    #[test]
    fn nothing_panics(text in ".{0,200}") {
        prop_assert!(verdict(&text).is_err());
    }

    #[test]
    fn nothing_that_looks_like_a_token_panics(text in r"[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,60}") {
        prop_assert!(verdict(&text).is_err());
    }

    #[test]
    fn what_is_signed_is_proved(
        user_id in ".{1,40}".prop_filter("a user_id", |text| UserId::parse(text.as_str()).is_ok()),
        email in proptest::option::of(".{0,20}"),
        claims in btree_map(".{0,12}", any_claim(), 0..6),
        named: bool,
    ) {
        let claims: BTreeMap<_, _> =
            claims.into_iter().filter(|(name, _)| !RESERVED.contains(&name.as_str())).collect();
        let mut signed: Map<String, Value> = claims.clone().into_iter().collect();
        signed.insert("user_id".into(), user_id.clone().into());
        signed.extend(email.clone().map(|email| ("email".to_owned(), email.into())));
        let token = sign(&key().secret, &signed, named.then_some(ID)).unwrap();
        let identity = verdict(token.expose()).unwrap();
        prop_assert_eq!(identity.agent(), AGENT);
        prop_assert_eq!(identity.key_id(), ID);
        prop_assert_eq!(identity.user_id().as_str(), user_id);
        prop_assert_eq!(identity.email(), email.as_deref());
        let proved: BTreeMap<_, _> =
            identity.claims().iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let expected: BTreeMap<_, _> =
            claims.into_iter().map(|(name, value)| (name, value.to_string())).collect();
        prop_assert_eq!(proved, expected);
    }

    #[test]
    fn arbitrary_claims_get_a_verdict_of_their_own(claims in btree_map("(user_id|exp|nbf|iat|email|x)", any_claim(), 0..6)) {
        let signed: Map<String, Value> = claims.into_iter().collect();
        let code = verdict(sign(&key().secret, &signed, None).unwrap().expose()).err().map(Rejection::code);
        prop_assert!(code.is_none_or(|code| code > IdentityCode::KeyRevoked && code < IdentityCode::IdentityBlocked));
    }

    #[test]
    fn a_forger_learns_nothing_of_the_payload(claims in btree_map("(user_id|exp|nbf|iat|email|x)", any_claim(), 0..6)) {
        let signed: Map<String, Value> = claims.into_iter().collect();
        let forged = sign(&Secret::generate([6; 32]), &signed, None).unwrap();
        prop_assert_eq!(verdict(forged.expose()), Err(Rejection::SignatureInvalid));
    }

    #[test]
    fn a_key_is_its_whole_secret(random: [u8; 32]) {
        let secret = Secret::generate(random);
        prop_assume!(secret.expose() != key().secret.expose());
        let token = sign(&secret, &map(json!({ "user_id": "42" })), None).unwrap();
        prop_assert_eq!(verdict(token.expose()), Err(Rejection::SignatureInvalid));
    }
}
