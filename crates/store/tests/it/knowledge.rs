//! The knowledge base and its search.

use eloquent_store::{AgentScope, NewArticle, Passage, Section, StoreError};
use eloquent_types::{id::ArticleId, rich::Href};
use proptest::prelude::*;

use crate::setup::{NOW, Shop, id, tenant};

fn article(id: ArticleId, title: &str, sections: &[(Option<&str>, &str)]) -> NewArticle {
    let section = |(heading, text): &(Option<&str>, &str)| Section {
        heading: heading.map(Into::into),
        text: (*text).into(),
    };
    NewArticle {
        id,
        title: title.into(),
        url: Some(Href::parse("https://shop.example/help").unwrap()),
        sections: sections.iter().map(section).collect(),
        now: NOW,
    }
}

async fn put(shop: &Shop, scope: AgentScope, article: NewArticle) -> Result<(), StoreError> {
    shop.store.write(move |writer| writer.put_article(&scope, &article)).await
}

async fn search(shop: &Shop, scope: AgentScope, query: &str) -> Vec<Passage> {
    let query = query.to_owned();
    shop.store.read(move |reader| reader.search(scope.agent_id(), &query, 5)).await.unwrap()
}

async fn shelf() -> Shop {
    let shop = Shop::open().await;
    let articles = [
        article(
            id(),
            "Shipping",
            &[(None, "We post parcels every day."), (Some("Abroad"), "Customs may apply.")],
        ),
        article(id(), "Returning a grinder", &[(None, "Send it back within thirty days. Shipping is free.")]),
        article(id(), "Café crème", &[(None, "Beans, roasted slowly, for the Müller family.")]),
    ];
    for article in articles {
        put(&shop, shop.agent, article).await.unwrap();
    }
    shop
}

#[tokio::test]
async fn finds_by_words_whatever_their_case_accent_or_ending() {
    let shop = shelf().await;
    for (query, title) in [
        ("shipping", "Shipping"),
        ("How do I RETURN the grinders?", "Returning a grinder"),
        ("customs abroad", "Shipping"),
        ("cafe creme", "Café crème"),
        ("cafe\u{301}", "Café crème"),
        ("muller", "Café crème"),
        ("parcel", "Shipping"),
        ("what is a \"bean\"?", "Café crème"),
    ] {
        let found = search(&shop, shop.agent, query).await;
        let best = found.first().unwrap_or_else(|| panic!("nothing for {query}"));
        assert_eq!(best.title, title, "{query}");
        assert!(best.score > 0.0 && best.url.is_some());
        assert!(found.is_sorted_by(|a, b| a.score >= b.score), "{query}");
    }
    let found = search(&shop, shop.agent, "customs abroad").await;
    assert_eq!(found[0].heading.as_deref(), Some("Abroad"), "the section, not only the article");
}

#[tokio::test]
async fn nothing_is_found_for_nothing() {
    let shop = shelf().await;
    for query in ["", "  ", "?!", "\"", "zebra", "*", "NEAR(", "\u{301}", "scope:x", "😀"] {
        assert!(search(&shop, shop.agent, query).await.is_empty(), "{query}");
    }
    let found = shop.store.read({
        let agent = shop.agent_id();
        move |reader| reader.search(agent, "shipping", 0)
    });
    assert!(found.await.unwrap().is_empty(), "a limit of 0");
}

#[tokio::test]
async fn each_agent_finds_its_own() {
    let shop = shelf().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    assert!(search(&shop, other, "shipping").await.is_empty());
    put(&shop, other, article(id(), "Shipping elsewhere", &[(None, "Ours.")])).await.unwrap();
    let found = search(&shop, other, "shipping").await;
    assert_eq!(
        found.iter().map(|passage| passage.title.as_str()).collect::<Vec<_>>(),
        ["Shipping elsewhere"]
    );
    let ids = format!("x{:032x}x", other.agent_id().as_u128());
    assert!(search(&shop, shop.agent, &ids).await.is_empty(), "the index's own words are not searched");
    assert!(search(&shop, other, &ids).await.is_empty());
}

#[tokio::test]
async fn an_article_replaces_its_former_self() {
    let shop = Shop::open().await;
    let id = id();
    put(&shop, shop.agent, article(id, "Old title", &[(None, "pineapple"), (None, "papaya")])).await.unwrap();
    put(&shop, shop.agent, article(id, "New title", &[(Some("H"), "mango")])).await.unwrap();
    assert!(search(&shop, shop.agent, "pineapple papaya old").await.is_empty());
    assert_eq!(search(&shop, shop.agent, "mango").await.len(), 1);
    let scope = shop.agent;
    let articles = shop.store.read(move |reader| reader.articles(&scope)).await.unwrap();
    assert_eq!(articles.len(), 1);
    assert_eq!((articles[0].title.as_str(), articles[0].sections.len()), ("New title", 1));

    let (_, other) = shop.store.write(tenant).await.unwrap();
    let stolen = put(&shop, other, article(id, "Mine now", &[])).await;
    assert!(matches!(stolen, Err(StoreError::Conflict)));
    assert_eq!(search(&shop, shop.agent, "mango").await.len(), 1, "it stays as it was");

    put(&shop, shop.agent, article(id, "New title", &[])).await.unwrap();
    shop.store.close().await;
    let files = std::fs::read(&shop.file).unwrap();
    for word in ["pineappl", "papaya", "mango"] {
        let found = files.windows(word.len()).any(|bytes| bytes == word.as_bytes());
        assert!(!found, "{word} is still in the file");
    }
}

#[test]
fn no_text_is_an_illegal_query() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shop = runtime.block_on(shelf());
    let syntax = "[a-zäé0-9 \"'*():^{}+,.\\-]{0,40}|(AND|OR|NOT|NEAR|title|scope| |\"|\\(|\\)|:|\\*){0,12}|(?s).{0,40}";
    let config = ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(query in syntax)| {
        runtime.block_on(search(&shop, shop.agent, &query));
    });
    runtime.block_on(search(&shop, shop.agent, &"word ".repeat(100_000)));
    let many: Vec<String> = (0..50_000).map(|n| format!("w{n}")).collect();
    runtime.block_on(search(&shop, shop.agent, &many.join(" ")));
}

#[tokio::test]
async fn the_articles_own_agent_decides_not_the_index() {
    let shop = shelf().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let outside = rusqlite::Connection::open(&shop.file).unwrap();
    let to = other.agent_id().as_u128().to_be_bytes();
    outside.execute("UPDATE article SET agent_id = ?1", [to]).unwrap();
    assert!(search(&shop, shop.agent, "shipping").await.is_empty());
}
