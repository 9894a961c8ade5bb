//! Members of a company (users of the dashboard) and their sessions.

use eloquent_types::{
    id::{CompanyId, MemberId},
    time::Timestamp,
};

use rusqlite::{Row, params};

use crate::{
    column::Col,
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
        let sql = "SELECT * FROM member WHERE company_id = ?1 ORDER BY id";
        self.rows(sql, [Col(scope.company)], read)
    }

    /// The member of this email address, without regard to case, and the hash of their password.
    pub fn member_by_email(&self, email: &str) -> Result<Option<(Member, String)>, StoreError> {
        let sql = "SELECT * FROM member WHERE email_key = ?1";
        self.row(sql, [email_key(email)], |row| Ok((read(row)?, row.get("password_hash")?)))
    }

    /// The member whose session has this SHA-256, and what they reach; `None` from the session's expiry
    /// on.
    pub fn member_session(
        &self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<(Member, CompanyScope)>, StoreError> {
        let sql = "SELECT m.* FROM member_session s JOIN member m ON m.id = s.member_id
            WHERE s.hash = ?1 AND s.expires_at > ?2";
        let member = self.row(sql, params![hash, Col(now)], read)?;
        Ok(member.map(|member| {
            let scope = CompanyScope { company: member.company_id };
            (member, scope)
        }))
    }
}

impl Writer<'_> {
    /// Adds a member to the company.
    pub fn create_member(&self, scope: &CompanyScope, new: &NewMember) -> Result<(), MemberError> {
        let key = email_key(&new.email);
        let taken = self.row("SELECT 1 FROM member WHERE email_key = ?1", [&key], |_| Ok(()))?;
        if taken.is_some() {
            return Err(MemberError::EmailTaken);
        }
        let sql = "INSERT INTO member (id, company_id, email, email_key, name, password_hash, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let (id, company) = (Col(new.id), Col(scope.company));
        self.change(sql, params![id, company, new.email, key, new.name, new.password_hash, Col(new.now)])?;
        Ok(())
    }

    /// Keeps a new session, by the SHA-256 of its token, and forgets all that have expired.
    pub fn create_member_session(
        &self,
        hash: &[u8; 32],
        member: MemberId,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        self.change("DELETE FROM member_session WHERE expires_at <= ?1", [Col(now)])?;
        let sql = "INSERT INTO member_session (hash, member_id, created_at, expires_at)
            VALUES (?1, ?2, ?3, ?4)";
        self.change(sql, params![hash, Col(member), Col(now), Col(expires)]).map(drop)
    }

    /// Ends a session; nothing happens if there is none.
    pub fn delete_member_session(&self, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.change("DELETE FROM member_session WHERE hash = ?1", [hash]).map(drop)
    }
}

fn email_key(email: &str) -> String {
    email.to_lowercase()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        id: row.get::<_, Col<_>>("id")?.0,
        company_id: row.get::<_, Col<_>>("company_id")?.0,
        email: row.get("email")?,
        name: row.get("name")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
    })
}
