//! The knowledge base: articles in sections, and the search over them.

use eloquent_types::{
    id::{AgentId, ArticleId},
    rich::Href,
    time::Timestamp,
};

use crate::{
    agent::AgentScope,
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
        let _ = scope;
        todo!()
    }

    /// The sections of the agent's articles that share words with `query`, the best first, at most
    /// `limit`. Case, accents and English endings make no difference; a word in a title or heading
    /// counts for more than one in the text. Any text is a legal query: it has no syntax.
    pub fn search(&self, agent: AgentId, query: &str, limit: u32) -> Result<Vec<Passage>, StoreError> {
        let _ = (agent, query, limit);
        todo!()
    }
}

impl Writer<'_> {
    /// Puts an article into the agent's knowledge base, in place of one of the same id.
    /// [`StoreError::Conflict`] if another agent has an article of this id.
    pub fn put_article(&self, scope: &AgentScope, new: &NewArticle) -> Result<(), StoreError> {
        let _ = (scope, new);
        todo!()
    }
}
