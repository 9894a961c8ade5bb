//! Pictures for people to look at: written only where `SCREENSHOTS` names a folder.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use eloquent_identity::{Rejection, Secret, Signed};
use eloquent_server::entropy;
use eloquent_store::{ClaimUse, Enforcement, NewAttempt, NewKey, ProfileFilter, Surface};
use eloquent_tests::{
    app::{TestApp, mint},
    browser::{
        Browser, Screen,
        chat::Chat,
        gate::Gate,
        host::{HostPage, page, tag_from},
    },
};
use eloquent_types::{identify::IdentityCode, text::UserId, time::Timestamp};
use serde_json::{Value, json};

use super::scene::{self, LONG_ARTICLE, LONG_QUESTION, conversations, log_in, teach};

fn folder() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the tests' own setting")]
    let folder = std::env::var_os("SCREENSHOTS").map(PathBuf::from)?;
    std::fs::create_dir_all(&folder).expect("a folder for the screenshots");
    Some(folder)
}

/// The ways in which every page is looked at.
const WAYS: [(&str, Screen, bool); 3] =
    [("light", Screen::DESKTOP, false), ("dark", Screen::DESKTOP, true), ("phone", Screen::PHONE, false)];

#[tokio::test(flavor = "multi_thread")]
async fn of_the_widget() {
    let Some(folder) = folder() else { return };
    let app = scene::app(Duration::from_millis(25)).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let browser = Browser::start().await;
    for (way, screen, dark) in WAYS {
        let gate = Gate::before(&app).await;
        let host = HostPage::serve(page("", &tag_from(&gate.url, &app, ""))).await;
        browser.screen(screen).await;
        browser.prefer_dark(dark).await;
        browser.goto(&host.url).await;
        let shoot =
            async |name: &str| browser.screenshot(&folder.join(format!("widget-{name}-{way}.png"))).await;
        let chat = Chat(&browser);
        chat.find(".launcher").await;
        shoot("launcher").await;
        chat.open().await;
        shoot("open").await;
        chat.send(LONG_QUESTION).await;
        chat.until("root.querySelector('.row.streaming .rich')?.textContent.length > 220").await;
        shoot("streaming").await;
        chat.answer_to(LONG_QUESTION).await;
        shoot("answer").await;
        let token = app.token(json!({ "user_id": "ada", "name": "Ada Okafor", "plan": "Enterprise" }));
        chat.identify(token.expose()).await;
        chat.ask("Which plan am I on?").await;
        shoot("identified").await;
        gate.close();
        chat.send("Are you still there?").await;
        chat.until("root.querySelector('.row.failed')").await;
        shoot("error").await;
        gate.open();
        chat.call("logout", Value::Null).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_demo_shop() {
    let Some(folder) = folder() else { return };
    let app = scene::shop(Duration::ZERO).await;
    let browser = Browser::start().await;
    for (way, screen, dark) in WAYS {
        browser.screen(screen).await;
        browser.prefer_dark(dark).await;
        browser.goto(&app.at("/demo/")).await;
        let shoot =
            async |name: &str| browser.screenshot(&folder.join(format!("shop-{name}-{way}.png"))).await;
        browser.until::<bool>("!!document.querySelector('eloquent-widget')").await;
        shoot("anonymous").await;
        browser.click("#account").await;
        shoot("menu").await;
        browser.click("[data-customer=ada]").await;
        browser.until::<bool>("document.querySelector('#identity').dataset.state === 'identified'").await;
        let chat = Chat(&browser);
        chat.open().await;
        chat.ask("Which plan am I on?").await;
        chat.ask("What does the Daily plan cost?").await;
        shoot("chat").await;
        chat.call("close", Value::Null).await;
        browser.eval::<()>("document.querySelector('#backstage').open = true; document.querySelector('#backstage').scrollIntoView()", json!(null)).await;
        shoot("backstage").await;
        browser.click("#account").await;
        browser.click("#logout").await;
    }
}

/// Something for the dashboard to show.
async fn live_a_little(app: &TestApp, browser: &Browser) {
    let host = HostPage::embedding(app).await;
    let chat = Chat(browser);
    for (user, name, plan) in [("cust_ada", "Ada Okafor", "Enterprise"), ("cust_ben", "Ben Haddad", "Pro")] {
        browser.goto(&host.url).await;
        let claims = json!({ "user_id": user, "email": format!("{user}@example.com"), "name": name, "plan": plan, "seats": 12 });
        chat.identify(app.token(claims).expose()).await;
        chat.open().await;
        chat.ask("Which plan am I on?").await;
        chat.ask("How do I ask for a refund?").await;
        chat.call("logout", Value::Null).await;
    }
    chat.open().await;
    chat.ask(LONG_QUESTION).await;
    chat.call("logout", Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_dashboard() {
    let Some(folder) = folder() else { return };
    let app = scene::app(Duration::ZERO).await;
    teach(&app, app.scope, LONG_ARTICLE).await;
    let browser = Browser::start().await;
    let agent = format!("/dashboard/agents/{}", app.agent);
    for (way, screen, dark) in WAYS {
        browser.screen(screen).await;
        browser.prefer_dark(dark).await;
        browser.goto(&app.at("/dashboard/login")).await;
        shoot_whole(&browser, &folder, &format!("dashboard-login-{way}")).await;
        if way == "light" {
            log_in(&browser, &app).await;
            browser.goto(&app.at(&format!("{agent}/profiles"))).await;
            shoot_whole(&browser, &folder, "dashboard-profiles-empty-light").await;
            live_a_little(&app, &browser).await;
        } else {
            log_in(&browser, &app).await;
        }
        let all = conversations(&app, app.scope).await;
        let verified =
            all.iter().find(|record| record.row.profile.is_some()).expect("a verified conversation");
        let anonymous = all.iter().find(|record| record.row.profile.is_none()).expect("an anonymous one");
        let profile = verified.row.profile.as_ref().expect("a profile").0;
        for (name, path) in [
            ("agents", "/dashboard".to_owned()),
            ("overview", agent.clone()),
            ("identity", format!("{agent}/identity")),
            ("profiles", format!("{agent}/profiles")),
            ("profile", format!("{agent}/profiles/{profile}")),
            ("conversations", format!("{agent}/conversations")),
            ("conversation", format!("{agent}/conversations/{}", verified.row.id)),
            ("conversation-anonymous", format!("{agent}/conversations/{}", anonymous.row.id)),
            ("not-found", format!("{agent}/nothing")),
        ] {
            browser.goto(&app.at(&path)).await;
            shoot_whole(&browser, &folder, &format!("dashboard-{name}-{way}")).await;
        }
        browser.goto(&app.at(&format!("{agent}/identity"))).await;
        browser.type_into("#name", "Production").await;
        browser.click("form[action$='/identity/keys'] button[type=submit]").await;
        browser.find("#secret").await;
        shoot_whole(&browser, &folder, &format!("dashboard-secret-{way}")).await;
        browser.goto(&app.at(&format!("{agent}/identity"))).await;
        browser.click("a[href$='/revoke']").await;
        browser.until::<bool>("location.pathname.endsWith('/revoke')").await;
        shoot_whole(&browser, &folder, &format!("dashboard-revoke-{way}")).await;
        browser.eval::<()>("await fetch('/dashboard/logout', { method: 'POST' })", json!(null)).await;
    }
}

/// Attempts, chat requests and keys of some weeks, for the pages that tell of them.
async fn operate_a_little(app: &TestApp) {
    let (scope, agent, key) = (app.scope, app.agent, app.key);
    let now = Timestamp::from_secs(app.now_secs());
    let before = move |hours: i64| Timestamp::from_millis(now.as_millis() - hours * 3_600_000);
    let shop = Some("https://shop.example.com");
    let signed = move |user_id: &str, issued_at: f64| Signed {
        key,
        issued_at: Some(issued_at),
        not_before: None,
        expires_at: Some(issued_at + 3600.0),
        user_id: UserId::parse(user_id).ok(),
    };
    let secrets = [(); 2].map(|()| Secret::generate(entropy::bytes().unwrap()));
    app.write(move |writer| {
        for hour in 1..200 {
            for (verdict, origin, times) in [
                (Ok(()), shop, 6),
                (Err(IdentityCode::TokenMissing), shop, hour % 2),
                (Err(IdentityCode::TokenExpired), shop, hour % 5 / 4),
                (Ok(()), Some("https://help.example.com"), 1),
                (Err(IdentityCode::TokenMissing), Some("https://help.example.com"), 1),
                (Err(IdentityCode::SignatureInvalid), Some("http://localhost:3000"), hour % 9 / 8),
            ] {
                for _ in 0..times {
                    writer.count_chat(agent, before(hour), origin, verdict, Enforcement::Report)?;
                }
            }
        }
        let at = |hours: i64| before(hours).as_secs_f64();
        for (hours, surface, verdict, signed) in [
            (9, Surface::Identify, Err(Rejection::AlgAsymmetric), None),
            (7, Surface::Identify, Ok(()), Some(signed("cust_ada", at(7) - 2.0))),
            (6, Surface::Chat, Err(Rejection::Expired), Some(signed("cust_ada", at(6) - 4000.0))),
            (5, Surface::Read, Err(Rejection::NotYetValid), Some(signed("cust_ben", at(5) + 42.0))),
            (
                4,
                Surface::Identify,
                Err(Rejection::UserIdNumber),
                Some(Signed { user_id: None, ..signed("x", at(4) - 1.0) }),
            ),
            (3, Surface::Identify, Err(Rejection::SignatureInvalid), None),
        ] {
            let origin = shop.map(ToOwned::to_owned);
            writer.record_attempt(&NewAttempt {
                agent,
                at: before(hours),
                surface,
                verdict,
                enforcement: Enforcement::Report,
                signed,
                origin,
                conversation: None,
                profile: None,
            })?;
        }
        for (secret, name, hours) in
            secrets.iter().zip(["Staging", "Old server"]).map(|(secret, name)| (secret, name, 24 * 40))
        {
            let id = mint(before(hours));
            let nonce = entropy::bytes().unwrap();
            let new = NewKey { id, name: name.to_owned(), secret, nonce, now: before(hours) };
            writer.create_key(&scope, &new).expect("a key");
            if name == "Staging" {
                writer.set_key_retirement(&scope, id, Some(now + Duration::from_hours(75)), now)?;
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_identity_verification() {
    let Some(folder) = folder() else { return };
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    let base = format!("/dashboard/agents/{}/identity", app.agent);
    log_in(&browser, &app).await;
    for (name, rest) in [("enforcement", "/enforcement"), ("log", "/log")] {
        browser.goto(&app.at(&format!("{base}{rest}"))).await;
        shoot_whole(&browser, &folder, &format!("identity-{name}-empty-light")).await;
    }
    live_a_little(&app, &browser).await;
    operate_a_little(&app).await;
    for (way, screen, dark) in WAYS {
        browser.screen(screen).await;
        browser.prefer_dark(dark).await;
        let shoot =
            async |name: &str| shoot_whole(&browser, &folder, &format!("identity-{name}-{way}")).await;
        for (name, rest) in [
            ("keys", String::new()),
            ("rotate", format!("/keys/{}/rotate", app.key)),
            ("revoke", format!("/keys/{}/revoke", app.key)),
            ("enforcement", "/enforcement".to_owned()),
            ("log", "/log".to_owned()),
            ("inspector", "/inspector".to_owned()),
            ("playground", "/playground".to_owned()),
            ("samples", "/samples?language=python".to_owned()),
        ] {
            browser.goto(&app.at(&format!("{base}{rest}"))).await;
            if name == "log" {
                browser.eval::<()>("for (const row of [...document.querySelectorAll('details')].slice(0, 2)) row.open = true", json!(null)).await;
            }
            shoot(name).await;
        }
        browser.goto(&app.at(&format!("{base}/enforcement"))).await;
        browser.click("input[value=require]").await;
        browser.click("form[action$='/enforcement'] button").await;
        browser.find("input[name=confirmed]").await;
        shoot("require").await;
        let token = app.token(json!({ "user_id": 42, "name": "Ada Okafor", "exp": app.now_secs() * 1000 }));
        browser.goto(&app.at(&format!("{base}/inspector"))).await;
        browser.type_into("#token", token.expose()).await;
        browser.click("form[action$='/inspector'] button").await;
        browser.find(".checks").await;
        shoot("inspected").await;
        browser.goto(&app.at(&format!("{base}/playground"))).await;
        browser.click("form[action$='/playground'] button").await;
        browser.until::<bool>("document.querySelector('#state')?.dataset.state === 'identified'").await;
        if way != "phone" {
            let chat = Chat(&browser);
            chat.is_open().await;
            chat.ask("Which plan am I on?").await;
            browser.screenshot(&folder.join(format!("identity-preview-{way}.png"))).await;
        }
        shoot("preview-whole").await;
    }
}

/// Profiles with everything that can stand on one: two tokens, hints, a claim that the agent is not told.
async fn know_people(app: &TestApp, browser: &Browser) {
    let host = HostPage::embedding(app).await;
    let chat = Chat(browser);
    for (user, name, plan) in [("cust_ben", "Ben Haddad", "Pro"), ("cust_ada", "Ada Okafor", "Enterprise")] {
        let claims = |plan: &str, seats: u32, age: i64| {
            let iat = app.now_secs() - age;
            json!({
                "user_id": user, "email": format!("{user}@example.com"), "name": name, "plan": plan, "seats": seats,
                "account": { "region": "eu", "since": 2021 }, "iat": iat,
            })
        };
        browser.goto(&host.url).await;
        chat.identify(app.token(claims("Trial", 3, 7_200)).expose()).await;
        chat.identify(app.token(claims(plan, 12, 2)).expose()).await;
        chat.call("update", json!({ "attributes": { "cart": "3 items, 84 €", "campaign": "autumn" } })).await;
        chat.open().await;
        chat.ask("Which plan am I on?").await;
        chat.call("logout", Value::Null).await;
    }
    let (scope, now) = (app.scope, Timestamp::from_secs(app.now_secs()));
    let filter = ProfileFilter { user_id: Some("cust_ben".to_owned()), ..ProfileFilter::default() };
    let found = app.store.read(move |reader| reader.profiles(&scope, &filter)).await.unwrap();
    let ben = found[0].id;
    app.write(move |writer| {
        writer.set_claim_policy(&scope, "account", ClaimUse::Dashboard, now).expect("set");
        writer.set_claim_policy(&scope, "ssn", ClaimUse::Dropped, now).expect("set");
        writer.set_profile_blocked(&scope, ben, true, "owner@example.com", now)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_profiles_and_claims() {
    let Some(folder) = folder() else { return };
    let app = scene::app(Duration::ZERO).await;
    let browser = Browser::start().await;
    let agent = format!("/dashboard/agents/{}", app.agent);
    know_people(&app, &browser).await;
    log_in(&browser, &app).await;
    let all = conversations(&app, app.scope).await;
    let id = |user: &str| {
        let record = all.iter().find(|record| {
            record.row.title.contains("plan")
                && record.row.profile.as_ref().is_some_and(|(_, user_id, _)| user_id.as_str() == user)
        });
        let row = &record.expect("a conversation").row;
        (row.profile.as_ref().expect("a profile").0, row.id)
    };
    let ((ada, conversation), (ben, _)) = (id("cust_ada"), id("cust_ben"));
    for (way, screen, dark) in WAYS {
        browser.screen(screen).await;
        browser.prefer_dark(dark).await;
        for (name, path) in [
            ("search", format!("{agent}/profiles?search=example.com&claim=plan%3DEnterprise")),
            ("nothing-found", format!("{agent}/profiles?search=nobody")),
            ("whole", format!("{agent}/profiles/{ada}")),
            ("blocked", format!("{agent}/profiles/{ben}?notice=blocked")),
            ("history", format!("{agent}/profiles/{ben}/history")),
            ("block", format!("{agent}/profiles/{ada}/block")),
            ("erase", format!("{agent}/profiles/{ada}/erase")),
            ("claims", format!("{agent}/identity/claims")),
            ("conversation", format!("{agent}/conversations/{conversation}")),
        ] {
            browser.goto(&app.at(&path)).await;
            if name == "conversation" {
                browser
                    .eval::<()>(
                        "for (const it of document.querySelectorAll('details')) it.open = true",
                        json!(null),
                    )
                    .await;
            }
            shoot_whole(&browser, &folder, &format!("profiles-{name}-{way}")).await;
        }
        browser.goto(&app.at(&format!("{agent}/identity/claims"))).await;
        browser.eval::<()>("document.querySelector('input[value=plan]').form.elements.use.value = 'dropped'; document.querySelector('input[value=plan]').form.querySelector('button').click()", json!(null)).await;
        browser.find("input[name=confirmed]").await;
        shoot_whole(&browser, &folder, &format!("profiles-drop-{way}")).await;
    }
}

/// The whole page, also what is below the window.
async fn shoot_whole(browser: &Browser, folder: &Path, name: &str) {
    browser.until::<bool>("document.readyState === 'complete'").await;
    browser.whole_screenshot(&folder.join(format!("{name}.png"))).await;
}
