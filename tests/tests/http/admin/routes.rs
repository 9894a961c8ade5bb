//! Every route, with ids of things that are there and a body that it would take.

use serde_json::{Value, json};

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

/// All of them but the logo's, which take no JSON ([`logo`]). The arguments are ids.
pub(super) fn all(agent: &str, key: &str, profile: &str, conversation: &str) -> Vec<Route> {
    let at = |rest: &str| format!("/agents/{agent}{rest}");
    let key_at = |rest: &str| at(&format!("/identity/keys/{key}{rest}"));
    let conversation_at = |rest: &str| at(&format!("/conversations/{conversation}{rest}"));
    let profile_at = |rest: &str| at(&format!("/profiles/{profile}{rest}"));
    let route = |method, path, body| Route { method, path, body };
    vec![
        route("GET", at(""), None),
        route("PATCH", at(""), Some(json!({ "enforcement": "require", "features": { "identify": false } }))),
        route("GET", at("/identity/keys"), None),
        route("POST", at("/identity/keys"), Some(json!({ "name": "new" }))),
        route("POST", key_at("/rotate"), Some(json!({ "name": "next" }))),
        route("POST", key_at("/retire"), Some(json!({ "retires_at": "2030-01-01T00:00:00Z" }))),
        route("GET", at("/identity/log"), None),
        route("GET", at("/identity/coverage"), None),
        route("POST", at("/identity/inspect"), Some(json!({ "token": "a.b.c" }))),
        route("GET", at("/identity/claims"), None),
        route("GET", at("/identity/claims/plan"), None),
        route("PUT", at("/identity/claims/plan"), Some(json!({ "use": "dropped" }))),
        route("GET", at("/conversations"), None),
        route("GET", conversation_at(""), None),
        route("POST", conversation_at("/assign"), Some(json!({ "operator": "Olu" }))),
        route("POST", conversation_at("/reply"), Some(json!({ "text": "Hello" }))),
        route("POST", conversation_at("/resolve"), None),
        route("GET", at("/profiles"), None),
        route("GET", profile_at(""), None),
        route("GET", profile_at("/history"), None),
        route("GET", profile_at("/export"), None),
        route("POST", profile_at("/block"), None),
        route("POST", profile_at("/unblock"), None),
        route("DELETE", profile_at(""), None),
        route("POST", key_at("/revoke"), None),
    ]
}

/// The logo's.
pub(super) fn logo(agent: &str) -> Vec<Route> {
    let route = |method| Route { method, path: format!("/agents/{agent}/logo"), body: None };
    vec![route("PUT"), route("DELETE")]
}
