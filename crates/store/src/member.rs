//! Members of a company (users of the dashboard) and their sessions.

use eloquent_types::{
    id::{CompanyId, MemberId},
    time::Timestamp,
};

use crate::{
    company::CompanyScope,
    error::StoreError,
    store::{Reader, Writer},
};

/// A member of a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// Their company.
    pub company_id: CompanyId,
    /// Their email address as they wrote it.
    pub email: String,
    /// Their name.
    pub name: String,
    /// When they were added.
    pub created_at: Timestamp,
}

/// A member to be added.
#[derive(Clone)]
pub struct NewMember {
    /// Their id.
    pub id: MemberId,
    /// Their email address: unique over all companies, without regard to case.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The hash of their password (PHC string).
    pub password_hash: String,
    /// The time.
    pub now: Timestamp,
}

impl std::fmt::Debug for NewMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMember").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why a member could not be added.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MemberError {
    /// Somebody has this email address already.
    #[error("a member with this email address exists already")]
    EmailTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reader<'_> {
    /// The company's members, the oldest first.
    pub fn members(&self, scope: &CompanyScope) -> Result<Vec<Member>, StoreError> {
        let _ = scope;
        todo!()
    }

    /// The member of this email address, without regard to case, and the hash of their password.
    pub fn member_by_email(&self, email: &str) -> Result<Option<(Member, String)>, StoreError> {
        let _ = email;
        todo!()
    }

    /// The member whose session has this SHA-256, and what they reach; `None` from the session's expiry
    /// on.
    pub fn member_session(
        &self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<(Member, CompanyScope)>, StoreError> {
        let _ = (hash, now);
        todo!()
    }
}

impl Writer<'_> {
    /// Adds a member to the company.
    pub fn create_member(&self, scope: &CompanyScope, new: &NewMember) -> Result<(), MemberError> {
        let _ = (scope, new);
        todo!()
    }

    /// Keeps a new session, by the SHA-256 of its token, and forgets all that have expired.
    pub fn create_member_session(
        &self,
        hash: &[u8; 32],
        member: MemberId,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let _ = (hash, member, now, expires);
        todo!()
    }

    /// Ends a session; nothing happens if there is none.
    pub fn delete_member_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        let _ = hash;
        todo!()
    }
}
