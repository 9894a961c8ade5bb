//! What changed on a profile, when, and by which token or by whom.
//!
//! Invariants: a change and its note are one transaction; a value that the policy drops is never noted;
//! a profile keeps its newest [`HISTORY_MAX`] notes.

use eloquent_identity::VerifiedIdentity;
use eloquent_types::{
    id::{KeyId, ProfileId},
    time::Timestamp,
};

use rusqlite::{Row, params};

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
};

/// How many changes of one profile are kept at most; the oldest go first.
pub const HISTORY_MAX: u32 = 500;

/// One change of a profile.
#[derive(Clone, PartialEq)]
pub struct ProfileChange {
    /// Its number: a later change has a greater one.
    pub id: u64,
    /// When it was made.
    pub at: Timestamp,
    /// What changed.
    pub kind: ProfileChangeKind,
    /// The key and the `iat` (seconds, as signed) of the token that made it, if it was a token.
    pub from: Option<(KeyId, Option<f64>)>,
    /// Who made it, if it was not a token.
    pub actor: Option<String>,
}

impl std::fmt::Debug for ProfileChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProfileChange").field("id", &self.id).field("at", &self.at).finish_non_exhaustive()
    }
}

/// What changed on a profile. The values of claims are JSON text.
#[derive(Clone, PartialEq, Eq)]
pub enum ProfileChangeKind {
    /// The user was verified for the first time. (What stood in that token is not repeated.)
    Created,
    /// A claim came, changed or went.
    Claim {
        /// Its name.
        name: String,
        /// The former value; none where there was no such claim.
        old: Option<String>,
        /// The new value; none where the claim is gone.
        new: Option<String>,
    },
    /// The email address came or changed.
    Email {
        /// The former address.
        old: Option<String>,
        /// The new one.
        new: Option<String>,
    },
    /// The profile was blocked.
    Blocked,
    /// The block was lifted.
    Unblocked,
}

impl ProfileChangeKind {
    /// The kind's name, as in the database and on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Claim { .. } => "claim",
            Self::Email { .. } => "email",
            Self::Blocked => "blocked",
            Self::Unblocked => "unblocked",
        }
    }
}

impl std::fmt::Debug for ProfileChangeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Reader<'_> {
    /// The newest changes of a profile, the newest first: at most `limit`, and only those older than the
    /// one numbered `before`, if it is given. None for another agent's profile and for an unknown one.
    pub fn profile_history(
        &self,
        scope: &AgentScope,
        profile: ProfileId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<ProfileChange>, StoreError> {
        let sql = "SELECT h.* FROM profile_change h JOIN profile p ON p.id = h.profile_id
            WHERE h.profile_id = ?1 AND p.agent_id = ?2 AND h.id < ?3 ORDER BY h.id DESC LIMIT ?4";
        let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        self.rows(sql, params![Col(profile), Col(scope.agent), before, limit], read)
    }
}

/// A change to be noted.
#[derive(Clone, Copy)]
pub(crate) enum Change<'v> {
    Created,
    Claim { name: &'v str, old: Option<&'v str>, new: Option<&'v str> },
    Email { old: Option<&'v str>, new: Option<&'v str> },
    Blocked,
    Unblocked,
}

/// What made a change.
#[derive(Clone, Copy)]
pub(crate) enum Cause<'v> {
    Token(&'v VerifiedIdentity),
    Member(&'v str),
}

impl Writer<'_> {
    /// Notes changes of a profile, and lets go of the oldest notes beyond [`HISTORY_MAX`].
    pub(crate) fn note(
        &self,
        profile: ProfileId,
        at: Timestamp,
        cause: Cause<'_>,
        changes: &[Change<'_>],
    ) -> Result<(), StoreError> {
        let (issued_at, key, actor) = match cause {
            Cause::Token(proof) => (proof.issued_at(), Some(Col(proof.key_id())), None),
            Cause::Member(actor) => (None, None, Some(actor)),
        };
        let sql =
            "INSERT INTO profile_change (profile_id, at, kind, name, old, new, issued_at, key_id, actor)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        for change in changes {
            let (kind, name, old, new) = change.columns();
            self.change(sql, params![Col(profile), Col(at), kind, name, old, new, issued_at, key, actor])?;
        }
        if changes.is_empty() {
            return Ok(());
        }
        let sql = "DELETE FROM profile_change WHERE profile_id = ?1 AND id <= (SELECT id FROM profile_change
            WHERE profile_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";
        self.change(sql, params![Col(profile), HISTORY_MAX]).map(drop)
    }
}

impl<'v> Change<'v> {
    const fn columns(self) -> (&'static str, Option<&'v str>, Option<&'v str>, Option<&'v str>) {
        match self {
            Self::Created => ("created", None, None, None),
            Self::Claim { name, old, new } => ("claim", Some(name), old, new),
            Self::Email { old, new } => ("email", None, old, new),
            Self::Blocked => ("blocked", None, None, None),
            Self::Unblocked => ("unblocked", None, None, None),
        }
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ProfileChange> {
    let (old, new) = (row.get("old")?, row.get("new")?);
    let kind = match row.get_ref("kind")?.as_str()? {
        "claim" => ProfileChangeKind::Claim { name: row.get("name")?, old, new },
        "email" => ProfileChangeKind::Email { old, new },
        "blocked" => ProfileChangeKind::Blocked,
        "unblocked" => ProfileChangeKind::Unblocked,
        _ => ProfileChangeKind::Created,
    };
    let key: Option<Col<KeyId>> = row.get("key_id")?;
    let issued_at = row.get("issued_at")?;
    Ok(ProfileChange {
        id: row.get::<_, i64>("id")?.unsigned_abs(),
        at: row.get::<_, Col<_>>("at")?.0,
        kind,
        from: key.map(|key| (key.0, issued_at)),
        actor: row.get("actor")?,
    })
}
