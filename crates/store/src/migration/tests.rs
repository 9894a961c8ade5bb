//! Opening, migrating, refusing.
