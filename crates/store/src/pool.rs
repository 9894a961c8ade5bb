//! The readers.
use std::{path::Path, sync::Arc};

use crate::{Reader, StoreError, seal::Vault};

pub(crate) struct Pool;
impl Pool {
    pub(crate) fn new(_: &Path, _: Arc<Vault>) -> Self {
        Self
    }
    pub(crate) async fn read<T, E>(
        &self,
        _: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        todo!()
    }
    pub(crate) fn close(&self) {}
}
