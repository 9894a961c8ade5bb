//! Mistakes in the call and the settings: one clear line, and 1 or 2.

use std::{fs, net::TcpListener};

use super::program::{Server, command, failure, run};

#[test]
fn usage_mistakes_end_with_2() {
    for args in [&["serve", "--colour"][..], &["fly"], &[], &["token", "sign"], &["key", "revoke", "key_x"]] {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(run(&["--help"]).status.code(), Some(0));
}

#[test]
fn unknown_and_unusable_settings_end_with_2() {
    let (status, line) = failure(&command(&["serve"]).env("ELOQUENT_LISTNE", "x").output().unwrap());
    assert_eq!(status, 2);
    assert!(line.contains("there is no setting ELOQUENT_LISTNE"), "{line}");
    let (status, line) = failure(&run(&["serve", "--listen", "nowhere"]));
    assert_eq!(status, 2);
    assert!(line.contains("--listen must be an address and port"), "{line}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("eloquent.toml");
    fs::write(&file, "lisen = 1\npublic_url = \"ftp://x\"\n").unwrap();
    let (status, line) = failure(&run(&["serve", "--config", file.to_str().unwrap()]));
    assert_eq!(status, 2);
    assert!(
        line.contains("no setting lisen") && line.contains("public_url in eloquent.toml must be"),
        "{line}"
    );
    let (status, line) = failure(&run(&["serve", "--config", "missing.toml"]));
    assert_eq!((status, line.contains("missing.toml cannot be read")), (2, true), "{line}");
}

#[cfg(unix)]
#[test]
fn a_settings_file_with_the_master_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (folder.path().join("eloquent.toml"), folder.path().join("data"));
    let list = ["--config", file.to_str().unwrap(), "--data", data.to_str().unwrap(), "agent", "list"];
    let with_mode = |text: String, mode| {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        run(&list)
    };
    let key = format!("master_key = \"{}\"\n", "5a".repeat(32));
    for mode in [0o644, 0o640, 0o602] {
        let (status, line) = failure(&with_mode(key.clone(), mode));
        assert_eq!((status, line.contains("its mode must be 0600")), (2, true), "{line}");
        assert!(!line.contains("5a5a") && !data.exists(), "{line}");
    }
    assert!(with_mode("pace = 1\n".to_owned(), 0o644).status.success());
    fs::remove_dir_all(&data).unwrap();
    assert!(with_mode(key, 0o600).status.success());
    assert!(!data.join("master.key").exists());
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_no_text_is_not_as_good_as_unset() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    let no_text = OsStr::from_bytes(b"/data/\xff");
    let (status, line) =
        failure(&command(&["agent", "list"]).env("ELOQUENT_DATA", no_text).output().unwrap());
    assert_eq!((status, line.contains("ELOQUENT_DATA is no UTF-8 text")), (2, true), "{line}");
}

#[test]
fn origins_are_as_browsers_send_them() {
    let folder = tempfile::tempdir().unwrap();
    let create = ["--data", folder.path().to_str().unwrap(), "agent", "create", "--name", "A", "--origin"];
    for origin in
        ["https://a.example:443", "http://a.example:80", "HTTPS://a.example", "https://a.example/", "null"]
    {
        let (status, line) = failure(&run(&[&create[..], &[origin]].concat()));
        assert_eq!((status, line.contains("exact origin")), (2, true), "{line}");
    }
    assert!(run(&[&create[..], &["https://a.example:8443"]].concat()).status.success());
}

#[test]
fn a_demo_that_cannot_start_leaves_nothing_behind() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let (status, line) =
        failure(&command(&["demo", "--listen", &address]).env("TMPDIR", folder.path()).output().unwrap());
    assert_eq!((status, line.contains("cannot listen")), (1, true), "{line}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn data_that_cannot_be_written_ends_with_1() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let data = file.path().join("data");
    let (status, line) = failure(&run(&["serve", "--data", data.to_str().unwrap()]));
    assert_eq!(status, 1);
    assert!(line.contains("cannot be written"), "{line}");
}

#[test]
fn a_port_in_use_ends_with_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (status, line) = failure(&run(&["serve", "--data", data, "--listen", &address]));
    assert_eq!(status, 1);
    assert!(line.contains(&format!("cannot listen on {address}")), "{line}");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Server::serve(folder.path(), &[]);
    let data = folder.path().to_str().unwrap();
    let (status, line) = failure(&run(&["serve", "--data", data, "--listen", "127.0.0.1:0"]));
    assert_eq!(status, 1);
    assert!(line.contains("another eloquent server is running"), "{line}");
}

#[test]
fn the_wrong_master_key_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    assert!(run(&["--data", data, "agent", "create", "--name", "A"]).status.success());
    let other = tempfile::tempdir().unwrap();
    assert!(run(&["--data", other.path().to_str().unwrap(), "agent", "list"]).status.success());
    fs::copy(other.path().join("master.key"), folder.path().join("master.key")).unwrap();
    let (status, line) = failure(&run(&["serve", "--data", data, "--listen", "127.0.0.1:0"]));
    assert_eq!(status, 1);
    assert!(line.contains("master key"), "{line}");
}
