//! What the members of a company reach: companies, agents, keys, members, profiles, and nobody else's.

use std::time::Duration;

use eloquent_store::{
    ConversationFilter, Enforcement, KeyError, KeyInfo, MemberError, NewKey, NewMember, ProfileFilter,
    StoreError,
};
use eloquent_types::time::Timestamp;
use serde_json::json;

use crate::setup::{NOW, Shop, companies, id, new_agent, secret, signing_key, tenant};

fn later(secs: u64) -> Timestamp {
    NOW + Duration::from_secs(secs)
}

#[tokio::test]
async fn companies_and_agents_are_kept_as_given() {
    let shop = Shop::open().await;
    let (company, agent) = (shop.company, shop.agent);
    let found = shop.store.read(companies).await.unwrap();
    assert_eq!((found.len(), found[0].name.as_str()), (1, "Fernhill"));
    let scope = shop.store.read(move |reader| reader.company_scope(company.company_id())).await.unwrap();
    assert_eq!(scope, Some(company));
    assert_eq!(shop.store.read(move |reader| reader.company_scope(id())).await.unwrap(), None);

    let kept = shop.store.read(move |reader| reader.agent(agent.agent_id())).await.unwrap().unwrap();
    let given = new_agent(agent.agent_id());
    assert_eq!((kept.id, kept.company_id, &kept.name), (given.id, company.company_id(), &given.name));
    assert_eq!((&kept.greeting, &kept.instructions), (&given.greeting, &given.instructions));
    assert_eq!((&kept.starters, &kept.accent, &kept.locale), (&given.starters, &given.accent, &given.locale));
    assert_eq!((&kept.allowed_origins, kept.created_at), (&given.allowed_origins, NOW));
    assert_eq!((kept.enforcement, kept.max_token_lifetime), (Enforcement::Off, None));
    assert!(kept.identifies());
    assert_eq!(shop.store.read(move |reader| reader.agents(&company)).await.unwrap(), [kept]);
    assert_eq!(shop.store.read(move |reader| reader.agent(id())).await.unwrap(), None);
}

#[tokio::test]
async fn settings_change_one_agent_alone() {
    let shop = Shop::open().await;
    let (agent, (_, other)) = (shop.agent, shop.store.write(tenant).await.unwrap());
    let before = shop.store.read(move |reader| reader.agent(other.agent_id())).await.unwrap();
    let changed = shop
        .store
        .write(move |writer| {
            writer.set_agent_identify(&agent, false)?;
            writer.set_allowed_origins(&agent, &[])?;
            writer.set_enforcement(&agent, Enforcement::Require)?;
            writer.set_max_token_lifetime(&agent, Some(Duration::from_secs(90)))?;
            writer.agent(agent.agent_id())
        })
        .await
        .unwrap()
        .unwrap();
    assert!(!changed.identify_enabled && changed.company_identify_enabled && !changed.identifies());
    assert_eq!((changed.enforcement, changed.allowed_origins.len()), (Enforcement::Require, 0));
    assert_eq!(changed.max_token_lifetime, Some(Duration::from_secs(90)));
    assert_eq!(shop.store.read(move |reader| reader.agent(other.agent_id())).await.unwrap(), before);
}

#[tokio::test]
async fn the_company_switches_identity_for_all_its_agents() {
    let shop = Shop::open().await;
    let (company, agent) = (shop.company, shop.agent);
    for enabled in [false, true] {
        shop.store.write(move |writer| writer.set_company_identify(&company, enabled)).await.unwrap();
        let kept = shop.store.read(move |reader| reader.agent(agent.agent_id())).await.unwrap().unwrap();
        assert_eq!((kept.company_identify_enabled, kept.identify_enabled), (enabled, true));
        assert_eq!(kept.identifies(), enabled);
        let kept = shop.store.read(move |reader| reader.company(&company)).await.unwrap().unwrap();
        assert_eq!(kept.identify_enabled, enabled);
    }
}

#[tokio::test]
async fn another_companys_agent_cannot_be_reached() {
    let shop = Shop::open().await;
    let (company, agent) = (shop.company, shop.agent);
    let (foreign, _) = shop.store.write(tenant).await.unwrap();
    let scopes = shop
        .store
        .read(move |reader| {
            Ok::<_, StoreError>((
                reader.agent_scope(&company, agent.agent_id())?,
                reader.agent_scope(&foreign, agent.agent_id())?,
                reader.agent_scope(&company, id())?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(scopes, (Some(agent), None, None));
}

#[tokio::test]
async fn what_belongs_to_another_agent_is_not_there() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let (ann, _) = shop.verified("ann").await;
    let (conversation, profile) = (shop.ask(&ann, None).await.conversation, ann.verified_profile().unwrap());
    let (agent, key) = (shop.agent, id());
    shop.store.write(move |writer| writer.create_key(&agent, &signing_key(&secret(1), key))).await.unwrap();
    shop.store
        .write(move |writer| {
            assert_eq!(writer.profile(&other, profile)?, None);
            assert!(writer.profiles(&other, &ProfileFilter::default())?.is_empty());
            assert!(!writer.set_profile_blocked(&other, profile, true, "test", NOW)?);
            assert_eq!(writer.conversation(&other, conversation)?, None);
            assert!(
                writer
                    .conversations(&other, &ConversationFilter { profile: Some(profile) }, 9, 0)?
                    .is_empty()
            );
            assert!(writer.keys(&other)?.is_empty());
            assert!(!writer.revoke_key(&other, key, NOW)?);
            assert!(writer.verification_keys(other.agent_id(), NOW)?.is_empty());
            assert!(writer.articles(&other)?.is_empty());
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn keys_are_listed_without_secrets_and_revoked_at_once() {
    let shop = Shop::open().await;
    let (agent, first, second) = (shop.agent, id(), id());
    let keys = shop
        .store
        .write(move |writer| {
            writer.create_key(&agent, &signing_key(&secret(1), first))?;
            writer.create_key(
                &agent,
                &NewKey { name: "Next".into(), nonce: [8; 24], ..signing_key(&secret(2), second) },
            )?;
            assert!(writer.revoke_key(&agent, first, later(1))?);
            assert!(!writer.revoke_key(&agent, first, later(2))?, "the first time stays");
            assert!(!writer.revoke_key(&agent, id(), later(2))?);
            Ok::<_, KeyError>(writer.keys(&agent)?)
        })
        .await
        .unwrap();
    let expected = |id, name: &str, seed, revoked_at| KeyInfo {
        id,
        name: name.into(),
        last_four: secret(seed).last_four().into(),
        created_at: NOW,
        last_used_at: None,
        use_count: 0,
        retires_at: None,
        revoked_at,
    };
    assert_eq!(keys, [expected(first, "Production", 1, Some(later(1))), expected(second, "Next", 2, None)]);
    let keys = shop.store.read(move |reader| reader.verification_keys(agent.agent_id(), NOW)).await.unwrap();
    assert_eq!((keys[0].id, keys[0].revoked, keys[0].secret.expose()), (first, true, secret(1).expose()));
    assert_eq!((keys[1].id, keys[1].revoked, keys[1].secret.expose()), (second, false, secret(2).expose()));
}

fn member(email: &str) -> NewMember {
    NewMember {
        id: id(),
        email: email.into(),
        name: "Ada".into(),
        password_hash: "$argon2id$hash".into(),
        now: NOW,
    }
}

#[tokio::test]
async fn an_email_address_is_one_member_whatever_its_case() {
    let shop = Shop::open().await;
    let (company, (other, _)) = (shop.company, shop.store.write(tenant).await.unwrap());
    shop.store.write(move |writer| writer.create_member(&company, &member("Ada@Exämple.com"))).await.unwrap();
    for scope in [company, other] {
        let again =
            shop.store.write(move |writer| writer.create_member(&scope, &member("ADA@exÄmple.COM"))).await;
        assert!(matches!(again, Err(MemberError::EmailTaken)));
    }
    for (email, found) in
        [("ada@exämple.com", true), ("ADA@EXÄMPLE.COM", true), ("ada@example.com", false), ("", false)]
    {
        let kept = shop.store.read(move |reader| reader.member_by_email(email)).await.unwrap();
        assert_eq!(kept.is_some(), found, "{email}");
        if let Some((member, hash)) = kept {
            assert_eq!((member.email.as_str(), member.company_id), ("Ada@Exämple.com", company.company_id()));
            assert_eq!(hash, "$argon2id$hash");
        }
    }
    assert_eq!(shop.store.read(move |reader| reader.members(&company)).await.unwrap().len(), 1);
    assert!(shop.store.read(move |reader| reader.members(&other)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_members_session_leads_to_their_company_until_it_ends() {
    let shop = Shop::open().await;
    let (company, ada) = (shop.company, member("ada@example.com"));
    let ada_id = ada.id;
    shop.store.write(move |writer| writer.create_member(&company, &ada)).await.unwrap();
    let session = async |hash: [u8; 32], now| {
        let found = shop.store.read(move |reader| reader.member_session(&hash, now)).await.unwrap();
        found.map(|(member, scope)| (member.id, scope))
    };
    for hash in [[1; 32], [2; 32]] {
        let job = move |writer: &eloquent_store::Writer<'_>| {
            writer.create_member_session(&hash, ada_id, NOW, later(60))
        };
        shop.store.write(job).await.unwrap();
    }
    assert_eq!(session([1; 32], NOW).await, Some((ada_id, company)));
    assert_eq!(session([1; 32], later(59)).await, Some((ada_id, company)));
    assert_eq!(session([1; 32], later(60)).await, None, "expired");
    assert_eq!(session([3; 32], NOW).await, None);
    shop.store.write(|writer| writer.delete_member_session(&[1; 32])).await.unwrap();
    assert_eq!(session([1; 32], NOW).await, None, "ended");
    assert_eq!(session([2; 32], NOW).await, Some((ada_id, company)), "the other one lives");
    let orphan = shop
        .store
        .write(|writer| writer.create_member_session(&[4; 32], id(), NOW, NOW + Duration::from_mins(1)))
        .await;
    assert!(matches!(orphan, Err(StoreError::Conflict)), "nobody's session");
}

#[tokio::test]
async fn profiles_are_searched_and_paged() {
    let shop = Shop::open().await;
    for (at, (user, claims)) in (1..).zip([
        ("ann", json!({"email": "ann@example.com", "plan": "pro"})),
        ("bob", json!({"email": "bob@example.com", "company": "Acme 100%"})),
        ("user_7", json!({})),
    ]) {
        let caller = shop.caller(None, Some(shop.proof(user, claims)));
        shop.admit_at(caller, eloquent_store::SessionNeed::Always, later(at)).await;
    }
    let scope = shop.agent;
    let found = async |search: Option<&'static str>, limit, offset| {
        let filter =
            ProfileFilter { text: search.map(str::to_owned), limit, offset, ..ProfileFilter::default() };
        let profiles = shop.store.read(move |reader| reader.profiles(&scope, &filter)).await;
        profiles.unwrap().iter().map(|profile| profile.user_id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(None, 10, 0).await, ["user_7", "bob", "ann"]);
    assert_eq!(found(None, 1, 1).await, ["bob"]);
    assert_eq!(found(Some("EXAMPLE.com"), 10, 0).await, ["bob", "ann"]);
    assert_eq!(found(Some("acme 100%"), 10, 0).await, ["bob"]);
    for (search, expected) in
        [("r_7", &["user_7"] as &[&str]), ("PRO", &["ann"]), ("_", &["user_7"]), ("'", &[])]
    {
        assert_eq!(found(Some(search), 10, 0).await, expected, "{search}");
    }
}
