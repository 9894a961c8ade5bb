//! What people and claims and articles hold is text, whatever it looks like.

use std::time::Duration;

use eloquent_tests::browser::{Browser, chat::Chat, host::HostPage};
use serde_json::json;

use super::scene::{self, conversations, teach};

const IMAGE: &str = "<img src=x onerror=alert(1)>";
const SCRIPT: &str = "</script><script>alert(2)</script>";

/// An article by somebody who means harm: markup, and links with a scheme that runs.
const ARTICLE: &str = "# Gift cards\n\n## How to buy a gift card\n\n\
    Buy a gift card at the till <img src=x onerror=alert(3)> or <b>online</b>. <script>alert(4)</script>\n\n\
    [Gift card terms](javascript:alert(5)) and [more about the gift card](https://example.com/?a=\"onmouseover=alert(6)) \
    ![gift card](https://evil.example/pixel.png)\n\n<iframe src=\"javascript:alert(7)\"></iframe>\n\n\
    `<svg onload=alert(8)>`\n";

/// No element is there that the widget itself does not draw.
async fn assert_nothing_became_markup(browser: &Browser) {
    let found: Vec<String> = browser
        .eval(
            "const roots = [document, document.querySelector('eloquent-widget')?.shadowRoot].filter(Boolean);
            const bad = 'img, iframe, object, embed, b, [onerror], [onload], [onmouseover], [href^=javascript], [src^=javascript]';
            const scripts = (root) => [...root.querySelectorAll('script')].filter((script) => /alert/.test(script.textContent));
            return roots.flatMap((root) => [...root.querySelectorAll(bad), ...scripts(root)]).map((e) => e.outerHTML)",
            json!(null),
        )
        .await;
    assert_eq!(found, [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_claims_and_answers_with_markup_come_out_as_text() {
    let app = scene::app(Duration::from_millis(2)).await;
    teach(&app, app.scope, ARTICLE).await;
    let host = HostPage::embedding(&app).await;
    let browser = Browser::start().await;
    browser.goto(&host.url).await;
    let chat = Chat(&browser);
    let user_id = format!("u{IMAGE}");
    let plan = format!("{IMAGE}{SCRIPT}[x](javascript:alert(9)) **Pro**");
    let token = app.token(json!({
        "user_id": user_id, "email": format!("{IMAGE}@example.com"), "name": format!("{IMAGE} Ada"), "plan": plan,
        IMAGE: { SCRIPT: IMAGE },
    }));
    let result = chat.identify(token.expose()).await;
    assert_eq!(result["userId"], user_id, "{result}");
    chat.open().await;
    let message = format!("{IMAGE}{SCRIPT} &lt;b&gt; is &amp; **not** markup");
    chat.ask(&message).await;
    assert_eq!(chat.lines().await[0].text, message);
    let answer = chat.ask("Which plan am I on?").await;
    assert!(answer.contains(&plan), "{answer}");
    assert_nothing_became_markup(&browser).await;
    let answer = chat.ask("How do I buy a gift card?").await;
    assert!(answer.contains("at the till"), "{answer}");
    assert_nothing_became_markup(&browser).await;
    let links: Vec<String> = browser
        .eval(
            "return [...document.querySelector('eloquent-widget').shadowRoot.querySelectorAll('.log a')]
                .map((a) => [new URL(a.href).protocol, a.rel, a.target].join(' '))",
            json!(null),
        )
        .await;
    assert!(links.iter().all(|link| link == "https: noopener noreferrer nofollow _blank"), "{links:?}");
    browser.assert_no_errors(&[]).await;

    // The same on the dashboard.
    scene::log_in(&browser, &app).await;
    let agent = app.at(&format!("/dashboard/agents/{}", app.agent));
    let conversation = conversations(&app, app.scope).await.remove(0).row;
    let profile = conversation.profile.unwrap().0;
    for path in [
        String::new(),
        "/profiles".to_owned(),
        format!("/profiles/{profile}"),
        "/conversations".to_owned(),
        format!("/conversations/{}", conversation.id),
        format!("/profiles?search={}", "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"),
    ] {
        browser.goto(&format!("{agent}{path}")).await;
        assert!(browser.text("main").await.contains(IMAGE), "{path}: shown, as it is");
        assert_nothing_became_markup(&browser).await;
        browser.assert_no_errors(&[]).await;
    }
}
