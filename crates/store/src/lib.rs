//! Eloquent's store: SQLite, its migrations, the one writer, and the only SQL.
//!
//! Everything that is kept goes through [`Store::read`] and [`Store::write`]. A write is answered only
//! after its commit has reached the disk; a read sees one snapshot and never waits for the writer.
//!
//! Who may see a row is decided by types, not by arguments that a caller could mix up:
//! - [`company::CompanyScope`] and [`agent::AgentScope`] stand for what a member of a company reaches,
//! - [`visitor::Visitor`] stands for what the bearer of a session or of a verified identity reaches.
//!
//! None of them can be made outside this crate except by the queries that check for them.
//!
//! What this crate deliberately is not: it reads no clock and no source of random numbers (ids, secrets,
//! nonces and the time are passed in), and it verifies no token (a `VerifiedIdentity` is passed in).
//!
//! Invariants: sessions are kept as SHA-256 alone, identity keys sealed under the [`MasterKey`], which
//! is never in the database; what is not the asker's own looks like what does not exist.

pub mod admission;
pub mod agent;
pub mod api_key;
pub mod appearance;
pub mod attempt;
pub mod claim_count;
pub mod claim_policy;
mod column;
mod commit;
pub mod company;
pub mod conversation;
pub mod coverage;
pub mod erase;
mod error;
pub mod export;
pub mod feedback;
pub mod footprint;
mod handover;
pub mod history;
pub mod key;
pub mod knowledge;
pub mod member;
pub mod message;
mod migration;
mod pool;
pub mod profile;
#[cfg(test)]
mod query_plan;
pub mod reseal;
mod scrub;
mod seal;
mod store;
pub mod takeover;
pub mod turn;
pub mod visitor;

pub use admission::{Admission, Admitted, Fresh, SessionNeed};
pub use agent::{Agent, AgentScope, Enforcement, NewAgent};
pub use api_key::{ApiKeyInfo, NewApiKey};
pub use appearance::{InvalidLogo, LOGO_MAX_BYTES, Logo, LogoKind};
pub use attempt::{
    ATTEMPTS_MAX, ATTEMPTS_MAX_AGE, Attempt, AttemptFilter, NewAttempt, OutcomeFilter, Surface,
};
pub use claim_count::ClaimCount;
pub use claim_policy::{ClaimPolicies, ClaimPolicyError, ClaimUse};
pub use company::{Company, CompanyScope, NewCompany};
pub use conversation::{
    ConversationFilter, ConversationOrder, ConversationQueue, ConversationRecord, ConversationRow,
};
pub use coverage::{COVERAGE_MAX_AGE, Coverage, CoverageRow, ORIGINS_MAX, OTHER_ORIGINS, OriginCoverage};
pub use erase::{Erased, ErasedFiles};
pub use error::{DatabaseError, OpenCause, OpenError, StoreError};
pub use export::ProfileExport;
pub use feedback::{NewRating, RatingError};
pub use footprint::Footprint;
pub use history::{HistoryPage, PageError};
pub use key::{ACTIVE_KEYS_MAX, KeyError, KeyInfo, NewKey};
pub use knowledge::{Article, NewArticle, Passage, Section};
pub use member::{Member, MemberError, NewMember};
pub use message::MessageRecord;
pub use profile::{
    ClaimRecord, Hint, Profile, ProfileChange, ProfileChangeKind, ProfileDetails, ProfileFilter, TokenTime,
};
pub use reseal::ResealReport;
pub use seal::{InvalidMasterKey, MasterKey};
pub use store::{Reader, Store, Writer};
pub use takeover::{ConversationStatus, Reply, Standing};
pub use turn::{AnswerEnd, AnswerRef, MessageRef, PAGE_EVENTS_MAX, PostError, Posted, Question};
pub use visitor::{Caller, SessionHash, Visitor};
