//! Secrets at rest: sealed with XChaCha20-Poly1305 under a master key that stands outside the database.
//!
//! The associated data names the table, the agent and the row, so that a sealed value that was moved to
//! another row does not open there. Random nonces come from the caller; 192 bits never repeat by chance.
//!
//! What this is not: it does not know which master key the database is under. The database's check value
//! tells, and a program finds out in [`crate::handover`].

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::StoreError;

/// The key under which secrets are sealed: 256 random bits, kept outside the database. Its `Debug`
/// shows nothing, and its memory is wiped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// The text is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 64 hexadecimal digits")]
pub struct InvalidMasterKey;

impl MasterKey {
    /// From 32 bytes of a cryptographic random source.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From its text: exactly 64 hexadecimal digits, in either case.
    pub fn parse(text: &str) -> Result<Self, InvalidMasterKey> {
        let digits = text.as_bytes();
        let mut key = Self([0; 32]);
        if digits.len() != 2 * key.0.len() {
            return Err(InvalidMasterKey);
        }
        for (byte, pair) in key.0.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16).ok_or(InvalidMasterKey);
            *byte = u8::try_from(digit(0)? << 4 | digit(1)?).map_err(|_| InvalidMasterKey)?;
        }
        Ok(key)
    }

    /// The text that [`MasterKey::parse`] reads, in lower case.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<String> {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        Zeroizing::new(digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// Where a sealed value stands. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) agent: u128,
    pub(crate) row: u128,
}

impl Place {
    fn associated_data(self) -> Vec<u8> {
        // The table's name ends at the first zero, and the ids have a fixed length: no two places are
        // written alike.
        let mut data = Vec::with_capacity(self.table.len() + 33);
        data.extend_from_slice(self.table.as_bytes());
        data.push(0);
        data.extend_from_slice(&self.agent.to_be_bytes());
        data.extend_from_slice(&self.row.to_be_bytes());
        data
    }
}

/// Seals and opens under one master key.
pub(crate) struct Cipher(XChaCha20Poly1305);

const CHECK_PLACE: Place = Place { table: "meta", agent: 0, row: 0 };
const SUCCESSOR_PLACE: Place = Place { table: "meta", agent: 0, row: 1 };
const CHECK_TEXT: &[u8] = b"sealed under the right master key";
/// Fixed, because there is no random source here and the value is the same one each time: the same key,
/// nonce and text give the same ciphertext, which reveals nothing. No other value uses this nonce but by
/// a chance of 2⁻¹⁹².
const CHECK_NONCE: [u8; 24] = *b"master key check, fixed!";

impl Cipher {
    pub(crate) fn new(master: &MasterKey) -> Self {
        Self(XChaCha20Poly1305::new(&master.0.into()))
    }

    pub(crate) fn seal(&self, place: Place, nonce: [u8; 24], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let payload = Payload { msg: plain, aad: &place.associated_data() };
        self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| StoreError::Sealed)
    }

    pub(crate) fn open(
        &self,
        place: Place,
        nonce: [u8; 24],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let payload = Payload { msg: sealed, aad: &place.associated_data() };
        let plain = self.0.decrypt(&XNonce::from(nonce), payload).map_err(|_| StoreError::Sealed)?;
        Ok(Zeroizing::new(plain))
    }

    /// The value by which a database knows its master key.
    pub(crate) fn check_value(&self) -> Result<Vec<u8>, StoreError> {
        self.seal(CHECK_PLACE, CHECK_NONCE, CHECK_TEXT)
    }

    /// Whether `value` was made by [`Cipher::check_value`] under the same master key.
    pub(crate) fn knows(&self, value: &[u8]) -> bool {
        self.open(CHECK_PLACE, CHECK_NONCE, value).is_ok_and(|plain| *plain == CHECK_TEXT)
    }

    /// The new master key, for the programs that have this one. `nonce` is used for this alone.
    pub(crate) fn seal_successor(&self, nonce: [u8; 24], next: &MasterKey) -> Result<Vec<u8>, StoreError> {
        let mut value = nonce.to_vec();
        value.extend(self.seal(SUCCESSOR_PLACE, nonce, &next.0)?);
        Ok(value)
    }

    /// The master key that [`Cipher::seal_successor`] sealed under this one; `None` if it was another one.
    pub(crate) fn open_successor(&self, value: &[u8]) -> Option<MasterKey> {
        let (nonce, sealed) = value.split_first_chunk()?;
        let plain = self.open(SUCCESSOR_PLACE, *nonce, sealed).ok()?;
        plain.as_slice().try_into().ok().map(MasterKey::from_bytes)
    }
}

/// How many master keys a program holds beside the current one at most: what a reader may still need whose
/// snapshot is of a moment ago.
const OTHERS_MAX: usize = 3;

/// The master keys of a running program. There are others than the current one only around a change of
/// the master key.
pub(crate) struct Vault(RwLock<Ring>);

struct Ring {
    current: Arc<Cipher>,
    others: VecDeque<Arc<Cipher>>,
}

impl Vault {
    pub(crate) fn new(master: &MasterKey) -> Self {
        let current = Arc::new(Cipher::new(master));
        Self(RwLock::new(Ring { current, others: VecDeque::new() }))
    }

    /// The one that is expected to open what there is.
    pub(crate) fn current(&self) -> Arc<Cipher> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).current)
    }

    /// The one that knows this check value, if it is held.
    pub(crate) fn knowing(&self, check_value: &[u8]) -> Option<Arc<Cipher>> {
        let ring = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = std::iter::once(&ring.current).chain(&ring.others);
        all.find(|cipher| cipher.knows(check_value)).cloned()
    }

    /// The keys that were sealed, as successors, under one that is held.
    pub(crate) fn successors(&self, values: &[Vec<u8>]) -> Vec<MasterKey> {
        let ring = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let all = std::iter::once(&ring.current).chain(&ring.others);
        all.flat_map(|cipher| values.iter().filter_map(|value| cipher.open_successor(value))).collect()
    }

    /// Takes a key in that may become the current one.
    pub(crate) fn take_in(&self, master: &MasterKey) {
        let mut ring = self.write();
        ring.others.push_front(Arc::new(Cipher::new(master)));
        ring.others.truncate(OTHERS_MAX);
    }

    /// Makes the key that knows this check value the current one. Changes nothing if none does.
    pub(crate) fn promote(&self, check_value: &[u8]) {
        let mut ring = self.write();
        if ring.current.knows(check_value) {
            return;
        }
        if let Some(at) = ring.others.iter().position(|cipher| cipher.knows(check_value)) {
            let Some(next) = ring.others.remove(at) else { return };
            let former = std::mem::replace(&mut ring.current, next);
            ring.others.push_front(former);
        }
    }

    /// Drops all keys but the current one.
    pub(crate) fn forget_others(&self) {
        self.write().others.clear();
    }

    fn write(&self) -> RwLockWriteGuard<'_, Ring> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { table: "identity_key", agent: 1, row: 2 };

    #[test]
    fn the_master_key_has_one_text() {
        let key = MasterKey::from_bytes([0xa5; 32]);
        assert_eq!(*key.encode(), "a5".repeat(32));
        for text in ["a5".repeat(32), "A5".repeat(32)] {
            assert_eq!(MasterKey::parse(&text).unwrap().0, key.0);
        }
        assert!(!format!("{key:?}").contains("a5"));
        for bad in [
            "",
            "a5",
            &"a5".repeat(31),
            &"a5".repeat(33),
            &"+5".repeat(32),
            &"é".repeat(32),
            &"g0".repeat(32),
        ] {
            assert_eq!(MasterKey::parse(bad).unwrap_err(), InvalidMasterKey, "{bad}");
        }
    }

    #[test]
    fn opens_only_where_and_under_what_it_was_sealed() {
        let vault = Cipher::new(&MasterKey::from_bytes([1; 32]));
        let sealed = vault.seal(PLACE, [7; 24], b"secret").unwrap();
        assert_eq!(**vault.open(PLACE, [7; 24], &sealed).unwrap(), *b"secret");

        let elsewhere =
            [Place { table: "other", ..PLACE }, Place { agent: 2, ..PLACE }, Place { row: 1, ..PLACE }];
        for place in elsewhere {
            assert!(matches!(vault.open(place, [7; 24], &sealed), Err(StoreError::Sealed)), "{place:?}");
        }
        let other = Cipher::new(&MasterKey::from_bytes([2; 32]));
        assert!(other.open(PLACE, [7; 24], &sealed).is_err());
        assert!(vault.open(PLACE, [8; 24], &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(vault.open(PLACE, [7; 24], &altered).is_err(), "byte {at}");
        }
        assert!(vault.open(PLACE, [7; 24], b"").is_err());
    }

    #[test]
    fn knows_its_own_check_value() {
        let (mine, other) =
            (Cipher::new(&MasterKey::from_bytes([1; 32])), Cipher::new(&MasterKey::from_bytes([2; 32])));
        assert!(mine.knows(&mine.check_value().unwrap()));
        assert!(!mine.knows(&other.check_value().unwrap()));
        assert!(!mine.knows(b""));
    }

    #[test]
    fn a_successor_is_for_its_predecessor_alone() {
        let (mine, next) = (Cipher::new(&MasterKey::from_bytes([1; 32])), MasterKey::from_bytes([2; 32]));
        let value = mine.seal_successor([7; 24], &next).unwrap();
        assert_eq!(mine.open_successor(&value).unwrap().0, next.0);
        assert!(Cipher::new(&next).open_successor(&value).is_none());
        for at in 0..value.len() {
            let mut altered = value.clone();
            altered[at] ^= 1;
            assert!(mine.open_successor(&altered).is_none(), "byte {at}");
            assert!(mine.open_successor(&value[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn a_vault_holds_few_keys_and_in_the_end_one() {
        let keys: Vec<_> = (0..9).map(|byte| MasterKey::from_bytes([byte; 32])).collect();
        let check = |key: &MasterKey| Cipher::new(key).check_value().unwrap();
        let vault = Vault::new(&keys[0]);
        for (former, key) in keys.iter().zip(&keys[1..]) {
            vault.take_in(key);
            assert!(vault.current().knows(&check(former)) && vault.knowing(&check(key)).is_some());
            vault.promote(&check(key));
            assert!(vault.current().knows(&check(key)) && vault.knowing(&check(former)).is_some());
        }
        assert!(vault.knowing(&check(&keys[0])).is_none(), "the oldest are gone");
        vault.promote(&check(&keys[0]));
        assert!(vault.current().knows(&check(&keys[8])), "a key that is not held changes nothing");
        vault.forget_others();
        assert!(vault.knowing(&check(&keys[7])).is_none() && vault.knowing(&check(&keys[8])).is_some());
    }
}
