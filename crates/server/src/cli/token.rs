//! `eloquent token`: signing tokens for trying things out, and saying what is wrong with one.

use std::io::{self, Read as _};

use clap::Subcommand;
use eloquent_identity::{Policy, Secret, Token, Verifier, sign};
use eloquent_store::StoreError;
use eloquent_types::id::AgentId;
use serde_json::{Map, Value, json};

use super::{Failure, admin::agent_scope, failed, open, say, usage};
use crate::{
    clock::{Clock as _, SystemClock},
    config::Settings,
};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Signs a token with the newest active key of an agent, or with the secret in `ELOQUENT_SECRET`.
    Sign {
        /// Who the token is for.
        #[arg(long)]
        user_id: String,
        /// Their email.
        #[arg(long)]
        email: Option<String>,
        /// A claim, like plan=pro; a value that is JSON is taken as JSON. Repeatable.
        #[arg(long = "claim", value_name = "NAME=VALUE")]
        claims: Vec<String>,
        /// How long it lives, in seconds; 0 for no `exp`.
        #[arg(long, default_value_t = 3600, allow_negative_numbers = true)]
        expires_in: i64,
        /// The agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
    },
    /// Says whether a token identifies somebody at an agent, and if not, why. Ends with 1 if not.
    Verify {
        /// The token; `-` reads it from standard input.
        token: String,
        /// The agent; the only one if there is just one.
        #[arg(long)]
        agent: Option<AgentId>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(command: TokenCommand, settings: Settings) -> Result<(), Failure> {
    match command {
        TokenCommand::Sign { user_id, email, claims, expires_in, agent } => {
            let claims = claim_set(&user_id, email, &claims, expires_in)?;
            let secret = match super::environment()?.remove("ELOQUENT_SECRET") {
                Some(secret) if agent.is_none() => {
                    Secret::parse(secret).map_err(|error| usage(format_args!("ELOQUENT_SECRET: {error}")))?
                }
                _ => newest_secret(settings, agent).await?,
            };
            say(sign(&secret, &claims, None)?.expose());
            Ok(())
        }
        TokenCommand::Verify { token, agent, json } => verify(settings, &token, agent, json).await,
    }
}

fn claim_set(
    user_id: &str,
    email: Option<String>,
    pairs: &[String],
    expires_in: i64,
) -> Result<Map<String, Value>, Failure> {
    let issued = SystemClock.now().as_millis() / 1000;
    let mut claims = Map::new();
    for pair in pairs {
        let (name, value) = pair.split_once('=').ok_or_else(|| usage("--claim takes NAME=VALUE"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        claims.insert(name.to_owned(), value);
    }
    claims.insert("user_id".to_owned(), user_id.into());
    claims.extend(email.map(|email| ("email".to_owned(), email.into())));
    claims.insert("iat".to_owned(), issued.into());
    if expires_in != 0 {
        claims.insert("exp".to_owned(), issued.saturating_add(expires_in).into());
    }
    Ok(claims)
}

async fn newest_secret(settings: Settings, agent: Option<AgentId>) -> Result<Secret, Failure> {
    let data = open(settings)?;
    let scope = agent_scope(&data.store, agent).await?;
    let keys =
        data.store.read(move |reader| reader.verification_keys(scope.agent_id(), SystemClock.now())).await?;
    let newest = keys.into_iter().filter(|key| !key.revoked).max_by_key(|key| key.id);
    Ok(newest
        .ok_or_else(|| failed("the agent has no active key: create one with `eloquent key create`"))?
        .secret)
}

async fn verify(
    settings: Settings,
    token: &str,
    agent: Option<AgentId>,
    as_json: bool,
) -> Result<(), Failure> {
    let token = if token == "-" {
        let mut text = String::new();
        io::stdin().lock().take(1 << 20).read_to_string(&mut text)?;
        Token::new(text.trim())
    } else {
        Token::new(token)
    };
    let clock_skew = settings.clock_skew;
    let data = open(settings)?;
    let scope = agent_scope(&data.store, agent).await?;
    let id = scope.agent_id();
    let (agent, keys) = data
        .store
        .read(move |reader| {
            Ok::<_, StoreError>((reader.agent(id)?, reader.verification_keys(id, SystemClock.now())?))
        })
        .await?;
    let agent = agent.ok_or_else(|| failed("there is no agent with this id"))?;
    let enabled = agent.identifies();
    let policy = Policy { enabled, max_lifetime: agent.max_token_lifetime, clock_skew };
    match Verifier::new(id, &keys, policy).verify(&token, SystemClock.now()) {
        Ok(identity) => {
            let claims: Map<String, Value> = identity
                .claims()
                .iter()
                .map(|(name, text)| {
                    (name.to_owned(), serde_json::from_str(text).unwrap_or_else(|_| text.into()))
                })
                .collect();
            let user_id = identity.user_id().as_str();
            if as_json {
                say(json!({
                    "identified": true, "user_id": user_id, "email": identity.email(), "claims": claims,
                    "key": identity.key_id(), "expires_at": identity.expires_at(),
                }));
            } else {
                say(format_args!("identified: {user_id}"));
                say(format_args!("email: {}", identity.email().unwrap_or("none")));
                say(format_args!("claims: {}", Value::Object(claims)));
                say(format_args!("key: {}", identity.key_id()));
                say(format_args!(
                    "expires: {}",
                    identity.expires_at().map_or("never".to_owned(), |at| at.to_string())
                ));
            }
            Ok(())
        }
        Err(rejection) => {
            let (code, message) = (rejection.code(), rejection.message().to_string());
            let hint = rejection.hint().to_string();
            if as_json {
                say(json!({ "identified": false, "code": code, "message": message, "hint": hint }));
            } else {
                say(format_args!("not identified: {code}"));
                say(format_args!("{message} {hint}"));
            }
            Err(failed(format_args!("the token does not identify anybody ({code})")))
        }
    }
}
