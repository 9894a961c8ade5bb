//! Forgetting a person: the rows in one transaction, and after it whatever the files still hold of them.
//!
//! What belongs to a person is said in [`crate::export`].

use eloquent_types::id::ProfileId;
use rusqlite::params;

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    export::{attempts_of_profile, conversations_of_profile},
    store::{Store, Writer},
};

/// What was erased with a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// How many conversations.
    pub conversations: u64,
    /// How many messages in them.
    pub messages: u64,
    /// What is left of it in the files.
    pub files: ErasedFiles,
}

/// What is left of erased rows in the database's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasedFiles {
    /// Nothing.
    Clean,
    /// Somebody was still reading an older state: what the rows held is still in unused space. It is cleaned
    /// with the next writes, or at the next start.
    CleanedLater,
}

impl Store {
    /// Erases one of the agent's profiles with everything that belongs to the person: claims, hints, history,
    /// conversations with all messages and contexts, sessions, attempts. `None` if the agent has no such
    /// profile. The user's next token makes a new profile, which knows nothing of the former one; an answer
    /// that is being written is not kept.
    ///
    /// First the rows go, in one transaction. Then the database is written anew and its log emptied, because
    /// copies of deleted rows stay in the unused space of pages, whatever `secure_delete` does (that was
    /// measured). Writes wait meanwhile, in proportion to the size of the whole database. Who reads an older
    /// state is waited for some seconds; after that it is [`ErasedFiles::CleanedLater`]. A future that is
    /// dropped stops nothing.
    ///
    /// Not reached are backups, and what was written without a valid token in a session that has ended: it is
    /// known to nobody as this person's.
    pub async fn erase_profile(
        &self,
        scope: AgentScope,
        id: ProfileId,
    ) -> Result<Option<Erased>, StoreError> {
        let erased = self.write(move |writer| writer.erase_rows(&scope, id)).await?;
        let files = match self.scrub().await {
            Ok(()) => ErasedFiles::Clean,
            Err(StoreError::Unscrubbed) => ErasedFiles::CleanedLater,
            Err(error) => return Err(error),
        };
        Ok(erased.map(|erased| Erased { files, ..erased }))
    }
}

impl Writer<'_> {
    fn erase_rows(&self, scope: &AgentScope, id: ProfileId) -> Result<Option<Erased>, StoreError> {
        if self.profile(scope, id)?.is_none() {
            return Ok(None);
        }
        let sql = concat!(
            "SELECT count(*) FROM message WHERE conversation_id IN (SELECT id FROM conversation WHERE ",
            conversations_of_profile!(),
            ")"
        );
        let messages: i64 = self.row(sql, [Col(id)], |row| row.get(0))?.unwrap_or_default();
        self.change(concat!("DELETE FROM identity_attempt WHERE ", attempts_of_profile!()), [Col(id)])?;
        let conversations =
            self.change(concat!("DELETE FROM conversation WHERE ", conversations_of_profile!()), [Col(id)])?;
        // Sessions, claims, hints and history go with the profile.
        self.change("DELETE FROM profile WHERE id = ?1", params![Col(id)])?;
        self.request_scrub()?;
        Ok(Some(Erased {
            conversations: conversations as u64,
            messages: messages.unsigned_abs(),
            files: ErasedFiles::CleanedLater,
        }))
    }
}
