//! `vectors/signing.json` over HTTP: what each language's library writes for each customer, in its own
//! order of members and with its own escapes, is the same customer to the server.

use std::collections::BTreeSet;

use eloquent_identity::Secret;
use eloquent_store::NewKey;
use eloquent_tests::{
    app::{START, TestApp, mint},
    client::Client,
};
use eloquent_types::identify::{IdentifyResult, IdentityCode};

use super::{
    customers::{SigningFile, Vector},
    region::SAMPLES,
};

/// An agent that has the vectors' key.
async fn app_with(file: &SigningFile) -> TestApp {
    assert_eq!(file.now, START.as_millis() / 1000, "when test servers are");
    let app = TestApp::start().await;
    let scope = app.scope;
    let secret = Secret::parse(file.secret.as_str()).unwrap();
    app.write(move |writer| {
        let key = NewKey {
            id: mint(START),
            name: "vectors".to_owned(),
            secret: &secret,
            nonce: [2; 24],
            now: START,
        };
        writer.create_key(&scope, &key).unwrap();
        Ok(())
    })
    .await;
    app
}

#[tokio::test]
async fn every_spelling_of_a_customer_identifies_that_customer() {
    let file = SigningFile::read();
    let app = app_with(&file).await;
    for vector in &file.vectors {
        let told = format!("{}, {}", vector.language, vector.customer);
        let token = format!("{}.{}", vector.signing_input, vector.signature);
        let who = match Client::new().identify(&app, &token).await.result {
            IdentifyResult::Identified(who) => who,
            IdentifyResult::Refused(refused) => panic!("{told}: {refused:?}"),
        };
        let scope = app.scope;
        let profile = app.store.read(move |reader| reader.profile(&scope, who.profile_id)).await.unwrap();
        file.customer(&vector.customer).assert_is(&profile.unwrap(), &told);
    }
}

#[tokio::test]
async fn a_signature_belongs_to_its_own_input() {
    let file = SigningFile::read();
    let app = app_with(&file).await;
    for pair in file.vectors.windows(2) {
        let token = format!("{}.{}", pair[0].signing_input, pair[1].signature);
        let IdentifyResult::Refused(refused) = Client::new().identify(&app, &token).await.result else {
            panic!("{}, {} is identified by another's signature", pair[0].language, pair[0].customer);
        };
        assert_eq!(refused.code, IdentityCode::SignatureInvalid);
    }
}

#[test]
fn every_language_has_every_customer() {
    let file = SigningFile::read();
    let named = |pick: fn(&Vector) -> &str| file.vectors.iter().map(pick).collect::<BTreeSet<_>>();
    assert_eq!(named(|vector| &vector.language), SAMPLES.iter().map(|sample| sample.language).collect());
    assert_eq!(
        named(|vector| &vector.customer),
        file.customers.iter().map(|titled| titled.title.as_str()).collect()
    );
    let inputs: BTreeSet<_> =
        file.vectors.iter().map(|vector| (&vector.language, &vector.signing_input)).collect();
    assert_eq!(inputs.len(), SAMPLES.len() * file.customers.len());
}
