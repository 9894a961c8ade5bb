//! `eloquent key`: rotation, retirement, and the line for a .env file.

use serde_json::Value;

use super::program::{command, failure, run_with_input, succeed};

/// An agent with one key; the secret and the key's id.
fn prepare(data: &std::path::Path) -> (String, String) {
    succeed(data, &["agent", "create", "--name", "Helper"]);
    let key: Value = json(&succeed(data, &["key", "create", "--json"]));
    (key["secret"].as_str().unwrap().to_owned(), key["id"].as_str().unwrap().to_owned())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Whether a token signed with this secret identifies, by the exit status and the code.
fn verdict(data: &std::path::Path, secret: &str) -> (bool, Value) {
    let mut sign = command(&["token", "sign", "--user-id", "42"]);
    let token = String::from_utf8(sign.env("ELOQUENT_SECRET", secret).output().unwrap().stdout).unwrap();
    let args = ["--data", data.to_str().unwrap(), "token", "verify", "--json"];
    let output = run_with_input(&args, &token);
    let shown = json(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(output.status.success(), shown["identified"].as_bool().unwrap());
    (output.status.success(), shown["code"].clone())
}

fn key(data: &std::path::Path, id: &str) -> Value {
    let listed = json(&succeed(data, &["key", "list", "--json"]));
    listed.as_array().unwrap().iter().find(|key| key["id"] == id).unwrap().clone()
}

#[test]
fn the_env_line_is_all_that_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let (_, id) = prepare(folder.path());
    for args in [&["key", "create", "--env"][..], &["key", "rotate", &id, "--env", "--in", "24h"]] {
        let printed = succeed(folder.path(), args);
        let secret = printed.strip_prefix("ELOQUENT_SECRET=elq_").unwrap().strip_suffix('\n').unwrap();
        assert_eq!((secret.len(), secret.contains(char::is_whitespace)), (43, false), "{printed}");
        assert!(verdict(folder.path(), &format!("elq_{secret}")).0);
    }
    let data = folder.path().to_str().unwrap();
    let both = command(&["--data", data, "key", "create", "--env", "--json"]).output().unwrap();
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn rotation_keeps_the_old_key_until_it_is_revoked_or_retires() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let (old, id) = prepare(data);
    // The only active key need not be named; the new one takes its name.
    let rotated = json(&succeed(data, &["key", "rotate", "--json"]));
    let new = rotated["secret"].as_str().unwrap();
    assert!(verdict(data, &old).0 && verdict(data, new).0);
    assert_eq!(
        (key(data, &id)["retires_at"].clone(), key(data, &id)["name"].clone()),
        (Value::Null, "default".into())
    );
    assert_eq!(key(data, rotated["id"].as_str().unwrap())["name"], "default");
    // With two of them it must be.
    let unnamed = command(&["--data", data.to_str().unwrap(), "key", "rotate"]).output().unwrap();
    let (status, line) = failure(&unnamed);
    assert_eq!((status, line.contains("say which")), (2, true), "{line}");

    let said = succeed(data, &["key", "retire", &id, "--at", "2999-01-01T00:00:00Z"]);
    assert!(said.contains("ends at 2999-01-01T00:00:00.000Z"), "{said}");
    assert_eq!(key(data, &id)["retires_at"], "2999-01-01T00:00:00.000Z");
    let people = succeed(data, &["key", "list"]);
    assert!(people.contains("active until 2999-01-01T00:00:00.000Z  never used"), "{people}");
    succeed(data, &["key", "retire", &id, "--never"]);
    assert_eq!(key(data, &id)["retires_at"], Value::Null);

    succeed(data, &["key", "revoke", &id]);
    assert_eq!(verdict(data, &old), (false, "signature_invalid".into()));
    assert!(verdict(data, new).0);
    let gone = ["--data", data.to_str().unwrap(), "key", "rotate", &id];
    assert_eq!(failure(&command(&gone).output().unwrap()).0, 1);
    let gone = ["--data", data.to_str().unwrap(), "key", "retire", &id, "--never"];
    assert_eq!(failure(&command(&gone).output().unwrap()).0, 1);
}

#[test]
fn an_end_lies_in_the_future_and_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let (_, id) = prepare(folder.path());
    let data = folder.path().to_str().unwrap();
    for args in [
        &["key", "retire", &id][..],
        &["key", "retire", &id, "--at", "2001-01-01T00:00:00Z"],
        &["key", "retire", &id, "--in", "0s"],
        &["key", "retire", &id, "--in", "soon"],
        &["key", "retire", &id, "--in", "1h", "--never"],
        &["key", "rotate", &id, "--in", "1h", "--at", "2999-01-01T00:00:00Z"],
        &["key", "rotate", &id, "--at", "tomorrow"],
    ] {
        let output = command(&[&["--data", data], args].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    assert_eq!(json(&succeed(folder.path(), &["key", "list", "--json"])).as_array().unwrap().len(), 1);
}

#[test]
fn names_are_as_the_administration_api_takes_them() {
    let folder = tempfile::tempdir().unwrap();
    let (_, id) = prepare(folder.path());
    let data = folder.path().to_str().unwrap();
    for name in ["", " ", "a\nb", "a\u{1b}[2J", &"é".repeat(61)] {
        for args in
            [&["key", "create"][..], &["key", "rotate", &id], &["agent", "create"], &["api-key", "create"]]
        {
            let all = [&["--data", data], args, &["--name", name]].concat();
            assert_eq!(command(&all).output().unwrap().status.code(), Some(2), "{all:?}");
        }
    }
    let rotated = json(&succeed(folder.path(), &["key", "rotate", &id, "--name", "  next  ", "--json"]));
    assert_eq!(key(folder.path(), rotated["id"].as_str().unwrap())["name"], "next");
    assert_eq!(json(&succeed(folder.path(), &["key", "list", "--json"])).as_array().unwrap().len(), 2);
}

#[test]
fn an_eleventh_active_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, id) = prepare(folder.path());
    for _ in 0..9 {
        succeed(folder.path(), &["key", "create", "--env"]);
    }
    let data = folder.path().to_str().unwrap();
    for args in [&["key", "create"][..], &["key", "rotate", &id]] {
        let (status, line) = failure(&command(&[&["--data", data], args].concat()).output().unwrap());
        assert_eq!((status, line.contains("at most 10 active keys")), (1, true), "{line}");
    }
}
