//! The agent that needs no network and no key: it answers from the verified profile and from the
//! passages that were found, and says honestly what it is.
//!
//! This is deliberately no attempt at understanding language: it knows a few kinds of question by
//! their words, quotes an article where enough of the question's words are in it, and otherwise says
//! that it found nothing. What it says about the visitor comes from the [`Identity`] alone, and what
//! a claim holds comes out as text, whatever Markdown it looks like.

use eloquent_store::Passage;
use eloquent_types::conversation::{Role, Source};

use super::{Identity, Turn};
use profile::{About, Place};
use words::Clause;

mod profile;
mod quote;
mod suggestion;
mod text;
mod words;

/// Everything that it answers from.
#[derive(Clone, Copy)]
pub struct BuiltinInput<'a> {
    /// The agent's name.
    pub agent_name: &'a str,
    /// Who asks, if that was verified with this question.
    pub identity: Option<Identity<'a>>,
    /// What was found in the knowledge base, best first.
    pub passages: &'a [Passage],
    /// The conversation before the question, oldest first.
    pub history: &'a [Turn<'a>],
    /// The question.
    pub question: &'a str,
    /// The agent's questions to start with.
    pub starters: &'a [String],
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Markdown.
    pub text: String,
    /// Where it is from.
    pub sources: Vec<Source>,
    /// What the visitor may want to ask next, at most three questions.
    pub suggestions: Vec<String>,
}

impl Answer {
    fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

const NOT_FOUND: &str =
    "I could not find an answer to this in our articles. Could you put it in other words?";

const CANNOT_KNOW: &str = "I cannot know that: nobody is verified on this page, so I do not know who you are. \
    Once you are logged in and the site has confirmed who you are, I can answer questions like this from your \
    profile.";

const UNPROVEN: &str = "Hello! Nobody is verified on this page, so I cannot check who is writing, but I will gladly \
    look something up for you. What would you like to know?";

/// Answers one question. The same input gives the same answer.
#[must_use]
pub fn answer(input: &BuiltinInput<'_>) -> Answer {
    let clauses = words::clauses(input.question);
    let topic = topic(&clauses);
    let mut answer = match &topic {
        Topic::Introduction if input.identity.is_none() => Answer::of(UNPROVEN),
        Topic::Greeting | Topic::Introduction => Answer::of(greeting(input)),
        Topic::Thanks => Answer::of("You are welcome. Is there anything else that I can look up for you?"),
        Topic::Assistant => Answer::of(introduction(input)),
        Topic::Abilities => Answer::of(abilities(input)),
        Topic::Visitor(about) => about_visitor(input, &clauses, about),
        Topic::Other => search(input, &clauses),
    };
    let first = input.history.iter().all(|turn| turn.role == Role::Visitor);
    let name = input.identity.as_ref().and_then(profile::short_name);
    if let Some(name) = name.filter(|_| first && !matches!(topic, Topic::Greeting | Topic::Introduction)) {
        answer.text = format!("Hello, {}!\n\n{}", text::escape(&name), answer.text);
    }
    answer.suggestions = suggestion::of(input, &answer);
    answer
}

/// The longest piece of a stream, in characters: scripts without spaces come in pieces, too.
const PIECE_MAX_CHARS: usize = 24;

/// Cuts an answer into pieces of about a word, with the white space behind it, for a stream; put
/// together again they are the text.
#[must_use]
pub fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut chars, mut after_space) = (0, 0, false);
    for (index, c) in text.char_indices() {
        if chars == PIECE_MAX_CHARS || (after_space && !c.is_whitespace()) {
            pieces.push(&text[start..index]);
            (start, chars) = (index, 0);
        }
        after_space = c.is_whitespace();
        chars += 1;
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

/// What a question is about.
#[derive(Debug)]
enum Topic {
    Greeting,
    /// The visitor says who they are.
    Introduction,
    Thanks,
    /// What the assistant is.
    Assistant,
    /// What it can do.
    Abilities,
    Visitor(About),
    Other,
}

fn topic(clauses: &[Clause]) -> Topic {
    if !clauses.is_empty() && clauses.iter().all(Clause::is_greeting) {
        return Topic::Greeting;
    }
    // “I am angry” is no introduction; with a greeting, or “my name is”, it is one.
    let introduced = |clause: &Clause| clause.has("my name is") || clauses.iter().any(Clause::is_greeting);
    if clauses.iter().any(|clause| clause.is_introduction() && introduced(clause))
        && clauses.iter().all(|clause| clause.is_greeting() || clause.is_introduction())
    {
        return Topic::Introduction;
    }
    if clauses.iter().any(Clause::is_thanks) && clauses.iter().all(Clause::is_polite) {
        return Topic::Thanks;
    }
    let asks =
        |phrases: &[&str]| clauses.iter().any(|clause| phrases.iter().any(|phrase| clause.has(phrase)));
    if clauses.iter().any(Clause::asks_what_the_assistant_is) {
        return Topic::Assistant;
    }
    let for_help = |clause: &Clause| clause.is("help") || clause.is("help me");
    if asks(&["what can you do", "what do you do", "how can you help", "how do you work", "what can i ask"])
        || clauses.iter().any(for_help)
    {
        return Topic::Abilities;
    }
    clauses.iter().find_map(profile::about).map_or(Topic::Other, Topic::Visitor)
}

fn greeting(input: &BuiltinInput<'_>) -> String {
    let again = if input.history.iter().any(|turn| turn.role == Role::Agent) { " again" } else { "" };
    let name = input.identity.as_ref().and_then(profile::short_name);
    let name = name.map_or_else(String::new, |name| format!(", {}", text::escape(&name)));
    format!("Hello{again}{name}! What can I look up for you?")
}

fn introduction(input: &BuiltinInput<'_>) -> String {
    format!(
        "I am {}, this site's built-in assistant: a program, not a person, and without a language model. \
         I look things up in our articles and quote them{}",
        text::escape(input.agent_name),
        match input.identity {
            Some(_) => ", and I can tell you what your verified profile holds.",
            None => ". Who you are I do not know, because nobody is verified on this page.",
        }
    )
}

fn abilities(input: &BuiltinInput<'_>) -> String {
    let own = match input.identity {
        Some(_) => "I can also tell you what your verified profile holds, your plan for example.",
        None => "Once the site has confirmed who you are, I can also tell you what your profile holds.",
    };
    format!("Ask me anything about this site: I look it up in our articles and quote what they say. {own}")
}

fn about_visitor(input: &BuiltinInput<'_>, clauses: &[Clause], about: &About) -> Answer {
    match (&input.identity, about) {
        (Some(identity), About::Who) => Answer::of(profile::who(identity)),
        (Some(identity), About::Everything) => Answer::of(profile::everything(identity)),
        (Some(identity), About::Fact { content, place }) => fact(input, clauses, identity, content, *place),
        (None, About::Fact { place: Place::ProfileThenArticles | Place::Articles, .. }) => {
            search(input, clauses)
        }
        (None, About::Who | About::Everything | About::Fact { place: Place::Profile, .. }) => {
            Answer::of(CANNOT_KNOW)
        }
    }
}

/// What the profile says, and what the articles say about the rest of the question.
fn fact(
    input: &BuiltinInput<'_>,
    clauses: &[Clause],
    identity: &Identity<'_>,
    content: &[String],
    place: Place,
) -> Answer {
    let facts = profile::facts(identity, content);
    let told = |word: &&String| facts.iter().any(|fact| fact.words.contains(word));
    let untold: Vec<_> = content.iter().filter(|word| !told(word)).cloned().collect();
    if facts.is_empty() || (place == Place::Articles && !untold.is_empty()) {
        return if place == Place::Profile {
            Answer::of(profile::unknown(identity))
        } else {
            search(input, clauses)
        };
    }
    let text = profile::sentences(&facts);
    let others = clauses.iter().filter(|clause| profile::about(clause).is_none());
    let rest: Vec<_> = untold.iter().cloned().chain(others.flat_map(Clause::content)).collect();
    match from_articles(input, &rest, &words_of(clauses)) {
        Some(article) => Answer { text: format!("{text}\n\n{}", article.text), ..article },
        None if untold.is_empty() => Answer::of(text),
        None => Answer::of(format!("{text} More about this I could not find in our articles.")),
    }
}

fn search(input: &BuiltinInput<'_>, clauses: &[Clause]) -> Answer {
    let words = words_of(clauses);
    from_articles(input, &words, &words).unwrap_or_else(|| not_found(input, clauses, &words))
}

/// A passage that answers at least half of what is asked for, if there is one; of several the one
/// that fits the whole question best.
fn from_articles(input: &BuiltinInput<'_>, asked: &[String], whole: &[String]) -> Option<Answer> {
    let passage = quote::best(input.passages, asked, whole)?;
    let source = Source { title: passage.title.clone(), url: passage.url.clone() };
    Some(Answer { text: quote::quote(passage), sources: vec![source], ..Answer::default() })
}

fn not_found(input: &BuiltinInput<'_>, clauses: &[Clause], words: &[String]) -> Answer {
    if clauses.iter().any(|clause| profile::about(clause).is_some_and(|about| about.is_personal())) {
        return Answer::of(match &input.identity {
            Some(identity) => profile::unknown(identity),
            None => CANNOT_KNOW.to_owned(),
        });
    }
    let near = quote::near(input.passages, words);
    if near.is_empty() {
        return Answer::of(NOT_FOUND);
    }
    let titles: Vec<_> = near.iter().map(|source| format!("**{}**", text::escape(&source.title))).collect();
    let text = format!("{NOT_FOUND} The nearest that I have: {}.", titles.join(", "));
    Answer { text, sources: near, ..Answer::default() }
}

/// How many words of a question count: more would only cost time.
const WORDS_MAX: usize = 48;

/// The words of a whole question that say something, each once.
fn words_of(clauses: &[Clause]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in clauses.iter().flat_map(Clause::content) {
        if words.len() < WORDS_MAX && !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

#[cfg(test)]
mod tests;
