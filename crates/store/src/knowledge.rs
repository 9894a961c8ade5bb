//! The knowledge base: articles in sections, and the search over them.

use eloquent_types::{
    id::{AgentId, ArticleId},
    rich::Href,
    time::Timestamp,
};

use rusqlite::{Row, params};

use crate::{
    agent::AgentScope,
    column::Col,
    error::StoreError,
    store::{Reader, Writer},
};

/// A section of an article: what is found and quoted as one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading; none for what stands before the first one.
    pub heading: Option<String>,
    /// Its text.
    pub text: String,
}

/// An article to be put into the knowledge base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArticle {
    /// Its id.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// Where it can be read.
    pub url: Option<Href>,
    /// Its sections in order.
    pub sections: Vec<Section>,
    /// The time.
    pub now: Timestamp,
}

/// An article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its id.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// Where it can be read.
    pub url: Option<Href>,
    /// Its sections in order.
    pub sections: Vec<Section>,
    /// When it was first put in.
    pub created_at: Timestamp,
    /// When it was last put in.
    pub updated_at: Timestamp,
}

/// A section that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// The article.
    pub article_id: ArticleId,
    /// The article's title.
    pub title: String,
    /// Where the article can be read.
    pub url: Option<Href>,
    /// The section's heading.
    pub heading: Option<String>,
    /// The section's text.
    pub text: String,
    /// How well it matches (BM25): over zero, the higher the better, comparable within one search only.
    pub score: f64,
}

impl Reader<'_> {
    /// The agent's articles by title.
    pub fn articles(&self, scope: &AgentScope) -> Result<Vec<Article>, StoreError> {
        let sql = "SELECT * FROM article WHERE agent_id = ?1 ORDER BY title, id";
        let mut articles = self.rows(sql, [Col(scope.agent)], read_article)?;
        let sql = "SELECT heading, text FROM section WHERE article_id = ?1 ORDER BY position";
        for article in &mut articles {
            article.sections = self.rows(sql, [Col(article.id)], |row| {
                Ok(Section { heading: row.get(0)?, text: row.get(1)? })
            })?;
        }
        Ok(articles)
    }

    /// The sections of the agent's articles that share words with `query`, the best first, at most
    /// `limit`. Case, accents and English endings make no difference; a word in a title or heading
    /// counts for more than one in the text. Any text is a legal query: it has no syntax.
    pub fn search(&self, agent: AgentId, query: &str, limit: u32) -> Result<Vec<Passage>, StoreError> {
        let Some(words) = match_any(query) else { return Ok(Vec::new()) };
        // The scope is looked for as a word, so that other agents' articles cost nothing; the article's
        // own column decides.
        let expression = format!("scope : {} AND {{title heading text}} : ({words})", scope_word(agent));
        let sql =
            "SELECT a.id, a.title, a.url, s.heading, s.text, -bm25(passage, 0.0, 4.0, 3.0, 1.0) AS score
            FROM passage JOIN section s ON s.id = passage.rowid JOIN article a ON a.id = s.article_id
            WHERE passage MATCH ?1 AND a.agent_id = ?2
            ORDER BY score DESC, s.id LIMIT ?3";
        self.rows(sql, params![expression, Col(agent), limit], read_passage)
    }
}

impl Writer<'_> {
    /// Puts an article into the agent's knowledge base, in place of one of the same id.
    /// [`StoreError::Conflict`] if another agent has an article of this id.
    pub fn put_article(&self, scope: &AgentScope, new: &NewArticle) -> Result<(), StoreError> {
        let sql = "INSERT INTO article (id, agent_id, title, url, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5)
            ON CONFLICT (id) DO UPDATE SET title = ?3, url = ?4, updated_at = ?5 WHERE agent_id = ?2";
        let url = new.url.as_ref().map(Href::as_str);
        let changed =
            self.change(sql, params![Col(new.id), Col(scope.agent), new.title, url, Col(new.now)])?;
        if changed == 0 {
            return Err(StoreError::Conflict);
        }
        self.change("DELETE FROM section WHERE article_id = ?1", [Col(new.id)])?;
        for (position, section) in (0i64..).zip(&new.sections) {
            self.add_section(scope, new, position, section)?;
        }
        Ok(())
    }

    fn add_section(
        &self,
        scope: &AgentScope,
        article: &NewArticle,
        position: i64,
        section: &Section,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO section (article_id, agent_id, position, title, heading, text)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (id, agent) = (Col(article.id), Col(scope.agent));
        self.change(sql, params![id, agent, position, article.title, section.heading, section.text]).map(drop)
    }
}

/// The agent's id as one word of the index, written as the schema's triggers write it. The letters at
/// both ends keep it from being taken for a number or for a word with an English ending.
fn scope_word(agent: AgentId) -> String {
    format!("x{:032x}x", agent.as_u128())
}

/// The most words of a query that are looked for: bounds the work that a visitor's message can cause.
const WORDS_MAX: usize = 32;

/// English words that are in every text, and so find nothing.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "have", "how", "i",
    "if", "in", "is", "it", "me", "my", "of", "on", "or", "that", "the", "there", "this", "to", "was", "we",
    "what", "when", "where", "which", "who", "will", "with", "you", "your",
];

/// The text's words as an expression of FTS5, any of which may match; `None` if there is no word. Each
/// is a quoted string of letters, digits and accents: nothing of the syntax can come from the text.
fn match_any(text: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| !is_word_part(c)).filter(|word| word.contains(char::is_alphanumeric)) {
        let word = word.to_lowercase();
        if !words.contains(&word) {
            words.push(word);
        }
        if words.len() > 4 * WORDS_MAX {
            break;
        }
    }
    let telling = words.iter().filter(|word| !STOP_WORDS.contains(&word.as_str()));
    let chosen: Vec<&String> = match telling.clone().next() {
        Some(_) => telling.take(WORDS_MAX).collect(),
        None => words.iter().take(WORDS_MAX).collect(),
    };
    let quoted: Vec<String> = chosen.into_iter().map(|word| format!("\"{word}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" OR "))
}

/// Letters, digits, and the accents that stand as characters of their own behind a letter.
fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

fn read_article(row: &Row<'_>) -> rusqlite::Result<Article> {
    Ok(Article {
        id: row.get::<_, Col<_>>("id")?.0,
        title: row.get("title")?,
        url: row.get::<_, Option<Col<_>>>("url")?.map(|url| url.0),
        sections: Vec::new(),
        created_at: row.get::<_, Col<_>>("created_at")?.0,
        updated_at: row.get::<_, Col<_>>("updated_at")?.0,
    })
}

fn read_passage(row: &Row<'_>) -> rusqlite::Result<Passage> {
    Ok(Passage {
        article_id: row.get::<_, Col<_>>(0)?.0,
        title: row.get(1)?,
        url: row.get::<_, Option<Col<_>>>(2)?.map(|url| url.0),
        heading: row.get(3)?,
        text: row.get(4)?,
        score: row.get(5)?,
    })
}
