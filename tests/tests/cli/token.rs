//! `eloquent token verify`: the eleven checks, for people and as JSON.

use std::path::Path;

use serde_json::Value;

use super::program::{command, failure, run_with_input, succeed};

fn prepare(data: &Path) {
    succeed(data, &["agent", "create", "--name", "Helper"]);
    succeed(data, &["key", "create"]);
}

fn sign(data: &Path, more: &[&str]) -> String {
    succeed(data, &[&["token", "sign", "--user-id", "42"], more].concat()).trim().to_owned()
}

/// What is printed of the token, and the exit status.
fn verify(data: &Path, token: &str, more: &[&str]) -> (String, i32) {
    let args = [&["--data", data.to_str().unwrap(), "token", "verify"], more].concat();
    let output = run_with_input(&args, token);
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

#[test]
fn a_good_token_passes_every_check() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let token = sign(folder.path(), &["--claim", "plan=pro"]);
    let (text, status) = verify(folder.path(), &token, &[]);
    assert_eq!(status, 0);
    assert!(text.starts_with("identified: 42\n"), "{text}");
    for (number, line) in (1..=11).zip(text.lines().skip(2)) {
        assert!(line.starts_with(&format!("  {number:>2} ✓ ")), "{line}");
    }
    for part in ["header: {", "\"plan\":\"pro\"", "key: key_", "expires: 20"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains(&token), "the token is not repeated");
    // In the argument, by a dash, or by itself: it is the same.
    for args in [&[token.as_str()][..], &["-"], &[]] {
        assert_eq!(verify(folder.path(), &token, args), (text.clone(), 0), "{args:?}");
    }
    // Nobody was created by it.
    assert_eq!(succeed(folder.path(), &["profile", "list", "--json"]), "[]\n");
    let key = succeed(folder.path(), &["key", "list"]);
    assert!(key.contains("never used"), "{key}");
}

#[test]
fn a_failed_check_says_why_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let token = sign(folder.path(), &["--expires-in", "-60"]);
    let (text, status) = verify(folder.path(), &token, &[]);
    assert_eq!(status, 1);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "not identified: token_expired");
    let at = lines.iter().position(|line| line.starts_with("   8 ✗ ")).unwrap();
    assert_eq!(lines[at + 1], "       The token has expired.");
    assert!(lines[at + 2].starts_with("       ") && lines[at + 2].len() > 20, "{text}");
    assert!(text.contains("payload: {") && text.contains("\"user_id\":\"42\""), "{text}");

    // Of a token that is not signed with the agent's key, nothing of the payload is shown.
    let mut foreign = command(&["token", "sign", "--user-id", "mallory"]);
    foreign.env("ELOQUENT_SECRET", format!("elq_{}", "A".repeat(43)));
    let foreign = String::from_utf8(foreign.output().unwrap().stdout).unwrap();
    let (text, status) = verify(folder.path(), &foreign, &[]);
    assert_eq!((status, text.lines().next()), (1, Some("not identified: signature_invalid")));
    assert!(text.contains("   8 – ") && !text.contains("mallory") && !text.contains("payload"), "{text}");
}

#[test]
fn as_json_it_is_what_the_api_answers() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let token = sign(folder.path(), &["--claim", "plan=pro"]);
    let (text, status) = verify(folder.path(), &token, &["--json"]);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, shown["identified"].as_bool()), (0, Some(true)));
    assert_eq!((&shown["user_id"], &shown["payload"]["plan"]), (&"42".into(), &"pro".into()));
    let (text, status) = verify(folder.path(), "nonsense", &["--json"]);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &shown["code"]), (1, &"token_malformed".into()));
    let steps: Vec<_> = shown["steps"].as_array().unwrap().iter().map(|step| &step["outcome"]).collect();
    assert_eq!(
        (steps.len(), steps[0], steps[2], steps[7]),
        (11, &"passed".into(), &"failed".into(), &"not_checked".into())
    );
}

#[test]
fn what_a_token_holds_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let token = sign(folder.path(), &["--claim", "name=\u{9b}31m\u{202e}x"]);
    let (text, status) = verify(folder.path(), &token, &[]);
    assert_eq!(status, 0);
    assert!(!text.contains(['\u{9b}', '\u{202e}']) && text.contains("31m"), "{text:?}");
}

#[test]
fn nothing_and_too_much_are_verdicts() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    for (token, code) in [
        (String::new(), "token_missing"),
        ("\n".to_owned(), "token_missing"),
        ("a".repeat(10_000), "token_too_large"),
        ("a".repeat(1 << 19), "token_too_large"),
        (" ".to_owned(), "token_malformed"),
    ] {
        let (text, status) = verify(folder.path(), &token, &[]);
        assert_eq!((status, text.lines().next().unwrap()), (1, format!("not identified: {code}").as_str()));
    }
}

#[test]
fn what_is_no_text_is_judged_too() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let file = folder.path().join("token");
    std::fs::write(&file, b"\xff\xfe.a.b").unwrap();
    let mut verify = command(&["--data", folder.path().to_str().unwrap(), "token", "verify"]);
    let output = verify.stdin(std::fs::File::open(file).unwrap()).output().unwrap();
    assert!(output.stdout.starts_with(b"not identified: token_malformed"), "{output:?}");
}

#[test]
fn nothing_is_made_to_judge_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for args in [&["token", "verify", "x.y.z"][..], &["token", "sign", "--user-id", "42"]] {
        let output = command(&[&["--data", data.to_str().unwrap()], args].concat()).output().unwrap();
        let (status, line) = failure(&output);
        assert_eq!((status, line.contains("there is no database in the data folder")), (1, true), "{line}");
        assert!(!data.exists(), "{args:?}");
    }
}

#[test]
fn the_policy_of_the_agent_counts() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let token = sign(folder.path(), &[]);
    let set = |args: &[&str]| succeed(folder.path(), &[&["agent", "set"], args].concat());
    let shown = set(&["--max-token-lifetime", "10m", "--enforcement", "report"]);
    assert!(shown.contains("enforcement report, lifetime at most 600 s"), "{shown}");
    assert!(verify(folder.path(), &token, &[]).0.starts_with("not identified: lifetime_too_long"));
    set(&["--max-token-lifetime", "any"]);
    assert_eq!(verify(folder.path(), &token, &[]).1, 0);
    let shown: Value =
        serde_json::from_str(&set(&["--identify", "off", "--name", "Guide", "--json"])).unwrap();
    assert_eq!((&shown["name"], &shown["enforcement"]), (&"Guide".into(), &"report".into()));
    assert!(verify(folder.path(), &token, &[]).0.starts_with("not identified: identity_disabled"));
    let data = folder.path().to_str().unwrap();
    for args in [
        &[][..],
        &["--enforcement", "always"],
        &["--max-token-lifetime", "0s"],
        &["--max-token-lifetime", "1500ms"],
        &["--max-token-lifetime", "11years"],
        &["--name", ""],
        &["--name", "a\u{1b}[2J"],
    ] {
        let output = command(&[&["--data", data, "agent", "set"], args].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    let nobody =
        ["--data", data, "agent", "set", "--agent", "agt_01h2xcejqtf2nbrexx3vqjhp41", "--enforcement", "off"];
    assert_eq!(failure(&command(&nobody).output().unwrap()).0, 1);
}
