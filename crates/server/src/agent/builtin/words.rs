//! Questions as words: clauses, word stems, and the few turns of phrase that are known.

use std::collections::HashSet;

/// Words that say nothing about what is asked for.
const STOP: &str = "a about again all also am an and any are as at be been but by called can could current currently did \
    do does doing exactly for from get give got had has have hello hey hi how i if in into is it its \
    just know like ll long many may me mine moment much my myself need now of off ok on or our please re \
    registered remind right say see shall should show signed so still tell than thank thanks that the \
    take taken takes their them then there these they this those to too under until up us use using ve want was we were \
    what whats when where which who whose why will with wonder wondering work works would you your";

/// Words with which people open a conversation, in the languages of many visitors.
const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "hiya",
    "howdy",
    "yo",
    "hallo",
    "moin",
    "servus",
    "bonjour",
    "salut",
    "hola",
    "ciao",
    "ola",
    "olá",
    "hej",
    "ahoj",
    "greetings",
    "morning",
    "afternoon",
    "evening",
];

/// Words that may stand beside a greeting.
const BESIDE_GREETINGS: &[&str] =
    &["there", "good", "again", "everyone", "team", "guten", "tag", "day", "to", "you", "and"];

/// Words that thank or take leave.
const THANKS: &[&str] = &["thanks", "thank", "thx", "cheers", "bye", "goodbye", "danke", "merci", "gracias"];

/// Words that may stand beside thanks.
const BESIDE_THANKS: &[&str] = &[
    "you", "so", "very", "much", "lot", "ok", "okay", "great", "many", "for", "your", "the", "help", "that",
    "all", "perfect", "good", "nice",
];

/// Words (as stems) that are taken for one another.
const SYNONYMS: &[(&str, &str)] = &[
    ("subscription", "plan"),
    ("tier", "plan"),
    ("packag", "plan"),
    ("mail", "email"),
    ("telephon", "phon"),
    ("mobil", "phon"),
    ("organisation", "company"),
    ("organization", "company"),
    ("employer", "company"),
    ("firm", "company"),
    ("busines", "company"),
    ("business", "company"),
    ("job", "rol"),
    ("position", "rol"),
    ("cost", "pric"),
    ("charg", "pric"),
    ("fee", "pric"),
    ("expensiv", "pric"),
    ("ship", "deliver"),
    ("shipment", "deliver"),
    ("delivery", "deliver"),
    ("dispatch", "deliver"),
    ("arriv", "deliver"),
    ("refund", "return"),
    ("bill", "invoic"),
    ("receipt", "invoic"),
    ("freez", "paus"),
    ("skip", "paus"),
    ("signin", "login"),
    ("brewing", "brew"),
    ("opening", "open"),
    ("switch", "chang"),
    ("upgrad", "chang"),
    ("downgrad", "chang"),
];

/// One clause of a question: lower-case words, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause(Vec<String>);

/// The clauses of a question that hold words, cut at punctuation and at “and”. A greeting in front
/// of a question is a clause of its own.
pub(super) fn clauses(question: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let question = question.replace(". ", "\n");
    for part in question.split(['?', '!', ',', ';', '\n', '…', '？', '！', '。', '、']) {
        let words = words(part);
        for clause in words.split(|word| word == "and") {
            let asked = clause.iter().take_while(|word| GREETINGS.contains(&word.as_str())).count();
            let (greeting, asked) = clause.split_at(if clause.len() > 3 { asked } else { 0 });
            clauses.extend(
                [greeting, asked]
                    .into_iter()
                    .filter(|words| !words.is_empty())
                    .map(|words| Clause(words.to_vec())),
            );
        }
    }
    clauses
}

/// The words of a text in lower case. Apostrophes separate (“what's” is “what”), and letters that
/// are left alone by that are dropped.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .replace("i'm", "i am")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| match word.as_bytes() {
            [] => false,
            [byte] => *byte == b'i' || byte.is_ascii_digit(),
            _ => true,
        })
        .map(str::to_owned)
        .collect()
}

/// The words of a text that say something, as stems that can be compared.
pub(super) fn content_of(text: &str) -> Vec<String> {
    content(&words(text))
}

/// The words of a claim's name (`planName`, `plan_name`, `https://example.com/plan`).
pub(super) fn name_words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut after_lower = false;
    for c in name.chars() {
        if after_lower && c.is_uppercase() {
            spaced.push(' ');
        }
        after_lower = c.is_lowercase();
        spaced.push(c);
    }
    // A claim with a namespace is called by what stands last.
    words(spaced.rsplit(['/', ':']).next().unwrap_or_default())
}

/// The stems of the words that say something, in order, each once.
pub(super) fn content(words: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let telling = words.iter().filter(|word| !is_in_list(STOP, word)).map(|word| canonical(word));
    telling.filter(|stem| seen.insert(stem.clone())).collect()
}

/// Whether the word is in a list of words with spaces between them.
pub(super) fn is_in_list(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.contains(&word)
}

/// The stem of a word, or of the word that it is taken for.
fn canonical(word: &str) -> String {
    let stem = stem(word);
    SYNONYMS.iter().find(|(synonym, _)| *synonym == stem).map_or(stem, |(_, word)| (*word).to_owned())
}

/// English inflection taken off: enough that “shipping”, “ships” and “shipped” are one.
fn stem(word: &str) -> String {
    let inflected =
        word.strip_suffix("ing").or_else(|| word.strip_suffix("ed")).filter(|rest| rest.len() > 2);
    if let Some(rest) = inflected {
        let last = rest.chars().next_back().unwrap_or_default();
        let doubled = rest.strip_suffix(last).filter(|rest| rest.ends_with(last) && !"lsz".contains(last));
        return without_e(doubled.unwrap_or(rest)).to_owned();
    }
    if let Some(rest) = word.strip_suffix("ies").filter(|rest| rest.len() > 1) {
        return format!("{rest}y");
    }
    let es = word
        .strip_suffix("es")
        .filter(|rest| ["s", "x", "z", "ch", "sh"].iter().any(|end| rest.ends_with(end)));
    let s = word.strip_suffix('s').filter(|rest| rest.len() > 2 && !rest.ends_with(['s', 'u', 'i']));
    without_e(es.or(s).unwrap_or(word)).to_owned()
}

fn without_e(word: &str) -> &str {
    word.strip_suffix('e').filter(|rest| rest.len() > 2).unwrap_or(word)
}

impl Clause {
    /// The words.
    pub(super) fn words(&self) -> &[String] {
        &self.0
    }

    /// The stems of the words that say something.
    pub(super) fn content(&self) -> Vec<String> {
        content(&self.0)
    }

    /// Whether the clause is this phrase, word by word.
    pub(super) fn is(&self, phrase: &str) -> bool {
        self.0.iter().map(String::as_str).eq(phrase.split(' '))
    }

    /// Whether the phrase stands in the clause, word by word.
    pub(super) fn has(&self, phrase: &str) -> bool {
        let phrase: Vec<_> = phrase.split(' ').collect();
        self.0.windows(phrase.len()).any(|words| words.iter().eq(phrase.iter()))
    }

    /// Whether one of the words stands in the clause.
    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        self.0.iter().any(|word| words.contains(&word.as_str()))
    }

    /// Whether there is nothing but a greeting.
    pub(super) fn is_greeting(&self) -> bool {
        let known =
            |word: &String| GREETINGS.contains(&word.as_str()) || BESIDE_GREETINGS.contains(&word.as_str());
        // A name may follow the greeting: “hi fern”.
        let named =
            self.0.len() == 2 && GREETINGS.contains(&self.0[0].as_str()) && !is_in_list(STOP, &self.0[1]);
        self.has_any(GREETINGS) && (named || self.0.iter().all(known))
            || self.is("guten tag")
            || self.is("good day")
    }

    /// Whether it is thanks, or a good-bye.
    pub(super) fn is_thanks(&self) -> bool {
        self.has_any(THANKS)
            && self.0.iter().all(|word| is_one_of(THANKS, word) || is_one_of(BESIDE_THANKS, word))
    }

    /// Whether it can stand beside thanks.
    pub(super) fn is_polite(&self) -> bool {
        self.is_greeting() || self.is_thanks() || self.0.iter().all(|word| is_one_of(BESIDE_THANKS, word))
    }

    /// Whether somebody says who they are.
    pub(super) fn is_introduction(&self) -> bool {
        self.0.starts_with(&["my", "name", "is"].map(str::to_owned))
            || self.0.starts_with(&["i", "am"].map(str::to_owned))
    }

    /// Whether it asks who or what the assistant is.
    pub(super) fn asks_what_the_assistant_is(&self) -> bool {
        let kinds = [
            "robot",
            "bot",
            "chatbot",
            "human",
            "person",
            "ai",
            "machine",
            "real",
            "llm",
            "chatgpt",
            "gpt",
            "program",
            "computer",
            "alive",
            "assistant",
        ];
        let asks =
            ["are you", "you are", "is this", "am i talking", "am i chatting", "am i speaking", "you re"];
        let named = [
            "who are you",
            "what are you",
            "what is your name",
            "what your name",
            "your name",
            "who is this",
            "who am i talking to",
            "who am i chatting with",
        ];
        (asks.iter().any(|phrase| self.has(phrase)) && self.has_any(&kinds))
            || named.iter().any(|phrase| self.is(phrase) || self.has(&format!("{phrase} please")))
    }
}
