//! Companies: the tenants.

use eloquent_types::{id::CompanyId, time::Timestamp};

use crate::{
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
        todo!()
    }

    /// What the members of this company reach, or `None` if there is no such company. For the command
    /// line and the set-up; a request gets its scope from [`Reader::member_session`].
    pub fn company_scope(&self, id: CompanyId) -> Result<Option<CompanyScope>, StoreError> {
        let _ = id;
        todo!()
    }

    /// The company of the scope; `None` if it was deleted meanwhile.
    pub fn company(&self, scope: &CompanyScope) -> Result<Option<Company>, StoreError> {
        let _ = scope;
        todo!()
    }
}

impl Writer<'_> {
    /// Creates a company, with identity verification on (an agent without a key identifies nobody).
    pub fn create_company(&self, new: &NewCompany) -> Result<CompanyScope, StoreError> {
        let _ = new;
        todo!()
    }

    /// Switches identity verification on or off for the whole company.
    pub fn set_company_identify(&self, scope: &CompanyScope, enabled: bool) -> Result<(), StoreError> {
        let _ = (scope, enabled);
        todo!()
    }
}
