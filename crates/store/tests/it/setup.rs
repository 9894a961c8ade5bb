//! What every test starts from: a store on a file of its own, with a company and an agent.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use eloquent_identity::{Policy, Secret, VerifiedIdentity, Verifier, sign};
use eloquent_store::{
    Admission, Admitted, AgentScope, Caller, Company, CompanyScope, Fresh, MasterKey, NewAgent, NewCompany,
    NewKey, PostError, Posted, Question, Reader, SessionHash, SessionNeed, Store, StoreError, Visitor,
    Writer,
};
use eloquent_types::{
    id::{AgentId, ConversationId, Id, KeyId, ProfileId},
    session::SessionToken,
    text::MessageText,
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
pub(crate) const MASTER: [u8; 32] = [0x5a; 32];

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that no other call in this process gives.
pub(crate) fn number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An id that no other call in this process gives, in ascending order.
pub(crate) fn id<K>() -> Id<K> {
    Id::from_u128(number().into())
}

pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) company: CompanyScope,
    pub(crate) agent: AgentScope,
    pub(crate) file: PathBuf,
    pub(crate) dir: TempDir,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("eloquent.db");
        let store = Store::open(&file, &MasterKey::from_bytes(MASTER)).unwrap();
        let (company, agent) = store.write(tenant).await.unwrap();
        Self { store, company, agent, file, dir }
    }

    pub(crate) fn agent_id(&self) -> AgentId {
        self.agent.agent_id()
    }

    /// Admits a caller to whom a new session and profile id are offered.
    pub(crate) async fn admit(&self, caller: Caller, need: SessionNeed) -> (Admission, SessionHash) {
        self.admit_at(caller, need, NOW).await
    }

    pub(crate) async fn admit_at(
        &self,
        caller: Caller,
        need: SessionNeed,
        now: Timestamp,
    ) -> (Admission, SessionHash) {
        let fresh = Fresh { session: session(), profile: id::<_>(), now };
        let admission = self.store.write(move |writer| writer.admit(&caller, &fresh, need)).await.unwrap();
        let kept = if admission.session_issued { fresh.session } else { SessionHash::of(&token(0)) };
        (admission, kept)
    }

    /// An anonymous visitor with a new session.
    pub(crate) async fn anonymous(&self) -> (Visitor, SessionHash) {
        let (admission, session) = self.admit(self.caller(None, None), SessionNeed::Always).await;
        (admission.visitor, session)
    }

    /// A verified visitor with a new session.
    pub(crate) async fn verified(&self, user: &str) -> (Visitor, SessionHash) {
        let caller = self.caller(None, Some(self.proof(user, json!({}))));
        let (admission, session) = self.admit(caller, SessionNeed::Always).await;
        (admission.visitor, session)
    }

    pub(crate) fn caller(&self, session: Option<SessionHash>, proof: Option<VerifiedIdentity>) -> Caller {
        Caller { agent: self.agent_id(), session, proof }
    }

    pub(crate) fn proof(&self, user: &str, claims: Value) -> VerifiedIdentity {
        proof(self.agent_id(), user, claims)
    }

    pub(crate) async fn post(&self, visitor: &Visitor, question: Question) -> Result<Posted, PostError> {
        let visitor = visitor.clone();
        self.store.write(move |writer| writer.post_question(&visitor, &question)).await
    }

    /// Posts a text of its own and gives its conversation.
    pub(crate) async fn ask(&self, visitor: &Visitor, conversation: Option<ConversationId>) -> Posted {
        self.post(visitor, Question { conversation, ..question() }).await.unwrap()
    }

    pub(crate) async fn visitor(&self, caller: Caller) -> Visitor {
        self.store.read(move |reader| reader.visitor(&caller)).await.unwrap()
    }

    pub(crate) async fn can_read(&self, visitor: &Visitor, conversation: ConversationId) -> bool {
        let visitor = visitor.clone();
        let (listed, found) = self
            .store
            .read(move |reader| {
                let listed = reader.conversations_of(&visitor)?.iter().any(|row| row.id == conversation);
                Ok::<_, StoreError>((listed, reader.messages_from(&visitor, conversation, 0)?.is_some()))
            })
            .await
            .unwrap();
        assert_eq!(listed, found, "the list and the conversation itself disagree");
        found
    }

    /// What is handed out to the person behind a profile.
    pub(crate) async fn export(&self, scope: AgentScope, profile: ProfileId) -> Option<Value> {
        let export = self.store.read(move |reader| reader.export_profile(&scope, profile)).await.unwrap();
        export.map(|export| serde_json::to_value(export).unwrap())
    }

    /// Everything in the database's files.
    pub(crate) fn raw_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.dir.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

pub(crate) fn tenant(writer: &Writer<'_>) -> Result<(CompanyScope, AgentScope), StoreError> {
    let company = writer.create_company(&NewCompany { id: id(), name: "Fernhill".into(), now: NOW })?;
    Ok((company, writer.create_agent(&company, &new_agent(id()))?))
}

/// As a function, because a bare `Reader::companies` does not hold for every lifetime.
pub(crate) fn companies(reader: &Reader<'_>) -> Result<Vec<Company>, StoreError> {
    reader.companies()
}

pub(crate) fn new_agent(id: AgentId) -> NewAgent {
    NewAgent {
        id,
        name: "Fern".into(),
        greeting: "Hello!".into(),
        instructions: "Be kind.".into(),
        starters: vec!["Where is my order?".into()],
        accent: Some("#224466".into()),
        locale: None,
        allowed_origins: vec!["https://shop.example".into()],
        now: NOW,
    }
}

pub(crate) fn secret(seed: u8) -> Secret {
    Secret::generate([seed; 32])
}

/// The key with which [`proof`] signs, where it is to be counted.
pub(crate) fn signing_key(secret: &Secret, id: KeyId) -> NewKey<'_> {
    NewKey { id, name: "Production".into(), secret, nonce: [9; 24], now: NOW }
}

pub(crate) fn proof(agent: AgentId, user: &str, claims: Value) -> VerifiedIdentity {
    proof_by(
        agent,
        &eloquent_identity::Key { id: Id::from_u128(7), secret: secret(1), revoked: false },
        user,
        claims,
    )
}

pub(crate) fn proof_by(
    agent: AgentId,
    key: &eloquent_identity::Key,
    user: &str,
    claims: Value,
) -> VerifiedIdentity {
    let Value::Object(mut claims) = claims else { panic!("claims are an object") };
    claims.insert("user_id".into(), user.into());
    let claims: Map<String, Value> = claims;
    let token = sign(&key.secret, &claims, None).unwrap();
    Verifier::new(agent, std::slice::from_ref(key), Policy::default()).verify(&token, NOW).unwrap()
}

pub(crate) fn token(seed: u64) -> SessionToken {
    SessionToken::parse(format!("vst_{seed:043}")).unwrap()
}

pub(crate) fn session() -> SessionHash {
    SessionHash::of(&token(number()))
}

pub(crate) fn question() -> Question {
    Question {
        conversation: None,
        new_conversation: id(),
        id: id(),
        answer_id: id(),
        client_id: format!("client-{}", number()),
        text: MessageText::parse("Which plan am I on?").unwrap(),
        page: None,
        locale: None,
        attributes: BTreeMap::new(),
        events: Vec::new(),
        now: NOW,
    }
}

pub(crate) fn profile_of(admission: &Admission) -> ProfileId {
    match admission.identity {
        Admitted::Verified { profile, .. } => profile,
        other => panic!("not verified: {other:?}"),
    }
}
