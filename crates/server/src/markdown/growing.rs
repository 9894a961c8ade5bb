//! The blocks of a text that grows, without parsing all of it again for each piece.
//!
//! A block of the top level is settled once another one begins behind it on a line of its own: whatever
//! follows cannot change it. Only what stands behind the last settled block is parsed again. Two things break
//! that rule, and both are seen: a line that is not whole yet (`2` is a paragraph until it is `2. b`), which
//! settles nothing; and a link's definition, which can make a link of any earlier text: from then on the whole
//! text is parsed each time. (Who calls bounds how often: [`Growing::is_worth`].)
//!
//! Invariant: what a reader has after any number of steps is [`parse`](super::parse) of the text.

use eloquent_types::rich::Block;

use super::{PARSED_MAX_BYTES, changed_from, parse_behind};

/// A text, as far as it was read, as blocks.
#[derive(Clone, Debug, Default)]
pub struct Growing {
    /// How much of the text is settled, in bytes.
    settled: usize,
    /// How many blocks that is.
    settled_blocks: u32,
    /// The blocks behind it.
    open: Vec<Block>,
    /// How much of the text was looked at, in bytes.
    read: usize,
    /// Whether the text defines a link, so that nothing is ever settled.
    defines: bool,
}

/// A step: the blocks from index `from` on are these and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The index of the first block given.
    pub from: u32,
    /// The blocks.
    pub blocks: Vec<Block>,
}

impl Growing {
    /// The text up to here, for a reader who has its blocks.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut growing = Self::default();
        growing.grow(text);
        growing
    }

    /// Whether it is worth a step that the text has grown to `len` bytes. What is open is given anew with each
    /// step: a step that adds little to much can wait. So all steps together give a small multiple of the text.
    #[must_use]
    pub const fn is_worth(&self, len: usize) -> bool {
        let (new, open) = (len.saturating_sub(self.read), self.read.saturating_sub(self.settled));
        new > (open / 32).saturating_sub(64)
    }

    /// Goes on to `text`, which begins with the text of the step before.
    pub fn grow(&mut self, text: &str) -> Step {
        self.read = text.len();
        let part = parse_behind(text, self.settled);
        if part.defines && self.settled > 0 {
            *self = Self { read: text.len(), defines: true, ..Self::default() };
            self.open = parse_behind(text, 0).blocks;
            return Step { from: 0, blocks: self.open.clone() };
        }
        self.defines |= part.defines;
        let same = changed_from(&self.open, &part.blocks);
        let blocks = part.blocks.get(same as usize..).unwrap_or_default().to_vec();
        let step = Step { from: self.settled_blocks + same, blocks };
        self.open = part.blocks;
        if !self.defines {
            self.settle(text, part.last);
        }
        step
    }

    /// Settles what whole lines have settled. `last` is where the last of the open blocks begins.
    fn settle(&mut self, text: &str, last: Option<usize>) {
        let tail = text.get(self.settled..).unwrap_or_default();
        let whole = tail.rfind('\n').map_or(0, |end| self.settled + end + 1);
        // Nothing but the last block ends in a line that is not whole, if that began before it.
        let Some(last) = last.filter(|last| *last > self.settled) else { return };
        let (at, open) = if text.len() > PARSED_MAX_BYTES || whole == text.len() {
            (last, self.open.len())
        } else if whole > self.settled {
            // The line may still become part of a block before: what do the whole lines say?
            let lines = parse_behind(&text[..whole], self.settled);
            let Some(last) = lines.last.filter(|last| *last > self.settled) else { return };
            (last, lines.blocks.len())
        } else {
            return;
        };
        let settled = open.saturating_sub(1).min(self.open.len());
        self.open.drain(..settled);
        self.settled = at;
        self.settled_blocks += u32::try_from(settled).unwrap_or(u32::MAX);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{parse, tests::markdown_like};
    use super::*;

    /// What a reader has who took every step.
    fn read(text: &str, cuts: impl IntoIterator<Item = usize>) -> (Vec<Block>, Growing) {
        let (mut growing, mut shown) = (Growing::default(), Vec::new());
        for cut in cuts.into_iter().chain([text.len()]) {
            let Step { from, blocks } = growing.grow(&text[..cut]);
            shown.truncate(from as usize);
            assert_eq!(shown.len(), from as usize, "no gap");
            shown.extend(blocks);
            assert_eq!(shown, parse(&text[..cut]), "{:?}", &text[..cut]);
        }
        (shown, growing)
    }

    fn every_cut(text: &str) -> Vec<usize> {
        text.char_indices().map(|(at, _)| at).collect()
    }

    #[test]
    fn each_step_leads_to_what_the_whole_text_says() {
        for text in [
            "1. a\n\n2. b\n\n3. c\n\nend",
            "- a\n\n  b\n\n- c\n\n\n    code\n\nd",
            "a\n===\n\nb\n---\n\n|x|y|\n|-|-|\n|1|2|\n|3|4|\n\nz",
            "x [later] y\n\nz\n\n[later]: https://example.com/\n\nmore [later]",
            "[early]: https://example.com/\n\n[early]\n\nb [early]\n\nc",
            "> [in]: https://example.com/\n\n[in]\n\n# h\n\n[in]",
            "```\na\n\nb\n```\n\n~~~x\n1\n\n\n~~~\n\n<div>\n\n</div>\n\n<!-- a\n\nb -->\n\nc",
            "  a\n\n   # b\n\n\tcode\n\n\r\nc\r\n\r\nd\r\re\r\rf",
            "a\n* * *\n- b\n* c\n+ d\n1) e\n2. f\n",
            "a  \nb\n\n***\n\n**c\n\nd**\n\n\\\n\ne",
            "para\nfoo | bar\n--- | ---\n1 | 2\nnot\n\n> q\nlazy\n\nend",
            "\u{feff}# a\n\n\u{a0}\n\n\u{2028}b\n\n",
        ] {
            read(text, every_cut(text));
        }
    }

    #[test]
    fn what_is_settled_is_not_parsed_again() {
        let text = "A paragraph.\n\n".repeat(100);
        let (_, growing) = read(&text, every_cut(&text));
        assert!(text.len() - growing.settled < 30, "{} of {}", growing.settled, text.len());
    }

    /// A megabyte in pieces of four characters, as a reader takes it: the bytes of all blocks given.
    fn given(text: &str) -> usize {
        let (mut growing, mut bytes) = (Growing::default(), 0);
        for end in (4..text.len()).step_by(4).chain([text.len()]) {
            if end == text.len() || growing.is_worth(end) {
                let step = growing.grow(&text[..end]);
                bytes += eloquent_types::rich::plain_text(&step.blocks).len();
            }
        }
        bytes
    }

    #[test]
    fn a_megabyte_is_given_in_a_small_multiple_of_its_size() {
        let size = 1 << 20;
        for (what, unit) in [
            ("paragraphs", "Some words of an answer that goes on and on.\n\n".to_owned()),
            ("one line", "word ".to_owned()),
            ("one word", "x".to_owned()),
            ("one list", "- an item of a list\n".to_owned()),
            ("one block of code", "    let x = 1;\n".to_owned()),
            ("definitions", "[a]: https://example.com/ \n\n[a] and more\n\n".to_owned()),
        ] {
            let text = unit.repeat(size / unit.len());
            let given = given(&text);
            assert!(given < 80 * size, "{what}: {given} bytes for {size}");
        }
    }

    proptest! {
        #[test]
        fn any_text_at_any_cuts(text in markdown_like(), picks in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12)) {
            let all = every_cut(&text);
            let mut cuts: Vec<_> = picks.iter().filter(|_| !all.is_empty()).map(|pick| all[pick.index(all.len())]).collect();
            cuts.sort_unstable();
            read(&text, cuts);
        }

        #[test]
        fn any_lines_at_every_cut(text in "([-*>#`|~_=\\[\\]: 1-3.)\tab]{0,6}(\n|\r\n|\r)){0,12}") {
            read(&text, every_cut(&text));
        }
    }
}
