use std::sync::OnceLock;

use eloquent_store::{Enforcement, MasterKey, NewAgent, NewCompany, Store, StoreError};
use eloquent_types::{
    id::{AgentId, CompanyId, ProfileId},
    time::Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// What the policy of these tests keeps from the agent.
const KEPT_FROM_IT: [(&str, ClaimUse); 3] =
    [("email", ClaimUse::Dashboard), ("salary", ClaimUse::Dashboard), ("ssn", ClaimUse::Dropped)];

/// The policy, as the store gives it: nobody else can make one.
fn policies() -> &'static ClaimPolicies {
    static POLICIES: OnceLock<ClaimPolicies> = OnceLock::new();
    POLICIES.get_or_init(|| tokio::runtime::Runtime::new().unwrap().block_on(policies_of_a_store()))
}

async fn policies_of_a_store() -> ClaimPolicies {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("eloquent.sqlite"), &MasterKey::from_bytes([7; 32])).unwrap();
    let company = NewCompany { id: CompanyId::from_u128(1), name: "Fernhill".to_owned(), now: NOW };
    let new = NewAgent {
        id: AgentId::from_u128(1),
        name: "Fern".to_owned(),
        greeting: String::new(),
        instructions: String::new(),
        starters: Vec::new(),
        accent: None,
        locale: None,
        allowed_origins: Vec::new(),
        now: NOW,
    };
    let set = move |writer: &eloquent_store::Writer<'_>| {
        let company = writer.create_company(&company)?;
        let scope = writer.create_agent(&company, &new)?;
        for (name, claim_use) in KEPT_FROM_IT {
            writer.set_claim_policy(&scope, name, claim_use, NOW).unwrap();
        }
        Ok::<_, StoreError>(())
    };
    store.write(set).await.unwrap();
    let policies = store.read(|reader| reader.claim_policies(AgentId::from_u128(1))).await.unwrap();
    store.close().await;
    policies
}

fn agent() -> Agent {
    Agent {
        id: AgentId::from_u128(1),
        company_id: CompanyId::from_u128(1),
        name: "Fern".to_owned(),
        greeting: "Hello!".to_owned(),
        instructions: "You help the customers of Fernhill.".to_owned(),
        starters: Vec::new(),
        accent: None,
        theme: eloquent_types::theme::Theme::default(),
        contact: None,
        locale: None,
        allowed_origins: Vec::new(),
        feedback_enabled: true,
        handover_enabled: true,
        identify_enabled: true,
        company_identify_enabled: true,
        enforcement: Enforcement::Off,
        max_token_lifetime: None,
        created_at: NOW,
    }
}

fn profile(email: Option<&str>, claims: &Value) -> Profile {
    let members = claims.as_object().unwrap().iter();
    Profile {
        id: ProfileId::from_u128(1),
        user_id: UserId::parse("42").unwrap(),
        email: email.map(str::to_owned),
        claims: Claims::from_json_values(members.map(|(name, value)| (name.clone(), value.to_string()))),
        blocked: false,
        created_at: NOW,
        updated_at: NOW,
        last_seen_at: NOW,
        newest_issued_at: None,
    }
}

fn context(profile: &Profile, attributes: &BTreeMap<String, String>) -> String {
    let known = Known::of(profile, policies());
    let attributes = permitted(attributes, Some(&known), policies());
    let hints = prompt::Hints { page: None, locale: None, attributes: Some(&attributes), events: &[] };
    system_context(&agent(), Some(&known), hints, &[])
}

#[test]
fn what_the_agent_is_told() {
    let claims = json!({"plan": "Pro", "salary": 50_000, "ssn": "078-05-1120", "seats": 3});
    let hints = [("salary", "a hint"), ("cart", "2 things")];
    let hints = hints.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    insta::assert_snapshot!(context(&profile(Some("ada@example.com"), &claims), &hints));
}

#[test]
fn a_hint_never_stands_beside_what_was_signed() {
    let hints = ["user_id", "email", "plan", "Plan", "cart"];
    let hints: BTreeMap<_, _> = hints.map(|name| (name.to_owned(), "a hint".to_owned())).into();
    let names = |known: Option<&Known>| {
        let permitted = permitted(&hints, known, &ClaimPolicies::default());
        permitted.into_keys().collect::<Vec<_>>().join(" ")
    };
    let open = |email| Known::of(&profile(email, &json!({"plan": "Pro"})), &ClaimPolicies::default());
    assert_eq!(names(None), "Plan cart email plan user_id");
    assert_eq!(names(Some(&open(None))), "Plan cart email");
    assert_eq!(names(Some(&open(Some("ada@example.com")))), "Plan cart");
    // What is kept from the agent is kept from it also where nothing was signed.
    assert_eq!(
        permitted(&hints, None, policies()).into_keys().collect::<Vec<_>>().join(" "),
        "Plan cart plan user_id"
    );
}

#[test]
fn an_anonymous_visitor_has_no_block_at_all() {
    let context = system_context(&agent(), None, prompt::Hints::default(), &[]);
    assert!(!context.contains("verified_identity>") && context.contains("The visitor is anonymous"));
}

proptest! {
    /// The agent is told exactly what it would be told of a visitor who has none of what is kept from
    /// it, and the one that needs no network says exactly the same.
    #[test]
    fn what_is_kept_from_the_agent_changes_nothing(
        open in proptest::collection::btree_map("[a-z]{1,6}", any::<String>(), 0..6),
        kept in proptest::array::uniform3(any::<String>()),
        question in prop_oneof![Just("Which plan am I on?".to_owned()), Just("What do you know about me?".to_owned()),
            Just("What is my email address?".to_owned()), Just("What is my salary?".to_owned()), any::<String>()],
    ) {
        let hidden = |name: &str| KEPT_FROM_IT.iter().any(|(kept, _)| *kept == name);
        let open: BTreeMap<_, _> = open.into_iter().filter(|(name, _)| !hidden(name)).collect();
        let mut all = open.clone();
        all.extend([("salary".to_owned(), kept[0].clone()), ("ssn".to_owned(), kept[1].clone())]);
        let (with, without) = (profile(Some(&kept[2]), &json!(all)), profile(None, &json!(open)));
        prop_assert_eq!(context(&with, &all), context(&without, &open));

        let answer = |profile: &Profile| {
            let known = Known::of(profile, policies());
            builtin::answer(&builtin::BuiltinInput {
                agent_name: "Fern",
                identity: Some(known.identity()),
                passages: &[],
                history: &[],
                question: &question,
                starters: &[],
            })
        };
        prop_assert_eq!(answer(&with), answer(&without));
    }
}
