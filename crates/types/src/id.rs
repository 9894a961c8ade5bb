//! `TypeIDs`: a type's prefix, `_`, and a 128-bit `UUIDv7` in 26 characters of lower-case Crockford base32.
//!
//! Written here, in a few lines, because the crates for it bring a random number generator along,
//! which the browser's build must not pay for. <https://github.com/jetify-com/typeid> (spec 0.3).

use std::{cmp::Ordering, fmt, hash::Hash, hash::Hasher, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

/// What an id stands for; gives the prefix.
pub trait Kind {
    /// The lower-case prefix, without the underscore.
    const PREFIX: &'static str;
}

/// An id of kind `K`. Ordered by the time at which it was made.
pub struct Id<K> {
    // Two words and not one number: as that, an absent id takes twice the code to tell from a present one.
    high: u64,
    low: u64,
    kind: PhantomData<fn() -> K>,
}

/// The string was not an id of the kind that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct InvalidId;

impl<K> Id<K> {
    /// Makes a `UUIDv7` (RFC 9562 §5.7) from the time and 80 random bits, of which 74 are used.
    #[must_use]
    pub fn mint(now: Timestamp, random: [u8; 10]) -> Self {
        let millis = u128::from(now.as_millis().max(0).unsigned_abs() & 0xffff_ffff_ffff);
        let mut low = [0; 16];
        low[6..].copy_from_slice(&random);
        low[6] = low[6] & 0x0f | 0x70;
        low[8] = low[8] & 0x3f | 0x80;
        Self::from_u128(millis << 80 | u128::from_be_bytes(low))
    }

    /// Wraps the 128 bits of a UUID as they are.
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a number, each by itself")]
    pub const fn from_u128(value: u128) -> Self {
        Self { high: (value >> 64) as u64, low: value as u64, kind: PhantomData }
    }

    /// The 128 bits of the UUID.
    pub const fn as_u128(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }
}

impl<K: Kind> Id<K> {
    /// The id as it is written; what [`ToString`] gives, without the machinery of formatting.
    pub fn encode(self) -> String {
        encode(K::PREFIX, self.as_u128())
    }
}

fn encode(prefix: &str, value: u128) -> String {
    let mut out = String::with_capacity(prefix.len() + 1 + SUFFIX_LENGTH);
    out.push_str(prefix);
    out.push('_');
    for place in (0..SUFFIX_LENGTH).rev() {
        out.push(char::from(ALPHABET[(value >> (5 * place) & 31) as usize]));
    }
    out
}

fn decode(prefix: &str, text: &str) -> Option<u128> {
    let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?.as_bytes();
    // 26 characters hold 130 bits: the first may only use three of its five.
    if suffix.len() != SUFFIX_LENGTH || suffix[0] > b'7' {
        return None;
    }
    let digit = |byte: &u8| ALPHABET.iter().position(|known| known == byte);
    suffix.iter().try_fold(0, |value, byte| Some(value << 5 | digit(byte)? as u128))
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        decode(K::PREFIX, text).map(Self::from_u128).ok_or(InvalidId)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.high == other.high && self.low == other.low
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_u128().cmp(&other.as_u128())
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_u128().hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $alias:ident, $kind:ident = $prefix:literal;)*) => {$(
        #[doc = concat!("The kind behind [`", stringify!($alias), "`].")]
        #[derive(Debug)]
        pub enum $kind {}
        impl Kind for $kind {
            const PREFIX: &'static str = $prefix;
        }
        $(#[$doc])*
        pub type $alias = Id<$kind>;
    )*};
}

kinds! {
    /// An agent: the one that answers on a site.
    AgentId, AgentKind = "agt";
    /// A company: the tenant that owns agents and members.
    CompanyId, CompanyKind = "cmp";
    /// A verified visitor's profile at one agent.
    ProfileId, ProfileKind = "prf";
    /// A conversation.
    ConversationId, ConversationKind = "cnv";
    /// A message of a conversation.
    MessageId, MessageKind = "msg";
    /// An identity key of an agent.
    KeyId, KeyKind = "key";
    /// A member of the company: a user of the dashboard (never a site's visitor).
    MemberId, MemberKind = "usr";
    /// A knowledge article.
    ArticleId, ArticleKind = "art";
    /// A key of the administration API.
    ApiKeyId, ApiKeyKind = "apk";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn agrees_with_the_specification() {
        // Valid vectors of the TypeID specification, by value.
        for (suffix, value) in [
            ("00000000000000000000000000", 0),
            ("00000000000000000000000001", 1),
            ("0000000000000000000000000a", 10),
            ("00000000000000000000000010", 32),
            ("7zzzzzzzzzzzzzzzzzzzzzzzzz", u128::MAX),
            ("01h2xcejqtf2nbrexx3vqjhp41", 0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881),
        ] {
            let id: AgentId = format!("agt_{suffix}").parse().unwrap();
            assert_eq!(id.as_u128(), value);
            assert_eq!(id.to_string(), format!("agt_{suffix}"));
        }
    }

    #[test]
    fn refuses_what_is_not_an_id() {
        for text in [
            "",
            "agt",
            "agt_",
            "prf_01h2xcejqtf2nbrexx3vqjhp41",
            "agt-01h2xcejqtf2nbrexx3vqjhp41",
            "agt_01H2XCEJQTF2NBREXX3VQJHP41",
            "agt_81h2xcejqtf2nbrexx3vqjhp41",
            "agt_01h2xcejqtf2nbrexx3vqjhp4",
            "agt_01h2xcejqtf2nbrexx3vqjhp411",
            "agt_01h2xcejqtf2nbrexx3vqjhpu1",
            " agt_01h2xcejqtf2nbrexx3vqjhp41",
        ] {
            assert_eq!(text.parse::<AgentId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn a_minted_id_is_a_version_7_uuid_of_its_time() {
        let id = AgentId::mint(Timestamp::from_millis(0x0188_bac7_4afa), [0xff; 10]);
        assert_eq!(id.as_u128(), 0x0188_bac7_4afa_7fff_bfff_ffff_ffff_ffff);
    }

    proptest! {
        #[test]
        fn text_and_value_are_one(value: u128) {
            let id = AgentId::from_u128(value);
            prop_assert_eq!(id.to_string().parse::<AgentId>(), Ok(id));
        }

        #[test]
        fn parsing_never_panics(text: String) {
            let _ = text.parse::<AgentId>();
            let _ = format!("agt_{text}").parse::<AgentId>();
        }
    }
}
