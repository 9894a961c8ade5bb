//! A key, without its secret; and the one answer that has it.

use std::time::Duration;

use eloquent_identity::Secret;
use eloquent_store::KeyInfo;
use eloquent_types::{id::KeyId, time::Timestamp};
use serde::Serialize;

/// From how many days without a use on a key counts as safe to revoke, unless it is asked otherwise: a
/// site whose visitors come once a week is not surprised.
pub const IDLE_DAYS: u32 = 7;

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Its tokens identify.
    Active,
    /// Its chosen end has come.
    Retired,
    /// It was revoked.
    Revoked,
}

impl KeyStatus {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

/// A key.
#[derive(Clone, Debug, Serialize)]
pub struct KeyView {
    /// Its id, which a token's `kid` can name.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// The secret's last four characters.
    pub last_four: String,
    /// Its state.
    pub status: KeyStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When a token signed with it last identified somebody.
    pub last_used_at: Option<Timestamp>,
    /// How many times one did.
    pub use_count: u64,
    /// When it ends by itself, or did.
    pub retires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whether it is active and nobody has used it for some days.
    pub safe_to_revoke: bool,
}

impl KeyView {
    /// The key at this time; `idle_days` decides what is safe to revoke.
    #[must_use]
    pub fn new(key: &KeyInfo, idle_days: u32, now: Timestamp) -> Self {
        let idle = Duration::from_hours(24) * idle_days;
        Self {
            id: key.id,
            name: key.name.clone(),
            last_four: key.last_four.clone(),
            status: match key.revoked_at {
                Some(_) => KeyStatus::Revoked,
                None if key.is_active(now) => KeyStatus::Active,
                None => KeyStatus::Retired,
            },
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            use_count: key.use_count,
            retires_at: key.retires_at,
            revoked_at: key.revoked_at,
            safe_to_revoke: key.is_safe_to_revoke(now, idle),
        }
    }

    /// Whether its tokens identify.
    pub fn is_active(&self) -> bool {
        self.status == KeyStatus::Active
    }
}

/// A key at the moment of its creation, with its secret, this once.
#[derive(Serialize)]
pub struct NewKeyView {
    #[serde(flatten)]
    key: KeyView,
    secret: String,
    /// The line for the site's `.env` file.
    env: String,
}

impl NewKeyView {
    /// Takes the secret in clear.
    #[must_use]
    pub fn new(key: KeyView, secret: &Secret) -> Self {
        let secret = secret.expose().to_owned();
        Self { key, env: format!("ELOQUENT_SECRET={secret}"), secret }
    }
}
