//! A script with an API key, and the bytes of the database for telling that nothing was written.

use std::{collections::BTreeMap, fs};

use eloquent_server::api_key::ApiSecret;
use eloquent_store::{AgentScope, CompanyScope, NewApiKey, NewCompany};
use eloquent_tests::app::{START, TestApp, agent_named, mint};
use eloquent_types::id::ApiKeyId;
use reqwest::{Method, RequestBuilder, Response, header::HeaderMap};
use serde_json::{Value, json};

/// A script.
pub(in crate::http) struct Api {
    http: reqwest::Client,
    url: String,
    /// What it presents as `Authorization`, if anything.
    pub(in crate::http) authorization: Option<String>,
    /// The id of its key.
    pub(in crate::http) key: Option<ApiKeyId>,
}

/// What came back.
#[derive(Debug)]
pub(in crate::http) struct Answer {
    pub(in crate::http) status: u16,
    pub(in crate::http) headers: HeaderMap,
    pub(in crate::http) text: String,
}

impl Answer {
    pub(in crate::http) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    /// The body as JSON.
    pub(in crate::http) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    /// The status and code of a problem.
    pub(in crate::http) fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status);
        (self.status, body["code"].as_str().unwrap().to_owned())
    }

    /// The body of what must have succeeded.
    #[track_caller]
    pub(in crate::http) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }
}

impl Api {
    /// A script with a key of the test's own company.
    pub(in crate::http) async fn of(app: &TestApp) -> Self {
        Self::with_key(app, app.company).await
    }

    /// A script with a key of this company.
    pub(in crate::http) async fn with_key(app: &TestApp, company: CompanyScope) -> Self {
        let (id, secret) = (mint(START), ApiSecret::generate().unwrap());
        let (name, last_four) = ("script".to_owned(), secret.last_four().to_owned());
        let new = NewApiKey { id, name, hash: secret.hash(), last_four, now: START };
        app.write(move |writer| writer.create_api_key(&company, &new)).await;
        let authorization = Some(format!("Bearer {}", secret.expose()));
        Self { authorization, key: Some(id), ..Self::without_key(app) }
    }

    /// A script without anything.
    pub(in crate::http) fn without_key(app: &TestApp) -> Self {
        Self { http: reqwest::Client::new(), url: app.url.clone(), authorization: None, key: None }
    }

    pub(in crate::http) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        match &self.authorization {
            Some(authorization) => request.header("authorization", authorization),
            None => request,
        }
    }

    pub(in crate::http) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = self.request(method.parse().unwrap(), path);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        Answer::of(request.send().await.unwrap()).await
    }

    pub(in crate::http) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(in crate::http) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(&body)).await
    }
}

/// The path of the test's agent, with this behind it.
pub(in crate::http) fn at(app: &TestApp, rest: &str) -> String {
    format!("/agents/{}{rest}", app.agent)
}

/// An agent of another company.
pub(in crate::http) async fn another_company(app: &TestApp) -> (CompanyScope, AgentScope) {
    let company = NewCompany { id: mint(START), name: "Foreign".to_owned(), now: START };
    let agent = agent_named("Foreign agent");
    app.write(move |writer| {
        let company = writer.create_company(&company)?;
        Ok((company, writer.create_agent(&company, &agent)?))
    })
    .await
}

/// Every byte of the database and its log: equal only if nothing was written in between.
pub(in crate::http) fn bytes(app: &TestApp) -> BTreeMap<String, Vec<u8>> {
    let files = ["eloquent.sqlite", "eloquent.sqlite-wal"];
    let read = |file: &str| (file.to_owned(), fs::read(app.folder().join(file)).unwrap_or_default());
    let bytes: BTreeMap<_, _> = files.map(read).into();
    assert!(bytes.values().all(|file| !file.is_empty()), "the files have other names");
    bytes
}

/// A verified user with a conversation; the ids of profile and conversation.
pub(in crate::http) async fn talk(app: &TestApp, claims: Value) -> (String, String) {
    let user_id = claims["user_id"].as_str().unwrap().to_owned();
    let token = app.token(claims);
    let mut client = eloquent_tests::client::Client::with_token(&token);
    let transcript = client.chat(app, "How long do refunds take?", None).await;
    let conversation = transcript.accepted().conversation_id.to_string();
    let found = Api::of(app).await.get(&at(app, &format!("/profiles?user_id={user_id}"))).await.expect(200);
    (found["profiles"][0]["id"].as_str().unwrap().to_owned(), conversation)
}

/// Ada, as most tests know her.
pub(in crate::http) fn ada() -> Value {
    json!({ "user_id": "cust_ada", "email": "ada@example.com", "plan": "pro", "seats": 3 })
}
