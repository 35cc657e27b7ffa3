//! A search: thirty candidates by words and thirty by meaning, beside them those that have an id, a number or two words
//! of the question exactly, and both scores for each of them (`embed-text`'s README measured how they are best joined).

mod candidate;
mod matching;
mod near;
mod score;
pub mod sql;
mod vectors;

pub use candidate::Candidate;

use crate::embedder::embed_question;
use crate::index::{OWNED, SPACE, json};
use crate::vectorize::{MAX_MEASURED, NearestAsked, nearest, parts_of};
use common::Context;
use common::db::{Columns, Rows, Statement};
use common::http::Error;
use common::ids::LinkId;
use matching::{exact, trigrams};
use near::Nearness;
use score::scored;
use sql::{CHUNKS_FIND, CHUNKS_OWNED, EXACT_FIND, SPACE_GET, WORDS_FIND};
use std::collections::BTreeSet;
use vectors::vectors_of;

/// Longest question, in characters.
pub const MAX_QUESTION: usize = 1_000;
/// Most hits of a search.
pub const MAX_HITS: usize = 50;
/// Candidates by words, and as many by meaning.
const CANDIDATES: usize = 30;
/// Chunks that are looked at for the latter: some are no longer or not yet searched.
const NEAREST: usize = 240;
/// Candidates for each thing that is exactly there.
const EXACT: i64 = 12;
/// Most chunks of one customer's own that a search weighs.
const MAX_OWN: usize = 200;

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
    let rests = columns.integer("questions_rest_until")? > cx.time_now().micros();

    let first = slot * SPACE;
    let last = match reach {
        Reach::All => first + SPACE - 1,
        Reach::Of(_) => first + OWNED - 1,
    };
    let asked = Asked { links, first, last };
    // Nobody waits for a server that was slow or away a moment ago.
    let Found {
        near,
        candidates,
        is_degraded,
    } = match (rests, parts_of(model)) {
        (true, _) => Found::by_words(asked.candidates(cx, question, &[], reach).await?),
        (false, (_, None)) => asked.by_kept(cx, version, model, question, reach).await?,
        (false, (_, Some(_))) => asked.by_vectorize(cx, model, question, reach).await?,
    };
    let mut hits = scored(question, near.as_ref(), candidates);
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

/// What may be a hit, and how near it is by its meaning.
struct Found {
    near: Option<Nearness>,
    candidates: Vec<Candidate>,
    is_degraded: bool,
}

impl Found {
    /// Where nothing embeds the question.
    const fn by_words(candidates: Vec<Candidate>) -> Self {
        Self {
            near: None,
            candidates,
            is_degraded: true,
        }
    }
}

impl Asked {
    /// By vectors that the isolate keeps, or reads from `SEARCH`.
    async fn by_kept(
        &self,
        cx: &Context<'_>,
        version: i64,
        model: &str,
        question: &str,
        reach: Reach<'_>,
    ) -> Result<Found, Error> {
        let embedded = embed_question(cx, model, question).await;
        let is_degraded = embedded.is_err();
        let reached = self.first..=self.last;
        let near = match embedded.ok().flatten() {
            None => None,
            Some(vector) => {
                let vectors = vectors_of(cx, version, model).await?;
                Some(Nearness::new(&vectors, &vector, &reached))
            }
        };
        let nearest = near.as_ref().map(|near| near.nearest(&reached, NEAREST));
        let nearest = nearest.unwrap_or_default();
        Ok(Found {
            candidates: self.candidates(cx, question, &nearest, reach).await?,
            near,
            is_degraded,
        })
    }

    /// By vectors in Vectorize: what words find comes first, so that one call measures it as well.
    async fn by_vectorize(
        &self,
        cx: &Context<'_>,
        model: &str,
        question: &str,
        reach: Reach<'_>,
    ) -> Result<Found, Error> {
        let mut candidates = self.candidates(cx, question, &[], reach).await?;
        let measured = candidates.iter().take(MAX_MEASURED).map(|one| one.id);
        let asked = NearestAsked {
            of_owned: matches!(reach, Reach::All),
            chunks: measured.collect(),
        };
        let Ok(near) = nearest(cx, model, question, asked).await else {
            return Ok(Found::by_words(candidates));
        };
        let near = Nearness::given(near);
        let mut found = near.nearest(&(self.first..=self.last), NEAREST);
        found.retain(|id| !candidates.iter().any(|known| known.id == *id));
        if !found.is_empty() {
            let statement = self.find(cx, &found)?;
            candidates.extend(read(cx.ports.search.rows(statement).await?)?);
        }
        Ok(Found {
            near: Some(near),
            candidates,
            is_degraded: false,
        })
    }

    /// The first of these chunks that are searched.
    fn find(&self, cx: &Context<'_>, near: &[i64]) -> Result<Statement, Error> {
        Ok(CHUNKS_FIND.bind(vec![
            cx.business_id().into(),
            self.links.as_str().into(),
            json(&near)?.into(),
            i64::try_from(CANDIDATES).unwrap_or_default().into(),
        ]))
    }

    async fn candidates(
        &self,
        cx: &Context<'_>,
        question: &str,
        near: &[i64],
        reach: Reach<'_>,
    ) -> Result<Vec<Candidate>, Error> {
        let count = || i64::try_from(CANDIDATES).unwrap_or_default().into();
        let mut statements = Vec::new();
        let by_words = [
            (&WORDS_FIND, trigrams(question), count()),
            (&EXACT_FIND, exact(question), EXACT.into()),
        ];
        for (sql, matching, count) in by_words {
            if matching.is_empty() {
                continue;
            }
            statements.push(sql.bind(vec![
                cx.business_id().into(),
                self.links.as_str().into(),
                json(&matching)?.into(),
                self.first.into(),
                self.last.into(),
                count,
            ]));
        }
        if !near.is_empty() {
            statements.push(self.find(cx, near)?);
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

/// A question without characters that are no text, not longer than [`MAX_QUESTION`].
#[must_use]
pub fn clean_question(question: &str) -> String {
    let kept = question
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    kept.take(MAX_QUESTION).collect()
}
