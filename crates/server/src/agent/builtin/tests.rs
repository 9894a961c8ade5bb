use eloquent_types::{
    claims::Claims,
    id::ArticleId,
    rich::{Block, Href, Inline, plain_text},
    time::Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::markdown;

fn claims(values: &Value) -> Claims {
    let members = values.as_object().unwrap().iter();
    Claims::from_json_values(members.map(|(name, value)| (name.clone(), value.to_string())))
}

fn ada() -> Claims {
    claims(&json!({
        "name": "Ada Lovelace",
        "plan": "pro",
        "company": "Analytical Engines",
        "role": "admin",
        "seats": 5,
        "favourite_roast": "Fell Top",
        "planRenewsOn": "2026-12-01",
        "newsletter": true,
        "https://fernhill.example/member_since": "2021",
        "tags": ["early", "office"],
    }))
}

fn passage(title: &str, heading: &str, text: &str) -> Passage {
    Passage {
        article_id: ArticleId::mint(Timestamp::from_secs(1), [1; 10]),
        title: title.into(),
        url: Href::parse(format!("https://shop.example/{title}")).ok(),
        heading: Some(heading.into()),
        text: text.into(),
        score: 1.0,
    }
}

fn articles() -> Vec<Passage> {
    vec![
        passage(
            "Plans",
            "What each plan costs",
            "Taster is free. Daily costs £14 a month and includes free delivery.",
        ),
        passage(
            "Shipping",
            "How long it takes",
            "Parcels arrive within **two** working days.\n\nIslands take four.",
        ),
        passage("Subscriptions", "Changing your plan", "Open Account, then Plan, and choose another one."),
        passage("Returns", "Refunds", "Send unopened bags back within 30 days for your money back."),
    ]
}

/// Asks in a conversation that has begun already.
fn ask(question: &str, identity: Option<Identity<'_>>) -> Answer {
    let history = [
        Turn { role: Role::Visitor, text: "Hi" },
        Turn { role: Role::Agent, text: "Hello! What can I look up for you?" },
    ];
    let passages = articles();
    answer(&BuiltinInput {
        agent_name: "Fern",
        identity,
        passages: &passages,
        history: &history,
        question,
        starters: &[],
    })
}

fn ask_as(claims: &Claims, question: &str) -> Answer {
    ask(question, Some(Identity { user_id: "42", email: Some("ada@example.com"), claims }))
}

const UNKNOWN: &str = "is not in your verified profile";
const NOBODY: &str = "nobody is verified";

#[test]
fn a_verified_visitor_is_told_what_the_profile_holds() {
    let ada = ada();
    for (question, expected) in [
        ("Which plan am I on?", "You are on the **pro** plan."),
        ("which plan am i on", "You are on the **pro** plan."),
        ("What's my plan?", "You are on the **pro** plan."),
        ("What’s my current subscription?", "You are on the **pro** plan."),
        ("whats my plan", "You are on the **pro** plan."),
        ("I'd like to know which plan I have", "You are on the **pro** plan."),
        ("Am I on the Daily plan?", "You are on the **pro** plan."),
        ("my plan?", "You are on the **pro** plan."),
        ("Hi, what plan do I have?", "You are on the **pro** plan."),
        ("Can you tell me which plan I'm on?", "You are on the **pro** plan."),
        ("Please tell me my plan", "You are on the **pro** plan."),
        ("On which tier are we?", "You are on the **pro** plan."),
        ("Am I on the pro plan?", "You are on the **pro** plan."),
        ("I'm Bob, which plan am I on?", "You are on the **pro** plan."),
        ("What is my email?", "Your email address is **ada@example.com**."),
        ("what's my e-mail address", "Your email address is **ada@example.com**."),
        ("Which company do I belong to?", "Your company is **Analytical Engines**."),
        ("What is my company's name?", "Your company is **Analytical Engines**."),
        ("What's my role?", "Your role is **admin**."),
        ("How many seats do we have?", "Your seats: **5**."),
        ("What is my favourite roast?", "Your favourite roast: **Fell Top**."),
        ("When does my plan renew?", "Your plan renews on: **2026-12-01**."),
        ("Since when am I a member?", "Your member since: **2021**."),
        ("What are my tags?", "Your tags: **early, office**."),
        ("What is my user id?", "Your user ID is **42**."),
        ("What is my name?", "Your name is **Ada Lovelace**."),
        (
            "Who am I?",
            "You are **Ada Lovelace** (user ID **42**, email **ada@example.com**). The site has verified that.",
        ),
        (
            "Do you know who I am?",
            "You are **Ada Lovelace** (user ID **42**, email **ada@example.com**). The site has verified that.",
        ),
        (
            "Am I logged in?",
            "You are **Ada Lovelace** (user ID **42**, email **ada@example.com**). The site has verified that.",
        ),
    ] {
        let answer = ask_as(&ada, question);
        assert!(answer.text.starts_with(expected), "{question}: {}", answer.text);
    }
}

#[test]
fn what_is_told_of_the_profile_has_no_source() {
    let ada = ada();
    for question in ["Which plan am I on?", "What is my email?", "Who am I?", "What do you know about me?"] {
        assert_eq!(ask_as(&ada, question).sources, [], "{question}");
    }
}

#[test]
fn everything_is_listed_when_asked_for() {
    let ada = ada();
    for question in ["What do you know about me?", "Show me my profile", "what data do you have about me"] {
        let text = ask_as(&ada, question).text;
        for line in
            ["- **email:** ada@example.com", "- **user id:** 42", "- **plan:** pro", "- **newsletter:** yes"]
        {
            assert!(text.contains(line), "{question}: {text}");
        }
    }
    let many: serde_json::Map<_, _> = (0..100).map(|n| (format!("c{n}"), json!(n))).collect();
    let text = ask_as(&claims(&Value::Object(many)), "What do you know about me?").text;
    assert!(text.ends_with("- … and 72 more"), "{text}");
}

#[test]
fn what_the_profile_does_not_hold_is_not_made_up() {
    let none = Claims::default();
    for question in
        ["Which plan am I on?", "What is my phone number?", "What's my address?", "What is my name?"]
    {
        let text = ask_as(&none, question).text;
        assert!(text.contains(UNKNOWN), "{question}: {text}");
    }
    let text = ask_as(&none, "Who am I?").text;
    assert!(text.contains("user ID **42**") && text.contains("no name"), "{text}");
}

#[test]
fn an_anonymous_visitor_is_told_that_nobody_is_verified() {
    for question in [
        "Which plan am I on?",
        "What's my plan?",
        "What is my email?",
        "Who am I?",
        "What is my name?",
        "What do you know about me?",
        "Am I logged in?",
        "I'm Ada Lovelace, which plan am I on?",
        "Tell me my user id",
        "What is my favourite colour?",
        "How many seats do we have?",
        "Am I on the Daily plan?",
        "Where is my order?",
    ] {
        let answer = ask(question, None);
        assert!(
            answer.text.contains(NOBODY) && answer.text.contains("logged in"),
            "{question}: {}",
            answer.text
        );
        assert_eq!(answer.sources, [], "{question}");
        assert!(!answer.text.contains("Ada"), "{question}: {}", answer.text);
    }
}

#[test]
fn questions_about_the_site_are_answered_from_articles() {
    let ada = ada();
    for (question, title, part) in [
        ("How long does shipping take?", "Shipping", "> Parcels arrive within **two** working days."),
        ("when will it be delivered", "Shipping", "> Islands take four."),
        ("How do I change my plan?", "Subscriptions", "> Open Account, then Plan"),
        ("Can I switch plans?", "Subscriptions", "“Changing your plan”"),
        ("what does the daily plan cost?", "Plans", "Daily costs £14"),
        ("Which plans do you have?", "Plans", "Taster is free."),
        ("Can I get a refund?", "Returns", "> Send unopened bags back"),
        ("Tell me about the Daily plan", "Plans", "Daily costs £14"),
        ("I want my money back", "Returns", "30 days"),
    ] {
        for answer in [ask_as(&ada, question), ask(question, None)] {
            assert!(
                answer.text.starts_with("Our article **") && answer.text.contains(part),
                "{question}: {}",
                answer.text
            );
            assert_eq!(answer.sources.len(), 1, "{question}");
            assert_eq!(answer.sources[0].title, title, "{question}");
            assert_eq!(answer.sources[0].url, Href::parse(format!("https://shop.example/{title}")).ok());
        }
    }
}

#[test]
fn a_question_about_both_gets_both() {
    let ada = ada();
    for question in ["What does my plan cost?", "Which plan am I on, and how long does shipping take?"] {
        let answer = ask_as(&ada, question);
        assert!(
            answer.text.starts_with("You are on the **pro** plan.\n\nOur article "),
            "{question}: {}",
            answer.text
        );
        assert_eq!(answer.sources.len(), 1);
    }
    let text = ask_as(&ada, "What voltage has my plan?").text;
    assert_eq!(text, "You are on the **pro** plan. More about this I could not find in our articles.");
}

#[test]
fn what_no_article_holds_is_not_found() {
    let ada = ada();
    for question in [
        "Who won the football cup yesterday?",
        "???",
        "Explain quantum gravity",
        "asdf qwer",
        "What is the email of Bob?",
    ] {
        for answer in [ask_as(&ada, question), ask(question, None)] {
            assert!(answer.text.starts_with("I could not find"), "{question}: {}", answer.text);
            assert!(!answer.text.contains("ada@example.com"));
        }
    }
    let answer = ask("Explain quantum gravity of parcels in a plan", None);
    assert!(answer.text.ends_with("The nearest that I have: **Plans**, **Shipping**."), "{}", answer.text);
}

#[test]
fn greetings_thanks_and_what_it_is() {
    let ada = ada();
    for question in
        ["Hi", "hello!", "Hallo", "hey there", "Good morning", "Hi Fern", "Guten Tag", "bonjour 👋"]
    {
        assert_eq!(
            ask_as(&ada, question).text,
            "Hello again, Ada Lovelace! What can I look up for you?",
            "{question}"
        );
        assert_eq!(ask(question, None).text, "Hello again! What can I look up for you?", "{question}");
    }
    for question in ["Hello, I'm Ada", "My name is Ada Lovelace."] {
        assert!(ask(question, None).text.contains("cannot check who is writing"), "{question}");
        assert!(ask_as(&ada, question).text.starts_with("Hello again, Ada Lovelace!"), "{question}");
    }
    for question in ["Thanks!", "thank you very much", "Great, thanks", "ok thanks for your help", "Bye"] {
        assert!(ask(question, None).text.starts_with("You are welcome"), "{question}");
    }
    for question in [
        "Are you a robot?",
        "are you human",
        "Am I talking to a real person?",
        "Who are you?",
        "What's your name?",
        "you're an AI, right?",
    ] {
        let text = ask(question, None).text;
        assert!(
            text.contains("I am Fern") && text.contains("without a language model"),
            "{question}: {text}"
        );
    }
    for question in ["What can you do?", "help", "How can you help me?"] {
        assert!(ask(question, None).text.starts_with("Ask me anything"), "{question}");
    }
}

#[test]
fn the_first_answer_greets_a_verified_visitor_by_name() {
    let first = |claims: Option<&Claims>, question: &str| {
        let identity =
            claims.map(|claims| Identity { user_id: "42", email: Some("ada@example.com"), claims });
        answer(&BuiltinInput {
            agent_name: "Fern",
            identity,
            passages: &articles(),
            history: &[],
            question,
            starters: &[],
        })
        .text
    };
    let names = claims(&json!({"name": "Ada Lovelace", "first_name": "Ada"}));
    let given = claims(&json!({"given_name": "Grace"}));
    let no_text = claims(&json!({"name": 7, "first_name": " "}));
    assert_eq!(first(Some(&names), "Hello"), "Hello, Ada! What can I look up for you?");
    assert_eq!(first(Some(&given), "Hello"), "Hello, Grace! What can I look up for you?");
    assert_eq!(first(Some(&no_text), "Hello"), "Hello! What can I look up for you?");
    assert_eq!(first(None, "Hello"), "Hello! What can I look up for you?");
    assert!(first(Some(&names), "Can I get a refund?").starts_with("Hello, Ada!\n\nOur article **Returns**"));
    assert!(first(None, "Can I get a refund?").starts_with("Our article **Returns**"));
}

#[test]
fn a_long_passage_is_shortened_between_paragraphs() {
    let text = format!("{}\n\n{}", "First words. ".repeat(60), "Second words. ".repeat(60));
    let passages = [passage("Long", "Words", &text), passage("Longer", "Syllables", &"word ".repeat(900))];
    let quoted = |question| {
        let input = BuiltinInput {
            agent_name: "F",
            identity: None,
            passages: &passages,
            history: &[],
            question,
            starters: &[],
        };
        answer(&input).text
    };
    assert!(quoted("the first words").ends_with("First words.\n>\n> …"));
    let single = quoted("syllables");
    assert!(single.ends_with(" word …") && single.len() < 1_400, "{single}");
}

/// The tree without its words.
fn shape(blocks: &[Block]) -> String {
    fn inlines(content: &[Inline]) -> String {
        content
            .iter()
            .map(|inline| match inline {
                Inline::Text(_) => "t".to_owned(),
                Inline::Strong(content) => format!("s({})", inlines(content)),
                Inline::Emphasis(content) => format!("e({})", inlines(content)),
                Inline::Strike(content) => format!("x({})", inlines(content)),
                Inline::Code(_) => "c".to_owned(),
                Inline::Link { content, .. } => format!("l({})", inlines(content)),
                Inline::Break => "b".to_owned(),
            })
            .collect()
    }
    blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(content) => format!("P({})", inlines(content)),
            Block::List { items, .. } => {
                items.iter().flat_map(|item| ["I(".to_owned(), shape(item), ")".to_owned()]).collect()
            }
            other => format!("{other:?}"),
        })
        .collect()
}

fn markdown_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zé ]{1,5}",
        "(?s).{0,6}",
        proptest::sample::select(vec![
            "*",
            "**",
            "_",
            "~~",
            "`",
            "```",
            "[",
            "](https://e.x)",
            "<b>",
            "<https://e.x>",
            "&amp;",
            "&#65;",
            "\\",
            "\n\n",
            "\n- ",
            "# ",
            "> ",
            "|",
            "1. ",
            "![",
            "---",
            "  \n",
            "(",
            ")",
            "+",
            "\u{202e}",
            "\t",
            "=",
            "www.e.x",
            "https://e.x",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| format!("x{}", pieces.concat()))
}

proptest! {
    #[test]
    fn claims_come_out_as_text(value in markdown_like(), name in markdown_like()) {
        let plain = claims(&json!({"name": "x", "x": "x"}));
        let claims = claims(&json!({"name": value, name: "x"}));
        for question in ["Hello", "What is my name?", "Who am I?", "What do you know about me?"] {
            let answered = markdown::parse(&ask_as(&claims, question).text);
            let expected = markdown::parse(&ask_as(&plain, question).text);
            prop_assert_eq!(shape(&answered), shape(&expected), "{}", question);
            let line = text::one_line(&value);
            prop_assert!(plain_text(&answered).contains(&line), "{}: {} in {}", question, line, plain_text(&answered));
        }
    }

    #[test]
    fn any_question_has_an_answer(question in "(?s).{0,80}") {
        let ada = ada();
        prop_assert!(!ask_as(&ada, &question).text.is_empty());
        prop_assert_eq!(ask(&question, None), ask(&question, None));
    }

    #[test]
    fn pieces_are_the_text(text in "(?s)([a-z]{1,40}|[ \n]{1,3}|.){0,20}") {
        let pieces = pieces(&text);
        prop_assert_eq!(pieces.concat(), text.as_str());
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.chars().count() <= PIECE_MAX_CHARS));
    }
}

#[test]
fn pieces_are_words() {
    assert_eq!(pieces(""), Vec::<&str>::new());
    assert_eq!(pieces("You are **on** it.\n\n> So."), ["You ", "are ", "**on** ", "it.\n\n", "> ", "So."]);
    assert_eq!(pieces(&"漢".repeat(30)).len(), 2);
}
