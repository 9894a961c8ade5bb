//! The master key changes beside programs that go on using the database.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
};

use eloquent_identity::Secret;
use eloquent_store::{
    ACTIVE_KEYS_MAX, AgentScope, KeyError, MasterKey, OpenError, ResealReport, Store, StoreError, Writer,
};
use eloquent_types::id::KeyId;
use rusqlite::{Connection, params};

use crate::setup::{MASTER, NOW, Shop, id, new_agent, secret, signing_key, tenant};

const NONCE: [u8; 24] = [3; 24];

fn master(byte: u8) -> MasterKey {
    MasterKey::from_bytes([byte; 32])
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Every sealed value, as it stands.
fn sealed(shop: &Shop) -> Vec<Vec<u8>> {
    let outside = Connection::open(&shop.file).unwrap();
    let mut statement = outside.prepare("SELECT sealed FROM identity_key").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn count(shop: &Shop, sql: &str) -> i64 {
    Connection::open(&shop.file).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// How many master keys wait in the database for a program that has a former one.
fn successors(shop: &Shop) -> i64 {
    count(shop, "SELECT count(*) FROM meta WHERE name LIKE '%successor%'")
}

fn is_refused(shop: &Shop, master: &MasterKey) -> bool {
    matches!(Store::open(&shop.file, master), Err(OpenError::WrongMasterKey))
}

async fn add_key(store: &Store, agent: AgentScope, seed: u8) -> Result<KeyId, KeyError> {
    let key = id();
    store.write(move |writer| writer.create_key(&agent, &signing_key(&secret(seed), key))).await?;
    Ok(key)
}

/// The secrets that a store opens, as they are shown.
async fn secrets(store: &Store, agent: AgentScope) -> Result<Vec<String>, StoreError> {
    let keys = store.read(move |reader| reader.verification_keys(agent.agent_id(), NOW)).await?;
    Ok(keys.iter().map(|key| key.secret.expose().to_owned()).collect())
}

fn shown(seeds: &[u8]) -> Vec<String> {
    seeds.iter().map(|seed| secret(*seed).expose().to_owned()).collect()
}

#[tokio::test]
async fn a_running_server_goes_on_and_the_former_key_opens_nothing() {
    let shop = Shop::open().await;
    let (server, agent) = (&shop.store, shop.agent);
    server.take_charge().unwrap();
    add_key(server, agent, 1).await.unwrap();
    let former = sealed(&shop);

    let command = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    let report = command.reseal(&master(7), Some(NONCE)).await.unwrap();
    assert_eq!(report, ResealReport { keys: 1 });
    assert!(command.is_under(&master(7)).await.unwrap());
    assert!(!command.is_under(&MasterKey::from_bytes(MASTER)).await.unwrap());
    assert_eq!(secrets(&command, agent).await.unwrap(), shown(&[1]));
    command.close().await;
    assert!(is_refused(&shop, &MasterKey::from_bytes(MASTER)));

    assert_eq!(secrets(server, agent).await.unwrap(), shown(&[1]));
    add_key(server, agent, 2).await.unwrap();
    assert_eq!(secrets(server, agent).await.unwrap(), shown(&[1, 2]));
    assert_eq!(successors(&shop), 0, "the server has removed what was handed over");
    let bytes = shop.raw_bytes();
    assert_eq!(found(&bytes, &former), 0);
    assert!(!holds(&bytes, &NONCE), "nor is the new key left, sealed under the former one");

    let another = Store::open(&shop.file, &master(7)).unwrap();
    assert_eq!(secrets(&another, agent).await.unwrap(), shown(&[1, 2]));
}

#[tokio::test]
async fn a_server_that_only_reads_removes_what_was_handed_over_to_it() {
    let shop = Shop::open().await;
    shop.store.take_charge().unwrap();
    add_key(&shop.store, shop.agent, 1).await.unwrap();
    let command = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    command.reseal(&master(7), Some(NONCE)).await.unwrap();
    assert_eq!(secrets(&shop.store, shop.agent).await.unwrap(), shown(&[1]));
    // The writer was woken by that read; what is handed to it comes after.
    shop.store.write(|_| Ok::<_, StoreError>(())).await.unwrap();
    assert_eq!(successors(&shop), 0);
}

#[tokio::test]
async fn nobody_waits_or_fails_while_the_key_changes_again_and_again() {
    let shop = Shop::open().await;
    shop.store.take_charge().unwrap();
    add_key(&shop.store, shop.agent, 1).await.unwrap();
    let (agent, is_over) = (shop.agent, AtomicBool::new(false));
    let serving = async {
        let mut created = 1;
        while !is_over.load(Ordering::SeqCst) || created == 1 {
            assert_eq!(secrets(&shop.store, agent).await.unwrap()[0], shown(&[1])[0]);
            let key = add_key(&shop.store, agent, 2).await.unwrap();
            shop.store.write(move |writer| writer.revoke_key(&agent, key, NOW)).await.unwrap();
            created += 1;
        }
        created
    };
    let changing = async {
        let mut master_key = MasterKey::from_bytes(MASTER);
        for byte in 1..=8 {
            let command = Store::open(&shop.file, &master_key).unwrap();
            master_key = master(byte);
            command.reseal(&master_key, Some([byte; 24])).await.unwrap();
            command.close().await;
        }
        is_over.store(true, Ordering::SeqCst);
        master_key
    };
    let (created, master_key) = tokio::join!(serving, changing);
    assert_eq!(secrets(&shop.store, agent).await.unwrap().len(), created);
    let command = Store::open(&shop.file, &master_key).unwrap();
    assert_eq!(secrets(&command, agent).await.unwrap().len(), created, "all is under the last key");
}

#[tokio::test]
async fn several_changes_are_followed_at_once() {
    let shop = Shop::open().await;
    shop.store.take_charge().unwrap();
    add_key(&shop.store, shop.agent, 1).await.unwrap();
    let mut former = MasterKey::from_bytes(MASTER);
    // More than a program holds at once.
    for byte in 1..=9 {
        let command = Store::open(&shop.file, &former).unwrap();
        former = master(byte);
        command.reseal(&former, Some([byte; 24])).await.unwrap();
    }
    assert_eq!(successors(&shop), 9);
    assert_eq!(secrets(&shop.store, shop.agent).await.unwrap(), shown(&[1]));
    add_key(&shop.store, shop.agent, 2).await.unwrap();
    assert_eq!(successors(&shop), 0);
}

#[tokio::test]
async fn a_command_follows_and_leaves_the_key_to_the_server() {
    let shop = Shop::open().await;
    shop.store.take_charge().unwrap();
    add_key(&shop.store, shop.agent, 1).await.unwrap();
    let open = || Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    let (command, other) = (open(), open());
    command.reseal(&master(7), Some(NONCE)).await.unwrap();
    add_key(&other, shop.agent, 2).await.unwrap();
    assert_eq!(secrets(&other, shop.agent).await.unwrap(), shown(&[1, 2]));
    assert_eq!(successors(&shop), 1);
    assert_eq!(secrets(&shop.store, shop.agent).await.unwrap(), shown(&[1, 2]));
}

#[tokio::test]
async fn without_a_hand_over_a_program_with_the_former_key_is_told_and_seals_nothing() {
    let shop = Shop::open().await;
    add_key(&shop.store, shop.agent, 1).await.unwrap();
    let command = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    command.reseal(&master(7), None).await.unwrap();
    assert!(matches!(secrets(&shop.store, shop.agent).await, Err(StoreError::MasterKeyChanged)));
    let refused = add_key(&shop.store, shop.agent, 2).await;
    assert!(matches!(refused, Err(KeyError::Store(StoreError::MasterKeyChanged))));
    let refused = shop.store.reseal(&master(8), None).await;
    assert!(matches!(refused, Err(StoreError::MasterKeyChanged)));
    assert!(matches!(shop.store.take_charge(), Err(OpenError::WrongMasterKey)));
    assert!(command.is_under(&master(7)).await.unwrap());
    assert_eq!(secrets(&command, shop.agent).await.unwrap(), shown(&[1]));
}

#[tokio::test]
async fn what_an_ended_server_did_not_take_is_removed_by_the_next_one() {
    let shop = Shop::open().await;
    add_key(&shop.store, shop.agent, 1).await.unwrap();
    let command = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    command.reseal(&master(7), Some(NONCE)).await.unwrap();
    command.close().await;
    shop.store.clone().close().await;
    assert_eq!(successors(&shop), 1);
    assert!(is_refused(&shop, &MasterKey::from_bytes(MASTER)), "what waits there is for running programs");
    let server = Store::open(&shop.file, &master(7)).unwrap();
    assert_eq!(successors(&shop), 1, "a command leaves it");
    server.take_charge().unwrap();
    server.close().await;
    assert_eq!(successors(&shop), 0);
    assert!(!holds(&shop.raw_bytes(), &NONCE));
}

#[tokio::test]
async fn a_reader_with_an_old_snapshot_still_opens_what_it_sees() {
    for same_program in [false, true] {
        let shop = Shop::open().await;
        shop.store.take_charge().unwrap();
        let agent = shop.agent;
        add_key(&shop.store, agent, 1).await.unwrap();
        let former = sealed(&shop);
        let (began, wait_begun) = tokio::sync::oneshot::channel();
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let reading = shop.store.read(move |reader| {
            // The first look fixes the snapshot.
            reader.keys(&agent)?;
            began.send(()).unwrap();
            wait.recv().unwrap();
            reader.verification_keys(agent.agent_id(), NOW)
        });
        let changing = async {
            wait_begun.await.unwrap();
            let command = if same_program {
                shop.store.clone()
            } else {
                Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap()
            };
            command.reseal(&master(7), Some(NONCE)).await.unwrap();
            assert_eq!(secrets(&shop.store, agent).await.unwrap(), shown(&[1]));
            assert_eq!(found(&shop.raw_bytes(), &former), 1, "the reader needs it");
            go_on.send(()).unwrap();
        };
        let (read, ()) = tokio::join!(reading, changing);
        assert_eq!(read.unwrap().len(), 1);
        shop.store.write(|_| Ok::<_, StoreError>(())).await.unwrap();
        assert_eq!(found(&shop.raw_bytes(), &former), 0);
    }
}

#[tokio::test]
async fn a_value_that_does_not_open_stops_the_change_and_leaves_all_as_it_was() {
    let shop = Shop::open().await;
    for seed in 0..3 {
        add_key(&shop.store, shop.agent, seed).await.unwrap();
    }
    let outside = Connection::open(&shop.file).unwrap();
    outside.execute("UPDATE identity_key SET sealed = zeroblob(63) WHERE rowid = 3", []).unwrap();
    let before = sealed(&shop);
    let refused = shop.store.reseal(&master(7), Some(NONCE)).await;
    assert!(matches!(refused, Err(StoreError::Sealed)));
    assert_eq!((sealed(&shop), successors(&shop)), (before, 0));
    assert!(is_refused(&shop, &master(7)));
    // And it is not in the way of anything that follows.
    outside.execute("DELETE FROM identity_key WHERE rowid = 3", []).unwrap();
    assert_eq!(secrets(&shop.store, shop.agent).await.unwrap(), shown(&[0, 1]));
    assert_eq!(shop.store.reseal(&master(8), None).await.unwrap(), ResealReport { keys: 2 });
    assert_eq!(secrets(&shop.store, shop.agent).await.unwrap(), shown(&[0, 1]));
}

#[tokio::test]
async fn everything_but_the_sealed_values_stays_as_it_was() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    for seed in 0..ACTIVE_KEYS_MAX {
        add_key(&shop.store, shop.agent, u8::try_from(seed).unwrap()).await.unwrap();
        add_key(&shop.store, other, 99).await.unwrap();
    }
    let agent = shop.agent;
    let keys =
        async || shop.store.read(move |r| Ok::<_, StoreError>((r.keys(&agent)?, r.keys(&other)?))).await;
    let first = keys().await.unwrap().0[0].id;
    shop.store.write(move |writer| writer.revoke_key(&agent, first, NOW)).await.unwrap();
    let before = keys().await.unwrap();
    for byte in [7, 8] {
        shop.store.reseal(&master(byte), None).await.unwrap();
        assert_eq!(keys().await.unwrap(), before);
    }
    assert_eq!(secrets(&shop.store, other).await.unwrap(), shown(&[99; ACTIVE_KEYS_MAX]));
}

#[tokio::test]
async fn values_that_were_swapped_do_not_open_under_the_new_key_either() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let mine = add_key(&shop.store, shop.agent, 1).await.unwrap();
    let next = add_key(&shop.store, shop.agent, 2).await.unwrap();
    let foreign = add_key(&shop.store, other, 3).await.unwrap();
    let former = sealed(&shop);
    shop.store.reseal(&master(7), None).await.unwrap();
    let outside = Connection::open(&shop.file).unwrap();
    let bytes = |key: KeyId| key.as_u128().to_be_bytes();
    let put = |value: &[u8]| {
        let sql = "UPDATE identity_key SET sealed = ?2 WHERE id = ?1";
        outside.execute(sql, params![bytes(mine), value]).unwrap();
    };
    let value = |key: KeyId| -> Vec<u8> {
        let sql = "SELECT sealed FROM identity_key WHERE id = ?1";
        outside.query_row(sql, [bytes(key)], |row| row.get(0)).unwrap()
    };
    let own = value(mine);
    for wrong in [value(next), value(foreign), former[0].clone(), former[1].clone()] {
        put(&wrong);
        assert!(matches!(secrets(&shop.store, shop.agent).await, Err(StoreError::Sealed)));
    }
    put(&own);
    assert_eq!(secrets(&shop.store, shop.agent).await.unwrap(), shown(&[1, 2]));
}

#[tokio::test]
async fn a_database_that_is_put_back_under_the_former_key_is_not_followed() {
    let shop = Shop::open().await;
    shop.store.take_charge().unwrap();
    add_key(&shop.store, shop.agent, 1).await.unwrap();
    let outside = Connection::open(&shop.file).unwrap();
    let value = |sql: &str| -> Vec<u8> { outside.query_row(sql, [], |row| row.get(0)).unwrap() };
    let (check, key) =
        ("SELECT value FROM meta WHERE name = 'master_key_check'", "SELECT sealed FROM identity_key");
    let former = (value(check), value(key));
    let command = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    command.reseal(&master(7), Some(NONCE)).await.unwrap();
    command.close().await;
    assert_eq!(secrets(&shop.store, shop.agent).await.unwrap(), shown(&[1]));
    shop.store.write(|_| Ok::<_, StoreError>(())).await.unwrap();
    outside.execute("UPDATE meta SET value = ?1 WHERE name = 'master_key_check'", [former.0]).unwrap();
    outside.execute("UPDATE identity_key SET sealed = ?1", [former.1]).unwrap();
    assert!(matches!(secrets(&shop.store, shop.agent).await, Err(StoreError::MasterKeyChanged)));
}

#[tokio::test]
async fn nothing_that_the_former_key_opens_is_left_in_the_files() {
    const KEYS: u32 = 2000;
    let shop = Shop::open().await;
    let company = shop.company;
    let fill = move |writer: &Writer<'_>| {
        for number in 0..KEYS {
            let scope = writer.create_agent(&company, &new_agent(id()))?;
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&number.to_le_bytes());
            let secret = Secret::generate(seed);
            writer.create_key(&scope, &signing_key(&secret, id()))?;
        }
        Ok::<_, KeyError>(())
    };
    shop.store.write(fill).await.unwrap();
    // Rows that grow and go in no order: SQLite moves others about, and leaves copies of them.
    let outside = Connection::open(&shop.file).unwrap();
    outside.pragma_update(None, "secure_delete", true).unwrap();
    let before = sealed(&shop);
    for number in 0..KEYS / 2 {
        let row = |factor: u32| number * factor % KEYS + 1;
        outside.execute("DELETE FROM identity_key WHERE rowid = ?1", [row(1237)]).unwrap();
        let name = "n".repeat((number * 7919 % 1901) as usize);
        let sql = "UPDATE identity_key SET name = ?2 WHERE rowid = ?1";
        outside.execute(sql, params![row(7877), name]).unwrap();
    }
    drop(outside);
    shop.store.reseal(&master(7), None).await.unwrap();
    shop.store.clone().close().await;
    let bytes = shop.raw_bytes();
    assert_eq!(found(&bytes, &before), 0);
    let now = sealed(&shop);
    assert_eq!(
        (found(&bytes, &now), now.len()),
        (KEYS as usize / 2, KEYS as usize / 2),
        "the search itself works"
    );
    for key in [MasterKey::from_bytes(MASTER), master(7)] {
        assert!(!holds(&bytes, key.encode().as_bytes()));
    }
    assert!(!holds(&bytes, &MASTER) && !holds(&bytes, &[7; 32]));
}

/// How many of these values begin somewhere in the bytes.
fn found(bytes: &[u8], values: &[Vec<u8>]) -> usize {
    let wanted: HashSet<&[u8]> = values.iter().map(|value| &value[..24]).collect();
    let found: HashSet<&[u8]> = bytes.windows(24).filter(|window| wanted.contains(window)).collect();
    found.len()
}
