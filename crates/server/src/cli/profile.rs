//! `eloquent profile`: the verified users whom an agent knows; giving out and erasing what is kept of one.

use std::{
    fs::OpenOptions,
    io::{self, BufRead, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use eloquent_store::{AgentScope, ErasedFiles, Profile, ProfileFilter, Store};
use eloquent_types::{
    id::{AgentId, ProfileId},
    text::UserId,
};

use super::{
    Failure, admin, failed,
    printed::{list, plain},
    say, usage,
};
use crate::{
    clock::{Clock as _, SystemClock},
    data::Data,
    view::ProfileView,
};

#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// Lists profiles, the last seen first.
    List(ListArgs),
    /// Lists the profiles that have this text in the user id, the email or a claim.
    Search {
        /// What to look for, without regard to case.
        text: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Prints all that is kept of a user as JSON.
    Export {
        #[command(flatten)]
        who: Who,
        /// A new file to write it to, readable by its owner only; standard output without.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Erases a user: profile, claims, history, conversations, sessions. Nothing brings it back.
    Erase {
        #[command(flatten)]
        who: Who,
        /// Does not ask. Needed where there is no terminal to ask on.
        #[arg(long)]
        yes: bool,
    },
    /// Blocks a user: their tokens identify nobody from the next request on.
    Block(Who),
    /// Lifts the block.
    Unblock(Who),
}

/// One user of one agent.
#[derive(Debug, Args)]
pub(super) struct Who {
    /// The agent; the only one if there is just one.
    #[arg(long)]
    agent: Option<AgentId>,
    /// The site's id of the user, exactly.
    #[arg(long, value_name = "ID")]
    user_id: String,
}

/// Which profiles, and how they are listed.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// The agent; the only one if there is just one.
    #[arg(long)]
    agent: Option<AgentId>,
    /// Only the one with exactly this user id.
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// Only those with this email, without regard to case.
    #[arg(long)]
    email: Option<String>,
    /// Only those with this claim, like plan or plan=pro.
    #[arg(long, value_name = "NAME[=VALUE]")]
    claim: Option<String>,
    /// Only those that are blocked (true) or are not (false).
    #[arg(long)]
    blocked: Option<bool>,
    /// How many at most.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// How many to leave out from the beginning.
    #[arg(long, default_value_t = 0)]
    offset: u32,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: ProfileCommand, data: Data) -> Result<(), Failure> {
    let store = &data.store;
    match command {
        ProfileCommand::List(args) => found(store, None, args).await,
        ProfileCommand::Search { text, list } => found(store, Some(text), list).await,
        ProfileCommand::Export { who, out } => {
            let (scope, profile) = profile(store, &who).await?;
            export(store, scope, profile.id, out.as_deref()).await
        }
        ProfileCommand::Erase { who, yes } => {
            let (scope, profile) = profile(store, &who).await?;
            let terminal = io::stdin().is_terminal();
            if !yes && !confirmed(&who.user_id, terminal, &mut io::stdin().lock())? {
                return Err(failed("nothing was erased"));
            }
            erase(store, scope, profile.id).await
        }
        ProfileCommand::Block(who) => set_blocked(store, &who, true).await,
        ProfileCommand::Unblock(who) => set_blocked(store, &who, false).await,
    }
}

async fn found(store: &Store, text: Option<String>, args: ListArgs) -> Result<(), Failure> {
    let scope = admin::agent_scope(store, args.agent).await?;
    let claim = args.claim.map(|claim| match claim.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (claim, None),
    });
    let filter = ProfileFilter {
        text: text.filter(|text| !text.is_empty()),
        user_id: args.user_id,
        email: args.email,
        claim,
        blocked: args.blocked,
        limit: args.limit,
        offset: args.offset,
    };
    let profiles = store.read(move |reader| reader.profiles(&scope, &filter)).await?;
    let views: Vec<_> = profiles.into_iter().map(ProfileView::from).collect();
    list(args.json, &views, line);
    Ok(())
}

fn line(profile: &ProfileView) -> String {
    let email = profile.email.as_deref().map_or("no email".to_owned(), plain);
    let blocked = if profile.blocked { "  blocked" } else { "" };
    let user_id = plain(profile.user_id.as_str());
    format!("{}  {user_id}  {email}  last seen {}{blocked}", profile.id, profile.last_seen_at)
}

/// The user who was named; an id is compared byte for byte.
async fn profile(store: &Store, who: &Who) -> Result<(AgentScope, Profile), Failure> {
    let scope = admin::agent_scope(store, who.agent).await?;
    let user_id = UserId::parse(who.user_id.as_str())
        .map_err(|_| usage("--user-id takes 1 to 255 characters, none of them a control character"))?;
    let found = store.read(move |reader| reader.profile_by_user_id(&scope, &user_id)).await?;
    Ok((scope, found.ok_or_else(|| failed("this agent knows no user with this id"))?))
}

async fn export(store: &Store, scope: AgentScope, id: ProfileId, out: Option<&Path>) -> Result<(), Failure> {
    let export = store.read(move |reader| reader.export_profile(&scope, id)).await?;
    let export = export.ok_or_else(|| failed("this agent knows no user with this id"))?;
    let text = serde_json::to_string_pretty(&export)?;
    let Some(path) = out else {
        say(text);
        return Ok(());
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        writeln!(file, "{text}")?;
        file.sync_all()
    });
    written.map_err(|error| failed(format_args!("{} cannot be written: {error}", path.display())))
}

/// Whether the person at the terminal means it: they type the user id once more.
fn confirmed(user_id: &str, terminal: bool, input: &mut impl BufRead) -> Result<bool, Failure> {
    if !terminal {
        return Err(usage("erasing cannot be undone: say --yes, since there is no terminal to ask on"));
    }
    say("This erases the profile, its history and all its conversations. Nothing brings them back.");
    say("Type the user id once more to go on:");
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']) == user_id)
}

async fn erase(store: &Store, scope: AgentScope, id: ProfileId) -> Result<(), Failure> {
    let erased = store.erase_profile(scope, id).await?;
    let erased = erased.ok_or_else(|| failed("this agent knows no user with this id"))?;
    let (conversations, messages) = (erased.conversations, erased.messages);
    say(format_args!("Erased, with {conversations} conversations of {messages} messages."));
    if erased.files == ErasedFiles::CleanedLater {
        say(
            "The database is being read just now: its unused space is cleaned with the server's next writes.",
        );
    }
    Ok(())
}

async fn set_blocked(store: &Store, who: &Who, blocked: bool) -> Result<(), Failure> {
    let (scope, profile) = profile(store, who).await?;
    let now = SystemClock.now();
    store
        .write(move |writer| writer.set_profile_blocked(&scope, profile.id, blocked, "command line", now))
        .await?;
    let state = if blocked { "is blocked" } else { "is not blocked" };
    say(format_args!("{} {state}.", profile.id));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_id_confirms() {
        for (typed, expected) in [
            ("cust_ada\n", true),
            ("cust_ada\r\n", true),
            ("y\n", false),
            ("", false),
            ("cust_ada \n", false),
        ] {
            assert_eq!(confirmed("cust_ada", true, &mut typed.as_bytes()).ok(), Some(expected), "{typed:?}");
        }
        assert!(matches!(confirmed("cust_ada", false, &mut &b"cust_ada\n"[..]), Err(Failure::Usage(_))));
    }
}
