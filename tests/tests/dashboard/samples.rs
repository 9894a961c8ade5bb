//! The samples in eight languages, with this agent's id and this server's address.

use eloquent_tests::app::TestApp;

use super::member::Browser;

#[tokio::test]
async fn each_language_has_a_sample_with_what_is_known_filled_in() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let path = format!("/dashboard/agents/{}/identity/samples", app.agent);
    let first = browser.get(&app, &path).await;
    let languages = first.links(&format!("{path}?language="));
    assert_eq!(languages.len(), 8);
    for address in languages {
        let page = browser.get(&app, &address).await;
        assert_eq!(page.status, 200, "{address}");
        assert!(page.body.contains("id=\"sample-server\">") && page.body.contains("user_id"), "{address}");
        assert!(!page.body.contains("docs:"), "{address}");
        assert!(page.body.contains(&format!("src=&quot;{}/eloquent.js&quot;", app.url)), "{address}");
        assert!(page.body.contains(&format!("data-agent-id=&quot;{}&quot;", app.agent)), "{address}");
        assert!(
            page.body.contains("w.eloquent=f}(window)") && page.body.contains("\nidentify();"),
            "{address}"
        );
        assert!(page.body.contains("ELOQUENT_SECRET=elq_…"), "no secret can be filled in: {address}");
        assert_eq!(page.body.matches("aria-current=\"true\"").count(), 1, "{address}");
    }
    let unknown = browser.get(&app, &format!("{path}?language=cobol")).await;
    assert_eq!(unknown.body, browser.get(&app, &format!("{path}?language=node")).await.body);
    assert!(unknown.body.contains("jwt.sign("));
}
