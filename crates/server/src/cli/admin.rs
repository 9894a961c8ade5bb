//! `eloquent agent`, `key` and `user`: what is needed before there is a dashboard login, and in scripts.

use std::io::{self, BufRead as _, IsTerminal as _};

use clap::{Subcommand, builder::NonEmptyStringValueParser};
use eloquent_identity::Secret;
use eloquent_store::{
    Agent, AgentScope, Company, CompanyScope, KeyInfo, NewAgent, NewCompany, NewKey, NewMember, Store,
    StoreError,
};
use eloquent_types::id::{AgentId, Id, KeyId};
use serde_json::json;

use super::{Failure, failed, say, usage};
use crate::{
    clock::{Clock as _, SystemClock},
    data::Data,
    entropy::{self, EntropyError},
    password::Password,
};

#[derive(Debug, Subcommand)]
pub(super) enum AgentCommand {
    /// Creates an agent and prints its id and embed tag.
    Create {
        /// Its name, as visitors see it.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        name: String,
        /// Its first words.
        #[arg(long, default_value = "Hello! How can I help?")]
        greeting: String,
        /// An origin that may embed it, like `https://www.example.com`; any origin without. Repeatable.
        #[arg(long = "origin", value_name = "ORIGIN")]
        origins: Vec<String>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists the agents.
    List {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Generates an identity key and shows its secret, this once.
    Create {
        /// The agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        /// A name to know the key by.
        #[arg(long, default_value = "default")]
        name: String,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists an agent's keys, without secrets.
    List {
        /// The agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revokes a key at once.
    Revoke {
        /// The key.
        key: KeyId,
        /// Its agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Creates a member who can log in to the dashboard. The password is read from standard input.
    Create {
        /// The email to log in with.
        #[arg(long)]
        email: String,
        /// The name that colleagues see; the email without one.
        #[arg(long)]
        name: Option<String>,
    },
}

fn mint<K>() -> Result<Id<K>, EntropyError> {
    Ok(Id::mint(SystemClock.now(), entropy::bytes()?))
}

/// The company; created with the first thing that needs it.
async fn company(store: &Store) -> Result<CompanyScope, Failure> {
    let new = NewCompany { id: mint()?, name: "My company".to_owned(), now: SystemClock.now() };
    let scope = store
        .write(move |writer| match writer.companies()?.first() {
            Some(Company { id, .. }) => writer.company_scope(*id),
            None => writer.create_company(&new).map(Some),
        })
        .await?;
    scope.ok_or_else(|| failed("the company is gone"))
}

/// The agent that was named, or the only one.
pub(super) async fn agent_scope(store: &Store, id: Option<AgentId>) -> Result<AgentScope, Failure> {
    let company = company(store).await?;
    let (agents, scope) = store
        .read(move |reader| {
            let agents = reader.agents(&company)?;
            let id = id.or_else(|| agents.first().map(|agent| agent.id));
            let scope = id.map(|id| reader.agent_scope(&company, id)).transpose()?.flatten();
            Ok::<_, StoreError>((agents, scope))
        })
        .await?;
    match (id, agents.len()) {
        (None, 0) => {
            Err(failed("there is no agent yet: create one with `eloquent agent create --name NAME`"))
        }
        (None, 2..) => {
            Err(usage("there are several agents: say which with --agent (see `eloquent agent list`)"))
        }
        _ => scope.ok_or_else(|| failed("there is no agent with this id")),
    }
}

pub(super) async fn agent(command: AgentCommand, data: Data) -> Result<(), Failure> {
    let company = company(&data.store).await?;
    match command {
        AgentCommand::Create { name, greeting, origins, json } => {
            for origin in &origins {
                check_origin(origin)?;
            }
            let id = mint()?;
            let new = NewAgent {
                id,
                name,
                greeting,
                instructions: String::new(),
                starters: Vec::new(),
                accent: None,
                locale: None,
                allowed_origins: origins,
                now: SystemClock.now(),
            };
            data.store.write(move |writer| writer.create_agent(&company, &new)).await?;
            if json {
                say(json!({ "id": id }));
            } else {
                say(format_args!("{id}"));
                say("Put this on your pages, with the address of your server:");
                say(format_args!(
                    "  <script async src=\"https://chat.example.com/eloquent.js\" data-agent-id=\"{id}\"></script>"
                ));
                say("To identify visitors, generate a secret: eloquent key create");
            }
        }
        AgentCommand::List { json } => {
            let agents = data.store.read(move |reader| reader.agents(&company)).await?;
            list(json, &agents, |agent: &Agent| {
                let verified = agent.identifies();
                let row = json!({ "id": agent.id, "name": agent.name, "identify": verified, "created_at": agent.created_at });
                let state = if verified { "identity on" } else { "identity off" };
                (row, format!("{}  {}  {state}", agent.id, agent.name))
            });
        }
    }
    Ok(())
}

/// An origin as browsers send it: in lower case, and without the port that the scheme implies.
fn check_origin(origin: &str) -> Result<(), Failure> {
    let https = origin.strip_prefix("https://").map(|host| (host, ":443"));
    let parts = https.or_else(|| Some((origin.strip_prefix("http://")?, ":80")));
    let exact = parts.is_some_and(|(host, implied)| {
        !host.is_empty()
            && !host.contains(['/', '*', '?', '#', '@', ' '])
            && !host.ends_with(implied)
            && origin.to_lowercase() == origin
    });
    if exact {
        Ok(())
    } else {
        Err(usage(format_args!("--origin takes an exact origin like https://www.example.com, not {origin}")))
    }
}

pub(super) async fn key(command: KeyCommand, data: Data) -> Result<(), Failure> {
    let store = &data.store;
    match command {
        KeyCommand::Create { agent, name, json } => {
            let scope = agent_scope(store, agent).await?;
            let id = mint()?;
            let (secret, nonce) = (Secret::generate(entropy::bytes()?), entropy::bytes()?);
            let shown = secret.expose().to_owned();
            let (agent_id, now) = (scope.agent_id(), SystemClock.now());
            store
                .write(move |writer| {
                    writer.create_key(&scope, &NewKey { id, name, secret: &secret, nonce, now })
                })
                .await?;
            if json {
                say(json!({ "id": id, "agent": agent_id, "secret": shown }));
            } else {
                say(format_args!(
                    "Key {id} of agent {agent_id}. The secret is shown this once; keep it on your server only:"
                ));
                say("");
                say(format_args!("ELOQUENT_SECRET={shown}"));
            }
        }
        KeyCommand::List { agent, json } => {
            let scope = agent_scope(store, agent).await?;
            let keys = store.read(move |reader| reader.keys(&scope)).await?;
            list(json, &keys, |key: &KeyInfo| {
                let row = json!({
                    "id": key.id, "name": key.name, "last_four": key.last_four, "created_at": key.created_at,
                    "last_used_at": key.last_used_at, "use_count": key.use_count, "revoked_at": key.revoked_at,
                });
                let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
                (
                    row,
                    format!(
                        "{}  …{}  {state}  used {} times  {}",
                        key.id, key.last_four, key.use_count, key.name
                    ),
                )
            });
        }
        KeyCommand::Revoke { key, agent } => {
            let scope = agent_scope(store, agent).await?;
            let now = SystemClock.now();
            if !store.write(move |writer| writer.revoke_key(&scope, key, now)).await? {
                return Err(failed("there is no active key with this id"));
            }
            say(format_args!("{key} is revoked."));
        }
    }
    Ok(())
}

fn list<T>(as_json: bool, items: &[T], row: impl Fn(&T) -> (serde_json::Value, String)) {
    if as_json {
        say(items.iter().map(|item| row(item).0).collect::<serde_json::Value>());
    } else {
        for item in items {
            say(row(item).1);
        }
    }
}

pub(super) async fn user(command: UserCommand, data: Data) -> Result<(), Failure> {
    let UserCommand::Create { email, name } = command;
    let well_formed = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !well_formed || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(usage("--email takes an email address"));
    }
    if io::stdin().is_terminal() {
        say("Password (it will be visible; 12 characters at least):");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let password = Password::parse(line.trim_end_matches(['\r', '\n'])).map_err(usage)?;
    let company = company(&data.store).await?;
    let name = name.unwrap_or_else(|| email.clone());
    let member =
        NewMember { id: mint()?, email, name, password_hash: password.hash().await?, now: SystemClock.now() };
    let id = member.id;
    data.store.write(move |writer| writer.create_member(&company, &member)).await?;
    say(format_args!("{id}"));
    Ok(())
}
