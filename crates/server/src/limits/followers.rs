//! How many streams may follow conversations at once: with one session, from one client address, in all.
//!
//! A stream holds a [`Slot`] for as long as it is open; whatever ends it gives the slot back.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use eloquent_store::SessionHash;

use super::{Limits, TooMany};
use crate::client_address::ClientAddress;

/// How many streams may be open at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamLimits {
    /// With the same session: as many tabs as follow at once.
    pub session: usize,
    /// From the same client address.
    pub address: usize,
    /// In all.
    pub total: usize,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self { session: 8, address: 64, total: 10_000 }
    }
}

/// How long who finds no room is to stay away.
const FULL_FOR: Duration = Duration::from_secs(10);

/// Who follows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Followers(Option<Arc<Counted>>);

#[derive(Debug)]
struct Counted {
    limits: StreamLimits,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    sessions: HashMap<SessionHash, usize>,
    addresses: HashMap<ClientAddress, usize>,
    total: usize,
}

impl Followers {
    /// Nobody yet.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(
            limits
                .0
                .as_ref()
                .map(|rates| Arc::new(Counted { limits: rates.streams, open: Mutex::default() })),
        )
    }

    /// Room for one more stream, for as long as the slot is kept.
    pub fn enter(
        &self,
        session: Option<&SessionHash>,
        address: Option<&ClientAddress>,
    ) -> Result<Slot, TooMany> {
        let Some(counted) = &self.0 else { return Ok(Slot(None)) };
        let (limits, mut open) = (counted.limits, counted.open());
        let full = open.total >= limits.total
            || session.is_some_and(|it| open.sessions.get(it).is_some_and(|open| *open >= limits.session))
            || address.is_some_and(|it| open.addresses.get(it).is_some_and(|open| *open >= limits.address));
        if full {
            return Err(TooMany { wait: FULL_FOR });
        }
        open.total += 1;
        for_key(&mut open.sessions, session, |count| *count += 1);
        for_key(&mut open.addresses, address, |count| *count += 1);
        let held =
            Held { counted: Arc::clone(counted), session: session.copied(), address: address.copied() };
        Ok(Slot(Some(held)))
    }

    /// How many streams are open, where they are counted.
    pub fn open(&self) -> usize {
        self.0.as_ref().map_or(0, |counted| counted.open().total)
    }
}

impl Counted {
    fn open(&self) -> MutexGuard<'_, Open> {
        // No code that holds the lock can leave the counts half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes the count of a key, if there is one; one that comes to nothing is forgotten.
fn for_key<K: Hash + Eq + Clone>(
    counts: &mut HashMap<K, usize>,
    key: Option<&K>,
    change: impl FnOnce(&mut usize),
) {
    let Some(key) = key else { return };
    let count = counts.entry(key.clone()).or_default();
    change(count);
    if *count == 0 {
        counts.remove(key);
    }
}

/// Room for an open stream, given back when dropped.
#[derive(Debug)]
pub struct Slot(#[expect(dead_code, reason = "kept for what its drop gives back")] Option<Held>);

#[derive(Debug)]
struct Held {
    counted: Arc<Counted>,
    session: Option<SessionHash>,
    address: Option<ClientAddress>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut open = self.counted.open();
        open.total -= 1;
        for_key(&mut open.sessions, self.session.as_ref(), |count| *count -= 1);
        for_key(&mut open.addresses, self.address.as_ref(), |count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use eloquent_types::session::SessionToken;

    use super::*;
    use crate::limits::Rates;

    fn session(n: u8) -> SessionHash {
        SessionHash::of(&SessionToken::parse(format!("vst_{n:043}")).unwrap())
    }

    fn address(n: u8) -> ClientAddress {
        ClientAddress::behind(std::net::IpAddr::from([192, 0, 2, n]), &[], &[])
    }

    fn followers(session: usize, address: usize, total: usize) -> Followers {
        let streams = StreamLimits { session, address, total };
        Followers::new(&Limits::of(Rates { streams, ..Rates::default() }))
    }

    #[test]
    fn each_scope_has_its_own_bound_and_a_slot_comes_back() {
        let followers = followers(2, 3, 4);
        let (ann, ben) = (session(1), session(2));
        let (home, office) = (address(1), address(2));
        let one = followers.enter(Some(&ann), Some(&home)).unwrap();
        let _two = followers.enter(Some(&ann), Some(&home)).unwrap();
        assert_eq!(followers.enter(Some(&ann), Some(&office)).unwrap_err(), TooMany { wait: FULL_FOR });
        let _three = followers.enter(Some(&ben), Some(&home)).unwrap();
        assert!(followers.enter(Some(&ben), Some(&home)).is_err(), "the address is full");
        let _four = followers.enter(None, Some(&office)).unwrap();
        assert!(followers.enter(None, None).is_err(), "all are taken");
        drop(one);
        assert_eq!(followers.open(), 3);
        let again = followers.enter(Some(&ann), Some(&home));
        assert!(again.is_ok());
    }

    #[test]
    fn nothing_is_left_of_who_is_gone() {
        let followers = followers(8, 8, 8);
        for n in 0..100 {
            drop(followers.enter(Some(&session(n)), Some(&address(n))).unwrap());
        }
        let open = followers.0.as_ref().unwrap().open();
        assert_eq!((open.sessions.len(), open.addresses.len(), open.total), (0, 0, 0));
    }
}
