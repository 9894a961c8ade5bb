//! `eloquent agent` and `user`: what is needed before there is a dashboard login, and in scripts.

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    time::Duration,
};

use clap::{Args, Subcommand, ValueEnum};
use eloquent_store::{
    AgentScope, Company, CompanyScope, Enforcement, NewAgent, NewCompany, NewMember, Store, StoreError,
};
use eloquent_types::id::{AgentId, Id};
use serde_json::json;

use super::{
    Failure, failed,
    printed::{self, list, name, plain, span},
    say, usage,
};
use crate::{
    clock::{Clock as _, SystemClock},
    data::Data,
    entropy::{self, EntropyError},
    password::Password,
    view::{AgentView, LONGEST_LIFETIME},
};

#[derive(Debug, Subcommand)]
pub(super) enum AgentCommand {
    /// Creates an agent and prints its id and embed tag.
    Create {
        /// Its name, as visitors see it.
        #[arg(long, value_parser = name)]
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
    /// Changes an agent; what is not named stays. Prints how it is then.
    Set {
        /// The agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        #[command(flatten)]
        change: AgentChange,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What can be changed.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct AgentChange {
    /// Its name, as visitors see it.
    #[arg(long, value_parser = name)]
    name: Option<String>,
    /// Whether tokens identify its visitors.
    #[arg(long, value_enum, value_name = "SWITCH")]
    identify: Option<Switch>,
    /// What becomes of a visitor without a valid identity: nothing (off), nothing but being counted
    /// (report), or the chat is refused (require). See `eloquent coverage` first.
    #[arg(long, value_name = "LEVEL", value_parser = parse_enforcement)]
    enforcement: Option<Enforcement>,
    /// The longest time from a token's iat to its exp, like 24h; any for no limit.
    #[arg(long, value_name = "DURATION", value_parser = parse_longest)]
    max_token_lifetime: Option<Longest>,
}

/// On or off.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// The longest lifetime of a token; none stands for any.
#[derive(Clone, Copy, Debug)]
struct Longest(Option<Duration>);

fn parse_enforcement(text: &str) -> Result<Enforcement, String> {
    Enforcement::parse(text).ok_or_else(|| "off, report or require".to_owned())
}

fn parse_longest(text: &str) -> Result<Longest, String> {
    if text == "any" {
        return Ok(Longest(None));
    }
    match span(text)? {
        longest if longest.is_zero() || longest.subsec_nanos() > 0 || longest > LONGEST_LIFETIME => {
            Err("whole seconds, from one to ten years, or any".to_owned())
        }
        longest => Ok(Longest(Some(longest))),
    }
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

pub(super) fn mint<K>() -> Result<Id<K>, EntropyError> {
    Ok(Id::mint(SystemClock.now(), entropy::bytes()?))
}

/// The company; created with the first thing that needs it.
pub(super) async fn company(store: &Store) -> Result<CompanyScope, Failure> {
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
    let (agents, scope) = store
        .read(move |reader| {
            // Only looked for: what asks about an agent makes nothing.
            let company = reader.companies()?.first().map(|company| reader.company_scope(company.id));
            let Some(company) = company.transpose()?.flatten() else { return Ok((Vec::new(), None)) };
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
            let views: Vec<_> = agents.into_iter().map(AgentView::from).collect();
            list(json, &views, line);
        }
        AgentCommand::Set { agent, change, json } => {
            let scope = agent_scope(&data.store, agent).await?;
            let changed = set(&data.store, scope, change).await?;
            if json {
                printed::json(&changed);
            } else {
                say(line(&changed));
            }
        }
    }
    Ok(())
}

/// An agent for people.
fn line(agent: &AgentView) -> String {
    let state = if agent.identifies() { "identity on" } else { "identity off" };
    let longest = agent
        .max_token_lifetime
        .map_or("any lifetime".to_owned(), |secs| format!("lifetime at most {secs} s"));
    format!("{}  {}  {state}, enforcement {}, {longest}", agent.id, plain(&agent.name), agent.enforcement)
}

/// All of the change or nothing.
async fn set(store: &Store, scope: AgentScope, change: AgentChange) -> Result<AgentView, Failure> {
    let changed = store
        .write(move |writer| {
            if let Some(name) = &change.name {
                writer.set_agent_name(&scope, name)?;
            }
            if let Some(switch) = change.identify {
                writer.set_agent_identify(&scope, matches!(switch, Switch::On))?;
            }
            if let Some(enforcement) = change.enforcement {
                writer.set_enforcement(&scope, enforcement)?;
            }
            if let Some(Longest(longest)) = change.max_token_lifetime {
                writer.set_max_token_lifetime(&scope, longest)?;
            }
            writer.agent(scope.agent_id())
        })
        .await?;
    Ok(changed.ok_or_else(|| failed("there is no agent with this id"))?.into())
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
