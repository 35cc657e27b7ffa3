//! A search: thirty candidates by words and thirty by meaning, both scores for each of them
//! (`embed-text`'s README measured how they are best joined).

mod candidate;
mod score;
pub mod sql;
mod vectors;

pub use candidate::Candidate;

use crate::embedder::embed_question;
use crate::index::{OWNED, SPACE, json};
use crate::vector::Vector;
use crate::words::{folded, words};
use common::Context;
use common::db::{Columns, Rows, Statement};
use common::http::Error;
use common::ids::LinkId;
use score::scored;
use sql::{CHUNKS_FIND, CHUNKS_OWNED, SPACE_GET, WORDS_FIND};
use std::collections::BTreeSet;
use vectors::{Vectors, vectors_of};

/// Longest question, in characters.
pub const MAX_QUESTION: usize = 1_000;
/// Most hits of a search.
pub const MAX_HITS: usize = 50;
/// Candidates by words, and as many by meaning.
const CANDIDATES: usize = 30;
/// Vectors that are looked at for these: some are of the same chunk, some of none that is searched.
const NEAREST: usize = 240;
/// Most chunks of one customer's own that a search weighs.
const MAX_OWN: usize = 200;
/// Most trigrams that are asked for.
const MAX_TRIGRAMS: usize = 120;

/// What may be found.
#[derive(Debug, Clone, Copy)]
pub enum Reach<'a> {
    /// All that the business has.
    All,
    /// What is for all, and what has one of these owners (see [`owner`](crate::owner)).
    Of(&'a BTreeSet<String>),
}

/// A chunk that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// What it is.
    pub chunk: Candidate,
    /// How well it fits: up to 1, and up to 2 where an id, an address or a number of the question is in it.
    pub score: f32,
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The hits, the best first, each record once.
    pub hits: Vec<Hit>,
    /// Whether words alone decided, since nothing embeds the question at the moment.
    pub is_degraded: bool,
}

/// Searches these links.
///
/// # Errors
/// 503 where the database is away. Without the embedder, words alone decide.
pub async fn find(
    cx: &Context<'_>,
    links: &[LinkId],
    question: &str,
    reach: Reach<'_>,
    count: usize,
) -> Result<Findings, Error> {
    if links.is_empty() {
        return Ok(Findings::default());
    }
    let links: Vec<&str> = links.iter().map(LinkId::as_str).collect();
    let links = json(&links)?;
    let space = SPACE_GET.bind(vec![cx.business_id().into()]);
    let Some(row) = cx.ports.search.rows(space).await?.into_iter().next() else {
        return Ok(Findings::default());
    };
    let mut columns = Columns::of(&row);
    let (slot, version) = (columns.integer("slot")?, columns.integer("version")?);
    let model = columns.str("model")?;

    let embedded = embed_question(cx, model, question).await;
    let is_degraded = embedded.is_err();
    let vector = embedded.ok().flatten();
    let vectors = vectors_of(cx, version, model).await?;
    let first = slot * SPACE;
    let last = match reach {
        Reach::All => first + SPACE - 1,
        Reach::Of(_) => first + OWNED - 1,
    };
    let near = match &vector {
        Some(vector) => vectors.nearest(vector, first..=last, NEAREST),
        None => Vec::new(),
    };
    let asked = Asked { links, first, last };
    let candidates = asked.candidates(cx, question, &near, reach).await?;
    let mut hits = scored(question, vector.as_ref(), &vectors, candidates);
    let mut seen = BTreeSet::new();
    hits.retain(|hit| seen.insert((hit.chunk.link_id.clone(), hit.chunk.record_key.clone())));
    hits.truncate(count.min(MAX_HITS));
    Ok(Findings { hits, is_degraded })
}

/// What is for these owners alone, the newest first.
///
/// # Errors
/// 503 where the database is away.
pub async fn own(
    cx: &Context<'_>,
    links: &[LinkId],
    owners: &BTreeSet<String>,
) -> Result<Vec<Candidate>, Error> {
    if links.is_empty() || owners.is_empty() {
        return Ok(Vec::new());
    }
    let links: Vec<&str> = links.iter().map(LinkId::as_str).collect();
    let statement = owned(cx, &json(&links)?, owners)?;
    read(cx.ports.search.rows(statement).await?)
}

struct Asked {
    links: String,
    first: i64,
    last: i64,
}

impl Asked {
    async fn candidates(
        &self,
        cx: &Context<'_>,
        question: &str,
        near: &[i64],
        reach: Reach<'_>,
    ) -> Result<Vec<Candidate>, Error> {
        let count = || i64::try_from(CANDIDATES).unwrap_or_default().into();
        let mut statements = Vec::new();
        if let Some(trigrams) = matching(question)? {
            statements.push(WORDS_FIND.bind(vec![
                cx.business_id().into(),
                self.links.as_str().into(),
                trigrams.into(),
                self.first.into(),
                self.last.into(),
                count(),
            ]));
        }
        if !near.is_empty() {
            statements.push(CHUNKS_FIND.bind(vec![
                cx.business_id().into(),
                self.links.as_str().into(),
                json(&near)?.into(),
                count(),
            ]));
        }
        if let Reach::Of(owners) = reach
            && !owners.is_empty()
        {
            statements.push(owned(cx, &self.links, owners)?);
        }
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let rows = cx.ports.search.batch(statements).await?;
        let mut candidates: Vec<Candidate> = Vec::new();
        for candidate in read(rows.into_iter().flatten().collect())? {
            if !candidates.iter().any(|known| known.id == candidate.id) {
                candidates.push(candidate);
            }
        }
        Ok(candidates)
    }
}

fn owned(cx: &Context<'_>, links: &str, owners: &BTreeSet<String>) -> Result<Statement, Error> {
    Ok(CHUNKS_OWNED.bind(vec![
        cx.business_id().into(),
        links.into(),
        json(owners)?.into(),
        i64::try_from(MAX_OWN).unwrap_or_default().into(),
    ]))
}

fn read(rows: Rows) -> Result<Vec<Candidate>, Error> {
    rows.iter().map(Candidate::of_row).collect()
}

/// The trigrams of a question's words, as FTS5 takes them, as a JSON list. `None` where it has none.
fn matching(question: &str) -> Result<Option<String>, Error> {
    let folded = folded(question);
    let counting = crate::words::question_words(question);
    let mut trigrams = BTreeSet::new();
    let counting: Vec<&str> = match counting.is_empty() {
        true => words(&folded).collect(),
        false => counting.iter().map(String::as_str).collect(),
    };
    for word in counting {
        let letters: Vec<char> = word.chars().collect();
        for window in letters.windows(3) {
            trigrams.insert(window.iter().collect::<String>());
        }
    }
    let quoted: Vec<String> = trigrams
        .into_iter()
        .take(MAX_TRIGRAMS)
        .map(|trigram| ["\"", &trigram, "\""].concat())
        .collect();
    (!quoted.is_empty()).then(|| json(&quoted)).transpose()
}

/// A question without characters that are no text, not longer than [`MAX_QUESTION`].
#[must_use]
pub fn clean_question(question: &str) -> String {
    let kept = question
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    kept.take(MAX_QUESTION).collect()
}

pub(crate) fn similarity(vectors: &Vectors, question: Option<&Vector>, id: i64) -> f32 {
    question.map_or(0.0, |question| vectors.similarity(question, id))
}
