//! The golden vectors of `tests/vectors/jwt`, judged by the verifier.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use eloquent_identity::{Key, Policy, Secret, Token, VerifiedIdentity, Verifier};
use eloquent_types::{
    id::{AgentId, KeyId},
    identify::IdentityCode,
    time::Timestamp,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    now: f64,
    keys: BTreeMap<String, KeyEntry>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct KeyEntry {
    id: KeyId,
    secret: String,
    revoked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    source: String,
    token: String,
    #[serde(default = "active_alone")]
    keys: Vec<String>,
    #[serde(default)]
    policy: PolicyEntry,
    expect: Verdict,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyEntry {
    enabled: Option<bool>,
    max_lifetime: Option<u64>,
    clock_skew: Option<u64>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Code(IdentityCode),
    Identity(Identity),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    user_id: String,
    email: Option<String>,
    claims: BTreeMap<String, String>,
    key: KeyId,
    issued_at: Option<f64>,
    #[serde(deserialize_with = "timestamp")]
    expires_at: Option<Timestamp>,
}

fn active_alone() -> Vec<String> {
    vec!["active".to_owned()]
}

fn timestamp<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.map(seconds))
}

#[expect(clippy::cast_possible_truncation, reason = "the vectors' times are small")]
fn seconds(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1000.0).round() as i64)
}

fn read(name: &str) -> File {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/jwt").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn agent() -> AgentId {
    AgentId::from_u128(7)
}

fn judge(file: &File, vector: &Vector) -> Verdict {
    let keys: Vec<Key> = vector
        .keys
        .iter()
        .map(|name| &file.keys[name])
        .map(|key| Key {
            id: key.id,
            secret: Secret::parse(key.secret.as_str()).unwrap(),
            revoked: key.revoked,
        })
        .collect();
    let usual = Policy::default();
    let policy = Policy {
        enabled: vector.policy.enabled.unwrap_or(usual.enabled),
        max_lifetime: vector.policy.max_lifetime.map(Duration::from_secs),
        clock_skew: vector.policy.clock_skew.map_or(usual.clock_skew, Duration::from_secs),
    };
    let token = Token::new(vector.token.as_str());
    match Verifier::new(agent(), &keys, policy).verify(&token, seconds(file.now)) {
        Ok(identity) => Verdict::Identity(described(&identity)),
        Err(rejection) => Verdict::Code(rejection.code()),
    }
}

fn described(identity: &VerifiedIdentity) -> Identity {
    assert_eq!(identity.agent(), agent());
    Identity {
        user_id: identity.user_id().as_str().to_owned(),
        email: identity.email().map(str::to_owned),
        claims: identity.claims().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        key: identity.key_id(),
        issued_at: identity.issued_at(),
        expires_at: identity.expires_at(),
    }
}

/// Judges every vector of a file, and gives how many there were and which codes came out.
fn judge_all(name: &str) -> (usize, Vec<IdentityCode>) {
    let file = read(name);
    let mut codes = Vec::new();
    for vector in &file.vectors {
        assert!(!vector.source.is_empty(), "{name}: {} has no source", vector.name);
        let verdict = judge(&file, vector);
        assert_eq!(verdict, vector.expect, "{name}: {}", vector.name);
        codes.extend(match verdict {
            Verdict::Code(code) => Some(code),
            Verdict::Identity(_) => None,
        });
    }
    codes.sort_unstable();
    codes.dedup();
    (file.vectors.len(), codes)
}

#[test]
fn form() {
    use IdentityCode::{TokenMalformed, TokenMissing, TokenTooLarge};
    let (count, codes) = judge_all("form.json");
    assert!(count >= 96, "{count}");
    assert_eq!(codes, [TokenMissing, TokenTooLarge, TokenMalformed]);
}

#[test]
fn algorithms() {
    let (count, codes) = judge_all("algorithms.json");
    assert!(count >= 47, "{count}");
    assert_eq!(codes, [IdentityCode::AlgNotAllowed]);
}

#[test]
fn signatures() {
    use IdentityCode::{
        AlgNotAllowed, IdentityDisabled, IdentityNotConfigured, KeyRevoked, SignatureInvalid,
    };
    let (count, codes) = judge_all("signatures.json");
    assert!(count >= 70, "{count}");
    assert_eq!(codes, [AlgNotAllowed, IdentityDisabled, IdentityNotConfigured, SignatureInvalid, KeyRevoked]);
}

#[test]
fn times() {
    use IdentityCode::{ClaimsInvalid, LifetimeTooLong, TokenExpired, TokenNotYetValid};
    let (count, codes) = judge_all("times.json");
    assert!(count >= 58, "{count}");
    assert_eq!(codes, [TokenExpired, TokenNotYetValid, ClaimsInvalid, LifetimeTooLong]);
}

#[test]
fn users() {
    use IdentityCode::{UserIdInvalid, UserIdMissing, UserIdNotString};
    let (count, codes) = judge_all("users.json");
    assert!(count >= 29, "{count}");
    assert_eq!(codes, [UserIdMissing, UserIdNotString, UserIdInvalid]);
}

#[test]
fn accepted() {
    let (count, codes) = judge_all("accepted.json");
    assert!(count >= 67, "{count}");
    assert_eq!(codes, []);
}

/// A vector that is refused must not be refused for want of a key or by the wrong circumstances.
#[test]
fn the_usual_token_identifies_in_every_file() {
    let usual = read("accepted.json").vectors.into_iter().find(|vector| vector.name == "by hand").unwrap();
    for name in ["form.json", "algorithms.json", "signatures.json", "times.json", "users.json"] {
        assert_eq!(judge(&read(name), &usual), usual.expect, "{name}");
    }
}
