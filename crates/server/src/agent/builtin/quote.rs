//! Which passage answers a question, and how it is quoted.

use eloquent_store::Passage;
use eloquent_types::conversation::Source;

use super::{text, words};

/// How much of a passage is quoted, in characters.
const QUOTED_MAX_CHARS: usize = 1_200;

/// How many near misses are named.
const NEAR_MAX: usize = 2;

/// The passage that holds the most of the whole question, the earlier one where several do, among
/// those that hold at least half of what is asked for. A single word somewhere in a text is no
/// answer: it must be two, or one in a heading.
pub(super) fn best<'a>(passages: &'a [Passage], asked: &[String], whole: &[String]) -> Option<&'a Passage> {
    let mut best: Option<(usize, &Passage)> = None;
    for passage in passages {
        let words = PassageWords::of(passage);
        let held = words.held(asked);
        let answers = held * 2 >= asked.len() && (held > 1 || words.in_headings(asked) > 0);
        let rank = words.held(whole) * 2 + words.in_headings(whole);
        if answers && best.is_none_or(|(highest, _)| rank > highest) {
            best = Some((rank, passage));
        }
    }
    best.map(|(_, passage)| passage)
}

/// The articles that hold at least something of what is asked for.
pub(super) fn near(passages: &[Passage], asked: &[String]) -> Vec<Source> {
    let mut near: Vec<Source> = Vec::new();
    for passage in passages.iter().filter(|passage| PassageWords::of(passage).held(asked) > 0) {
        let source = Source { title: passage.title.clone(), url: passage.url.clone() };
        if !near.contains(&source) && near.len() < NEAR_MAX {
            near.push(source);
        }
    }
    near
}

/// The words of a passage, as stems.
struct PassageWords {
    title: Vec<String>,
    heading: Vec<String>,
    text: Vec<String>,
}

impl PassageWords {
    fn of(passage: &Passage) -> Self {
        Self {
            title: words::content_of(&passage.title),
            heading: words::content_of(passage.heading.as_deref().unwrap_or_default()),
            text: words::content_of(&passage.text),
        }
    }

    /// How many of the words the passage holds.
    fn held(&self, asked: &[String]) -> usize {
        let holds =
            |word: &&String| [&self.title, &self.heading, &self.text].iter().any(|words| is_in(words, word));
        asked.iter().filter(holds).count()
    }

    /// How many of the words stand in the title, and in the heading.
    fn in_headings(&self, asked: &[String]) -> usize {
        [&self.title, &self.heading]
            .iter()
            .map(|words| asked.iter().filter(|word| is_in(words, word)).count())
            .sum()
    }
}

fn is_in(words: &[String], word: &str) -> bool {
    words.iter().any(|other| alike(word, other))
}

/// Whether two stems are of one family: equal, or one goes on where the other ends.
fn alike(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= 4 && long.starts_with(short) && long.len() - short.len() <= 4)
}

/// The passage as a quotation under its title.
pub(super) fn quote(passage: &Passage) -> String {
    let title = text::escape(&passage.title);
    let place = match &passage.heading {
        Some(heading) => format!("**{title}**, “{}”", text::escape(heading)),
        None => format!("**{title}**"),
    };
    let mut out = format!("Our article {place} says:\n");
    for line in shortened(&passage.text).lines() {
        out.push('\n');
        out.push_str(if line.is_empty() { ">" } else { "> " });
        out.push_str(line);
    }
    out
}

/// The text, or its first paragraphs that fit; of a single long one its beginning.
fn shortened(text: &str) -> String {
    let text = text.trim();
    let Some((limit, _)) = text.char_indices().nth(QUOTED_MAX_CHARS) else { return text.to_owned() };
    let fits = &text[..limit];
    match fits.rfind("\n\n") {
        Some(end) => format!("{}\n\n…", fits[..end].trim_end()),
        None => format!("{} …", fits.rsplit_once(char::is_whitespace).map_or(fits, |(fits, _)| fits)),
    }
}
