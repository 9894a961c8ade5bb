//! The command line: what it accepts, and how it ends (0, 1 when something failed, 2 for a mistake in
//! the call or the settings).

mod admin;
mod api_key;
mod coverage;
mod key;
mod printed;
mod profile;
mod serve;
mod token;

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::Display,
    fs,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{self, Faults, Settings, Sources},
    data::{self, Data, DataError},
};

const EXIT_FAILED: u8 = 1;
const EXIT_USAGE: u8 = 2;

/// A support chat that you host yourself, whose agent knows for certain whom it is talking to.
#[derive(Debug, Parser)]
#[command(
    name = "eloquent",
    version,
    after_help = "Every option can also be set as ELOQUENT_… in the \
environment (ELOQUENT_LISTEN, ELOQUENT_DATA, …) and in eloquent.toml (listen, data, …), in that order of precedence."
)]
struct Cli {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
struct SettingsArgs {
    /// The file with settings; eloquent.toml in the current folder if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder with the database and the master key [default: eloquent-data].
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// What the log looks like: text or json [default: text].
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
    /// What is logged: error, warn, info, debug, trace, or directives [default: info].
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Tolerance for the clocks of those who sign tokens, in seconds [default: 10].
    #[arg(long, global = true, value_name = "SECONDS")]
    clock_skew: Option<String>,
}

#[derive(Debug, Args)]
struct ListenArgs {
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The address under which browsers reach the server, if it is another one.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The pause between two pieces of a built-in answer, in milliseconds [default: 12].
    #[arg(long, value_name = "MILLISECONDS")]
    pace: Option<String>,
    /// Whether visitors who ask too often are refused: on or off [default: on].
    #[arg(long, value_name = "ON|OFF")]
    rate_limits: Option<String>,
    /// The reverse proxies whose X-Forwarded-For is believed, as addresses or networks with commas between
    /// them [default: none].
    #[arg(long, value_name = "ADDRESSES")]
    trusted_proxies: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Serve(ListenArgs),
    /// Runs the server with a demo shop, on data of its own that is gone afterwards.
    Demo(ListenArgs),
    /// Creates, lists and changes agents.
    #[command(subcommand)]
    Agent(admin::AgentCommand),
    /// Identity keys: creates, lists, rotates, retires and revokes them; changes the master key.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Tells how many chat requests come with a valid token: what `require` would refuse.
    Coverage(coverage::CoverageArgs),
    /// Finds, exports, blocks and erases verified users.
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    /// Keys of the administration API: creates, lists and revokes them.
    #[command(subcommand)]
    ApiKey(api_key::ApiKeyCommand),
    /// Creates members, who log in to the dashboard.
    #[command(subcommand)]
    User(admin::UserCommand),
    /// Signs and verifies identity tokens.
    #[command(subcommand)]
    Token(token::TokenCommand),
}

/// How a command fails.
#[derive(Debug)]
enum Failure {
    /// A mistake in the call or the settings.
    Usage(String),
    /// Something went wrong.
    Failed(String),
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

fn usage(message: impl Display) -> Failure {
    Failure::Usage(message.to_string())
}

fn failed(message: impl Display) -> Failure {
    Failure::Failed(message.to_string())
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => complain(&message, EXIT_USAGE),
        Err(Failure::Failed(message)) => complain(&message, EXIT_FAILED),
    }
}

fn complain(message: &str, status: u8) -> ExitCode {
    // Nothing can be done where standard error is closed.
    let _ = writeln!(io::stderr(), "eloquent: {message}");
    ExitCode::from(status)
}

/// Prints a line on standard output.
fn say(line: impl Display) {
    // A reader that closed its end (`eloquent agent list | head -1`) is no failure.
    let _ = writeln!(io::stdout(), "{line}");
}

fn run(cli: Cli) -> Result<(), Failure> {
    let settings = settings(&cli)?;
    crate::log::start(settings.log_format, &settings.log_level);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(_) => serve::serve(settings).await,
            Command::Demo(_) => serve::demo(settings, cli.settings.data.is_some()).await,
            Command::Agent(command) => admin::agent(command, open(settings)?).await,
            Command::Key(command) => key::run(command, open(settings)?).await,
            Command::Coverage(args) => coverage::run(args, open(settings)?).await,
            Command::Profile(command) => profile::run(command, open(settings)?).await,
            Command::ApiKey(command) => api_key::run(command, open(settings)?).await,
            Command::User(command) => admin::user(command, open(settings)?).await,
            Command::Token(command) => token::run(command, settings).await,
        }
    })
}

fn open(settings: Settings) -> Result<Data, DataError> {
    Data::open(&settings.data, settings.master_key)
}

fn settings(cli: &Cli) -> Result<Settings, Failure> {
    let args = &cli.settings;
    let mut given = vec![
        ("data", &args.data),
        ("log_format", &args.log_format),
        ("log_level", &args.log_level),
        ("clock_skew", &args.clock_skew),
    ];
    if let Command::Serve(listen) | Command::Demo(listen) = &cli.command {
        given.extend([
            ("listen", &listen.listen),
            ("public_url", &listen.public_url),
            ("pace", &listen.pace),
            ("rate_limits", &listen.rate_limits),
            ("trusted_proxies", &listen.trusted_proxies),
        ]);
    }
    let flags: BTreeMap<_, _> =
        given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
    let environment = environment()?;
    let file =
        settings_file(args.config.clone().or_else(|| environment.get("ELOQUENT_CONFIG").map(PathBuf::from)))?;
    Settings::resolve(Sources { flags, environment, file }).map_err(|faults: Faults| usage(faults))
}

/// The settings file: one that was named must be there, the one in the current folder may be. With the
/// master key in it, it must be for its owner alone, as that key's own file.
fn settings_file(named: Option<PathBuf>) -> Result<Option<String>, Failure> {
    let must_exist = named.is_some();
    let path = named.unwrap_or_else(|| PathBuf::from("eloquent.toml"));
    match fs::read_to_string(&path) {
        Ok(text) if config::holds_master_key(&text) && !data::is_private(&path)? => Err(usage(format_args!(
            "the settings file {} holds the master key and can be read by others: its mode must be 0600",
            path.display()
        ))),
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => Ok(None),
        Err(error) => {
            Err(usage(format_args!("the settings file {} cannot be read: {error}", path.display())))
        }
    }
}

/// What the environment says of this program. What is no text is a fault, and not as good as unset: the
/// server would start with other data than was meant.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment() -> Result<BTreeMap<String, String>, Failure> {
    std::env::vars_os()
        .filter(|(name, _)| name.as_encoded_bytes().starts_with(b"ELOQUENT_"))
        .map(|(name, value)| match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => Ok((name, value)),
            (Ok(name), Err(_)) => Err(usage(format_args!("{name} is no UTF-8 text"))),
            (Err(name), _) => Err(usage(format_args!("there is no setting {}", name.to_string_lossy()))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
