//! A server to test: the real router, the real SQLite in a folder of its own, a clock moved by hand
//! unless the system's is asked for.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use eloquent_identity::{Secret, Token, sign};
use eloquent_server::{
    app::{App, Options},
    clock::{Clock, ManualClock, SystemClock},
    demo::{self, Seeded},
    entropy, http, knowledge,
    limits::Limits,
    password::Password,
};
use eloquent_store::{
    AgentScope, Attempt, AttemptFilter, CompanyScope, CoverageRow, MasterKey, NewAgent, NewArticle,
    NewCompany, NewKey, NewMember, Store, StoreError, Writer,
};
use eloquent_types::{
    id::{AgentId, Id, KeyId},
    time::Timestamp,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

/// The moment at which manual clocks start: 2023-11-14T22:13:20Z, when the golden tokens are judged.
pub const START: Timestamp = Timestamp::from_secs(1_700_000_000);

/// The dashboard login of every test server.
pub const EMAIL: &str = "owner@example.com";
/// Its password.
pub const PASSWORD: &str = "correct horse battery";

/// How a test server is to be.
#[derive(Debug, Clone)]
pub struct TestOptions {
    /// The pause between two pieces of an answer.
    pub pace: Duration,
    /// Who may embed the agent; everybody when empty.
    pub origins: Vec<String>,
    /// Whether the system's clock is used, as tokens signed by other programs need it.
    pub real_time: bool,
    /// Whether the demo shop is served too.
    pub demo: bool,
    /// How often visitors may ask. By default as often as they like: tests ask more often than people.
    pub limits: Limits,
    /// Whether the test is a trusted proxy, which says in `X-Forwarded-For` for whom it asks.
    pub behind_proxy: bool,
}

impl Default for TestOptions {
    fn default() -> Self {
        Self {
            pace: Duration::ZERO,
            origins: Vec::new(),
            real_time: false,
            demo: false,
            limits: Limits::none(),
            behind_proxy: false,
        }
    }
}

/// A running server with a company, an agent with one key and a few articles, and a member.
pub struct TestApp {
    /// Where it listens, like `http://127.0.0.1:41234`.
    pub url: String,
    /// The agent.
    pub agent: AgentId,
    /// The agent's key.
    pub key: KeyId,
    /// The key's secret.
    pub secret: Secret,
    /// The clock, where it is not the system's.
    pub clock: Arc<ManualClock>,
    /// The database, as the server has it open.
    pub store: Store,
    /// The company's members' view.
    pub company: CompanyScope,
    /// The agent, as members reach it.
    pub scope: AgentScope,
    /// What the demo put there, where there is one.
    pub demo: Option<Seeded>,
    options: TestOptions,
    folder: TempDir,
    app: App,
    serving: JoinHandle<()>,
}

/// An agent that is not the app's own ([`TestApp::swap_agent`]).
pub struct OtherAgent {
    /// The agent.
    pub agent: AgentId,
    /// The agent, as members reach it.
    pub scope: AgentScope,
    /// Its key.
    pub key: KeyId,
    /// The key's secret.
    pub secret: Secret,
}

const MASTER_KEY: [u8; 32] = [7; 32];

impl TestApp {
    /// A server as most tests want it.
    pub async fn start() -> Self {
        Self::with(TestOptions::default()).await
    }

    /// A server with options.
    pub async fn with(options: TestOptions) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the data");
        let store = open(&folder);
        let clock = Arc::new(ManualClock::new(START));
        let now = if options.real_time { SystemClock.now() } else { START };
        let demo = if options.demo { Some(demo::seed(&store, now).await.expect("demo data")) } else { None };
        let secret = Secret::generate(entropy::bytes().expect("entropy"));
        let key = mint(now);
        let (company, scope) = seed(&store, &options, &secret, key, now).await;
        let (url, app, serving) = serve(&store, &options, &clock, demo.as_ref(), None).await;
        let agent = scope.agent_id();
        Self { url, agent, key, secret, clock, store, company, scope, demo, options, folder, app, serving }
    }

    /// The server's address with this path behind it.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The widget's API of the agent, with this path behind it.
    pub fn api(&self, path: &str) -> String {
        format!("{}/v1/agents/{}{path}", self.url, self.agent)
    }

    /// The folder with the database.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The time as the server has it, in whole seconds.
    pub fn now_secs(&self) -> i64 {
        let now = if self.options.real_time { SystemClock.now() } else { self.clock.now() };
        now.as_millis() / 1000
    }

    /// Another agent of the company, with a key of its own.
    pub async fn another_agent(&self) -> OtherAgent {
        let now = Timestamp::from_secs(self.now_secs());
        let secret = Secret::generate(entropy::bytes().expect("entropy"));
        let sealing = Secret::parse(secret.expose()).expect("a secret");
        let (agent, key, company) = (new_agent(&self.options, now), mint(now), self.company);
        let add = move |writer: &Writer<'_>| {
            let scope = writer.create_agent(&company, &agent)?;
            writer.set_agent_identify(&scope, true)?;
            create_key(writer, &scope, key, &sealing, now);
            Ok(scope)
        };
        let scope = self.write(add).await;
        OtherAgent { agent: scope.agent_id(), scope, key, secret }
    }

    /// From here on the app's agent is the other one, and the other way round.
    pub fn swap_agent(&mut self, other: &mut OtherAgent) {
        std::mem::swap(&mut self.agent, &mut other.agent);
        std::mem::swap(&mut self.scope, &mut other.scope);
        std::mem::swap(&mut self.key, &mut other.key);
        std::mem::swap(&mut self.secret, &mut other.secret);
    }

    /// A token signed with the agent's key: these claims, and `iat` and `exp` (an hour) unless given.
    pub fn token(&self, claims: Value) -> Token {
        self.token_with(&self.secret, claims)
    }

    /// The same with any secret.
    pub fn token_with(&self, secret: &Secret, claims: Value) -> Token {
        let now = self.now_secs();
        let mut all = json!({ "iat": now, "exp": now + 3600 }).as_object().cloned().expect("an object");
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        all.extend(claims);
        all.retain(|_, value| !value.is_null());
        sign(secret, &all, None).expect("signed")
    }

    /// Ends the server and starts it anew on the same data and the same port.
    pub async fn restart(&mut self) {
        self.app.stop(Duration::ZERO).await;
        // Its connections end with it, as those of a process would.
        (&mut self.serving).await.expect("the server ends");
        self.store.clone().close().await;
        self.store = open(&self.folder);
        let now = self.clock.now();
        self.store.write(move |writer| writer.interrupt_streaming(now)).await.expect("marked");
        let address: SocketAddr = self.url.trim_start_matches("http://").parse().expect("an address");
        (self.url, self.app, self.serving) =
            serve(&self.store, &self.options, &self.clock, self.demo.as_ref(), Some(address)).await;
    }

    /// The agent's identity log, the newest first, once everything is in it that was answered.
    pub async fn log(&self) -> Vec<Attempt> {
        self.app.identity_log.settled().await;
        let (scope, filter) = (self.scope, AttemptFilter { limit: u32::MAX, ..AttemptFilter::default() });
        self.store.read(move |reader| reader.attempts(&scope, &filter)).await.expect("the log")
    }

    /// How many entries of the log were lost.
    pub fn lost_entries(&self) -> u64 {
        self.app.identity_log.lost()
    }

    /// The agent's chat requests so far: origin, code and how many.
    pub async fn counted(&self) -> Vec<CoverageRow> {
        self.app.identity_log.settled().await;
        let scope = self.scope;
        let now = if self.options.real_time { SystemClock.now() } else { self.clock.now() };
        let coverage = self.store.read(move |reader| reader.coverage(&scope, START, now)).await;
        coverage.expect("the coverage").rows
    }

    /// Runs a change on the store, as the dashboard would.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Writer<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(job).await.expect("the store writes")
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.app.stopping.cancel();
        self.serving.abort();
    }
}

/// A new id.
pub fn mint<K>(now: Timestamp) -> Id<K> {
    Id::mint(now, entropy::bytes().expect("entropy"))
}

fn open(folder: &TempDir) -> Store {
    Store::open(&folder.path().join("eloquent.sqlite"), &MasterKey::from_bytes(MASTER_KEY))
        .expect("the store opens")
}

async fn seed(
    store: &Store,
    options: &TestOptions,
    secret: &Secret,
    key: KeyId,
    now: Timestamp,
) -> (CompanyScope, AgentScope) {
    let company = NewCompany { id: mint(now), name: "Example".to_owned(), now };
    let agent = new_agent(options, now);
    let password_hash = Password::parse(PASSWORD).expect("a password").hash().await.expect("hashed");
    let member = NewMember {
        id: mint(now),
        email: EMAIL.to_owned(),
        name: "Olu Owner".to_owned(),
        password_hash,
        now,
    };
    let (title, sections) = knowledge::sections(ARTICLE);
    let article = NewArticle {
        id: mint(now),
        title,
        url: Some(eloquent_types::rich::Href::parse("https://help.example.com/refunds").expect("a link")),
        sections,
        now,
    };
    let secret = Secret::parse(secret.expose()).expect("a secret");
    store
        .write(move |writer| {
            let company = writer.create_company(&company)?;
            let scope = writer.create_agent(&company, &agent)?;
            writer.set_company_identify(&company, true)?;
            writer.set_agent_identify(&scope, true)?;
            create_key(writer, &scope, key, &secret, now);
            writer.create_member(&company, &member).expect("a member");
            writer.put_article(&scope, &article)?;
            Ok::<_, StoreError>((company, scope))
        })
        .await
        .expect("seeded")
}

/// An agent of this name with nothing set, for tests that need a second one.
pub fn agent_named(name: &str) -> NewAgent {
    NewAgent {
        id: mint(START),
        name: name.to_owned(),
        greeting: String::new(),
        instructions: String::new(),
        starters: Vec::new(),
        accent: None,
        locale: None,
        allowed_origins: Vec::new(),
        now: START,
    }
}

fn new_agent(options: &TestOptions, now: Timestamp) -> NewAgent {
    NewAgent {
        id: mint(now),
        name: "Helper".to_owned(),
        greeting: "Hello!".to_owned(),
        instructions: "Be brief.".to_owned(),
        starters: vec!["Which plan am I on?".to_owned()],
        accent: None,
        locale: None,
        allowed_origins: options.origins.clone(),
        now,
    }
}

fn create_key(writer: &Writer<'_>, scope: &AgentScope, id: KeyId, secret: &Secret, now: Timestamp) {
    let nonce = entropy::bytes().expect("entropy");
    let key = NewKey { id, name: "test".to_owned(), secret, nonce, now };
    writer.create_key(scope, &key).expect("a key");
}

const ARTICLE: &str = "# Refunds\n\nRefunds are paid within five working days to the card that was charged.\n\n\
    ## How to ask for a refund\n\nOpen the order, choose **Ask for a refund**, and tell us why. \
    We answer within one working day. The refund window is thirty days from delivery.\n";

async fn serve(
    store: &Store,
    options: &TestOptions,
    clock: &Arc<ManualClock>,
    demo: Option<&Seeded>,
    address: Option<SocketAddr>,
) -> (String, App, JoinHandle<()>) {
    let listener = TcpListener::bind(address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))).await;
    let listener = listener.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let app_options = Options {
        pace: options.pace,
        demo: demo.map(|seeded| seeded.shop.clone()),
        limits: options.limits,
        trusted_proxies: if options.behind_proxy {
            vec!["127.0.0.1".parse().expect("an address")]
        } else {
            Vec::new()
        },
        ..Options::new(url.clone())
    };
    let app = if options.real_time {
        App::new(store.clone(), SystemClock, app_options)
    } else {
        App::new(store.clone(), Arc::clone(clock), app_options)
    };
    let stopping = app.clone();
    let serving = http::serve(listener, app.clone(), async move { stopping.stopping.cancelled().await });
    #[expect(clippy::disallowed_methods, reason = "the handle is kept, and awaited or aborted at the end")]
    let serving = tokio::spawn(async move { serving.await.expect("the server serves") });
    (url, app, serving)
}
