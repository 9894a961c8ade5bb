//! The one writer.
use std::sync::Arc;

use rusqlite::Connection;

use crate::{OpenError, StoreError, Writer, seal::Vault};

pub(crate) struct Committer;
impl Committer {
    pub(crate) fn start(_: Connection, _: Arc<Vault>) -> Result<Self, OpenError> {
        todo!()
    }
    pub(crate) async fn write<T, E>(
        &self,
        _: impl FnOnce(&Writer<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        todo!()
    }
    pub(crate) async fn close(&self) {
        todo!()
    }
}
