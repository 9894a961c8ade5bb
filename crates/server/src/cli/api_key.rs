//! `eloquent api-key`: keys of the administration API.

use clap::Subcommand;
use eloquent_store::NewApiKey;
use eloquent_types::id::ApiKeyId;
use serde_json::json;

use super::{
    Failure,
    admin::{self, mint},
    failed,
    printed::{list, name, plain},
    say,
};
use crate::{
    api_key::ApiSecret,
    clock::{Clock as _, SystemClock},
    data::Data,
    view::ApiKeyView,
};

#[derive(Debug, Subcommand)]
pub(super) enum ApiKeyCommand {
    /// Generates a key that may do everything in the administration API, and shows it, this once.
    Create {
        /// A name to know the key by.
        #[arg(long, value_parser = name)]
        name: String,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists the keys, without secrets.
    List {
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revokes a key at once.
    Revoke {
        /// The key.
        key: ApiKeyId,
    },
}

pub(super) async fn run(command: ApiKeyCommand, data: Data) -> Result<(), Failure> {
    let (store, now) = (&data.store, SystemClock.now());
    let company = admin::company(store).await?;
    match command {
        ApiKeyCommand::Create { name, json } => {
            let (id, secret) = (mint()?, ApiSecret::generate()?);
            let last_four = secret.last_four().to_owned();
            let new = NewApiKey { id, name, hash: secret.hash(), last_four, now };
            store.write(move |writer| writer.create_api_key(&company, &new)).await?;
            let secret = secret.expose();
            if json {
                say(json!({ "id": id, "secret": secret }));
            } else {
                say(format_args!(
                    "API key {id}. It may do everything in the administration API and is shown this once:"
                ));
                say("");
                say(secret);
            }
        }
        ApiKeyCommand::List { json } => {
            let keys = store.read(move |reader| reader.api_keys(&company)).await?;
            let views: Vec<_> = keys.into_iter().map(ApiKeyView::from).collect();
            list(json, &views, line);
        }
        ApiKeyCommand::Revoke { key } => {
            if !store.write(move |writer| writer.revoke_api_key(&company, key, now)).await? {
                return Err(failed("there is no active API key with this id"));
            }
            say(format_args!("{key} is revoked."));
        }
    }
    Ok(())
}

fn line(key: &ApiKeyView) -> String {
    let used = key.last_used_at.map_or("never used".to_owned(), |at| format!("last used {at}"));
    let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
    format!("{}  …{}  {state}  {used}  {}", key.id, key.last_four, plain(&key.name))
}
