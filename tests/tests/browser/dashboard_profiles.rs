//! A member looks somebody up, blocks them and erases them, while that very person chats in the same
//! browser.

use std::time::Duration;

use eloquent_store::ProfileFilter;
use eloquent_tests::{
    app::TestApp,
    browser::{Browser, chat::Chat, host::HostPage},
};
use serde_json::json;

use super::scene;

/// How many profiles of this user there are.
async fn profiles(app: &TestApp, user_id: &str) -> usize {
    let (scope, filter) =
        (app.scope, ProfileFilter { user_id: Some(user_id.to_owned()), ..ProfileFilter::default() });
    app.store.read(move |reader| reader.profiles(&scope, &filter)).await.unwrap().len()
}

/// Waits for the page at this address.
async fn arrive(browser: &Browser, end: &str) {
    browser
        .until::<bool>(&format!("location.href.endsWith('{end}') && document.readyState === 'complete'"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_blocked_and_erased() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    let chat = Chat(&browser);
    for (user, plan) in [("cust_7", "Enterprise"), ("cust_8", "Pro"), ("cust_9", "Enterprise")] {
        browser.goto(&host.url).await;
        let claims = json!({ "user_id": user, "email": format!("{user}@example.com"), "plan": plan });
        assert_eq!(chat.identify(app.token(claims).expose()).await["identified"], true);
        if user == "cust_7" {
            chat.call("update", json!({ "attributes": { "mood": "curious", "plan": "Platinum" } })).await;
            chat.open().await;
            assert!(chat.ask("Which plan am I on?").await.contains("Enterprise"));
        }
        chat.call("logout", json!(null)).await;
    }

    // Found by a part of the email.
    scene::log_in(&browser, &app).await;
    let list = format!("/dashboard/agents/{}/profiles", app.agent);
    browser.goto(&app.at(&list)).await;
    browser.type_into("#search", "ST_7@").await;
    browser.click(".finder .search button").await;
    browser.until::<bool>("location.search.includes('search=ST_7') && document.querySelectorAll('.list tbody tr').length === 1").await;
    browser.click(".list .cover").await;
    browser.until::<bool>("!!document.querySelector('table.claims')").await;
    let profile = browser.address().await;
    assert!(browser.text(".unproven").await.contains("curious"));
    assert!(!browser.text("main").await.contains("Platinum"), "a hint never stands beside what was signed");

    // Whoever shares the claim.
    browser.click(".claims a.shared").await;
    browser.until::<bool>("document.querySelectorAll('.list tbody tr').length === 2").await;
    let typed: String = browser.until("document.querySelector('#claim').value").await;
    assert_eq!(typed, "plan=Enterprise");

    // Blocked: the next token identifies nobody.
    browser.goto(&profile).await;
    browser.click("a[href$='/block']").await;
    arrive(&browser, "/block").await;
    browser.click("form[action$='/block'] button").await;
    arrive(&browser, "?notice=blocked").await;
    assert!(browser.text(".heading").await.contains("Blocked"));
    browser.goto(&host.url).await;
    let token = app.token(json!({ "user_id": "cust_7", "plan": "Enterprise" }));
    assert_eq!(chat.identify(token.expose()).await["code"], "identity_blocked");
    browser.goto(&profile).await;
    browser.click("a[href$='/unblock']").await;
    arrive(&browser, "/unblock").await;
    browser.click("form[action$='/unblock'] button").await;
    arrive(&browser, "?notice=unblocked").await;

    // Erased, but only by name.
    browser.click("a[href$='/erase']").await;
    arrive(&browser, "/erase").await;
    assert!(browser.text("main").await.contains("1 conversation with 2 messages"));
    browser.type_into("#user-id", "cust_8").await;
    browser.click("form[action$='/erase'] button.danger").await;
    browser.find("#problem").await;
    assert_eq!(profiles(&app, "cust_7").await, 1);
    browser.eval::<()>("document.querySelector('#user-id').value = ''", json!(null)).await;
    browser.type_into("#user-id", "cust_7").await;
    browser.click("form[action$='/erase'] button.danger").await;
    arrive(&browser, "/profiles?notice=erased").await;
    let main = browser.text("main").await;
    assert!(main.contains("Erased") && !main.contains("cust_7") && main.contains("cust_8"), "{main}");
    assert_eq!(profiles(&app, "cust_7").await, 0);
    assert!(scene::conversations(&app, app.scope).await.is_empty());
    // The answer to the wrong name was an error on purpose.
    browser.assert_no_errors(&["/erase - Failed to load resource"]).await;

    // Who comes back is somebody new.
    browser.goto(&host.url).await;
    assert_eq!(chat.identify(token.expose()).await["identified"], true);
    assert_eq!(profiles(&app, "cust_7").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_dropped_by_hand() {
    let app = scene::app(Duration::ZERO).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    let chat = Chat(&browser);
    browser.goto(&host.url).await;
    let claims = json!({ "user_id": "cust_7", "plan": "Enterprise", "ssn": "078-05-1120" });
    chat.identify(app.token(claims).expose()).await;
    scene::log_in(&browser, &app).await;
    browser.goto(&app.at(&format!("/dashboard/agents/{}/identity/claims", app.agent))).await;
    let choose = "const form = document.querySelector(`input[name=name][value=ssn]`).form; \
        form.elements.use.value = 'dropped'; form.querySelector('button').click()";
    browser.eval::<()>(choose, json!(null)).await;
    browser.until::<bool>("!!document.querySelector('input[name=confirmed]')").await;
    assert!(browser.text("main").await.contains("1 profile holds it now"));
    browser.click("form[action$='/claims'] button.danger").await;
    arrive(&browser, "?notice=claim_dropped").await;
    let chosen: String =
        browser.until("document.querySelector(`input[value=ssn]`).form.elements.use.value").await;
    assert_eq!(chosen, "dropped");
    browser.goto(&app.at(&format!("/dashboard/agents/{}/profiles?claim=plan", app.agent))).await;
    browser.click(".list .cover").await;
    browser.until::<bool>("!!document.querySelector('table.claims')").await;
    let main = browser.text("main").await;
    assert!(main.contains("Enterprise") && !main.contains("078-05-1120"), "{main}");
    browser.assert_no_errors(&[]).await;
}
