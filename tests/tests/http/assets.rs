//! The files that pages load: types, caching, compression. They must have been built.

use eloquent_tests::app::TestApp;
use reqwest::Client;

const MISSING: &str = "the widget is not built: run `cargo xtask build` first";

#[tokio::test]
async fn the_loader_and_the_widget_are_served_to_every_origin() {
    let app = TestApp::start().await;
    for (path, kind) in [
        ("/eloquent.js", "text/javascript; charset=utf-8"),
        ("/assets/widget.js", "text/javascript; charset=utf-8"),
        ("/assets/widget_bg.wasm", "application/wasm"),
        ("/assets/eloquent-lint.js", "text/javascript; charset=utf-8"),
    ] {
        let plain = Client::new().get(app.at(path)).send().await.unwrap();
        assert_eq!(plain.status(), 200, "{MISSING}");
        assert_eq!(plain.headers()["content-type"], kind);
        assert_eq!(plain.headers()["access-control-allow-origin"], "*");
        assert_eq!(plain.headers()["vary"], "accept-encoding");
        assert_eq!(plain.headers()["x-content-type-options"], "nosniff");
        let tag = plain.headers()["etag"].clone();
        let again = Client::new().get(app.at(path)).header("if-none-match", &tag).send().await.unwrap();
        assert_eq!(again.status(), 304);
        let whole = plain.bytes().await.unwrap();

        let small =
            Client::new().get(app.at(path)).header("accept-encoding", "gzip, br;q=0.9").send().await.unwrap();
        assert_eq!(small.headers()["content-encoding"], "br");
        assert_ne!(small.headers()["etag"], tag);
        assert!(small.bytes().await.unwrap().len() < whole.len() * 2 / 3);
        let refused =
            Client::new().get(app.at(path)).header("accept-encoding", "br;q=0").send().await.unwrap();
        assert_eq!(refused.bytes().await.unwrap(), whole);
    }
    let missing = Client::new().get(app.at("/assets/nothing.js")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
    let outside = Client::new().get(app.at("/assets/..%2f..%2fCargo.toml")).send().await.unwrap();
    assert_eq!(outside.status(), 404);
}
