//! `eloquent key`: an agent's identity keys, and the master key that seals them.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use clap::{Args, Subcommand};
use eloquent_identity::Secret;
use eloquent_store::{AgentScope, KeyError, KeyInfo, NewKey, Store, StoreError};
use eloquent_types::{
    id::{AgentId, KeyId},
    time::Timestamp,
};
use serde_json::json;

use super::{
    Failure,
    admin::{self, mint},
    failed,
    printed::{list, name, plain, span},
    say, usage,
};
use crate::{
    clock::{Clock as _, SystemClock},
    data::Data,
    entropy,
    view::{IDLE_DAYS, KeyView},
};

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Generates an identity key and shows its secret, this once.
    Create {
        /// The agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        /// A name to know the key by.
        #[arg(long, default_value = "default", value_parser = name)]
        name: String,
        #[command(flatten)]
        output: SecretOutput,
    },
    /// Lists an agent's keys, without secrets.
    List {
        /// The agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        /// From how many days without a use on a key counts as safe to revoke.
        #[arg(long, value_name = "DAYS", default_value_t = IDLE_DAYS, value_parser = clap::value_parser!(u32).range(1..=3650))]
        idle_days: u32,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Replaces a key: generates a new one and shows its secret, this once. The old one stays active
    /// until it is revoked, or until the time that is chosen here.
    Rotate {
        /// The key to be replaced; the only active one if there is just one.
        key: Option<KeyId>,
        /// Its agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        /// A name to know the new key by; that of the old one without.
        #[arg(long, value_parser = name)]
        name: Option<String>,
        #[command(flatten)]
        end: RetirementArgs,
        #[command(flatten)]
        output: SecretOutput,
    },
    /// Chooses when a key ends, or lets it go on.
    Retire {
        /// The key.
        key: KeyId,
        /// Its agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        #[command(flatten)]
        end: RetirementArgs,
        /// It goes on until it is revoked.
        #[arg(long, conflicts_with_all = ["retire_in", "retire_at"])]
        never: bool,
    },
    /// Revokes a key at once.
    Revoke {
        /// The key.
        key: KeyId,
        /// Its agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
    },
    /// Changes the master key that seals all identity keys, also beside a running server, which goes on
    /// without a pause.
    Reseal,
}

/// How a new secret is printed.
#[derive(Debug, Args)]
pub(super) struct SecretOutput {
    /// Prints the one line for a .env file and nothing else.
    #[arg(long, conflicts_with = "json")]
    env: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// When a key ends by itself.
#[derive(Debug, Args)]
pub(super) struct RetirementArgs {
    /// When that key ends: after this time, like 24h or 7days.
    #[arg(long = "in", id = "retire_in", value_name = "DURATION", value_parser = span)]
    after: Option<Duration>,
    /// When that key ends: at this time, like 2026-12-31T12:00:00Z.
    #[arg(long = "at", id = "retire_at", value_name = "TIME", conflicts_with = "retire_in")]
    at: Option<Timestamp>,
}

impl RetirementArgs {
    /// The time that was chosen, if one was; it must lie in the future.
    fn time(&self, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
        match self.after.map(|after| now + after).or(self.at) {
            Some(time) if time <= now => {
                Err(usage("a key ends in the future; to end it now, use `eloquent key revoke`"))
            }
            time => Ok(time),
        }
    }
}

pub(super) async fn run(command: KeyCommand, data: Data) -> Result<(), Failure> {
    let store = &data.store;
    match command {
        KeyCommand::Create { agent, name, output } => {
            create(store, admin::agent_scope(store, agent).await?, name, &output).await
        }
        KeyCommand::List { agent, idle_days, json } => {
            let scope = admin::agent_scope(store, agent).await?;
            let (keys, now) = (keys(store, scope).await?, SystemClock.now());
            let views: Vec<_> = keys.iter().map(|key| KeyView::new(key, idle_days, now)).collect();
            list(json, &views, |key| line(key, idle_days));
            Ok(())
        }
        KeyCommand::Rotate { key, agent, name, end, output } => {
            let scope = admin::agent_scope(store, agent).await?;
            let old = replaced(&keys(store, scope).await?, key)?;
            rotate(store, scope, old, name, &end, &output).await
        }
        KeyCommand::Retire { key, agent, end, never } => {
            let scope = admin::agent_scope(store, agent).await?;
            retire(store, scope, key, end.time(SystemClock.now())?, never).await
        }
        KeyCommand::Revoke { key, agent } => {
            let scope = admin::agent_scope(store, agent).await?;
            let now = SystemClock.now();
            if !store.write(move |writer| writer.revoke_key(&scope, key, now)).await? {
                return Err(failed("there is no active key with this id"));
            }
            say(format_args!("{key} is revoked."));
            Ok(())
        }
        KeyCommand::Reseal => reseal(&data).await,
    }
}

async fn keys(store: &Store, scope: AgentScope) -> Result<Vec<KeyInfo>, StoreError> {
    store.read(move |reader| reader.keys(&scope)).await
}

/// One key for people: what it is, whether it is used, whether it may go.
fn line(key: &KeyView, idle_days: u32) -> String {
    let used = key
        .last_used_at
        .map_or("never used".to_owned(), |at| format!("used {} times, last {at}", key.use_count));
    let ends =
        key.retires_at.filter(|_| key.is_active()).map(|at| format!(" until {at}")).unwrap_or_default();
    let safe = if key.safe_to_revoke {
        format!("  safe to revoke (unused for {idle_days} days)")
    } else {
        String::new()
    };
    format!(
        "{}  …{}  {}{ends}  {used}  {}{safe}",
        key.id,
        key.last_four,
        key.status.as_str(),
        plain(&key.name)
    )
}

async fn create(
    store: &Store,
    scope: AgentScope,
    name: String,
    output: &SecretOutput,
) -> Result<(), Failure> {
    let (id, now) = (mint()?, SystemClock.now());
    let (secret, nonce) = (Secret::generate(entropy::bytes()?), entropy::bytes()?);
    let secret = store
        .write(move |writer| {
            writer.create_key(&scope, &NewKey { id, name, secret: &secret, nonce, now })?;
            Ok::<_, KeyError>(secret)
        })
        .await?;
    show(id, scope.agent_id(), &secret, output);
    Ok(())
}

/// The active key that was named, or the only one.
fn replaced(keys: &[KeyInfo], named: Option<KeyId>) -> Result<KeyInfo, Failure> {
    let now = SystemClock.now();
    let mut active = keys.iter().filter(|key| key.is_active(now));
    if let Some(named) = named {
        let found = active.find(|key| key.id == named);
        return found.cloned().ok_or_else(|| failed("there is no active key with this id"));
    }
    match (active.next(), active.next()) {
        (Some(only), None) => Ok(only.clone()),
        (None, _) => Err(failed("there is no active key to replace: create one with `eloquent key create`")),
        (Some(_), Some(_)) => {
            Err(usage("there are several active keys: say which (see `eloquent key list`)"))
        }
    }
}

async fn rotate(
    store: &Store,
    scope: AgentScope,
    old: KeyInfo,
    name: Option<String>,
    end: &RetirementArgs,
    output: &SecretOutput,
) -> Result<(), Failure> {
    let (id, now) = (mint()?, SystemClock.now());
    let retires_at = end.time(now)?;
    let (secret, nonce) = (Secret::generate(entropy::bytes()?), entropy::bytes()?);
    let ends = retires_at.or(old.retires_at);
    let (old_id, name) = (old.id, name.unwrap_or(old.name));
    let secret = store
        .write(move |writer| {
            let new = NewKey { id, name, secret: &secret, nonce, now };
            writer.rotate_key(&scope, old_id, &new, retires_at)?;
            Ok::<_, KeyError>(secret)
        })
        .await?;
    show(id, scope.agent_id(), &secret, output);
    if !output.env && !output.json {
        say("");
        say(match ends {
            Some(time) => format!("{old_id} stays active until {time}."),
            None => format!("{old_id} stays active until `eloquent key revoke {old_id}`."),
        });
    }
    Ok(())
}

fn show(id: KeyId, agent: AgentId, secret: &Secret, output: &SecretOutput) {
    let secret = secret.expose();
    if output.json {
        say(json!({ "id": id, "agent": agent, "secret": secret }));
        return;
    }
    if !output.env {
        say(format_args!(
            "Key {id} of agent {agent}. The secret is shown this once; keep it on your server only:"
        ));
        say("");
    }
    say(format_args!("ELOQUENT_SECRET={secret}"));
}

async fn retire(
    store: &Store,
    scope: AgentScope,
    key: KeyId,
    end: Option<Timestamp>,
    never: bool,
) -> Result<(), Failure> {
    if end.is_none() && !never {
        return Err(usage("say when the key ends: --in DURATION, --at TIME, or --never"));
    }
    let now = SystemClock.now();
    if !store.write(move |writer| writer.set_key_retirement(&scope, key, end, now)).await? {
        return Err(failed("there is no active key with this id"));
    }
    say(match end {
        Some(time) => format!("{key} ends at {time}."),
        None => format!("{key} goes on until it is revoked."),
    });
    Ok(())
}

async fn reseal(data: &Data) -> Result<(), Failure> {
    let change = data.begin_reseal().await?;
    // Shown before anything is changed: afterwards, nobody could start without it.
    if let Some(key) = change.key_to_set() {
        say("The master key comes from the settings. Set the new one there before the next start:");
        say("");
        // A key that nobody could read is not put to use: without it, nothing would open again.
        let mut out = io::stdout();
        writeln!(out, "ELOQUENT_MASTER_KEY={}\n", *key.encode())?;
        out.flush()?;
    }
    let running = change.reaches_a_server();
    let keys = change.commit().await?.keys;
    say(format_args!(
        "A new master key seals the {keys} identity keys; the former one opens nothing any more."
    ));
    if running {
        say("The running server goes on with it.");
    }
    Ok(())
}
