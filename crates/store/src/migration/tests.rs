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
