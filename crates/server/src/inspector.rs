//! Judges a token check by check, as an agent would at this moment.
//!
//! It reads and computes: nothing is created, counted or logged by it, whoever signed the token. The
//! dashboard, the administration API and the command line share it.

use std::time::Duration;

use eloquent_identity::{Inspection, Policy, Token, Verifier};
use eloquent_store::{AgentScope, Store, StoreError};
use eloquent_types::time::Timestamp;

/// All eleven checks; `None` if the agent is gone. The keys of the company's other agents are asked too,
/// only to tell whose key it was that signed.
pub async fn inspect(
    store: &Store,
    scope: AgentScope,
    token: Token,
    clock_skew: Duration,
    now: Timestamp,
) -> Result<Option<Inspection>, StoreError> {
    store
        .read(move |reader| {
            let id = scope.agent_id();
            let Some(agent) = reader.agent(id)? else { return Ok(None) };
            let keys = reader.verification_keys(id, now)?;
            let others = reader.other_keys(&scope, now)?;
            let policy =
                Policy { enabled: agent.identifies(), max_lifetime: agent.max_token_lifetime, clock_skew };
            let mut inspection = Verifier::new(id, &keys, policy).inspect(&token, now, &others);
            let user_id = inspection.identity.as_ref().map(|identity| identity.user_id().clone());
            let profile = user_id.map(|user_id| reader.profile_by_user_id(&scope, &user_id)).transpose()?;
            if profile.flatten().is_some_and(|profile| profile.blocked) {
                inspection.block();
            }
            Ok(Some(inspection))
        })
        .await
}
