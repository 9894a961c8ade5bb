//! Companies: the tenants.

use eloquent_types::{id::CompanyId, time::Timestamp};

use rusqlite::{Row, params};

use crate::{
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
};

/// What the members of one company reach. Made by the queries that check for it: a member's session
/// ([`Reader::member_session`]), or [`Reader::company_scope`] for the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompanyScope {
    pub(crate) company: CompanyId,
}

impl CompanyScope {
    /// The company.
    pub const fn company_id(&self) -> CompanyId {
        self.company
    }
}

/// A company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// Whether identity verification is on for the company; its agents have a switch of their own.
    pub identify_enabled: bool,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A company to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCompany {
    /// Its id.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// The time.
    pub now: Timestamp,
}

impl Reader<'_> {
    /// All companies, the oldest first. For the command line.
    pub fn companies(&self) -> Result<Vec<Company>, StoreError> {
        self.rows("SELECT * FROM company ORDER BY id", [], read)
    }

    /// What the members of this company reach, or `None` if there is no such company. For the command
    /// line and the set-up; a request gets its scope from [`Reader::member_session`].
    pub fn company_scope(&self, id: CompanyId) -> Result<Option<CompanyScope>, StoreError> {
        let sql = "SELECT id FROM company WHERE id = ?1";
        self.row(sql, [Col(id)], |row| Ok(CompanyScope { company: row.get::<_, Col<_>>(0)?.0 }))
    }

    /// The company of the scope; `None` if it was deleted meanwhile.
    pub fn company(&self, scope: &CompanyScope) -> Result<Option<Company>, StoreError> {
        self.row("SELECT * FROM company WHERE id = ?1", [Col(scope.company)], read)
    }
}

impl Writer<'_> {
    /// Creates a company, with identity verification on (an agent without a key identifies nobody).
    pub fn create_company(&self, new: &NewCompany) -> Result<CompanyScope, StoreError> {
        let sql = "INSERT INTO company (id, name, created_at) VALUES (?1, ?2, ?3)";
        self.change(sql, params![Col(new.id), new.name, Col(new.now)])?;
        Ok(CompanyScope { company: new.id })
    }

    /// Switches identity verification on or off for the whole company.
    pub fn set_company_identify(&self, scope: &CompanyScope, enabled: bool) -> Result<(), StoreError> {
        let sql = "UPDATE company SET identify_enabled = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.company), enabled]).map(drop)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Company> {
    Ok(Company {
        id: row.get::<_, Col<_>>("id")?.0,
        name: row.get("name")?,
        identify_enabled: row.get("identify_enabled")?,
        created_at: row.get::<_, Col<_>>("created_at")?.0,
    })
}
