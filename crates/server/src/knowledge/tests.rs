use eloquent_store::{MasterKey, NewAgent, NewArticle, NewCompany, Store, StoreError};
use eloquent_types::{id::AgentId, id::Id, time::Timestamp};

use super::*;
use crate::agent::builtin::{self, Answer, BuiltinInput};

fn cut(markdown: &str) -> (String, Vec<(Option<String>, String)>) {
    let (title, sections) = sections(markdown);
    (title, sections.into_iter().map(|section| (section.heading, section.text)).collect())
}

fn section(heading: &str, text: &str) -> (Option<String>, String) {
    ((!heading.is_empty()).then(|| heading.to_owned()), text.to_owned())
}

#[test]
fn headings_cut_an_article() {
    for (markdown, title, expected) in [
        ("", UNTITLED, vec![]),
        ("Just text.", UNTITLED, vec![section("", "Just text.")]),
        ("# T", "T", vec![]),
        (
            "# T\n\nIntro.\n\n## A\n\na\n\n## B\nb\n",
            "T",
            vec![section("", "Intro."), section("A", "a"), section("B", "b")],
        ),
        ("Before.\n\n# T\n\nIntro.", "T", vec![section("", "Before.\n\n\nIntro.")]),
        ("# T\n## Empty\n### Deep #\nx", "T", vec![section("Deep", "x")]),
        ("# T\n# Second\nx", "T", vec![section("Second", "x")]),
        ("## C#\nx\n## C# ##\ny", "C#", vec![section("", "x"), section("C#", "y")]),
        ("# T\r\nx\r\n## A\r\ny\r\n", "T", vec![section("", "x"), section("A", "y")]),
        ("# T\n#hash\n####### seven\n#", "T", vec![section("", "#hash\n####### seven\n#")]),
        (
            "# T\n```sh\n# no heading\n```\n## A\na",
            "T",
            vec![section("", "```sh\n# no heading\n```"), section("A", "a")],
        ),
        (
            "# T\n~~~~\n```\n# x\n~~~\n# y\n~~~~\n## A\na",
            "T",
            vec![section("", "~~~~\n```\n# x\n~~~\n# y\n~~~~"), section("A", "a")],
        ),
        ("# T\n```\n# never closed", "T", vec![section("", "```\n# never closed")]),
    ] {
        assert_eq!(cut(markdown), (title.to_owned(), expected), "{markdown}");
    }
}

/// The demo shop's articles by file name.
fn demo_articles() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/knowledge");
    let mut articles: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    articles.sort();
    articles
}

#[test]
fn every_article_of_the_demo_has_a_title_and_sections() {
    let articles = demo_articles();
    assert!(articles.len() >= 8);
    for (file, text) in articles {
        let (title, sections) = sections(&text);
        assert_ne!(title, UNTITLED, "{file}");
        assert!(sections.len() >= 2, "{file}");
    }
}

fn demo_store(folder: &std::path::Path) -> (Store, AgentId) {
    let store = Store::open(&folder.join("eloquent.db"), &MasterKey::from_bytes([3; 32])).unwrap();
    (store, Id::mint(Timestamp::from_secs(1), [2; 10]))
}

async fn put_demo(store: &Store, agent: AgentId) {
    let now = Timestamp::from_secs(1);
    let put = move |writer: &eloquent_store::Writer<'_>| -> Result<(), StoreError> {
        let company = NewCompany { id: Id::mint(now, [1; 10]), name: "Fernhill".into(), now };
        let company = writer.create_company(&company)?;
        let agent = NewAgent {
            id: agent,
            name: "Fernhill".into(),
            greeting: String::new(),
            instructions: String::new(),
            starters: Vec::new(),
            accent: None,
            locale: None,
            allowed_origins: Vec::new(),
            now,
        };
        let scope = writer.create_agent(&company, &agent)?;
        for (index, (_, text)) in (0..).zip(demo_articles()) {
            let (title, sections) = sections(&text);
            let id = Id::mint(now, [index; 10]);
            writer.put_article(&scope, &NewArticle { id, title, url: None, sections, now })?;
        }
        Ok(())
    };
    store.write(put).await.unwrap();
}

async fn ask(store: &Store, agent: AgentId, question: &'static str) -> Answer {
    let passages =
        store.read::<_, StoreError>(move |reader| reader.search(agent, question, 4)).await.unwrap();
    let input = BuiltinInput {
        agent_name: "Fern",
        identity: None,
        passages: &passages,
        history: &[],
        question,
        starters: &[],
    };
    builtin::answer(&input)
}

#[tokio::test]
async fn the_demo_s_articles_answer_what_its_visitors_ask() {
    let folder = tempfile::tempdir().unwrap();
    let (store, agent) = demo_store(folder.path());
    put_demo(&store, agent).await;
    let mut failures = Vec::new();
    for (question, title, part) in [
        ("How do I pause my subscription?", "Pausing and skipping", "choose **Pause**"),
        ("Can I skip a delivery?", "Pausing and skipping", "Choose **Skip**"),
        ("When will my coffee arrive?", "Shipping and delivery", "usually arrives on"),
        ("How much is delivery?", "Shipping and delivery", "£2.95"),
        ("Do you ship abroad?", "Shipping and delivery", "not ship abroad"),
        ("My parcel is lost", "Shipping and delivery", "the same coffee again"),
        ("What does the Daily plan cost?", "Plans and prices", "£18"),
        ("Which plans do you have?", "Plans and prices", "Taster"),
        ("What is included in the pro plan?", "Plans and prices", "two 250 g bags"),
        ("How do I change my plan?", "Changing your subscription", "Change plan"),
        ("How can I cancel?", "Changing your subscription", "no notice period"),
        ("Can I get a refund?", "Returns and refunds", "refund"),
        ("My bag arrived damaged", "Returns and refunds", "photo"),
        ("Where do I find my invoices?", "Invoices and payment", "PDF"),
        ("Can I pay by PayPal?", "Invoices and payment", "PayPal"),
        ("How do I make espresso?", "Brewing guide", "18 g"),
        ("How should I store coffee beans?", "Brewing guide", "airtight"),
        ("I forgot my password", "Your account and security", "Forgot password"),
        ("How do I delete my account?", "Your account and security", "delete the account"),
        ("What are your opening hours?", "Contact and opening hours", "9:00"),
        ("Can I talk to a person?", "Contact and opening hours", "01632"),
        ("Do you sell wholesale?", "Coffee for offices and cafés", "12 kg"),
    ] {
        let answer = ask(&store, agent, question).await;
        let source = answer.sources.first().map(|source| source.title.as_str());
        if source != Some(title) || !answer.text.contains(part) {
            failures.push(format!("{question}\n{}", answer.text));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    for question in
        ["Who won the football cup?", "Explain quantum gravity", "Do you repair bicycles with carbon frames?"]
    {
        let answer = ask(&store, agent, question).await;
        assert!(answer.text.starts_with("I could not find"), "{question}: {}", answer.text);
    }
}
