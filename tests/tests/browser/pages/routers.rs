//! Sites whose pages are changed by a script instead of being loaded: with Turbo itself, and with the
//! script that Astro's `<ClientRouter />` puts on a page, bundled as Astro does.

use std::{fs, process::Command, time::Duration};

use eloquent_tests::{
    app::TestApp,
    browser::{Browser, chat::Chat},
};
use serde_json::{Value, json};

use super::site::{Answer, Place, Site, packages, shop};
use crate::browser::scene;

const QUESTION: &str = "How do I ask for a refund?";

/// What the head of every page holds besides: a script that counts what the page hears, once.
const COUNTING: &str = "<script>if (!window.heard) { window.heard = []; window.previews = 0;
    for (const type of ['ready', 'open', 'close', 'identify', 'message:sent', 'logout'])
        addEventListener('eloquent:' + type, () => heard.push(type));
    addEventListener('turbo:render', () => { previews += document.documentElement.hasAttribute('data-turbo-preview'); }); }</script>";

/// A site with Turbo.
async fn turbo(app: &TestApp, place: Place, told: &str, head: &str) -> Site {
    let code = fs::read_to_string(packages().join("@hotwired/turbo/dist/turbo.es2017-umd.js")).unwrap();
    let head = [COUNTING, head, "<script defer src=\"/turbo.js\"></script>"].concat();
    let mut answers = shop(app, place, &head, told);
    answers.push(("/turbo.js", Answer::Script(code)));
    Site::serve(answers).await
}

/// A site with Astro's router.
async fn astro(app: &TestApp, place: Place, told: &str) -> Site {
    let head = [
        "<meta name=\"astro-view-transitions-enabled\" content=\"true\">",
        "<meta name=\"astro-view-transitions-fallback\" content=\"animate\">",
        COUNTING,
        "<script type=\"module\" src=\"/router.js\"></script>",
    ]
    .concat();
    let mut answers = shop(app, place, &head, told);
    answers.push(("/router.js", Answer::Script(client_router())));
    Site::serve(answers).await
}

/// The script of Astro's component, with the modules that it imports.
fn client_router() -> String {
    let packages = packages();
    let component = fs::read_to_string(packages.join("astro/components/ClientRouter.astro")).unwrap();
    let (_, script) = component.split_once("<script>").unwrap();
    let (script, _) = script.split_once("</script>").unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("entry.ts"), script).unwrap();
    // What an adapter can add to the requests: nothing.
    fs::write(folder.path().join("adapter.js"), "export const internalFetchHeaders = {};").unwrap();
    let router = packages.join("astro/dist/virtual-modules/transitions-router.js");
    let bin = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/xtask/npm/node_modules/.bin/esbuild");
    let mut esbuild = Command::new(bin);
    esbuild
        .args(["entry.ts", "--bundle", "--format=iife", "--log-level=error"])
        .arg(format!("--alias:astro:transitions/client={}", router.display()))
        .arg("--alias:virtual:astro:adapter-config/client=./adapter.js")
        .args(["--define:import.meta.env.SSR=false", "--define:import.meta.env.DEV=false"])
        .args(["--define:__PREFETCH_DISABLED__=false", "--define:__PREFETCH_PREFETCH_ALL__=true"])
        .arg("--define:__PREFETCH_DEFAULT_STRATEGY__=\"hover\"")
        .arg("--define:__EXPERIMENTAL_CLIENT_PRERENDER__=false")
        .env("NODE_PATH", &packages)
        .current_dir(folder.path());
    let made = esbuild.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap()
}

/// Follows a link, or sends the form, and waits until the other page stands.
async fn visit(browser: &Browser, pressed: &str, title: &str) {
    browser.click(pressed).await;
    arrives(browser, title).await;
}

async fn arrives(browser: &Browser, title: &str) {
    let there = format!(
        "document.querySelector('h1')?.textContent == '{title}' \
        && !document.documentElement.hasAttribute('data-turbo-preview') \
        && !document.documentElement.hasAttribute('data-astro-transition')"
    );
    browser.until::<bool>(&there).await;
}

/// The same widget, open, with these many messages; the page has never been loaded anew.
async fn goes_on(browser: &Browser, rows: usize, at: &str) {
    let chat = Chat(browser);
    chat.until(&format!(
        "root.querySelector('.panel:not(.closed)') && root.querySelectorAll('.log > .row').length == {rows}"
    ))
    .await;
    let same: bool = browser
        .eval(
            "const all = document.querySelectorAll('eloquent-widget'); return all.length == 1 && all[0] == window.widget",
            json!(null),
        )
        .await;
    assert!(same, "{at}");
}

/// How often the page has heard of this.
async fn times(browser: &Browser, event: &str) -> usize {
    browser.eval("return heard.filter((type) => type == args).length", json!(event)).await
}

/// The script at the end of each page's body: who is logged in.
fn identifying(token: &str) -> String {
    format!(
        "(window.told ??= []).push(1); (function go() {{
            if (window.eloquent) eloquent('identify', {{ token: '{token}' }}); else setTimeout(go, 20);
        }})()"
    )
}

/// What holds of every site of this kind.
async fn stays_through_visits(browser: &Browser, site: &Site) {
    browser.goto(&site.at("/")).await;
    let chat = Chat(browser);
    chat.find(".launcher").await;
    browser.eval::<()>("window.widget = document.querySelector('eloquent-widget')", json!(null)).await;
    chat.open().await;
    browser.until::<bool>("heard.includes('identify')").await;
    assert!(chat.ask(QUESTION).await.contains("Open the order"));

    visit(browser, "#to-cart", "Cart").await;
    goes_on(browser, 2, "a link").await;
    for (pressed, title) in [("#to-home", "Home"), ("#to-cart", "Cart")] {
        visit(browser, pressed, title).await;
        goes_on(browser, 2, "a page that was seen before").await;
    }
    visit(browser, "#order", "Thanks").await;
    goes_on(browser, 2, "a form that was sent").await;
    visit(browser, "#to-home", "Home").await;
    browser.eval::<()>("history.back()", json!(null)).await;
    arrives(browser, "Thanks").await;
    goes_on(browser, 2, "the way back").await;

    // Each page has said who is there, and each time it was the same.
    browser.until::<bool>("told.length >= 7").await;
    let state = chat.state().await;
    assert_eq!((&state["identified"], &state["userId"]), (&json!(true), &json!("ada")), "{state}");

    // One press, one turn; one question, one answer.
    assert_eq!(times(browser, "open").await, 1);
    chat.click(".launcher").await;
    chat.until("root.querySelector('.panel.closed')").await;
    assert_eq!((times(browser, "close").await, times(browser, "ready").await), (1, 1));
    chat.open().await;
    assert!(!chat.ask("And how long does it take?").await.is_empty());
    goes_on(browser, 4, "a second question").await;
    assert_eq!(times(browser, "message:sent").await, 2);

    // The page of those who log out.
    visit(browser, "#to-bye", "Bye").await;
    browser.until::<bool>("window.leftAt == 'bye'").await;
    let state = chat.state().await;
    assert_eq!((&state["identified"], &state["conversationId"]), (&json!(false), &Value::Null), "{state}");
    assert_eq!(times(browser, "logout").await, 1);
    visit(browser, "#to-cart", "Cart").await;
    browser.until::<bool>("heard.lastIndexOf('identify') > heard.lastIndexOf('logout')").await;
    assert_eq!(chat.state().await["userId"], "ada");
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turbo_changes_the_page_and_the_chat_stays() {
    for place in [Place::Head, Place::Body] {
        let app = scene::app(Duration::ZERO).await;
        let token = app.token(json!({ "user_id": "ada" }));
        let site = turbo(&app, place, &identifying(token.expose()), "").await;
        let browser = Browser::start().await;
        stays_through_visits(&browser, &site).await;
        // Pages from Turbo's cache were among them.
        assert!(browser.eval::<u32>("return previews", json!(null)).await > 0, "{place:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn turbo_morphs_the_page_around_the_chat() {
    let app = scene::app(Duration::ZERO).await;
    let morph = "<meta name=\"turbo-refresh-method\" content=\"morph\"><meta name=\"turbo-refresh-scroll\" content=\"preserve\">";
    let site = turbo(&app, Place::Body, "", morph).await;
    let browser = Browser::start().await;
    browser.goto(&site.at("/cart")).await;
    let chat = Chat(&browser);
    chat.open().await;
    chat.ask(QUESTION).await;
    browser
        .eval::<()>(
            "window.widget = document.querySelector('eloquent-widget');
            addEventListener('turbo:morph', () => { window.morphed = true; });
            document.querySelector('h1').textContent = 'Old';
            Turbo.visit(location.href, { action: 'replace' })",
            json!(null),
        )
        .await;
    browser.until::<bool>("window.morphed && document.querySelector('h1').textContent == 'Cart'").await;
    goes_on(&browser, 2, "a morph").await;
    browser.assert_no_errors(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn astros_router_changes_the_page_and_the_chat_stays() {
    for place in [Place::Head, Place::Body] {
        let app = scene::app(Duration::ZERO).await;
        let token = app.token(json!({ "user_id": "ada" }));
        let site = astro(&app, place, &identifying(token.expose())).await;
        let browser = Browser::start().await;
        stays_through_visits(&browser, &site).await;
    }
}
