//! Server-sent events (WHATWG HTML §9.2): an encoder, and a decoder that is fed bytes as they come.

use crate::text::split_at_mark;

/// One event as it was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The event's name; empty where the stream gave none (which means `message`).
    pub event: String,
    /// The id from which the stream can be resumed, if the event had one.
    pub id: Option<String>,
    /// The data, its lines joined by `\n`.
    pub data: String,
}

impl Frame {
    /// The event in wire form, ended by an empty line. `event` and `id` must not hold line breaks:
    /// everything from the first one on is left out.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut out = String::with_capacity(self.data.len() + 64);
        let mut field = |name: &str, value: &str| {
            out.push_str(name);
            out.push_str(": ");
            out.push_str(value);
            out.push('\n');
        };
        if let Some(id) = &self.id {
            field("id", first_line(id));
        }
        if !self.event.is_empty() {
            field("event", first_line(&self.event));
        }
        // All three kinds of line ends would end a line for the reader.
        for line in self.data.replace("\r\n", "\n").split(['\n', '\r']) {
            field("data", line);
        }
        out.push('\n');
        out
    }
}

fn first_line(text: &str) -> &str {
    text.split(['\n', '\r', '\0']).next().unwrap_or_default()
}

/// A comment line, which keeps a quiet connection open and means nothing.
pub const KEEP_ALIVE: &str = ":\n\n";

/// The longest line that is kept, in bytes. A longer one is cut: nothing of ours comes near it, and
/// a broken or hostile server must not fill the memory of the page.
pub const LINE_MAX_BYTES: usize = 4 << 20;

/// Decodes a stream of bytes, cut anywhere, into events.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_carriage_return: bool,
    started: bool,
    frame: Frame,
    has_data: bool,
}

impl Decoder {
    /// A decoder at the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and gives the events that they complete. An event that the stream's end
    /// leaves incomplete is never given, as the specification demands.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for &byte in bytes {
            let after_carriage_return = std::mem::take(&mut self.after_carriage_return);
            match byte {
                b'\n' if after_carriage_return => {}
                b'\n' | b'\r' => {
                    self.after_carriage_return = byte == b'\r';
                    frames.extend(self.end_line());
                }
                _ if self.line.len() < LINE_MAX_BYTES => self.line.push(byte),
                _ => {}
            }
        }
        frames
    }

    fn end_line(&mut self) -> Option<Frame> {
        let bytes = std::mem::take(&mut self.line);
        let line = decode(&bytes);
        let line = if self.started { &*line } else { line.strip_prefix('\u{feff}').unwrap_or(&line) };
        self.started = true;
        if line.is_empty() {
            return self.end_frame();
        }
        let (name, value) = split_at_mark(line, b':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.frame.event),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.frame.data.push('\n');
                }
                self.frame.data.push_str(value);
            }
            "id" if !value.bytes().any(|byte| byte == 0) => self.frame.id = Some(value.to_owned()),
            _ => {}
        }
        None
    }

    fn end_frame(&mut self) -> Option<Frame> {
        let frame = std::mem::take(&mut self.frame);
        std::mem::take(&mut self.has_data).then_some(frame)
    }
}

/// The text of UTF-8; what is none becomes U+FFFD. (The standard library's is four times as large.)
fn decode(mut bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    while let [first, rest @ ..] = bytes {
        let bits = u32::from(*first);
        let (more, mut value) = match first {
            0x00..=0x7f => (0, bits),
            0xc0..=0xdf => (1, bits & 0x1f),
            0xe0..=0xef => (2, bits & 0x0f),
            0xf0..=0xf7 => (3, bits & 0x07),
            _ => (0, u32::MAX),
        };
        let mut tail = rest;
        for _ in 0..more {
            let [byte @ 0x80..=0xbf, after @ ..] = tail else {
                value = u32::MAX;
                break;
            };
            value = value << 6 | u32::from(byte & 0x3f);
            tail = after;
        }
        // A character has one spelling, the shortest.
        let character = char::from_u32(value).filter(|character| character.len_utf8() == more + 1);
        bytes = if character.is_some() { tail } else { rest };
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(event: &str, id: Option<&str>, data: &str) -> Frame {
        Frame { event: event.into(), id: id.map(Into::into), data: data.into() }
    }

    const TRANSCRIPT: &str = "\u{feff}: hello\n\nid: 1.0\nevent: accepted\ndata: {\"a\":1}\n\ndata:x\rdata: é😀\r\n\r\n\
        event: done\n\ndata\n\nid: 7\ndata: a\ndata:\ndata:  b\nretry: 5\nunknown: z\n\nevent: cut\ndata: off";

    fn expected() -> Vec<Frame> {
        vec![
            frame("accepted", Some("1.0"), "{\"a\":1}"),
            frame("", None, "x\né😀"),
            frame("", None, ""),
            frame("", Some("7"), "a\n\n b"),
        ]
    }

    #[test]
    fn decodes_at_every_split() {
        let bytes = TRANSCRIPT.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let mut decoder = Decoder::new();
                let mut frames = decoder.feed(&bytes[..first]);
                frames.extend(decoder.feed(&bytes[first..second]));
                frames.extend(decoder.feed(&bytes[second..]));
                assert_eq!(frames, expected(), "split at {first} and {second}");
            }
        }
    }

    #[test]
    fn an_endless_line_is_cut() {
        let mut decoder = Decoder::new();
        decoder.feed(b"data: ");
        for _ in 0..5 {
            decoder.feed(&vec![b'x'; 1 << 20]);
        }
        let frames = decoder.feed(b"\n\n");
        assert_eq!(frames[0].data.len(), LINE_MAX_BYTES - "data: ".len());
    }

    #[test]
    fn what_is_no_utf_8_is_marked() {
        for bad in [
            &b"\xff"[..],
            b"\x80",
            b"\xc3",
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xf8\x88\x80\x80\x80",
            b"\xe2\x82",
            b"\xf0\x9f\x98",
        ] {
            let text = decode(&[b"a", bad, "é😀".as_bytes()].concat());
            assert!(text.starts_with('a') && text.ends_with("é😀") && text.contains('\u{fffd}'), "{bad:?}");
            assert_eq!(text.replace('\u{fffd}', ""), "aé😀", "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn text_is_decoded_and_the_rest_marked(bytes: Vec<u8>, text: String) {
            prop_assert_eq!(&decode(text.as_bytes()), &text);
            let bare = |text: &str| text.replace(char::REPLACEMENT_CHARACTER, "");
            let mixed = [text.as_bytes(), &bytes, text.as_bytes()].concat();
            prop_assert_eq!(bare(&decode(&mixed)), bare(&String::from_utf8_lossy(&mixed)));
        }

        #[test]
        fn what_is_encoded_is_decoded(event in "[a-z]{0,8}", id in proptest::option::of("[0-9.]{1,6}"), data in "(?s).{0,40}") {
            let sent = frame(&event, id.as_deref(), &data);
            let normal = data.replace("\r\n", "\n").replace('\r', "\n");
            let received = Decoder::new().feed(sent.encode().as_bytes());
            prop_assert_eq!(received, vec![frame(&event, id.as_deref(), &normal)]);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            Decoder::new().feed(&bytes);
        }
    }
}
