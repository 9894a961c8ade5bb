//! Opening, migrating, refusing.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::seal::MasterKey;

fn vault() -> Vault {
    Vault::new(&MasterKey::from_bytes([1; 32]))
}

fn file() -> (TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("eloquent.db");
    (dir, file)
}

/// The whole schema as text, without what SQLite counts for itself.
fn schema(connection: &Connection) -> Vec<(String, Option<String>)> {
    let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_migrated_schema_equals_a_fresh_one() {
    let (_dir, fresh) = file();
    let fresh = open(&fresh, &vault()).unwrap();
    for stop in 0..=MIGRATIONS.len() {
        let (_dir, file) = file();
        let mut connection = Connection::open(&file).unwrap();
        prepare_writer(&connection).unwrap();
        migrate(&mut connection, &MIGRATIONS[..stop]).unwrap();
        assert_eq!(usize::try_from(version(&connection).unwrap()), Ok(stop));
        drop(connection);
        let migrated = open(&file, &vault()).unwrap();
        assert_eq!(schema(&migrated), schema(&fresh), "from version {stop}");
        assert_eq!(version(&migrated).unwrap(), version(&fresh).unwrap());
    }
}

#[test]
fn migrations_run_once_and_a_failing_one_leaves_the_version_before() {
    let (_dir, file) = file();
    let mut connection = Connection::open(&file).unwrap();
    let good = "CREATE TABLE one (a INTEGER) STRICT;";
    let bad = "CREATE TABLE two (a INTEGER) STRICT; INSERT INTO missing VALUES (1);";
    migrate(&mut connection, &[good]).unwrap();
    migrate(&mut connection, &[good]).unwrap();
    assert!(migrate(&mut connection, &[good, bad]).is_err());
    assert_eq!(version(&connection).unwrap(), 1);
    assert_eq!(schema(&connection).len(), 1, "nothing is left of the failed one");
    let mended = "CREATE TABLE two (a INTEGER) STRICT;";
    migrate(&mut connection, &[good, mended]).unwrap();
    assert_eq!((version(&connection).unwrap(), schema(&connection).len()), (2, 2));
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let (_dir, file) = file();
    let connection = open(&file, &vault()).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let before = fs::read(&file).unwrap();
    let refused = open(&file, &vault());
    assert!(matches!(refused, Err(OpenError::Newer { found: 99, known }) if known < 99));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn other_programs_files_are_refused_and_left_alone() {
    let (dir, _) = file();
    let text = dir.path().join("text.db");
    fs::write(&text, "not a database at all, but long enough to be read as one".repeat(20)).unwrap();
    let foreign = dir.path().join("foreign.db");
    Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a); PRAGMA user_version = 1;")
        .unwrap();
    for file in [text, foreign] {
        let before = fs::read(&file).unwrap();
        let refused = open(&file, &vault());
        assert!(matches!(refused, Err(OpenError::Foreign { .. })), "{refused:?}");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn what_cannot_be_opened_says_so() {
    let (dir, _) = file();
    for file in [dir.path().to_owned(), dir.path().join("missing").join("eloquent.db")] {
        let refused = open(&file, &vault());
        assert!(matches!(refused, Err(OpenError::Unopenable { .. })), "{refused:?}");
        let line = refused.unwrap_err().to_string();
        assert!(line.contains(&file.display().to_string()) && !line.contains('\n'), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let (dir, file) = file();
    let connection = open(&file, &vault()).unwrap();
    connection.execute("INSERT INTO meta VALUES ('x', x'00')", []).unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", entry.path());
    }
}

#[test]
fn the_writer_is_set_up_for_durability() {
    let (_dir, file) = file();
    let connection = open(&file, &vault()).unwrap();
    let pragma = |name: &str| -> i64 { connection.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    assert_eq!(pragma("synchronous"), 2, "FULL");
    assert_eq!((pragma("foreign_keys"), pragma("secure_delete"), pragma("trusted_schema")), (1, 1, 0));
    let reader = open_reader(&file).unwrap();
    assert!(reader.execute("DELETE FROM meta", []).is_err(), "a reader cannot write");
}

#[test]
fn every_table_is_strict_and_every_foreign_key_has_an_index() {
    let (_dir, file) = file();
    let connection = open(&file, &vault()).unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let loose = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
        AND name NOT LIKE 'sqlite_%'";
    assert_eq!(list(loose), [""; 0]);
    let unindexed =
        "SELECT t.name || '.' || f.\"from\" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
        WHERE t.schema = 'main' AND NOT EXISTS (
            SELECT 1 FROM pragma_index_list(t.name) i, pragma_index_info(i.name) c
            WHERE c.seqno = 0 AND c.name = f.\"from\")";
    assert_eq!(list(unindexed), [""; 0]);
}

/// Names and values that JSON, SQL or C strings could mangle; the second is a claim's JSON text.
const HOSTILE: [(&str, &str); 12] = [
    ("plan", "\"gold\""),
    ("", "\"an empty name\""),
    ("a\0b", r#""nul \u0000 within""#),
    ("a\0c", "1"),
    ("\"quoted\"", r#"{"a":["b",null,true]}"#),
    ("back\\slash\\u0041", r#""\\ \" \/ \ud83d\ude00""#),
    ("line\nfeed\u{7f}\u{1}", "1e400"),
    ("😀 é e\u{301}", "\"😀\u{2028}\""),
    ("$.a[0]", "0.1000000000000000055511151231257827"),
    ("'; DROP TABLE profile; --", "null"),
    ("__proto__", "[]"),
    ("\u{fffd}\u{200f}\u{feff}", "123456789012345678901234567890"),
];

#[test]
fn a_database_of_the_first_schema_keeps_its_keys_and_claims() {
    let (_dir, file) = file();
    let mut connection = Connection::open(&file).unwrap();
    prepare_writer(&connection).unwrap();
    migrate(&mut connection, &MIGRATIONS[..1]).unwrap();
    connection
        .execute(
            "INSERT INTO meta VALUES ('master_key_check', ?1)",
            [vault().current().check_value().unwrap()],
        )
        .unwrap();
    let id = |number: u8| [number; 16];
    connection.execute("INSERT INTO company (id, name, created_at) VALUES (?1, 'C', 1)", [id(1)]).unwrap();
    let agent = "INSERT INTO agent (id, company_id, name, greeting, instructions, starters, allowed_origins,
        created_at) VALUES (?1, ?2, 'A', '', '', '[]', '[]', 1)";
    connection.execute(agent, [id(2), id(1)]).unwrap();
    let key = "INSERT INTO identity_key VALUES (?1, ?2, 'K', 'abcd', zeroblob(24), x'0102', 5, 6, 7, NULL)";
    connection.execute(key, [id(3), id(2)]).unwrap();
    let claims: std::collections::BTreeMap<_, _> = HOSTILE.into_iter().collect();
    let profile = "INSERT INTO profile (id, agent_id, user_id, email, claims, newest_issued_at, created_at,
        updated_at, last_seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 10, 11, 12)";
    let text = serde_json::to_string(&claims).unwrap();
    connection.execute(profile, (id(4), id(2), "ann", "ann@x.example", &text, 9.5)).unwrap();
    connection.execute(profile, (id(5), id(2), "bob", None::<&str>, "{}", None::<f64>)).unwrap();
    drop(connection);

    let migrated = open(&file, &vault()).unwrap();
    let mut statement = migrated
        .prepare("SELECT name, value, profile_id, agent_id, issued_at, received_at FROM profile_claim")
        .unwrap();
    let rows = statement.query_map([], |row| {
        let from = (
            row.get::<_, [u8; 16]>(2)?,
            row.get::<_, [u8; 16]>(3)?,
            row.get::<_, f64>(4)?,
            row.get::<_, i64>(5)?,
        );
        Ok(((row.get::<_, String>(0)?, row.get::<_, String>(1)?), from))
    });
    let kept: std::collections::BTreeMap<_, _> = rows.unwrap().map(Result::unwrap).collect();
    let expected = HOSTILE
        .into_iter()
        .map(|(name, value)| ((name.to_owned(), value.to_owned()), (id(4), id(2), 9.5, 11)));
    assert_eq!(kept, expected.collect());
    let emails =
        "SELECT group_concat(quote(email) || quote(email_issued_at) || quote(email_received_at), ' ')
        FROM (SELECT * FROM profile ORDER BY id)";
    let emails: String = migrated.query_row(emails, [], |row| row.get(0)).unwrap();
    assert_eq!(emails, "'ann@x.example'9.511 NULLNULLNULL");
    let key: (Vec<u8>, i64, Option<i64>) = migrated
        .query_row("SELECT sealed, use_count, retires_at FROM identity_key", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(key, (vec![1, 2], 7, None));
}

#[test]
fn messages_keep_what_they_hold_when_their_table_is_made_anew() {
    let (_dir, file) = file();
    let mut connection = Connection::open(&file).unwrap();
    prepare_writer(&connection).unwrap();
    migrate(&mut connection, &MIGRATIONS[..2]).unwrap();
    connection
        .execute_batch(
            "INSERT INTO company (id, name, created_at) VALUES (zeroblob(16), 'c', 1);
             INSERT INTO agent (id, company_id, name, greeting, instructions, starters, accent, allowed_origins,
                 created_at) VALUES (zeroblob(16), zeroblob(16), 'a', 'g', 'i', '[]', '#123456', '[]', 1);
             INSERT INTO conversation (id, agent_id, title, created_at, updated_at)
                 VALUES (zeroblob(16), zeroblob(16), 't', 1, 1);
             INSERT INTO message (id, conversation_id, seq, role, text, verified, state, finish_reason, sources,
                 context, client_id, page_url, page_title, locale, attributes, created_at, finished_at)
                 VALUES (zeroblob(16), zeroblob(16), 1, 'agent', 'text', 1, 'complete', 'stop', '[{\"title\":\"s\"}]',
                 'context', 'client', 'url', 'title', 'en', '{\"a\":\"b\"}', 2, 3);",
        )
        .unwrap();
    drop(connection);
    let connection = open(&file, &vault()).unwrap();
    let kept: String = connection
        .query_row(
            "SELECT concat_ws('|', seq, role, text, verified, state, finish_reason, sources, context, client_id,
                page_url, page_title, locale, attributes, created_at, finished_at, suggestions, rating, author)
             FROM message",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let expected =
        r#"1|agent|text|1|complete|stop|[{"title":"s"}]|context|client|url|title|en|{"a":"b"}|2|3|[]"#;
    assert_eq!(kept, expected);
    let status: String =
        connection.query_row("SELECT status FROM conversation", [], |row| row.get(0)).unwrap();
    let theme: String =
        connection.query_row("SELECT accent || theme FROM agent", [], |row| row.get(0)).unwrap();
    assert_eq!((status.as_str(), theme.as_str()), ("open", "#123456{}"));
    connection.execute("DELETE FROM company", []).unwrap();
    let left: i64 = connection.query_row("SELECT count(*) FROM message", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "messages still go with their conversation");
}
