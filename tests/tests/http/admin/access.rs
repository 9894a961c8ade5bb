//! Who gets in: nobody without a key or a session, no company into another's things, no other site's
//! pages.

use std::time::Duration;

use eloquent_tests::{
    app::{EMAIL, PASSWORD, START, TestApp, mint},
    client::Client,
};
use serde_json::json;

use super::{
    client::{Answer, Api, ada, another_company, at, bytes, talk},
    routes,
};

/// The cookie of a member who has logged in.
async fn cookie(app: &TestApp) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = format!("email={EMAIL}&password={}", PASSWORD.replace(' ', "+"));
    let request = http
        .post(app.at("/dashboard/login"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(form);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 303);
    response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn nothing_opens_without_a_key_or_a_session() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app, ada()).await;
    let revoked = Api::of(&app).await;
    let (company, id) = (app.company, revoked.key.unwrap());
    assert!(app.write(move |writer| writer.revoke_api_key(&company, id, START)).await);
    let expired = cookie(&app).await;
    app.clock.advance(Duration::from_hours(12));
    let mut visitor = Client::new();
    visitor.chat(&app, "Hello", None).await;
    let session = visitor.session.unwrap();

    let mut strangers = vec![(None, None), (revoked.authorization.clone(), None), (None, Some(expired))];
    for authorization in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer elk_{}", "A".repeat(43)),
        format!("Bearer {}", app.secret.expose()),
        format!("Bearer {}", session.expose()),
        format!("Bearer {}", app.token(ada()).expose()),
        "Basic b3duZXI6b3duZXI=".to_owned(),
    ] {
        strangers.push((Some(authorization), None));
    }
    strangers.push((None, Some(format!("eloquent={}", "A".repeat(43)))));

    let before = bytes(&app);
    let mut all = routes::all(&app.agent.to_string(), &app.key.to_string(), &profile, &conversation);
    all.extend(routes::logo(&app.agent.to_string()));
    for path in ["/agents", "/nothing", "/agents/x/nothing", "/login"] {
        all.push(routes::Route { method: "GET", path: path.to_owned(), body: None });
    }
    let mut bodies = Vec::new();
    for (authorization, cookie) in &strangers {
        let mut api = Api::without_key(&app);
        api.authorization.clone_from(authorization);
        for route in &all {
            let mut request = api.request(route.method.parse().unwrap(), &route.path);
            if let Some(cookie) = cookie {
                request = request.header("cookie", cookie).header("sec-fetch-site", "same-origin");
            }
            if let Some(body) = &route.body {
                request = request.json(body);
            }
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.problem(), (401, "unauthorized".to_owned()), "{authorization:?} {route:?}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
            bodies.push(answer.text);
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(bytes(&app) == before, "something was written");
}

#[tokio::test]
async fn another_companys_things_do_not_exist() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app, ada()).await;
    let (company, own) = another_company(&app).await;
    let foreign = Api::with_key(&app, company).await;
    let listed = foreign.get("/agents").await.expect(200);
    assert_eq!(listed["agents"].as_array().unwrap().len(), 1);
    assert_eq!(listed["agents"][0]["id"], own.agent_id().to_string());

    let before = bytes(&app);
    let unknown = mint::<eloquent_types::id::AgentKind>(START).to_string();
    let made_up = routes::all(&unknown, &app.key.to_string(), &profile, &conversation);
    for (theirs, nobodys) in
        routes::all(&app.agent.to_string(), &app.key.to_string(), &profile, &conversation)
            .iter()
            .zip(&made_up)
    {
        let answer = foreign.send(theirs.method, &theirs.path, theirs.body.as_ref()).await;
        assert_eq!(answer.problem(), (404, "agent_not_found".to_owned()), "{theirs:?}");
        let same = foreign.send(nobodys.method, &nobodys.path, nobodys.body.as_ref()).await;
        assert_eq!((same.status, same.text), (404, answer.text), "{theirs:?}");
    }
    for logo in routes::logo(&app.agent.to_string()) {
        let answer = foreign.send(logo.method, &logo.path, None).await;
        assert_eq!(answer.problem(), (404, "agent_not_found".to_owned()), "{logo:?}");
    }
    // Through an agent of one's own, the other company's key and profile are as unknown as made-up ones.
    let key = mint::<eloquent_types::id::KeyKind>(START).to_string();
    let nobody = mint::<eloquent_types::id::ProfileKind>(START).to_string();
    let own = own.agent_id().to_string();
    let theirs = routes::all(&own, &app.key.to_string(), &profile, &conversation);
    let none = mint::<eloquent_types::id::ConversationKind>(START).to_string();
    let nobodys = routes::all(&own, &key, &nobody, &none);
    for (theirs, nobodys) in
        theirs.iter().zip(&nobodys).filter(|(theirs, nobodys)| theirs.path != nobodys.path)
    {
        let answer = foreign.send(theirs.method, &theirs.path, theirs.body.as_ref()).await;
        assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{theirs:?}");
        let same = foreign.send(nobodys.method, &nobodys.path, nobodys.body.as_ref()).await;
        assert_eq!((same.status, same.text), (404, answer.text), "{theirs:?}");
    }
    assert!(bytes(&app) == before, "something was written");
}

#[tokio::test]
async fn ids_of_the_wrong_kind_are_not_found() {
    let app = TestApp::start().await;
    let (profile, _) = talk(&app, ada()).await;
    let api = Api::of(&app).await;
    let (agent, key) = (app.agent, app.key);
    for path in [
        format!("/agents/{key}"),
        "/agents/%FF".to_owned(),
        "/agents/..%2f".to_owned(),
        format!("/agents/{agent}/profiles/{key}"),
        format!("/agents/{agent}/profiles/{}", profile.to_uppercase()),
        format!("/agents/{agent}/profiles/%FF"),
        format!("/agents/{agent}/nothing"),
        "/company".to_owned(),
    ] {
        let (status, code) = api.get(&path).await.problem();
        assert!(status == 404 && ["agent_not_found", "not_found"].contains(&code.as_str()), "{path}: {code}");
    }
    let revoke = format!("/agents/{agent}/identity/keys/{profile}/revoke");
    assert_eq!(api.send("POST", &revoke, None).await.problem().0, 404);
}

#[tokio::test]
async fn a_key_of_an_agents_neighbour_is_not_found() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let (company, agent) = (app.company, eloquent_tests::app::agent_named("Second"));
    let second = app.write(move |writer| writer.create_agent(&company, &agent)).await;
    let revoke = format!("/agents/{}/identity/keys/{}/revoke", second.agent_id(), app.key);
    assert_eq!(api.send("POST", &revoke, None).await.problem(), (404, "not_found".to_owned()));
    let listed = api.get(&at(&app, "/identity/keys")).await.expect(200);
    assert_eq!(listed["keys"][0]["status"], "active");
}

#[tokio::test]
async fn members_come_by_cookie_and_prove_where_a_change_comes_from() {
    let app = TestApp::start().await;
    let (api, cookie) = (Api::without_key(&app), cookie(&app).await);
    let own = at(&app, "");
    let by_cookie = async |method: &str, headers: &[(&str, &str)]| {
        let mut request = api.request(method.parse().unwrap(), &own).header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if method == "PATCH" {
            request = request.json(&json!({ "name": "Renamed" }));
        }
        Answer::of(request.send().await.unwrap()).await
    };
    by_cookie("GET", &[]).await.expect(200);
    by_cookie("GET", &[("sec-fetch-site", "cross-site")]).await.expect(200);
    let url = app.url.clone();
    for headers in [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site"), ("origin", url.as_str())],
        vec![("sec-fetch-site", "none")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ] {
        let answer = by_cookie("PATCH", &headers).await;
        assert_eq!(answer.problem(), (403, "cross_site".to_owned()), "{headers:?}");
    }
    assert_eq!(by_cookie("GET", &[]).await.expect(200)["name"], "Helper");
    // A key that is presented decides alone: the cookie makes no wrong one good.
    let wrong = [("authorization", "Bearer elk_x"), ("sec-fetch-site", "same-origin")];
    for method in ["GET", "PATCH"] {
        assert_eq!(by_cookie(method, &wrong).await.problem().0, 401);
    }
    by_cookie("PATCH", &[("sec-fetch-site", "same-origin")]).await.expect(200);
    by_cookie("PATCH", &[("origin", &url)]).await.expect(200);
    assert_eq!(by_cookie("GET", &[]).await.expect(200)["name"], "Renamed");
}

#[tokio::test]
async fn reading_changes_nothing() {
    let app = TestApp::start().await;
    let (profile, conversation) = talk(&app, ada()).await;
    let api = Api::of(&app).await;
    api.get("/agents").await.expect(200);
    let before = bytes(&app);
    for route in routes::all(&app.agent.to_string(), &app.key.to_string(), &profile, &conversation) {
        if route.method == "GET" {
            api.get(&route.path).await.expect(200);
        }
    }
    assert!(bytes(&app) == before, "something was written");
}

#[tokio::test]
async fn no_answer_is_kept_or_readable_by_another_page() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let origin = |request: reqwest::RequestBuilder| request.header("origin", "https://shop.example.com");
    let preflight = origin(api.request(reqwest::Method::OPTIONS, "/agents"))
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let shown = origin(api.request(reqwest::Method::GET, "/agents"));
    let refused = origin(Api::without_key(&app).request(reqwest::Method::GET, "/agents"));
    let missing = origin(api.request(reqwest::Method::GET, "/nothing"));
    for request in [preflight, shown, refused, missing] {
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cross-origin-resource-policy"], "same-origin");
        let cors = answer.headers.keys().filter(|name| name.as_str().starts_with("access-control"));
        assert_eq!(cors.count(), 0, "{:?}", answer.headers);
    }
}

#[tokio::test]
async fn a_keys_last_use_is_known_to_the_minute() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let company = app.company;
    let last_use = async || {
        let keys = app.store.read(move |reader| reader.api_keys(&company)).await.unwrap();
        keys[0].last_used_at
    };
    assert_eq!(last_use().await, None);
    api.get("/agents").await.expect(200);
    assert_eq!(last_use().await, Some(START));
    app.clock.advance(Duration::from_secs(59));
    api.get("/agents").await.expect(200);
    assert_eq!(last_use().await, Some(START));
    app.clock.advance(Duration::from_secs(1));
    api.get("/agents").await.expect(200);
    assert_eq!(last_use().await, Some(START + Duration::from_mins(1)));
}

#[tokio::test]
async fn the_database_holds_no_key_in_clear() {
    let app = TestApp::start().await;
    let api = Api::of(&app).await;
    let made = api.post(&at(&app, "/identity/keys"), json!({ "name": "new" })).await.expect(201);
    let secret = made["secret"].as_str().unwrap();
    let key = api.authorization.as_deref().unwrap().strip_prefix("Bearer ").unwrap();
    for needle in [secret, key] {
        for bytes in bytes(&app).values() {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle.as_bytes()));
        }
    }
}
