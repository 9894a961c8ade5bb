//! For tests: by which steps SQLite would run a query.

use rusqlite::Connection;

use crate::{
    migration,
    seal::{MasterKey, Vault},
};

/// The steps on a database of the newest schema.
pub(crate) fn steps(sql: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::new(&MasterKey::from_bytes([1; 32]));
    let connection: Connection = migration::open(&dir.path().join("eloquent.db"), &vault).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nothing = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
    statement.query_map(nothing, |row| row.get("detail")).unwrap().map(Result::unwrap).collect()
}
