//! The appearance of an agent's chat: what is saved, what is refused and comes back as it was typed, and
//! the logo.

use eloquent_store::Agent;
use eloquent_tests::app::TestApp;
use serde_json::{Value, json};

use super::member::{Browser, Page};

fn path(app: &TestApp) -> String {
    format!("/dashboard/agents/{}/appearance", app.agent)
}

/// The form as the page has it where nothing is set, with these fields in place of its own.
fn form<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let own = [
        ("accent", ""),
        ("background", ""),
        ("text", ""),
        ("radius", "20"),
        ("font", "system"),
        ("scheme", "auto"),
        ("position", "right"),
        ("launcher_icon", "chat"),
        ("launcher_label", ""),
        ("greeting", "Hello!"),
        ("locale", ""),
        ("contact", ""),
    ];
    let kept = own.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed.iter().copied()).collect()
}

async fn save(app: &TestApp, browser: &Browser, changed: &[(&str, &str)]) -> Page {
    browser.post(app, &path(app), &form(changed)).await
}

async fn agent(app: &TestApp) -> Agent {
    let id = app.agent;
    app.store.read(move |reader| reader.agent(id)).await.unwrap().unwrap()
}

async fn config(app: &TestApp) -> Value {
    reqwest::get(app.api("/config")).await.unwrap().json().await.unwrap()
}

/// Every field with something of its own.
pub(super) const ALL: [(&str, &str); 15] = [
    ("accent", "#1F6F4A"),
    ("background", "#fffdf8"),
    ("text", "#2a2118"),
    ("radius", "8"),
    ("font", "serif"),
    ("scheme", "light"),
    ("position", "left"),
    ("launcher_icon", "wave"),
    ("launcher_label", "Questions?"),
    ("greeting", "Grüezi!\r\nWie können wir helfen?"),
    ("starter", "Wo ist mein Kaffee?"),
    ("starter", ""),
    ("starter", "<b>Kann ich pausieren?</b>"),
    ("locale", "de"),
    ("contact", "hilfe@shop.example"),
];

#[tokio::test]
async fn everything_that_is_saved_is_on_the_page_again_and_in_the_widgets_configuration() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let saved = save(&app, &browser, &[&ALL[..], &[("handover", "on")]].concat()).await;
    assert_eq!((saved.status, saved.location()), (303, format!("{}?notice=saved", path(&app)).as_str()));
    let config = config(&app).await;
    assert_eq!(
        config["theme"],
        json!({
            "accent": "#1f6f4a", "background": "#fffdf8", "text": "#2a2118", "radius": 8, "font": "serif",
            "scheme": "light", "position": "left", "launcher_icon": "wave", "launcher_label": "Questions?",
        })
    );
    assert_eq!(config["greeting"], "Grüezi!\nWie können wir helfen?");
    assert_eq!(config["starters"], json!(["Wo ist mein Kaffee?", "<b>Kann ich pausieren?</b>"]));
    assert_eq!((&config["locale"], &config["contact"]), (&json!("de"), &json!("hilfe@shop.example")));
    let features = &config["features"];
    assert_eq!((&features["feedback"], &features["handover"]), (&json!(false), &json!(true)));

    let page = browser.get(&app, saved.location()).await;
    assert!(page.body.contains("Saved. Visitors see it"));
    assert!(page.body.contains("id=\"accent\" name=\"accent\" value=\"#1f6f4a\""), "{}", page.body);
    for checked in ["light", "left", "wave"] {
        assert!(page.body.contains(&format!("value=\"{checked}\" checked")), "{checked}");
    }
    assert!(
        page.body.contains("<option value=\"serif\" selected")
            && page.body.contains("value=\"de\" lang=\"de\" selected")
    );
    assert!(
        page.body.contains("name=\"handover\" value=\"on\" checked")
            && !page.body.contains("name=\"feedback\" value=\"on\" checked")
    );
    assert!(page.body.contains("\nGrüezi!\nWie können wir helfen?</textarea>"));
    assert!(page.body.contains("value=\"&lt;b&gt;Kann ich pausieren?&lt;/b&gt;\""));
    // The tag, here and on the overview, brings what the launcher looks like before anything is loaded.
    let tag =
        "data-accent=&quot;#1f6f4a&quot; data-position=&quot;left&quot; data-theme=&quot;light&quot;&gt;";
    let overview = browser.get(&app, &format!("/dashboard/agents/{}", app.agent)).await;
    let samples = browser.get(&app, &format!("/dashboard/agents/{}/identity/samples", app.agent)).await;
    for page in [page, overview, samples] {
        assert!(page.body.contains(tag), "{}", page.body);
    }

    // What is emptied is the widget's own again.
    save(&app, &browser, &[]).await;
    assert_eq!(agent(&app).await.theme, eloquent_types::theme::Theme::default());
}

#[tokio::test]
async fn what_cannot_be_read_or_is_wrong_is_refused_at_its_field_and_kept_as_typed() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let before = agent(&app).await;
    for (changed, field, message) in [
        (vec![("text", "#999999")], "text", "#999999 on #ffffff has a contrast of 2.84:1; people need 4.5:1"),
        (vec![("background", "#222222")], "text", "#16181d on #222222 has a contrast of 1.1"),
        (vec![("accent", "red\"><script>")], "accent", "A colour is # and six hexadecimal digits."),
        (
            vec![("contact", "http://shop.example/")],
            "contact",
            "A contact is an email address or an https address.",
        ),
        (vec![("starter", "x"); 7], "starter", "There can be 6 questions at most."),
    ] {
        let mut sent = changed.clone();
        sent.push(("launcher_label", "Kept & typed"));
        let page = save(&app, &browser, &sent).await;
        assert_eq!(page.status, 422, "{changed:?}");
        assert!(page.body.contains(&format!("id=\"{field}-problem\"")), "{}", page.body);
        assert!(page.body.contains(message), "{}", page.body);
        assert!(page.body.contains("aria-invalid=\"true\"") && page.body.contains("Nothing was saved."));
        assert!(page.body.contains("value=\"Kept &amp; typed\"") && !page.body.contains("<script>"));
        let value = changed[0].1.replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.body.contains(&format!("value=\"{value}\"")), "{}", page.body);
        assert_eq!(agent(&app).await, before, "{changed:?}");
    }
    // A form that is none of ours.
    assert_eq!(save(&app, &browser, &[("radius", "300")]).await.status, 422);
    assert_eq!(browser.post(&app, &path(&app), &[("accent", "")]).await.status, 422);
    assert_eq!(agent(&app).await, before);
}

#[tokio::test]
async fn the_page_says_how_well_colours_can_be_read_also_without_a_script() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let says = |page: &Page, name: &str| {
        let (_, after) = page.body.split_once(&format!("id=\"{name}-says\"")).unwrap();
        let text = after.split_once("</p>").unwrap().0;
        text.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect::<String>()
    };
    let page = browser.get(&app, &path(&app)).await;
    assert_eq!(says(&page, "accent"), "White on it: 5.88:1, passes AA.");
    assert!(says(&page, "text").ends_with("passes AA."), "{}", says(&page, "text"));
    let page = save(&app, &browser, &[("accent", "#ffd400"), ("text", "#8a8a8a")]).await;
    assert!(says(&page, "accent").starts_with("Black on it: 1"), "{}", says(&page, "accent"));
    assert!(says(&page, "text").contains("below AA. Try #"), "{}", says(&page, "text"));
    let page = save(&app, &browser, &[("text", "grey")]).await;
    assert_eq!(says(&page, "text"), "A colour like #16181d.");
}

/// A file sent by the logo's form.
async fn upload(app: &TestApp, browser: &Browser, name: &str, bytes: Vec<u8>) -> Page {
    browser.upload(app, &format!("{}/logo", path(app)), name, &bytes).await
}

fn png(bytes: usize) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1a\n"[..], &vec![7; bytes - 8]].concat()
}

#[tokio::test]
async fn a_logo_is_uploaded_served_and_removed() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let saved = upload(&app, &browser, "logo", png(64 * 1024)).await;
    assert_eq!((saved.status, saved.location()), (303, format!("{}?notice=logo_saved", path(&app)).as_str()));
    let logo = config(&app).await["theme"]["logo"].as_str().unwrap().to_owned();
    let page = browser.get(&app, saved.location()).await;
    assert!(page.body.contains(&format!("src=\"/{logo}\"")) && page.body.contains("The logo is saved."));
    let file = reqwest::get(app.at(&format!("/{logo}"))).await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.bytes().await.unwrap(), png(64 * 1024));

    // Saving the form leaves it where it is.
    save(&app, &browser, &ALL).await;
    assert_eq!(config(&app).await["theme"]["logo"], logo.as_str());
    let removed = browser.post(&app, &format!("{}/logo/remove", path(&app)), &[]).await;
    assert_eq!(removed.location(), format!("{}?notice=logo_removed", path(&app)));
    assert_eq!(config(&app).await["theme"].get("logo"), None);
}

#[tokio::test]
async fn what_is_no_logo_is_refused_with_the_reason() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec();
    for (bytes, reason) in [
        (svg, "SVG files are not taken"),
        (Vec::new(), "Choose a PNG, JPEG, WebP or GIF file."),
        (png(64 * 1024 + 1), "The picture has more than 64 KB."),
        (png(1024 * 1024), "The picture has more than 64 KB."),
    ] {
        let page = upload(&app, &browser, "logo", bytes).await;
        assert_eq!(page.status, 422, "{reason}");
        assert!(page.body.contains(reason), "{}", page.body);
    }
    let refused = upload(&app, &browser, "logo", png(3 * 1024 * 1024)).await;
    assert_eq!(refused.status, 413);
    assert_eq!(upload(&app, &browser, "other", png(100)).await.status, 422);
    let plain = browser.post(&app, &format!("{}/logo", path(&app)), &[("logo", "x")]).await;
    assert_eq!(plain.status, 422);
    assert_eq!(config(&app).await["theme"].get("logo"), None);
}

#[tokio::test]
async fn the_preview_may_be_framed_by_the_dashboard_alone_and_runs_nothing_else() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    let policy = |page: &Page| page.headers["content-security-policy"].to_str().unwrap().to_owned();
    let page = browser.get(&app, &path(&app)).await;
    assert!(policy(&page).contains("frame-src 'self'") && policy(&page).contains("frame-ancestors 'none'"));
    assert!(!policy(&page).contains("wasm") && !page.body.contains("/eloquent.js\" data-agent-id=\"agt"));
    let preview = browser.get(&app, &format!("{}/preview", path(&app))).await;
    assert!(
        policy(&preview).contains("frame-ancestors 'self'")
            && policy(&preview).contains("'wasm-unsafe-eval'")
    );
    assert!(!policy(&preview).contains("unsafe-inline"));
    assert!(preview.body.contains(&format!("data-agent-id=\"{}\"", app.agent)));
    assert!(preview.body.contains("data-storage=\"none\""));
    // The other pages still frame nothing.
    let overview = browser.get(&app, "/dashboard").await;
    assert!(!policy(&overview).contains("frame-src"));
}

#[tokio::test]
async fn the_addresses_of_the_forms_lead_to_the_page() {
    let app = TestApp::start().await;
    let browser = Browser::logged_in(&app).await;
    for rest in ["/logo", "/logo/remove"] {
        let page = browser.get(&app, &format!("{}{rest}", path(&app))).await;
        assert_eq!((page.status, page.location()), (303, path(&app).as_str()));
    }
    let page = browser.get(&app, &path(&app)).await;
    assert_eq!(page.links(&path(&app)), [path(&app)]);
}
