//! Keys of the administration API: found by their hash, for one company, until they are revoked.

use std::time::Duration;

use eloquent_store::{ApiKeyInfo, NewApiKey, StoreError};
use eloquent_types::time::Timestamp;

use crate::setup::{NOW, Shop, id, tenant};

fn at(secs: u64) -> Timestamp {
    NOW + Duration::from_secs(secs)
}

fn new(hash: u8) -> NewApiKey {
    NewApiKey { id: id(), name: "CI".into(), hash: [hash; 32], last_four: "wxyz".into(), now: NOW }
}

#[tokio::test]
async fn a_key_reaches_its_company_until_it_is_revoked() {
    let shop = Shop::open().await;
    let (company, (other, _)) = (shop.company, shop.store.write(tenant).await.unwrap());
    let (first, second, foreign) = (new(1), new(2), new(3));
    let expected = ApiKeyInfo {
        id: first.id,
        name: "CI".into(),
        last_four: "wxyz".into(),
        created_at: NOW,
        last_used_at: None,
        revoked_at: None,
    };
    shop.store
        .write(move |writer| {
            let ids = (first.id, foreign.id);
            writer.create_api_key(&company, &first)?;
            writer.create_api_key(&company, &second)?;
            writer.create_api_key(&other, &foreign)?;
            assert_eq!(writer.company_of_api_key(&[1; 32])?, Some((company, expected.clone())));
            assert_eq!(writer.company_of_api_key(&[3; 32])?.unwrap().0, other);
            assert_eq!(writer.company_of_api_key(&[4; 32])?, None);
            assert_eq!(writer.company_of_api_key(&[0; 32])?, None);
            assert_eq!(writer.api_keys(&company)?.len(), 2);

            assert!(!writer.revoke_api_key(&company, ids.1, at(1))?, "another company's key");
            assert!(writer.revoke_api_key(&company, ids.0, at(1))?);
            assert!(!writer.revoke_api_key(&company, ids.0, at(2))?, "the first time stays");
            assert!(!writer.revoke_api_key(&company, id(), at(2))?);
            assert_eq!(writer.company_of_api_key(&[1; 32])?, None);
            assert!(writer.company_of_api_key(&[2; 32])?.is_some());
            assert!(writer.company_of_api_key(&[3; 32])?.is_some());
            let revoked = ApiKeyInfo { revoked_at: Some(at(1)), ..expected };
            assert_eq!(writer.api_keys(&company)?[0], revoked, "it stays in the list");
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_id_or_a_secret_that_is_taken_is_refused() {
    let shop = Shop::open().await;
    let (company, (other, _)) = (shop.company, shop.store.write(tenant).await.unwrap());
    shop.store
        .write(move |writer| {
            let first = new(1);
            writer.create_api_key(&company, &first)?;
            for taken in [new(1), NewApiKey { id: first.id, ..new(2) }] {
                let refused = writer.create_api_key(&other, &taken);
                assert!(matches!(refused, Err(StoreError::Conflict)));
            }
            assert!(writer.api_keys(&other)?.is_empty());
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_use_is_noted_once_a_minute() {
    let shop = Shop::open().await;
    let company = shop.company;
    shop.store
        .write(move |writer| {
            let (key, unused) = (new(1), new(2));
            writer.create_api_key(&company, &key)?;
            writer.create_api_key(&company, &unused)?;
            for (now, noted) in [(5, 5), (6, 5), (64, 5), (65, 65), (90, 65), (600, 600)] {
                writer.touch_api_key(key.id, at(now))?;
                let keys = writer.api_keys(&company)?;
                assert_eq!((keys[0].last_used_at, keys[1].last_used_at), (Some(at(noted)), None));
            }
            writer.touch_api_key(id(), NOW)
        })
        .await
        .unwrap();
}
