//! From an empty folder to a verified token on the command line alone.

use serde_json::Value;

use super::program::{command, failure, run_with_input, succeed};

#[test]
fn agent_key_and_token() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let agent =
        succeed(data, &["agent", "create", "--name", "Helper", "--origin", "https://www.example.com"]);
    let id = agent.lines().next().unwrap();
    assert!(id.starts_with("agt_") && agent.contains(&format!("data-agent-id=\"{id}\"")), "{agent}");
    let listed: Value = serde_json::from_str(&succeed(data, &["agent", "list", "--json"])).unwrap();
    assert_eq!(
        (listed[0]["id"].as_str(), listed[0]["features"]["identify"].as_bool()),
        (Some(id), Some(true))
    );

    let key: Value =
        serde_json::from_str(&succeed(data, &["key", "create", "--name", "main", "--json"])).unwrap();
    let secret = key["secret"].as_str().unwrap();
    assert!(secret.starts_with("elq_") && secret.len() == 47, "{secret}");
    let keys = succeed(data, &["key", "list"]);
    assert!(keys.contains("active") && keys.contains(&secret[43..]) && !keys.contains(secret), "{keys}");

    let sign = [
        "token",
        "sign",
        "--user-id",
        "42",
        "--email",
        "a@example.com",
        "--claim",
        "plan=pro",
        "--claim",
        "seats=3",
    ];
    let token = succeed(data, &sign);
    let verdict = succeed(data, &["token", "verify", token.trim(), "--json"]);
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(verdict["user_id"], "42");
    assert_eq!((&verdict["payload"]["plan"], &verdict["payload"]["seats"]), (&"pro".into(), &3.into()));
    // The secret alone signs the same way, as on the site's own server.
    let mut by_secret = command(&["token", "sign", "--user-id", "42"]);
    let token = by_secret.env("ELOQUENT_SECRET", secret).output().unwrap().stdout;
    let data = data.to_str().unwrap();
    let verdict =
        run_with_input(&["--data", data, "token", "verify", "-"], std::str::from_utf8(&token).unwrap());
    assert!(verdict.status.success(), "{verdict:?}");

    let key_id = key["id"].as_str().unwrap();
    assert!(succeed(folder.path(), &["key", "revoke", key_id]).contains("is revoked"));
    let verdict = command(&["--data", data, "token", "verify", "x.y.z"]).output().unwrap();
    assert_eq!(failure(&verdict).0, 1);
    let again = command(&["--data", data, "key", "revoke", key_id]).output().unwrap();
    assert_eq!(failure(&again).0, 1);
}

#[test]
fn an_expired_token_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &["agent", "create", "--name", "Helper"]);
    succeed(folder.path(), &["key", "create"]);
    let token = succeed(folder.path(), &["token", "sign", "--user-id", "42", "--expires-in", "-60"]);
    let data = folder.path().to_str().unwrap();
    let verdict = command(&["--data", data, "token", "verify", token.trim()]).output().unwrap();
    let text = String::from_utf8(verdict.stdout.clone()).unwrap();
    assert!(text.starts_with("not identified: token_expired"), "{text}");
    assert!(failure(&verdict).1.contains("token_expired"));
}

#[test]
fn users_have_an_email_and_a_good_password() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let create = |email: &str, password: &str| {
        run_with_input(&["--data", data, "user", "create", "--email", email], password)
    };
    let created = create("ada@example.com", "correct horse battery\n");
    assert!(
        created.status.success() && String::from_utf8_lossy(&created.stdout).contains("usr_"),
        "{created:?}"
    );
    assert_eq!(failure(&create("ada@example.com", "correct horse battery")).0, 1);
    assert_eq!(failure(&create("ADA@example.com", "correct horse battery")).0, 1);
    assert_eq!(failure(&create("no email", "correct horse battery")).0, 2);
    assert_eq!(failure(&create("ben@example.com", "short\n")).0, 2);
    assert_eq!(failure(&create("ben@example.com", "")).0, 2);
}

#[test]
fn commands_without_an_agent_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (status, line) = failure(&command(&["--data", data, "key", "create"]).output().unwrap());
    assert_eq!(status, 1);
    assert!(line.contains("eloquent agent create"), "{line}");
    succeed(folder.path(), &["agent", "create", "--name", "A"]);
    succeed(folder.path(), &["agent", "create", "--name", "B"]);
    let (status, line) = failure(&command(&["--data", data, "key", "create"]).output().unwrap());
    assert_eq!((status, line.contains("--agent")), (2, true), "{line}");
}
