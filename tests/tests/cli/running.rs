//! Commands beside a running server: what they change holds there from the next request on.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use eloquent_tests::client::{Client, read};
use serde_json::{Value, json};

use super::program::{Server, command, failure, run, succeed};

/// An agent with one key; its id.
fn prepare(data: &Path) -> String {
    let agent = succeed(data, &["agent", "create", "--name", "Helper"]);
    succeed(data, &["key", "create"]);
    agent.lines().next().unwrap().to_owned()
}

fn token(data: &Path, user_id: &str, more: &[&str]) -> String {
    succeed(data, &[&["token", "sign", "--user-id", user_id], more].concat()).trim().to_owned()
}

/// The server's verdict on a token: `ok`, or the code.
async fn identify(url: &str, agent: &str, token: &str) -> String {
    let request = reqwest::Client::new().post(format!("{url}/v1/agents/{agent}/identify"));
    let response = request.json(&json!({ "token": token })).send().await.unwrap();
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{body}");
    body["code"].as_str().unwrap_or("ok").to_owned()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[cfg(unix)]
fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// Set when this goes, however it goes.
#[cfg(unix)]
struct SetWhenDropped(Arc<AtomicBool>);

#[cfg(unix)]
impl Drop for SetWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_changes_while_visitors_are_identified() {
    let folder = tempfile::tempdir().unwrap();
    let (data, agent) = (folder.path(), prepare(folder.path()));
    let server = Server::serve(data, &[]);
    let token = token(data, "42", &[]);
    assert_eq!(identify(&server.url, &agent, &token).await, "ok");

    let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let identifying = {
        let (url, agent, token) = (server.url.clone(), agent.clone(), token.clone());
        let (stop, count) = (Arc::clone(&stop), Arc::clone(&count));
        async move {
            // Also when a verdict is wrong: the other side must not wait for more.
            let _stopped = SetWhenDropped(Arc::clone(&stop));
            while !stop.load(Ordering::SeqCst) {
                assert_eq!(identify(&url, &agent, &token).await, "ok");
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    };
    let key_file = data.join("master.key");
    let old = fs::read_to_string(&key_file).unwrap();
    let path = data.to_owned();
    let resealing = {
        let (stop, count) = (Arc::clone(&stop), Arc::clone(&count));
        tokio::task::spawn_blocking(move || {
            for _ in 0..3 {
                let said = succeed(&path, &["key", "reseal"]);
                assert!(said.contains("The running server goes on with it."), "{said}");
                // At least one visitor comes in between.
                let before = count.load(Ordering::SeqCst);
                while count.load(Ordering::SeqCst) == before && !stop.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            stop.store(true, Ordering::SeqCst);
        })
    };
    let (resealed, ()) = tokio::join!(resealing, identifying);
    resealed.unwrap();

    // The file is another one, still for its owner only, and nothing is left beside it.
    let new = fs::read_to_string(&key_file).unwrap();
    assert_ne!(new, old);
    assert_eq!(mode(&key_file), 0o600);
    assert!(!data.join("master.key.new").exists());
    assert_eq!(identify(&server.url, &agent, &token).await, "ok");

    // Keys made before and after work on both sides.
    let made = succeed(data, &["key", "create", "--env"]);
    let secret = made.trim().strip_prefix("ELOQUENT_SECRET=").unwrap();
    let mut sign = command(&["token", "sign", "--user-id", "43"]);
    let output = sign.env("ELOQUENT_SECRET", secret).output().unwrap();
    let newer = String::from_utf8(output.stdout).unwrap();
    assert_eq!(identify(&server.url, &agent, newer.trim()).await, "ok");

    // The former key opens nothing any more.
    let mut with_old = command(&["--data", data.to_str().unwrap(), "key", "list"]);
    let (status, line) = failure(&with_old.env("ELOQUENT_MASTER_KEY", old.trim()).output().unwrap());
    assert_eq!((status, line.contains("master key")), (1, true), "{line}");
    let (status, log) = tokio::task::spawn_blocking(|| server.terminate()).await.unwrap();
    assert_eq!(status, Some(0));
    for key in [old.trim(), new.trim()] {
        assert!(!log.contains(key), "a master key in the log");
        for file in ["eloquent.sqlite", "eloquent.sqlite-wal"] {
            let bytes = fs::read(data.join(file)).unwrap_or_default();
            assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{file}");
        }
    }
    let server = Server::serve(data, &[]);
    assert_eq!(identify(&server.url, &agent, &token).await, "ok");
}

#[test]
fn a_server_that_nobody_asks_takes_a_new_master_key_over_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    prepare(data);
    let file = data.join("eloquent.sqlite");
    let hands_over = || {
        let everything =
            [fs::read(&file).unwrap(), fs::read(data.join("eloquent.sqlite-wal")).unwrap_or_default()];
        let name = b"master_key_successor/";
        everything.iter().any(|bytes| bytes.windows(name.len()).any(|window| window == name))
    };
    let _server = Server::serve(data, &[]);
    let said = succeed(data, &["key", "reseal"]);
    assert!(said.contains("The running server goes on with it."), "{said}");
    // What the former key opens is not left lying until a visitor comes. (Far longer than it takes.)
    for _ in 0..2400 {
        if !hands_over() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the server did not take the new master key over");
}

#[test]
fn a_master_key_from_the_settings_is_shown_to_be_set_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let old = "5a".repeat(32);
    let with = |key: &str, args: &[&str]| {
        let mut command = command(&[&["--data", data], args].concat());
        command.env("ELOQUENT_MASTER_KEY", key).output().unwrap()
    };
    assert!(with(&old, &["agent", "create", "--name", "A"]).status.success());
    assert!(with(&old, &["key", "create"]).status.success());
    // A key that cannot be shown is not put to use.
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut unheard = command(&["--data", data, "key", "reseal"]);
    let unheard = unheard.env("ELOQUENT_MASTER_KEY", &old).stdout(full).output().unwrap();
    assert_eq!(failure(&unheard).0, 1);
    assert!(with(&old, &["token", "sign", "--user-id", "42"]).status.success());

    let resealed = with(&old, &["key", "reseal"]);
    assert!(resealed.status.success(), "{resealed:?}");
    let said = String::from_utf8(resealed.stdout).unwrap();
    let new = said.lines().find_map(|line| line.strip_prefix("ELOQUENT_MASTER_KEY=")).unwrap();
    assert_eq!(new.len(), 64);
    assert!(said.contains("seals the 1 identity keys"), "{said}");
    assert_eq!(failure(&with(&old, &["key", "list"])).0, 1);
    assert!(with(new, &["key", "list"]).status.success());
    assert!(with(new, &["token", "sign", "--user-id", "42"]).status.success(), "the sealed key opens");
    assert!(!folder.path().join("master.key").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn api_keys_open_the_administration_api_until_they_are_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let (data, agent) = (folder.path(), prepare(folder.path()));
    let server = Server::serve(data, &[]);
    let made = json(&succeed(data, &["api-key", "create", "--name", " nightly ", "--json"]));
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert_eq!((secret.len(), secret.starts_with("elk_")), (47, true));
    let agents = async || {
        let request = reqwest::Client::new().get(format!("{}/api/v1/agents", server.url));
        let response = request.bearer_auth(secret).send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(agents().await.1["agents"][0]["id"], agent);
    let listed = succeed(data, &["api-key", "list"]);
    assert!(
        listed.contains("active  last used 20") && listed.contains("  nightly") && !listed.contains(secret)
    );
    let listed = json(&succeed(data, &["api-key", "list", "--json"]));
    assert_eq!((&listed[0]["id"], &listed[0]["name"]), (&json!(id), &json!("nightly")));

    assert!(succeed(data, &["api-key", "revoke", id]).contains("is revoked"));
    assert_eq!((agents().await.0, agents().await.1["code"].clone()), (401, json!("unauthorized")));
    let path = data.to_str().unwrap();
    assert_eq!(failure(&run(&["--data", path, "api-key", "revoke", id])).0, 1);
    assert_eq!(run(&["--data", path, "api-key", "create", "--name", " "]).status.code(), Some(2));
    assert_eq!(run(&["--data", path, "api-key", "create"]).status.code(), Some(2));
    let plain = succeed(data, &["api-key", "create", "--name", "second"]);
    assert!(plain.lines().last().unwrap().starts_with("elk_"), "{plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_found_exported_blocked_and_erased() {
    const CANARY: &str = "my canary is called Pip";
    let folder = tempfile::tempdir().unwrap();
    let (data, agent) = (folder.path(), prepare(folder.path()));
    let server = Server::serve(data, &["--pace", "0"]);
    let ada = token(data, "cust_ada", &["--email", "ada@example.com", "--claim", "plan=pro"]);
    let ben = token(data, "cust_ben", &["--email", "ben@example.com"]);
    for (token, text) in [(&ada, CANARY), (&ben, "hello")] {
        let mut client = Client { token: Some(token.clone()), ..Client::new() };
        let body = client.chat_body(text, None);
        let chat = client.post(format!("{}/v1/agents/{agent}/chat", server.url));
        read(chat.json(&body).send().await.unwrap()).await;
    }

    let found = |args: &[&str]| {
        let listed = json(&succeed(data, &[&["profile"], args, &["--json"]].concat()));
        let ids = listed.as_array().unwrap().iter().map(|row| row["user_id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(found(&["list"]), ["cust_ben", "cust_ada"]);
    assert_eq!(found(&["search", "ADA@"]), ["cust_ada"]);
    assert_eq!(found(&["list", "--claim", "plan=pro"]), ["cust_ada"]);
    assert_eq!(found(&["list", "--email", "BEN@example.com"]), ["cust_ben"]);
    assert_eq!(found(&["list", "--limit", "1", "--offset", "1"]), ["cust_ada"]);
    let people = succeed(data, &["profile", "list", "--user-id", "cust_ada"]);
    assert!(people.contains("cust_ada  ada@example.com  last seen 20") && people.lines().count() == 1);

    let coverage = json(&succeed(data, &["coverage", "--days", "1", "--json"]));
    assert_eq!((&coverage["requests"], &coverage["identified"]), (&json!(2), &json!(2)));
    let people = succeed(data, &["coverage"]);
    assert!(people.starts_with("2 of 2 chat requests of the last 7 days came with a valid token (100.0 %)."));

    succeed(data, &["profile", "block", "--user-id", "cust_ada"]);
    assert_eq!(identify(&server.url, &agent, &ada).await, "identity_blocked");
    assert_eq!(found(&["list", "--blocked", "true"]), ["cust_ada"]);
    succeed(data, &["profile", "unblock", "--user-id", "cust_ada"]);
    assert_eq!(identify(&server.url, &agent, &ada).await, "ok");

    let file = data.join("ada.json");
    let export = ["profile", "export", "--user-id", "cust_ada"];
    assert_eq!(succeed(data, &[&export[..], &["--out", file.to_str().unwrap()]].concat()), "");
    #[cfg(unix)]
    assert_eq!(mode(&file), 0o600);
    let exported = fs::read_to_string(&file).unwrap();
    assert!(exported.contains(CANARY) && !exported.contains("cust_ben"));
    assert_eq!(json(&exported)["profile"]["user_id"], "cust_ada");
    assert_eq!(json(&succeed(data, &export)), json(&exported));
    // What is there is not overwritten.
    let path = data.to_str().unwrap();
    let again = [&["--data", path], &export[..], &["--out", file.to_str().unwrap()]].concat();
    assert_eq!(failure(&run(&again)).0, 1);
    fs::remove_file(file).unwrap();

    // Without a terminal there is nobody to ask.
    let (status, line) = failure(&run(&["--data", path, "profile", "erase", "--user-id", "cust_ada"]));
    assert_eq!((status, line.contains("--yes")), (2, true), "{line}");
    assert_eq!(found(&["list"]).len(), 2);
    let said = succeed(data, &["profile", "erase", "--user-id", "cust_ada", "--yes"]);
    assert_eq!(said, "Erased, with 1 conversations of 2 messages.\n");
    assert_eq!(found(&["list"]), ["cust_ben"]);
    for needle in [CANARY, "ada@example.com"] {
        for name in ["eloquent.sqlite", "eloquent.sqlite-wal"] {
            let bytes = fs::read(data.join(name)).unwrap_or_default();
            assert!(
                !bytes.windows(needle.len()).any(|window| window == needle.as_bytes()),
                "{needle} in {name}"
            );
        }
    }
    for args in [&["export"][..], &["erase", "--yes"], &["block"]] {
        let all = [&["--data", path, "profile"], args, &["--user-id", "cust_ada"]].concat();
        let (status, line) = failure(&run(&all));
        assert_eq!((status, line.contains("knows no user with this id")), (1, true), "{line}");
    }
    assert_eq!(run(&["--data", path, "profile", "block", "--user-id", ""]).status.code(), Some(2));
    // The server goes on, and knows nothing of her.
    assert_eq!(identify(&server.url, &agent, &ada).await, "ok");
    assert_eq!(found(&["list"]), ["cust_ada", "cust_ben"]);
}

#[test]
fn coverage_without_requests_says_so() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    assert_eq!(succeed(folder.path(), &["coverage", "--days", "1"]), "No chat request in the last day.\n");
    let data = folder.path().to_str().unwrap();
    assert_eq!(run(&["--data", data, "coverage", "--days", "2"]).status.code(), Some(2));
}
