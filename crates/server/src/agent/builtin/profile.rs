//! Questions that visitors ask about themselves, answered from their verified profile.

use std::fmt::Write as _;

use serde_json::Value;

use super::{
    Identity,
    text::{escape, one_line},
    words::{self, Clause},
};

/// Words (as stems) that ask about the visitor when nothing else is asked for.
const PERSONAL: &str = "account address age balanc birthday card city company country credit customer data department detail \
    email first full id invoic languag last limit login member membership nam name number order password \
    payment phon plan profil quota rol seat statu status team trial user username";

/// Words in claims' names that need not be said: `plan_name` is asked for as “my plan”.
const NEED_NOT_BE_SAID: &[&str] = &["nam", "id", "typ", "user", "customer", "account", "valu"];

/// How many claims are listed when everything is asked for.
const LISTED_MAX: usize = 30;

/// What about the visitor is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Who they are.
    Who,
    /// Whatever is known.
    Everything,
    /// Something in particular.
    Fact {
        /// The stems of the words that say what.
        content: Vec<String>,
        /// Where the answer is to be looked for.
        place: Place,
    },
}

/// Where the answer to a question in the first person is to be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the profile alone: “which plan am I on?”
    Profile,
    /// In the profile, and what it leaves open in the articles: “what does my plan include?”
    ProfileThenArticles,
    /// In the articles, unless the profile answers all of it: “when does my plan renew?”
    Articles,
}

impl About {
    /// Whether only the profile could have answered, if the articles did not.
    pub(super) fn is_personal(&self) -> bool {
        match self {
            Self::Fact { content, place: Place::Articles } => only_personal(content),
            Self::Who | Self::Everything | Self::Fact { .. } => true,
        }
    }
}

/// A claim that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    /// The words of the question that it answers.
    pub(super) words: Vec<String>,
    name: String,
    value: String,
}

/// What the clause asks about the visitor, if it does.
pub(super) fn about(clause: &Clause) -> Option<About> {
    // “Tell me about the plans” is not about whoever says “me”.
    let of_me = ["about me", "know me", "recognise me", "recognize me", "remember me"];
    let named = of_me.iter().any(|phrase| clause.has(phrase));
    if !named && !clause.has_any(&["i", "my", "mine", "myself", "our", "we"]) {
        return None;
    }
    let kind = kind(clause);
    if matches!(kind, Kind::Other) {
        return None;
    }
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| clause.has(phrase));
    let logged_in = ["logged", "signed", "identified", "verified", "authenticated"];
    if has(&["who am i", "who i am", "know my name"])
        || (named && !clause.has("about me"))
        || (clause.has("am i") && clause.has_any(&logged_in))
    {
        return Some(About::Who);
    }
    let content = clause.content();
    if clause.has("about me") || (has(&["my profile", "my data", "my details"]) && content.len() == 1) {
        return Some(About::Everything);
    }
    let about_being = has(&["am i", "are we"]) && content.iter().any(|word| is_personal(word));
    let place = match kind {
        Kind::Maybe | Kind::Other => Place::Articles,
        Kind::Fact if about_being || only_personal(&content) => Place::Profile,
        Kind::Fact => Place::ProfileThenArticles,
    };
    (!content.is_empty()).then_some(About::Fact { content, place })
}

/// How clauses begin that ask what is.
const FACT_OPENINGS: &[&str] = &[
    "what", "whats", "which", "who", "am", "is", "are", "do", "does", "did", "tell", "show", "remind",
    "give", "say", "please",
];

enum Kind {
    /// Asks what is.
    Fact,
    /// Asks when or where something is.
    Maybe,
    /// Asks how to do something, or does not ask.
    Other,
}

fn kind(clause: &Clause) -> Kind {
    let words: Vec<_> = clause.words().iter().map(String::as_str).collect();
    let indirect = (clause.has("to know") || clause.has_any(&["wonder", "wondering"]))
        && clause.has_any(&["what", "which", "who"]);
    if indirect {
        return Kind::Fact;
    }
    if clause.has_any(&["should", "would", "will", "if", "cannot", "want"]) {
        return Kind::Other;
    }
    let asks_for = clause.has_any(&["what", "which", "who", "my"]);
    match words.as_slice() {
        ["can" | "could", "you", ..] if asks_for => Kind::Fact,
        [_, rest @ ..] if rest.iter().any(|word| matches!(*word, "can" | "could")) => Kind::Other,
        [first, ..] if FACT_OPENINGS.contains(first) => Kind::Fact,
        ["how", "many" | "much", ..]
        | ["on" | "in" | "at" | "under" | "for" | "to", "what" | "which", ..] => Kind::Fact,
        ["my" | "our", ..] if words.len() <= 4 && !clause.has_any(&["is", "are", "was"]) => Kind::Fact,
        ["when" | "where" | "since", ..] => Kind::Maybe,
        _ => Kind::Other,
    }
}

/// Whether nothing but the visitor's own facts is asked for.
fn only_personal(content: &[String]) -> bool {
    content.iter().all(|word| is_personal(word))
}

fn is_personal(word: &str) -> bool {
    words::is_in_list(PERSONAL, word)
}

/// What the visitor is called: `first_name` and its like, or else `name`.
pub(super) fn short_name(identity: &Identity<'_>) -> Option<String> {
    ["first_name", "given_name", "firstName", "givenName", "name"]
        .iter()
        .find_map(|name| string(identity, name))
}

fn full_name(identity: &Identity<'_>) -> Option<String> {
    ["name", "full_name", "fullName", "display_name"]
        .iter()
        .find_map(|name| string(identity, name))
        .or_else(|| short_name(identity))
}

fn string(identity: &Identity<'_>, name: &str) -> Option<String> {
    let Ok(Value::String(text)) = serde_json::from_str(identity.claims.get(name)?) else { return None };
    let line = one_line(&text);
    (!line.is_empty()).then_some(line)
}

/// The facts of the profile that answer the words, in the order of the claims' names.
pub(super) fn facts(identity: &Identity<'_>, content: &[String]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for (name, value) in members(identity) {
        let words = words::content(&words::name_words(&name));
        let needed: Vec<_> = words.iter().filter(|word| !NEED_NOT_BE_SAID.contains(&word.as_str())).collect();
        let said = |word: &&String| content.contains(word);
        let asked = if needed.is_empty() {
            !words.is_empty() && words.iter().all(|word| said(&word))
        } else {
            needed.iter().all(said)
        };
        if asked {
            // What its value says is asked about, too: “am I on the pro plan?”
            let in_value = words::content_of(&value);
            let words = content
                .iter()
                .filter(|word| words.contains(word) || in_value.contains(word))
                .cloned()
                .collect();
            facts.push(Fact { words, name, value });
        }
    }
    if facts.is_empty() && content.iter().any(|word| word == "nam") {
        let name =
            full_name(identity).map(|value| Fact { words: content.to_vec(), name: "name".to_owned(), value });
        facts.extend(name.filter(|_| only_personal(content)));
    }
    let all = facts.clone();
    // “My company name” is the company's name, not also the visitor's.
    facts.retain(|fact| !all.iter().any(|other| is_part(&fact.words, &other.words)));
    facts
}

fn is_part(words: &[String], whole: &[String]) -> bool {
    words.len() < whole.len() && words.iter().all(|word| whole.contains(word))
}

/// The profile's members as name and shown value.
fn members<'a>(identity: &Identity<'a>) -> impl Iterator<Item = (String, String)> + use<'a> {
    let email = identity.email.map(|email| ("email".to_owned(), one_line(email)));
    let user_id = ("user_id".to_owned(), one_line(identity.user_id));
    let claims = identity.claims.iter().map(|(name, json)| (one_line(name), shown(json)));
    email.into_iter().chain([user_id]).chain(claims)
}

/// A claim's value in words.
fn shown(json: &str) -> String {
    let text = match serde_json::from_str(json) {
        Ok(Value::Array(items))
            if !items.is_empty() && items.iter().all(|item| !item.is_array() && !item.is_object()) =>
        {
            items.iter().map(scalar).collect::<Vec<_>>().join(", ")
        }
        Ok(value) => scalar(&value),
        Err(_) => json.to_owned(),
    };
    let line = one_line(&text);
    if line.is_empty() { "(empty)".to_owned() } else { line }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "(none)".to_owned(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// The facts as sentences.
pub(super) fn sentences(facts: &[Fact]) -> String {
    facts.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

fn sentence(fact: &Fact) -> String {
    let value = escape(&fact.value);
    let label = label(&fact.name);
    match label.as_str() {
        "plan" | "plan name" if !fact.value.to_lowercase().ends_with("plan") => {
            format!("You are on the **{value}** plan.")
        }
        "plan" | "plan name" => format!("You are on **{value}**."),
        "email" => format!("Your email address is **{value}**."),
        "user id" => format!("Your user ID is **{value}**."),
        // No verb fits “seats” as well as “role”, and none at all “plan renews on”.
        label if label.contains(' ') || label.ends_with('s') => {
            format!("Your {}: **{value}**.", escape(label))
        }
        label => format!("Your {} is **{value}**.", escape(label)),
    }
}

/// A claim's name in words.
fn label(name: &str) -> String {
    let words = words::name_words(name);
    if words.is_empty() { one_line(name) } else { words.join(" ") }
}

/// Who the visitor is.
pub(super) fn who(identity: &Identity<'_>) -> String {
    let user_id = format!("user ID **{}**", escape(identity.user_id));
    let known = match identity.email {
        Some(email) => format!("{user_id}, email **{}**", escape(email)),
        None => user_id,
    };
    match full_name(identity) {
        Some(name) => format!("You are **{}** ({known}). The site has verified that.", escape(&name)),
        None => format!("The site has verified who you are: {known}. Your profile holds no name."),
    }
}

/// All that the profile holds.
pub(super) fn everything(identity: &Identity<'_>) -> String {
    let mut text = "This is what your verified profile holds:\n".to_owned();
    let all: Vec<_> = members(identity).collect();
    // Writing to a `String` cannot fail.
    for (name, value) in all.iter().take(LISTED_MAX) {
        let _ = write!(text, "\n- **{}:** {}", escape(&label(name)), escape(value));
    }
    if all.len() > LISTED_MAX {
        let _ = write!(text, "\n- … and {} more", all.len() - LISTED_MAX);
    }
    text
}

/// That the profile does not answer the question, and what it could answer.
pub(super) fn unknown(identity: &Identity<'_>) -> String {
    let names: Vec<_> = members(identity).take(LISTED_MAX).map(|(name, _)| escape(&label(&name))).collect();
    format!("That is not in your verified profile, so I do not know it. What it holds: {}.", names.join(", "))
}
