//! The one pass: a JSON text is accepted as a whole or not at all.

use std::borrow::Cow;

use super::{
    MAX_DEPTH, Member, NotStrict, Span,
    number::{INFINITE, is_finite},
    unescaped,
};

/// Room for the members of a usual payload.
const FEW: usize = 16;

/// Up to so many members, comparing each with every other is the fastest way to find one twice.
const MANY: usize = 64;

/// What one pass finds.
pub(super) struct Found {
    /// The members of the outermost object.
    pub(super) members: Vec<Member>,
    /// Whether an escape is in the name of some member, at any level.
    pub(super) escaped: bool,
    /// Whether all numbers, at any level, are finite as 64-bit floats.
    pub(super) finite: bool,
}

/// Scans a text that must be one object.
pub(super) fn object(text: &str) -> Result<Found, NotStrict> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        members: Vec::with_capacity(FEW),
        prints: Vec::with_capacity(FEW),
        escaped: false,
        finite: true,
    };
    if scanner.peek() != Some(b'{') {
        return Err(NotStrict);
    }
    scanner.object(MAX_DEPTH)?;
    if scanner.peek().is_some() {
        return Err(NotStrict);
    }
    let Scanner { members, escaped, finite, .. } = scanner;
    Ok(Found { members, escaped, finite })
}

/// Where the scan is, and what it has found.
struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// The members of the objects that are open, the innermost object's last.
    members: Vec<Member>,
    /// The fingerprint of each one's name.
    prints: Vec<u32>,
    escaped: bool,
    finite: bool,
}

impl Scanner<'_> {
    // These give where they are by `at` alone: a span as a result would go through memory.

    fn value(&mut self, depth: usize) -> Result<(), NotStrict> {
        match self.byte().ok_or(NotStrict)? {
            b'"' => self.string().map(drop),
            b'{' => {
                let outer = self.members.len();
                self.object(depth)?;
                self.members.truncate(outer);
                self.prints.truncate(outer);
                Ok(())
            }
            b'[' => self.array(depth),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    /// From its brace on. Leaves its members behind.
    fn object(&mut self, depth: usize) -> Result<(), NotStrict> {
        let depth = depth.checked_sub(1).ok_or(NotStrict)?;
        let outer = self.members.len();
        self.at += 1;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.member(depth)?;
            if self.take(b'}') {
                break;
            }
            if !self.take(b',') {
                return Err(NotStrict);
            }
        }
        if self.has_duplicates(outer) { Err(NotStrict) } else { Ok(()) }
    }

    fn member(&mut self, depth: usize) -> Result<(), NotStrict> {
        self.peek();
        let name_start = self.at + 1;
        self.escaped |= self.string()?;
        let name = Span { start: name_start, end: self.at - 1 };
        if !self.take(b':') {
            return Err(NotStrict);
        }
        self.peek();
        let start = self.at;
        self.value(depth)?;
        self.members.push(Member { name, value: Span { start, end: self.at } });
        self.prints.push(fingerprint(self.bytes, name));
        Ok(())
    }

    /// Whether a name stands twice among the members from this one on.
    fn has_duplicates(&self, outer: usize) -> bool {
        let prints = self.prints.get(outer..).unwrap_or_default();
        // Equal names have equal fingerprints unless they are escaped; different names may, too.
        (self.escaped || has_equal(prints))
            && has_equal_names(self.text, self.members.get(outer..).unwrap_or_default())
    }

    /// From its bracket on.
    fn array(&mut self, depth: usize) -> Result<(), NotStrict> {
        let depth = depth.checked_sub(1).ok_or(NotStrict)?;
        self.at += 1;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.peek();
            self.value(depth)?;
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(NotStrict);
            }
        }
    }

    /// A string that starts here. Gives whether an escape is in it.
    fn string(&mut self) -> Result<bool, NotStrict> {
        if self.byte() != Some(b'"') {
            return Err(NotStrict);
        }
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.bytes.get(self.at..).unwrap_or_default());
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                _ => return Err(NotStrict),
            }
            escaped = true;
        }
        self.at += 1;
        Ok(escaped)
    }

    /// Also refuses what the grammar allows and Unicode does not: surrogates that are not a pair.
    fn escape(&mut self) -> Result<(), NotStrict> {
        self.at += 1;
        match self.byte() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => match self.code_unit()? {
                0xd800..0xdc00 => {
                    if self.byte() != Some(b'\\') {
                        return Err(NotStrict);
                    }
                    self.at += 1;
                    if self.byte() != Some(b'u') || !(0xdc00..0xe000).contains(&self.code_unit()?) {
                        return Err(NotStrict);
                    }
                }
                0xdc00..0xe000 => return Err(NotStrict),
                _ => {}
            },
            _ => return Err(NotStrict),
        }
        Ok(())
    }

    /// The four hexadecimal digits after a `u`.
    fn code_unit(&mut self) -> Result<u32, NotStrict> {
        let digits = self.bytes.get(self.at + 1..self.at + 5).ok_or(NotStrict)?;
        self.at += 5;
        digits.iter().try_fold(0, |unit, &digit| {
            let value = char::from(digit).to_digit(16).ok_or(NotStrict)?;
            Ok(unit * 16 + value)
        })
    }

    fn number(&mut self) -> Result<(), NotStrict> {
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        let leading_zero = self.byte() == Some(b'0');
        let whole = self.digits()?;
        if leading_zero && whole > 1 {
            return Err(NotStrict);
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let exponent = matches!(self.byte(), Some(b'e' | b'E'));
        if exponent {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        if exponent || whole >= INFINITE.len() {
            self.finite &= is_finite(Span { start, end: self.at }.of(self.text));
        }
        Ok(())
    }

    /// At least one digit; gives how many.
    fn digits(&mut self) -> Result<usize, NotStrict> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(self.at - start) } else { Err(NotStrict) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), NotStrict> {
        let found = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += word.len();
        if found { Ok(()) } else { Err(NotStrict) }
    }

    /// Takes the byte if it is the next one that is not white space.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.byte()
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

/// How many bytes there are before the first quote, backslash or control character.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let special = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    at + rest.iter().position(special).unwrap_or(rest.len())
}

/// The highest bit of each byte that is a quote, a backslash or a control character. (A bit above the
/// lowest one that is set may be wrong: the subtractions borrow.)
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    // Turning this bit makes the quote, 0x22, the neighbour of the control characters, which end at 0x1f.
    let control_or_quote = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    (control_or_quote | backslash) & !word & (ONES * 0x80)
}

/// Whether a number stands twice among these.
fn has_equal(prints: &[u32]) -> bool {
    if prints.len() > MANY {
        let mut sorted = prints.to_vec();
        sorted.sort_unstable();
        return sorted.windows(2).any(|pair| pair.first() == pair.last());
    }
    // Counting has no branch in the inner loop, and so the compiler compares four at a time.
    prints
        .iter()
        .enumerate()
        .any(|(index, print)| prints.iter().take(index).filter(|earlier| *earlier == print).count() > 0)
}

fn has_equal_names(text: &str, members: &[Member]) -> bool {
    let mut names: Vec<Cow<'_, str>> = members.iter().map(|member| unescaped(member.name.of(text))).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
}

/// A number that is the same for the same name, and seldom for another.
fn fingerprint(text: &[u8], name: Span) -> u32 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let length = name.end - name.start;
    let word_at =
        |at: usize| text.get(at..).and_then(|rest| rest.first_chunk()).map(|word| u64::from_le_bytes(*word));
    let mut print = length as u64;
    for at in (name.start..name.end.saturating_sub(7)).step_by(8) {
        print = (print.rotate_left(23) ^ word_at(at).unwrap_or_default()).wrapping_mul(SPREAD);
    }
    // The last eight bytes of the name; of a shorter one all there are, without what follows it.
    let last = match word_at(name.start) {
        _ if length >= 8 => word_at(name.end - 8).unwrap_or_default(),
        Some(word) => word & !(u64::MAX << (8 * length)),
        None => {
            let bytes = text.get(name.start..name.end).unwrap_or_default();
            bytes.iter().rev().fold(0, |word, &byte| word * 256 + u64::from(byte))
        }
    };
    let print = (print.rotate_left(23) ^ last).wrapping_mul(SPREAD);
    // The upper half is the better mixed one.
    (print >> 32) as u32
}

#[cfg(test)]
mod tests;
