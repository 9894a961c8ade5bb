//! Nothing that opens a door stands in the files; what is sealed opens only in its place.

use eloquent_store::{
    Caller, Fresh, MasterKey, NewKey, OpenError, SessionHash, SessionNeed, Store, StoreError,
};
use rusqlite::{Connection, params};
use serde_json::json;

use crate::setup::{MASTER, NOW, Shop, id, question, secret, signing_key, tenant, token};

#[tokio::test]
async fn the_files_hold_no_token_and_no_secret() {
    let shop = Shop::open().await;
    let (agent, session) = (shop.agent, token(987_654_321));
    let fresh = Fresh { session: SessionHash::of(&session), profile: id(), now: NOW };
    let caller =
        Caller { proof: Some(shop.proof("ann", json!({"note": "canary-claim"}))), ..shop.caller(None, None) };
    shop.store
        .write(move |writer| {
            writer.create_key(&agent, &signing_key(&secret(1), id())).unwrap();
            let admission = writer.admit(&caller, &fresh, SessionNeed::Always)?;
            writer.post_question(&admission.visitor, &question())?;
            Ok::<_, eloquent_store::PostError>(())
        })
        .await
        .unwrap();
    let hidden = [session.expose().to_owned(), secret(1).expose().to_owned(), "elq_".into(), "vst_".into()];
    let master = MasterKey::from_bytes(MASTER);
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    for closed in [false, true] {
        if closed {
            shop.store.clone().close().await;
        }
        let bytes = shop.raw_bytes();
        assert!(holds(&bytes, b"canary-claim"), "the search itself works");
        for text in &hidden {
            let body = text.trim_start_matches("vst_").trim_start_matches("elq_");
            for part in [text.as_str(), &body[body.len() / 2..]].into_iter().filter(|part| part.len() > 3) {
                assert!(!holds(&bytes, part.as_bytes()), "{part}");
            }
        }
        assert!(!holds(&bytes, &MASTER) && !holds(&bytes, master.encode().as_bytes()));
    }
}

#[tokio::test]
async fn a_moved_or_altered_secret_does_not_open() {
    let shop = Shop::open().await;
    let (agent, (_, other)) = (shop.agent, shop.store.write(tenant).await.unwrap());
    let (first, second, foreign) = (id(), id(), id());
    shop.store
        .write(move |writer| {
            // The same nonce on purpose: only the place differs.
            writer.create_key(&agent, &signing_key(&secret(1), first))?;
            writer.create_key(&agent, &signing_key(&secret(2), second))?;
            writer.create_key(&other, &NewKey { nonce: [9; 24], ..signing_key(&secret(3), foreign) })
        })
        .await
        .unwrap();
    let keys = async || shop.store.read(move |reader| reader.verification_keys(agent.agent_id(), NOW)).await;
    assert_eq!(keys().await.unwrap().len(), 2);

    let outside = Connection::open(&shop.file).unwrap();
    let bytes = |id: eloquent_types::id::KeyId| id.as_u128().to_be_bytes();
    let sealed = |id| -> Vec<u8> {
        outside
            .query_row("SELECT sealed FROM identity_key WHERE id = ?1", [bytes(id)], |row| row.get(0))
            .unwrap()
    };
    let put = |value: &[u8]| {
        outside
            .execute("UPDATE identity_key SET sealed = ?2 WHERE id = ?1", params![bytes(first), value])
            .unwrap();
    };
    let original = sealed(first);
    let mut altered = original.clone();
    altered[3] ^= 1;
    for wrong in [sealed(second), sealed(foreign), altered, Vec::new()] {
        put(&wrong);
        assert!(matches!(keys().await, Err(StoreError::Sealed)));
    }
    put(&original);
    assert_eq!(keys().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_wrong_master_key_is_refused_and_the_right_one_still_opens() {
    let shop = Shop::open().await;
    let agent = shop.agent;
    shop.store.write(move |writer| writer.create_key(&agent, &signing_key(&secret(1), id()))).await.unwrap();
    shop.store.close().await;
    let before = std::fs::read(&shop.file).unwrap();
    let wrong = Store::open(&shop.file, &MasterKey::from_bytes([1; 32]));
    assert!(matches!(wrong, Err(OpenError::WrongMasterKey)));
    assert_eq!(std::fs::read(&shop.file).unwrap(), before, "the refused start changed nothing");
    let store = Store::open(&shop.file, &MasterKey::from_bytes(MASTER)).unwrap();
    let keys = store.read(move |reader| reader.verification_keys(agent.agent_id(), NOW)).await.unwrap();
    assert_eq!(keys[0].secret.expose(), secret(1).expose());
}

#[test]
fn debug_shows_nothing_that_is_secret() {
    let key = secret(1);
    let shown = format!("{:?} {:?}", signing_key(&key, id()), MasterKey::from_bytes(MASTER));
    assert!(!shown.contains(key.expose()) && !shown.contains("5a") && !shown.contains("90"), "{shown}");
}

#[test]
fn debug_of_a_question_tells_which_one_and_nothing_of_what_was_written() {
    let question = question();
    let shown = format!("{question:?}");
    assert!(shown.starts_with("Question {") && shown.contains(&question.id.to_string()), "{shown}");
    assert!(!shown.contains("plan") && !shown.contains(&question.client_id), "{shown}");
}
