//! `eloquent token`: signing tokens for trying things out, and saying what is wrong with one.

use std::{
    fmt::Write as _,
    io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _},
};

use clap::Subcommand;
use eloquent_identity::{Advice, Inspection, Outcome, Secret, Step, Suspicion, Token, sign};
use eloquent_types::id::AgentId;
use serde_json::{Map, Value};

use super::{
    Failure,
    admin::agent_scope,
    failed,
    printed::{self, plain},
    say, usage,
};
use crate::{
    clock::{Clock as _, SystemClock},
    config::Settings,
    data::Data,
    inspector,
};

/// How much of standard input is read: far more than any token that could identify.
const INPUT_MAX_BYTES: u64 = 1 << 20;

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
    /// Says check by check whether a token identifies somebody at an agent, and if not, what the likely
    /// mistake is. Nothing is created by it. Ends with 1 if the token does not identify.
    Verify {
        /// The token. Without it, or with `-`, it is read from standard input, so that it does not stay
        /// in the shell's history.
        token: Option<String>,
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
        TokenCommand::Verify { token, agent, json } => verify(settings, token, agent, json).await,
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
    let data = Data::open_existing(&settings.data, settings.master_key)?;
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
    token: Option<String>,
    agent: Option<AgentId>,
    as_json: bool,
) -> Result<(), Failure> {
    let token = match token {
        Some(token) if token != "-" => Token::new(token),
        _ => read_token()?,
    };
    let clock_skew = settings.clock_skew;
    let data = Data::open_existing(&settings.data, settings.master_key)?;
    let scope = agent_scope(&data.store, agent).await?;
    let judged = inspector::inspect(&data.store, scope, token, clock_skew, SystemClock.now()).await?;
    let inspection = judged.ok_or_else(|| failed("there is no agent with this id"))?;
    if as_json {
        printed::json(&inspection);
    } else {
        say(report(&inspection).trim_end());
    }
    match inspection.verdict() {
        Ok(()) => Ok(()),
        Err(rejection) => {
            Err(failed(format_args!("the token does not identify anybody ({})", rejection.code())))
        }
    }
}

fn read_token() -> Result<Token, Failure> {
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock().take(INPUT_MAX_BYTES);
    if io::stdin().is_terminal() {
        // Nothing can be done where standard error is closed.
        let _ = writeln!(io::stderr(), "Paste the token and press Enter:");
        input.read_until(b'\n', &mut bytes)?;
    } else {
        input.read_to_end(&mut bytes)?;
    }
    // What is no text is no token either, and judged all the same.
    let text = String::from_utf8_lossy(&bytes);
    Ok(Token::new(text.trim_end_matches(['\r', '\n'])))
}

/// The verdict, the eleven checks, and what the token holds as far as it may be told.
fn report(inspection: &Inspection) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match (inspection.verdict(), &inspection.identity) {
        (Ok(()), Some(identity)) => writeln!(out, "identified: {}", plain(identity.user_id().as_str())),
        (Ok(()), None) => writeln!(out, "not identified"),
        (Err(rejection), _) => writeln!(out, "not identified: {}", rejection.code()),
    };
    out.push('\n');
    for step in &inspection.steps {
        step_lines(step, &mut out);
    }
    out.push('\n');
    for (name, text) in [("header", &inspection.header), ("payload", &inspection.payload)] {
        if let Some(text) = text {
            let _ = writeln!(out, "{name}: {}", plain(text));
        }
    }
    if let Some(signed) = &inspection.signed {
        let _ = writeln!(out, "key: {}", signed.key);
    }
    if let Some(identity) = &inspection.identity {
        let expires = identity.expires_at().map_or("never".to_owned(), |at| at.to_string());
        let _ = writeln!(out, "expires: {expires}");
    }
    out
}

fn step_lines(step: &Step, out: &mut String) {
    let (sign, notes) = match &step.outcome {
        Outcome::Passed { advice } => ("✓", advice.iter().map(Advice::text).collect()),
        Outcome::Failed { rejection, suspicion } => {
            let hint = suspicion.as_ref().map_or_else(|| rejection.hint().to_owned(), Suspicion::text);
            ("✗", vec![rejection.message().to_owned(), hint])
        }
        Outcome::NotChecked => ("–", Vec::new()),
    };
    let _ = writeln!(out, "  {:>2} {sign} {}", step.check.number(), step.check.title());
    for note in notes {
        let _ = writeln!(out, "       {}", plain(&note));
    }
}
