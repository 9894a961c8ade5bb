//! What is shown of a company's things as JSON: one form for the administration API and for the command
//! line's `--json`.
//!
//! Each view is made from what the store gave and decides nothing. None holds a secret or a token, but for
//! [`NewKeyView`], which is the answer that made it; what a token said is in a view only where its
//! signature held.

mod agent;
mod api_key;
mod attempt;
mod conversation;
mod coverage;
mod key;
mod profile;
mod seconds;

pub use agent::{AgentView, LONGEST_LIFETIME, NAME_MAX_CHARS};
pub use api_key::ApiKeyView;
pub use attempt::{AttemptView, SignedView};
pub use conversation::{ConversationView, MessageView, TranscriptView};
pub use coverage::{CodeView, CoverageView, OriginView};
pub use key::{IDLE_DAYS, KeyStatus, KeyView, NewKeyView};
pub use profile::{ErasedView, ProfileChangeView, ProfileDetailsView, ProfileView};
pub use seconds::Seconds;
