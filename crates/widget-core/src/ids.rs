//! Where the machine's ids come from: a seeded generator (xoshiro256++, Blackman and Vigna), because
//! the machine has no random source of its own. The ids are distinct, not secret: nothing is opened
//! by knowing one.

use std::fmt;

/// Mints UUIDs. Its `Debug` shows nothing of the seed.
pub(crate) struct Minter {
    words: [u64; 4],
}

impl Minter {
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(seed.chunks_exact(8)) {
            *word = bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
        }
        // All zeroes would stay all zeroes.
        if words == [0; 4] {
            words[0] = 1;
        }
        Self { words }
    }

    /// A version 4 UUID (RFC 9562) in its usual spelling.
    pub(crate) fn uuid(&mut self) -> String {
        let bits = u128::from(self.next()) << 64 | u128::from(self.next());
        let bits = bits & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
        let mut text = String::with_capacity(36);
        for digit in 0..32 {
            if matches!(digit, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            let nibble = (bits >> (124 - 4 * digit)) & 0xf;
            text.push(char::from(b"0123456789abcdef"[nibble as usize]));
        }
        text
    }

    /// Any number.
    pub(crate) fn number(&mut self) -> u32 {
        // The upper bits are the better ones.
        (self.next() >> 32) as u32
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.words;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.words = [a ^ d, b ^ c, c ^ b << 17, d.rotate_left(45)];
        result
    }
}

impl fmt::Debug for Minter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Minter")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn mints_well_formed_and_distinct_uuids() {
        for seed in [[0; 32], [7; 32], [255; 32]] {
            let mut minter = Minter::new(&seed);
            let uuids: BTreeSet<String> = (0..1000).map(|_| minter.uuid()).collect();
            assert_eq!(uuids.len(), 1000);
            for uuid in uuids {
                assert_eq!(uuid.len(), 36);
                let dashes: Vec<usize> = uuid.match_indices('-').map(|(at, _)| at).collect();
                assert_eq!(dashes, [8, 13, 18, 23]);
                assert_eq!(&uuid[14..15], "4");
                assert!("89ab".contains(&uuid[19..20]));
            }
        }
    }

    #[test]
    fn the_seed_decides() {
        let first = |seed| Minter::new(&seed).uuid();
        assert_eq!(first([1; 32]), first([1; 32]));
        assert_ne!(first([1; 32]), first([2; 32]));
    }
}
