//! The tokens that are timed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use eloquent_identity::{Secret, TOKEN_MAX_BYTES, Token, sign};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

/// When they are judged, in seconds.
pub(crate) const SECONDS: i64 = 1_700_000_000;

/// What the key of this number signs with.
pub(crate) fn secret(number: u8) -> Secret {
    Secret::generate([number; 32])
}

/// Those that sites sign: as small as a useful one is, one about a customer, and one as large as allowed.
pub(crate) fn usual() -> [(&'static str, Token); 3] {
    let small = json!({ "user_id": "42", "plan": "pro", "iat": SECONDS, "exp": SECONDS + 3600 });
    [("small", signed(small.as_object().unwrap())), ("customer", signed(&customer())), ("large", large())]
}

fn signed(claims: &Map<String, Value>) -> Token {
    sign(&secret(1), claims, None).unwrap()
}

fn customer() -> Map<String, Value> {
    let claims = json!({
        "user_id": "8d7f0a5e-3c41-4a52-9f55-0c1de92a7c11",
        "email": "ada.lovelace@example.com",
        "name": "Ada Lovelace",
        "plan": "professional",
        "seats": 25,
        "renews_on": "2027-03-01",
        "company": { "id": 1204, "name": "Analytical Engines Ltd" },
        "roles": ["owner", "billing"],
        "iat": SECONDS,
        "exp": SECONDS + 3600,
    });
    claims.as_object().unwrap().clone()
}

/// The customer, and notes on as many orders as there is room for.
fn large() -> Token {
    let note =
        "Two bags of Yirgacheffe, ground for a filter; the parcel waits at the neighbour's, Mill Lane 7.";
    let mut claims = customer();
    let mut largest = signed(&claims);
    for order in 0..100 {
        claims.insert(format!("order_{order}"), note.into());
        let token = signed(&claims);
        if token.expose().len() <= TOKEN_MAX_BYTES {
            largest = token;
        }
    }
    largest
}

/// The shapes of 8 KB that are the most work, as far as they are known.
pub(crate) fn worst() -> Vec<(String, Token)> {
    let mut worst: Vec<(String, Token)> = SHAPES
        .iter()
        .map(|(name, before, piece, after)| {
            let payload = filled(before, after, |index| piece.replace('~', &format!("{index:x}")));
            ((*name).to_owned(), by_hand(r#"{"alg":"HS256"}"#, &payload))
        })
        .collect();
    let header = filled(r#"{"alg":"HS256""#, "}", |index| format!(r#","\u006b{index:x}":1"#));
    worst.push(("members of the header".to_owned(), by_hand(&header, r#"{"user_id":"42"}"#)));
    worst.push(("dots".to_owned(), Token::new(".".repeat(TOKEN_MAX_BYTES))));
    worst.push(("letters".to_owned(), Token::new("A".repeat(TOKEN_MAX_BYTES))));
    worst
}

/// What comes once, what is repeated (with its number for `~`), and what comes last.
const SHAPES: [(&str, &str, &str, &str); 11] = [
    ("as many members as there is room for", r#"{"user_id":"42""#, r#","~":1"#, "}"),
    ("members whose names are escaped", r#"{"user_id":"42""#, r#","\u0061~":1"#, "}"),
    ("members of an inner object", r#"{"user_id":"42","x":{"a":1"#, r#","~":1"#, "}}"),
    (
        "objects of ten members",
        r#"{"user_id":"42","x":[0"#,
        r#",{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0}"#,
        "]}",
    ),
    ("empty arrays", r#"{"user_id":"42","x":[0"#, ",[]", "]}"),
    ("numbers beyond a float", r#"{"user_id":"42","x":[0"#, ",1e309", "]}"),
    (
        "numbers at the edge of a float",
        r#"{"user_id":"42","x":[0"#,
        ",1797693134862315807937289714053034e275",
        "]}",
    ),
    ("a number of all digits", r#"{"user_id":"42","x":1"#, "7", "}"),
    ("a time of all digits", r#"{"user_id":"42","exp":1"#, "7", "}"),
    ("escapes", r#"{"user_id":"42","x":""#, r"\ud83d\ude00", r#""}"#),
    ("white space", r#"{"user_id":"42""#, " ", "}"),
];

/// As long as a part may be beside another one that is short.
fn filled(before: &str, after: &str, piece: impl Fn(usize) -> String) -> String {
    const ROOM: usize = 6050;
    let mut text = before.to_owned();
    for index in 0.. {
        let next = piece(index);
        if text.len() + next.len() + after.len() > ROOM {
            break;
        }
        text += &next;
    }
    text + after
}

fn by_hand(header: &str, payload: &str) -> Token {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let mac = Hmac::<Sha256>::new_from_slice(secret(1).expose().as_bytes()).unwrap().chain_update(&input);
    let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    assert!(token.len() <= TOKEN_MAX_BYTES, "{}", token.len());
    Token::new(token)
}
