//! The master key changes beside programs that go on using the database.

use std::collections::HashSet;

use eloquent_store::{AgentScope, KeyError, MasterKey, NewKey, OpenError, Store, StoreError};
use eloquent_types::id::{Id, KeyId};
use rusqlite::{Connection, params};

use crate::setup::{MASTER, NOW, Shop, id, new_agent, secret, signing_key, tenant};

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

#[tokio::test]
async fn nothing_that_the_former_key_opens_is_left_in_the_files() {
    let shop = Shop::open().await;
    let company = shop.company;
    // Many keys of many agents, in no order, so that the tree's pages are split and balanced.
    for round in 0..20u8 {
        shop.store
            .write(move |writer| {
                for number in 0..100u64 {
                    let scope = writer.create_agent(&company, &new_agent(id()))?;
                    let id = KeyId::from_u128(
                        u128::from((number * 7919 + u64::from(round)) % 100_003)
                            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
                    );
                    let (secret, nonce) = (secret(round), [number as u8 ^ round; 24]);
                    let name = "n".repeat(usize::from(round) * 13 % 200);
                    writer.create_key(&scope, &NewKey { name, nonce, ..signing_key(&secret, id) })?;
                }
                Ok::<_, KeyError>(())
            })
            .await
            .unwrap();
    }
    // Rows that grow by their use: what does not fit any more is moved.
    let outside = Connection::open(&shop.file).unwrap();
    outside.pragma_update(None, "secure_delete", true).unwrap();
    for number in 0..2000u32 {
        let sql =
            "UPDATE identity_key SET last_used_at = ?2, use_count = ?2, revoked_at = ?2 WHERE rowid = ?1";
        outside.execute(sql, params![number * 1237 % 2000 + 1, NOW.as_millis()]).unwrap();
    }
    drop(outside);
    let former = sealed(&shop);
    assert_eq!(former.len(), 2000);
    shop.store.reseal(&master(7), None).await.unwrap();
    shop.store.clone().close().await;
    let bytes = shop.raw_bytes();
    assert_eq!(found(&bytes, &former), 0);
    assert_eq!(found(&bytes, &sealed(&shop)), 2000, "the search itself works");
}

/// How many of these values begin somewhere in the bytes.
fn found(bytes: &[u8], values: &[Vec<u8>]) -> usize {
    let wanted: HashSet<&[u8]> = values.iter().map(|value| &value[..24]).collect();
    let found: HashSet<&[u8]> = bytes.windows(24).filter(|window| wanted.contains(window)).collect();
    found.len()
}
