//! The one pass: a JSON text is accepted as a whole or not at all.

use std::borrow::Cow;

use super::{MAX_DEPTH, Member, NotStrict, Span, unescaped};

/// Up to so many members, comparing every name with every other is the fastest way to find one twice.
const FEW: usize = 8;

/// Scans a text that must be one object. Gives its members, and whether all numbers at any level are
/// finite as 64-bit floats.
pub(super) fn object(text: &str) -> Result<(Vec<Member>, bool), NotStrict> {
    let mut scanner = Scanner::new(text);
    if scanner.peek() != Some(b'{') {
        return Err(NotStrict);
    }
    scanner.object(MAX_DEPTH)?;
    match scanner.peek() {
        None => Ok((scanner.members, scanner.finite)),
        Some(_) => Err(NotStrict),
    }
}

/// Where the scan is, and what it has found.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The members of the objects that are open, the innermost object's last.
    members: Vec<Member>,
    /// Whether the name of any member had an escape in it.
    escaped_name: bool,
    finite: bool,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, members: Vec::with_capacity(FEW), escaped_name: false, finite: true }
    }

    fn value(&mut self, depth: usize) -> Result<Span, NotStrict> {
        let first = self.peek().ok_or(NotStrict)?;
        let start = self.at;
        match first {
            b'"' => self.string().map(drop)?,
            b'{' => {
                let outer = self.members.len();
                self.object(depth)?;
                self.members.truncate(outer);
            }
            b'[' => self.array(depth)?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => self.number()?,
        }
        Ok(Span { start, end: self.at })
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
            self.peek();
            let (name, escaped) = self.string()?;
            self.escaped_name |= escaped;
            if !self.take(b':') {
                return Err(NotStrict);
            }
            let value = self.value(depth)?;
            self.members.push(Member { name, value });
            if self.take(b'}') {
                break;
            }
            if !self.take(b',') {
                return Err(NotStrict);
            }
        }
        let members = self.members.get(outer..).unwrap_or_default();
        if has_duplicates(self.text, members, self.escaped_name) { Err(NotStrict) } else { Ok(()) }
    }

    /// From its bracket on.
    fn array(&mut self, depth: usize) -> Result<(), NotStrict> {
        let depth = depth.checked_sub(1).ok_or(NotStrict)?;
        self.at += 1;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(NotStrict);
            }
        }
    }

    /// A string that starts here. Gives what is between its quotes, and whether an escape is in it.
    fn string(&mut self) -> Result<(Span, bool), NotStrict> {
        if self.byte() != Some(b'"') {
            return Err(NotStrict);
        }
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.text.as_bytes().get(self.at..).unwrap_or_default());
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                _ => return Err(NotStrict),
            }
            escaped = true;
        }
        let end = self.at;
        self.at += 1;
        Ok((Span { start, end }, escaped))
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
        let digits = self.text.as_bytes().get(self.at + 1..self.at + 5).ok_or(NotStrict)?;
        self.at += 5;
        digits.iter().try_fold(0, |unit, &digit| {
            let value = char::from(digit).to_digit(16).ok_or(NotStrict)?;
            Ok(unit << 4 | value)
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
        // The largest float has 309 digits.
        if exponent || whole > 300 {
            let number = Span { start, end: self.at }.of(self.text).parse::<f64>();
            self.finite &= number.is_ok_and(f64::is_finite);
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

    fn word(&mut self, word: &str) -> Result<(), NotStrict> {
        let found = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
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
        self.text.as_bytes().get(self.at).copied()
    }
}

/// How many bytes there are before the first quote, backslash or control character.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let done = words.len() * 8;
    let rest = bytes.get(done..).unwrap_or_default();
    let special = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    done + rest.iter().position(special).unwrap_or(rest.len())
}

/// The highest bit of each byte that is a quote, a backslash or a control character. (A bit above the
/// lowest one that is set may be wrong: the subtractions borrow.)
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGHEST: u64 = ONES * 0x80;
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (quote.wrapping_sub(ONES) & !quote | backslash.wrapping_sub(ONES) & !backslash | control) & HIGHEST
}

fn has_duplicates(text: &str, members: &[Member], escaped: bool) -> bool {
    if escaped {
        return has_equal_names(text, members);
    }
    if members.len() <= FEW {
        return members.iter().enumerate().any(|(index, member)| {
            let name = member.name.of(text);
            members.iter().take(index).any(|earlier| earlier.name.of(text) == name)
        });
    }
    let mut prints: Vec<u64> = members.iter().map(|member| fingerprint(member.name.of(text))).collect();
    prints.sort_unstable();
    // Equal names have equal fingerprints; different names may, too.
    prints.windows(2).any(|pair| pair.first() == pair.last()) && has_equal_names(text, members)
}

fn has_equal_names(text: &str, members: &[Member]) -> bool {
    let mut names: Vec<Cow<'_, str>> = members.iter().map(|member| unescaped(member.name.of(text))).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
}

/// A number that is the same for the same name, and seldom for another.
fn fingerprint(name: &str) -> u64 {
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    for (slot, &byte) in last.iter_mut().zip(rest) {
        *slot = byte;
    }
    let seed = name.len() as u64;
    words.iter().chain([&last]).fold(seed, |print, word| {
        (print.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}
