//! The demo: a company, an agent with knowledge, a dashboard login, and the server part of a shop
//! whose customers are identified.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use eloquent_identity::{Secret, Token, sign};
use eloquent_store::{AgentScope, NewAgent, NewArticle, NewCompany, NewKey, NewMember, Store, StoreError};
use eloquent_types::{
    id::{AgentId, Id, KeyId},
    time::Timestamp,
};
use rust_embed::RustEmbed;
use serde::Serialize;
use serde_json::{Map, json};

use crate::{
    entropy::{self, EntropyError},
    knowledge,
    password::{Password, PasswordError},
};

/// The shop's colour, and so its agent's.
pub(crate) const ACCENT: &str = "#1f6f4a";

/// A customer of the shop.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Customer {
    /// The shop's own id, which becomes the token's `user_id`.
    pub id: &'static str,
    /// The full name.
    pub name: &'static str,
    /// The address.
    pub email: &'static str,
    /// The plan, as the shop calls it.
    pub plan: &'static str,
    /// The company, for those who order for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<&'static str>,
}

/// The shop's customers.
pub const CUSTOMERS: [Customer; 3] = [
    Customer {
        id: "ada",
        name: "Ada Okafor",
        email: "ada@okafor-architects.example",
        plan: "Office",
        company: Some("Okafor Architects"),
    },
    Customer {
        id: "ben",
        name: "Ben Haddad",
        email: "ben.haddad@mail.example",
        plan: "Daily",
        company: None,
    },
    Customer {
        id: "chloe",
        name: "Chloé Martin",
        email: "chloe@mail.example",
        plan: "Taster",
        company: None,
    },
];

/// How long the shop's tokens live, in seconds.
const TOKEN_LIFETIME: i64 = 3600;

/// How many customers are logged in at most.
const SESSIONS_MAX: usize = 1_000;

/// The shop's server part: it holds the agent's identity secret and knows who is logged in.
#[derive(Clone)]
pub struct Shop(Arc<ShopInner>);

struct ShopInner {
    agent: AgentId,
    key: KeyId,
    secret: Secret,
    sessions: Mutex<HashMap<String, Customer>>,
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shop").field("agent", &self.0.agent).finish_non_exhaustive()
    }
}

impl Shop {
    /// The agent on the shop's pages.
    pub fn agent(&self) -> AgentId {
        self.0.agent
    }

    /// Who is logged in with this session.
    pub fn customer(&self, session: &str) -> Option<Customer> {
        self.sessions().get(session).copied()
    }

    /// Notes that the customer is logged in.
    pub fn log_in(&self, session: String, customer: Customer) {
        let mut sessions = self.sessions();
        // A demo's customers can log in again; its memory is bounded.
        if sessions.len() >= SESSIONS_MAX {
            sessions.clear();
        }
        sessions.insert(session, customer);
    }

    /// Forgets the session.
    pub fn log_out(&self, session: &str) {
        self.sessions().remove(session);
    }

    /// Signs a token for the customer, as the documentation tells sites to.
    pub fn sign(&self, customer: Customer, now: Timestamp) -> Option<Token> {
        let issued = now.as_millis() / 1000;
        let claims = json!({
            "user_id": customer.id, "email": customer.email, "name": customer.name, "plan": customer.plan,
            "iat": issued, "exp": issued + TOKEN_LIFETIME,
        });
        let mut claims: Map<_, _> = claims.as_object().cloned()?;
        if let Some(company) = customer.company {
            claims.insert("company".to_owned(), company.into());
        }
        sign(&self.0.secret, &claims, Some(self.0.key)).ok()
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, Customer>> {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the demo has put into an empty store.
#[derive(Debug)]
pub struct Seeded {
    /// The shop.
    pub shop: Shop,
    /// The dashboard login's email.
    pub email: &'static str,
    /// Its password: a new one each time, since nobody may have a default account.
    pub password: String,
}

/// Why the demo's data could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The store failed.
    #[error("the demo's data could not be written: {0}")]
    Store(#[from] StoreError),
    /// The agent's key could not be stored.
    #[error("the demo's key could not be stored: {0}")]
    Key(#[from] eloquent_store::KeyError),
    /// The login could not be made.
    #[error("the demo's login could not be made: {0}")]
    Password(#[from] PasswordError),
    /// The member could not be stored.
    #[error("the demo's login could not be stored: {0}")]
    Member(#[from] eloquent_store::MemberError),
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The folder already holds a company.
    #[error("the demo wants a data folder of its own: this one already holds a company")]
    NotEmpty,
}

const EMAIL: &str = "demo@fernhill.example";

/// Fills an empty store.
pub async fn seed(store: &Store, now: Timestamp) -> Result<Seeded, SeedError> {
    let password: String =
        entropy::opaque_token()?.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let password_hash = Password::parse(password.clone())?.hash().await?;
    let secret = Secret::generate(entropy::bytes()?);
    let (key, nonce, kept) = (mint(now)?, entropy::bytes()?, Secret::parse(secret.expose()));
    let new_company = NewCompany { id: mint(now)?, name: "Fernhill Coffee Roasters".to_owned(), now };
    let new_agent = new_agent(mint(now)?, now);
    let member = NewMember {
        id: mint(now)?,
        email: EMAIL.to_owned(),
        name: "Fern Hill".to_owned(),
        password_hash,
        now,
    };
    let articles = articles(now)?;
    let agent = new_agent.id;
    store
        .write(move |writer| {
            if !writer.companies()?.is_empty() {
                return Err(SeedError::NotEmpty);
            }
            let company = writer.create_company(&new_company)?;
            let scope: AgentScope = writer.create_agent(&company, &new_agent)?;
            writer.set_company_identify(&company, true)?;
            writer.set_agent_identify(&scope, true)?;
            writer.create_key(
                &scope,
                &NewKey { id: key, name: "Fernhill shop".to_owned(), secret: &secret, nonce, now },
            )?;
            writer.create_member(&company, &member)?;
            for article in &articles {
                writer.put_article(&scope, article)?;
            }
            Ok(())
        })
        .await?;
    let secret = kept.map_err(|_| EntropyError)?;
    let shop = Shop(Arc::new(ShopInner { agent, key, secret, sessions: Mutex::default() }));
    Ok(Seeded { shop, email: EMAIL, password })
}

fn mint<K>(now: Timestamp) -> Result<Id<K>, EntropyError> {
    Ok(Id::mint(now, entropy::bytes()?))
}

fn new_agent(id: AgentId, now: Timestamp) -> NewAgent {
    NewAgent {
        id,
        name: "Fernhill".to_owned(),
        greeting: "Hello! Ask me about our coffee, your plan or your delivery.".to_owned(),
        instructions:
            "You help the customers of Fernhill Coffee Roasters, a small coffee roaster with subscriptions. \
            Be friendly, brief and exact."
                .to_owned(),
        starters: ["Which plan am I on?", "How do I pause my subscription?", "When will my coffee arrive?"]
            .map(ToOwned::to_owned)
            .to_vec(),
        accent: Some(ACCENT.to_owned()),
        locale: Some("en".to_owned()),
        allowed_origins: Vec::new(),
        now,
    }
}

/// The shop's help articles, in Markdown.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/demo/knowledge"]
#[allow_missing = true]
struct Articles;

fn articles(now: Timestamp) -> Result<Vec<NewArticle>, EntropyError> {
    Articles::iter()
        .filter_map(|file| Articles::get(&file))
        .map(|file| {
            let (title, sections) = knowledge::sections(&String::from_utf8_lossy(&file.data));
            Ok(NewArticle { id: mint(now)?, title, url: None, sections, now })
        })
        .collect()
}
