//! The likely mistakes that an inspection tells, one by one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it is surprised")]

use std::time::Duration;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use eloquent_identity::{
    Advice, Check, Inspection, Key, OtherKey, Outcome, Policy, Rejection, Secret, SecretUse, Suspicion,
    TimeClaim, Token, Verifier,
};
use eloquent_types::{
    id::{AgentId, KeyId},
    time::Timestamp,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

const NOW: i64 = 1_700_000_000;
const AGENT: AgentId = AgentId::from_u128(1);

/// Begins with hexadecimal digits after its prefix, has both characters that only base64url has, and does
/// not end in zeros, which as the end of a key make no difference.
const SECRET: &str = "elq_abcdef0123456789-_wwwwwwwwwwwwwwwwwwwwwwwww";

fn id(number: u128) -> KeyId {
    KeyId::from_u128(number)
}

fn key(number: u128, secret: &str) -> Key {
    Key { id: id(number), secret: Secret::parse(secret).unwrap(), revoked: false }
}

/// The agent's keys: an active one, another, and a revoked one.
fn keys() -> [Key; 3] {
    let other = |letter: &str| format!("elq_{}", letter.repeat(43));
    [key(1, SECRET), key(2, &other("B")), Key { revoked: true, ..key(3, &other("C")) }]
}

fn neighbours() -> [OtherKey; 1] {
    let key = key(9, &format!("elq_{}", "D".repeat(43)));
    [OtherKey { agent: AgentId::from_u128(2), agent_name: "Returns".to_owned(), key }]
}

fn mint_with(header: &Value, claims: &Value, key: &[u8]) -> String {
    let [header, payload] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{payload}");
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(&input).finalize().into_bytes();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac))
}

fn mint(claims: &Value) -> String {
    mint_with(&json!({ "alg": "HS256" }), claims, SECRET.as_bytes())
}

fn usual() -> Value {
    json!({ "user_id": "42", "iat": NOW - 60, "exp": NOW + 3600 })
}

fn inspect(token: &str, policy: Policy) -> Inspection {
    let keys = keys();
    let now = Timestamp::from_secs(NOW);
    Verifier::new(AGENT, &keys, policy).inspect(&Token::new(token), now, &neighbours())
}

fn limited() -> Policy {
    Policy { max_lifetime: Some(Duration::from_hours(2)), ..Policy::default() }
}

fn outcome(inspection: &Inspection, check: Check) -> &Outcome {
    &inspection.steps[usize::from(check.number()) - 1].outcome
}

/// The suspicion about the check that decided, whose words are then the hint.
fn suspicion(token: &str, check: Check) -> Option<Suspicion> {
    suspicion_under(token, check, Policy::default())
}

fn suspicion_under(token: &str, check: Check, policy: Policy) -> Option<Suspicion> {
    let inspection = inspect(token, policy);
    let Outcome::Failed { rejection, suspicion } = outcome(&inspection, check) else {
        panic!("{check:?} did not fail: {token}");
    };
    let shown = serde_json::to_value(&inspection).unwrap();
    let hint = shown["steps"][usize::from(check.number()) - 1]["hint"].as_str().unwrap().to_owned();
    let expected = suspicion.as_ref().map_or_else(|| rejection.hint().to_owned(), Suspicion::text);
    assert_eq!(hint, expected);
    assert!(hint.len() > 30 && hint.ends_with(['.', '?']), "{hint}");
    suspicion.clone()
}

fn advice(token: &str, check: Check) -> Option<Advice> {
    let inspection = inspect(token, Policy::default());
    let Outcome::Passed { advice } = outcome(&inspection, check) else {
        panic!("{check:?} did not pass: {token}");
    };
    let shown = serde_json::to_value(&inspection).unwrap();
    let told = shown["steps"][usize::from(check.number()) - 1].get("advice").and_then(Value::as_str);
    assert_eq!(told.map(str::to_owned), advice.as_ref().map(Advice::text));
    assert!(told.is_none_or(|told| told.len() > 30 && told.ends_with('.')), "{told:?}");
    advice.clone()
}

#[test]
fn what_is_not_a_token() {
    let good = mint(&usual());
    let [header, payload, mac] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    for (text, expected) in [
        (format!("Bearer {good}"), Some(Suspicion::Bearer)),
        (format!("bearer {good}"), Some(Suspicion::Bearer)),
        (format!("\"{good}\""), Some(Suspicion::Quoted)),
        (format!("'{good}'"), Some(Suspicion::Quoted)),
        (format!("{good}\n"), Some(Suspicion::WhiteSpace)),
        (format!(" {good}"), Some(Suspicion::WhiteSpace)),
        (format!("{header}.{payload}.\n{mac}"), Some(Suspicion::WhiteSpace)),
        (good.replace('.', "%2E"), Some(Suspicion::UrlEncoded)),
        (format!("{header}.{payload}.{mac}.{payload}.{mac}"), Some(Suspicion::Encrypted)),
        (format!("{header}.{payload}"), Some(Suspicion::Cut)),
        (header.to_owned(), Some(Suspicion::Cut)),
        (format!("{header}.{payload}.{}…", &mac[..9]), None),
        ("{{token}}".to_owned(), Some(Suspicion::Template)),
        ("{{ token }}".to_owned(), Some(Suspicion::Template)),
        ("${token}".to_owned(), Some(Suspicion::Template)),
        ("<%= token %>".to_owned(), Some(Suspicion::Template)),
        ("{token}".to_owned(), Some(Suspicion::Template)),
        (":token".to_owned(), Some(Suspicion::Template)),
        ("YOUR_TOKEN".to_owned(), Some(Suspicion::Template)),
        ("undefined".to_owned(), Some(Suspicion::Nothing("undefined"))),
        ("null".to_owned(), Some(Suspicion::Nothing("null"))),
        (" None\n".to_owned(), Some(Suspicion::Nothing("None"))),
        ("[object Promise]".to_owned(), Some(Suspicion::Promise)),
        ("[object Object]".to_owned(), Some(Suspicion::Object)),
        (json!({ "token": good }).to_string(), Some(Suspicion::Json)),
        (format!("[\"{good}\"]"), Some(Suspicion::Json)),
        ("<!doctype html><title>Log in</title>".to_owned(), Some(Suspicion::Html)),
        (SECRET.to_owned(), Some(Suspicion::SecretInstead)),
        (format!("{good}="), Some(Suspicion::Padded)),
        (format!("{header}.ab+/.{mac}"), Some(Suspicion::StandardAlphabet)),
        (format!("{header}.AAAA.{mac}"), None),
        ("token".to_owned(), None),
        (":".to_owned(), None),
        ("{}".to_owned(), Some(Suspicion::Json)),
        ("a.b.c".to_owned(), None),
    ] {
        let found = suspicion(&text, Check::Form);
        match &expected {
            None if text.ends_with('…') => assert_eq!(found, Some(Suspicion::Cut)),
            _ => assert_eq!(found, expected, "{text}"),
        }
    }
    assert_eq!(suspicion("", Check::Present), None);
    assert_eq!(suspicion(&"x".repeat(9000), Check::Size), None);
}

#[test]
fn another_algorithm() {
    let under = |header: Value| suspicion(&mint_with(&header, &usual(), SECRET.as_bytes()), Check::Algorithm);
    for alg in ["RS256", "PS512", "ES256", "EdDSA"] {
        let found = under(json!({ "alg": alg })).unwrap();
        assert_eq!(found, Suspicion::KeyPair(alg.to_owned()));
        for words in [alg, "algorithm=\"HS256\"", "setProtectedHeader", "SigningMethodHS256", "HmacSha256"] {
            assert!(found.text().contains(words), "{words}: {}", found.text());
        }
    }
    for alg in ["HS384", "HS512"] {
        assert_eq!(under(json!({ "alg": alg })), Some(Suspicion::OtherHash(alg.to_owned())));
    }
    for alg in ["none", "None", "NONE"] {
        assert_eq!(under(json!({ "alg": alg })), Some(Suspicion::Unsigned));
    }
    for alg in ["hs256", "HS-256", "HS256 ", "Hs_256"] {
        assert_eq!(under(json!({ "alg": alg })), Some(Suspicion::Spelling), "{alg}");
    }
    let xml = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    assert_eq!(under(json!({ "alg": xml })), Some(Suspicion::XmlName));
    assert_eq!(under(json!({ "typ": "JWT" })), Some(Suspicion::NoAlgorithm));
    for alg in [json!("RSA-OAEP"), json!("RS256<script>"), json!(null), json!(["HS256"]), json!("")] {
        assert_eq!(under(json!({ "alg": alg })), None, "{alg}");
    }
    assert_eq!(under(json!({ "alg": "HS256", "crit": ["exp"] })), None);
}

#[test]
fn a_secret_that_was_not_used_as_it_is_shown() {
    let body = &SECRET[4..];
    let lenient = |text: &str| {
        let mut text = text.replace(['-', '_'], "");
        text.truncate(text.len() / 4 * 4);
        STANDARD.decode(text).unwrap()
    };
    let utf16: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, used) in [
        (body.as_bytes().to_vec(), SecretUse::WithoutPrefix),
        (URL_SAFE_NO_PAD.decode(body).unwrap(), SecretUse::DecodedBase64),
        (URL_SAFE_NO_PAD.decode(SECRET).unwrap(), SecretUse::DecodedBase64),
        (lenient(SECRET), SecretUse::DecodedBase64),
        (lenient(body), SecretUse::DecodedBase64),
        (vec![0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89], SecretUse::DecodedHex),
        (STANDARD.encode(SECRET).into_bytes(), SecretUse::EncodedBase64),
        (format!("\"{SECRET}\"").into_bytes(), SecretUse::Quoted),
        (format!("'{SECRET}'").into_bytes(), SecretUse::Quoted),
        (format!("\"{body}\"").into_bytes(), SecretUse::Quoted),
        (format!("{SECRET}\n").into_bytes(), SecretUse::Spaced),
        (format!("{SECRET}\r\n").into_bytes(), SecretUse::Spaced),
        (format!("{SECRET} ").into_bytes(), SecretUse::Spaced),
        (format!(" {SECRET}").into_bytes(), SecretUse::Spaced),
        (format!("{body}\n").into_bytes(), SecretUse::Spaced),
        (format!("ELOQUENT_SECRET={SECRET}").into_bytes(), SecretUse::EnvLine),
        (utf16, SecretUse::Utf16),
        (id(1).to_string().into_bytes(), SecretUse::KeyId),
        (Vec::new(), SecretUse::Nothing),
        (b"undefined".to_vec(), SecretUse::Nothing),
        (b"None".to_vec(), SecretUse::Nothing),
    ] {
        let token = mint_with(&json!({ "alg": "HS256" }), &usual(), &bytes);
        assert_eq!(suspicion(&token, Check::Signature), Some(Suspicion::Secret(used)), "{bytes:?}");
        let inspection = inspect(&token, Policy::default());
        assert_eq!((inspection.payload, inspection.signed, inspection.identity), (None, None, None));
    }
    // A secret that begins with no hexadecimal digit decodes to nothing.
    let plain = [key(1, &format!("elq_{}", "Z".repeat(43)))];
    let unsigned = Token::new(mint_with(&json!({ "alg": "HS256" }), &usual(), b""));
    let inspection =
        Verifier::new(AGENT, &plain, Policy::default()).inspect(&unsigned, Timestamp::from_secs(NOW), &[]);
    let Outcome::Failed { suspicion: Some(suspected), .. } = outcome(&inspection, Check::Signature) else {
        panic!("nothing is suspected");
    };
    assert_eq!(*suspected, Suspicion::Secret(SecretUse::Nothing));
    // Any of the agent's active keys may be the one that was meant, a revoked one may not.
    let [_, second, revoked] = keys();
    let cut =
        |key: &Key| mint_with(&json!({ "alg": "HS256" }), &usual(), &key.secret.expose().as_bytes()[4..]);
    let expected = Suspicion::Secret(SecretUse::WithoutPrefix);
    assert_eq!(suspicion(&cut(&second), Check::Signature), Some(expected));
    assert_eq!(suspicion(&cut(&revoked), Check::Signature), None);
}

#[test]
fn another_key() {
    let [_, second, revoked] = keys();
    let [neighbour] = neighbours();
    let signed = |kid: Option<KeyId>, key: &Key| {
        let header = kid.map_or(json!({ "alg": "HS256" }), |kid| json!({ "alg": "HS256", "kid": kid }));
        mint_with(&header, &usual(), key.secret.expose().as_bytes())
    };
    let stranger = key(20, &format!("elq_{}", "Z".repeat(43)));
    let returns = "Returns".to_owned();
    for (kid, signer, expected) in [
        (None, &neighbour.key, Some(Suspicion::OtherAgent { name: returns.clone() })),
        (Some(id(9)), &neighbour.key, Some(Suspicion::OtherAgent { name: returns.clone() })),
        (Some(id(9)), &stranger, Some(Suspicion::OtherAgentNamed { name: returns.clone() })),
        (None, &revoked, Some(Suspicion::RevokedKey)),
        (Some(id(3)), &revoked, None),
        (Some(id(3)), &second, Some(Suspicion::WrongKid)),
        (Some(id(1)), &second, Some(Suspicion::WrongKid)),
        (None, &stranger, None),
    ] {
        assert_eq!(suspicion(&signed(kid, signer), Check::Signature), expected, "{kid:?}");
        let inspection = inspect(&signed(kid, signer), Policy::default());
        assert_eq!((inspection.payload, inspection.signed), (None, None), "{kid:?}");
    }
    for (kid, expected) in [
        (Some(id(9)), Some(Advice::KidOfOtherAgent { name: returns.clone() })),
        (Some(id(20)), Some(Advice::UnknownKid)),
        (Some(id(2)), None),
        (None, None),
    ] {
        assert_eq!(advice(&signed(kid, &second), Check::Signature), expected, "{kid:?}");
    }
    assert!(Suspicion::OtherAgent { name: returns.clone() }.text().contains("\"Returns\""));
    assert!(Advice::KidOfOtherAgent { name: returns }.text().contains("\"Returns\""));
}

#[test]
fn a_mac_by_hand() {
    let good = mint(&usual());
    let (input, mac) = good.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(mac).unwrap();
    let digit = |byte: u8| char::from_digit(byte.into(), 16).unwrap();
    let hex: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let long = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(input).finalize();
    for (signature, expected) in [
        (hex, Some(Suspicion::HexMac)),
        (URL_SAFE_NO_PAD.encode(long.into_bytes()), Some(Suspicion::MacLength(64))),
        (URL_SAFE_NO_PAD.encode(&bytes[..16]), Some(Suspicion::MacLength(16))),
        (URL_SAFE_NO_PAD.encode([9; 48]), Some(Suspicion::MacLength(48))),
        (URL_SAFE_NO_PAD.encode([0; 32]), None),
    ] {
        assert_eq!(suspicion(&format!("{input}.{signature}"), Check::Signature), expected, "{signature}");
    }
}

#[test]
fn times_and_clocks() {
    let claims = |iat: Value, exp: Value| mint(&json!({ "user_id": "42", "iat": iat, "exp": exp }));
    let at = |offset: i64| json!(NOW + offset);
    for (iat, exp, expected) in [
        (at(-75), at(-15), Some(Suspicion::JustExpired { ago: 15.0, lifetime: 60.0 })),
        (at(-3900), at(-300), Some(Suspicion::JustExpired { ago: 300.0, lifetime: 3600.0 })),
        (at(-7230), at(-6930), Some(Suspicion::ClockBehind { seconds: 7230.0 })),
        (at(-19_800), at(-19_500), Some(Suspicion::ClockBehind { seconds: 19_800.0 })),
        (at(-60), at(-60), Some(Suspicion::EndsBeforeItBegins)),
        (at(-60), at(-90), Some(Suspicion::EndsBeforeItBegins)),
        (at(-90_000), at(-86_400), None),
        (json!("x"), at(-15), None),
    ] {
        assert_eq!(suspicion(&claims(iat.clone(), exp), Check::Times), expected, "{iat}");
    }
    let early = |iat: i64, nbf: i64| mint(&json!({ "user_id": "42", "iat": NOW + iat, "nbf": NOW + nbf }));
    for (iat, nbf, expected) in [
        (45, 45, Some(Suspicion::ClockAhead { seconds: 45.0 })),
        (7200, 7200, Some(Suspicion::ClockAhead { seconds: 7200.0 })),
        (-5, 45, None),
        (0, 45, None),
    ] {
        assert_eq!(suspicion(&early(iat, nbf), Check::Times), expected, "{iat} {nbf}");
    }
    let no_issue = mint(&json!({ "user_id": "42", "nbf": NOW + 45 }));
    assert_eq!(suspicion(&no_issue, Check::Times), Some(Suspicion::ClockAhead { seconds: 45.0 }));
    assert_eq!(suspicion(&claims(at(0), json!(3600)), Check::Times), None);
    assert!(Suspicion::ClockAhead { seconds: 45.0 }.text().contains("by 45 s: set it by NTP"));
    assert!(Suspicion::ClockAhead { seconds: 7201.0 }.text().contains("7201 s (2.0 hours): local time"));
    assert!(Suspicion::ClockBehind { seconds: 19_800.0 }.text().contains("5.5 hours"));
}

#[test]
fn times_that_passed_and_are_odd() {
    let claims = |iat: Value, exp: Value| mint(&json!({ "user_id": "42", "iat": iat, "exp": exp }));
    for (iat, exp, expected) in [
        (json!(NOW), json!((NOW + 3600) * 1000), Some(Advice::InMilliseconds(TimeClaim::Expiry))),
        (json!(NOW * 1000), json!(NOW + 3600), Some(Advice::InMilliseconds(TimeClaim::IssuedAt))),
        (json!(NOW + 30), json!(NOW + 3600), Some(Advice::ClockAhead { seconds: 30.0 })),
        (json!(NOW + 11), json!(NOW + 3600), Some(Advice::ClockAhead { seconds: 11.0 })),
        (json!(NOW + 10), json!(NOW + 3600), None),
        (json!(NOW), json!(100_000_000_000_i64), None),
        (json!(NOW), json!(NOW - 5), None),
    ] {
        assert_eq!(advice(&claims(iat, exp.clone()), Check::Times), expected, "{exp}");
    }
    assert_eq!(advice(&mint(&json!({ "user_id": "42" })), Check::Times), Some(Advice::NeverExpires));
    let late = mint(&json!({ "user_id": "42", "iat": NOW, "nbf": NOW * 1000 }));
    let inspection = inspect(&late, Policy::default());
    assert_eq!(inspection.verdict(), Err(Rejection::NotBeforeInMilliseconds));
}

#[test]
fn a_life_too_long() {
    let claims = |iat: i64, exp: i64| mint(&json!({ "user_id": "42", "iat": NOW + iat, "exp": NOW + exp }));
    let long = |lifetime| Some(Suspicion::LongLife { lifetime, allowed: 7200.0 });
    for (iat, exp, expected) in [
        (0, 86_400, long(86_400.0)),
        (-600, 7000, long(7600.0)),
        (500, 7300, long(7300.0)),
        (0, (NOW + 3600) * 999, None),
    ] {
        let found = suspicion_under(&claims(iat, exp), Check::Lifetime, limited());
        assert_eq!(found, expected, "{iat} {exp}");
    }
    let endless = mint(&json!({ "user_id": "42" }));
    assert_eq!(suspicion_under(&endless, Check::Lifetime, limited()), None);
    let text = Suspicion::LongLife { lifetime: 172_800.0, allowed: 119.4 }.text();
    assert!(text.contains("172800 s (2.0 days)") && text.contains("allows 119 s."), "{text}");
    let text = Suspicion::LongLife { lifetime: 7200.0, allowed: 120.0 }.text();
    assert!(text.contains("7200 s (2.0 hours)") && text.contains("allows 120 s (2.0 minutes)."), "{text}");
}

#[test]
fn where_the_user_id_is() {
    for (claims, expected) in [
        (json!({ "sub": "42" }), Some(Suspicion::Misnamed("sub"))),
        (json!({ "userId": "42", "plan": "pro" }), Some(Suspicion::Misnamed("userId"))),
        (json!({ "id": 42 }), Some(Suspicion::Misnamed("id"))),
        (json!({ "data": { "user_id": "42" } }), Some(Suspicion::Nested("data".to_owned()))),
        (json!({ "user": { "user_id": "42" } }), Some(Suspicion::Nested("user".to_owned()))),
        (json!({ "user": { "id": "42" } }), Some(Suspicion::Misnamed("user"))),
        (json!({ "plan": "pro" }), None),
        (json!({ "user_id": 42 }), None),
        (json!({ "user_id": null }), None),
        (json!({ "user_id": "" }), Some(Suspicion::EmptyUserId)),
        (json!({ "user_id": " \t" }), Some(Suspicion::EmptyUserId)),
        (json!({ "user_id": "é".repeat(256) }), Some(Suspicion::LongUserId(256))),
        (json!({ "user_id": format!("{}\n", "x".repeat(254)) }), Some(Suspicion::ControlInUserId('\n'))),
        (json!({ "user_id": "42\n" }), Some(Suspicion::ControlInUserId('\n'))),
    ] {
        assert_eq!(suspicion(&mint(&claims), Check::UserId), expected, "{claims}");
    }
    assert!(Suspicion::ControlInUserId('\n').text().contains("U+000A"));
    let rejection = inspect(&mint(&json!({ "user_id": 42 })), Policy::default()).verdict().unwrap_err();
    assert!(rejection.hint().contains("String(user.id)"));
    for (user_id, expected) in [("42", None), (" 42", Some(Advice::SpacedUserId)), ("4 2", None)] {
        assert_eq!(advice(&mint(&json!({ "user_id": user_id })), Check::UserId), expected, "{user_id}");
    }
}
