//! What is searched, in the database `SEARCH`: chunks of records, their words and their vectors. A change of a link
//! is staged beside what is searched, as a generation of its own, and takes its place at once or not at all.

mod built;
mod compact;
mod erase;
mod publish;
mod pushed;
pub mod sql;
mod stage;
mod vectors;

pub use built::{begin, is_built};
pub use compact::compact;
pub use erase::{owners_erase, vectors_erase};
pub use publish::{Staged, abort, link_remove, publish};
pub use pushed::removed_chunks;
pub use stage::{NewChunk, NewRecord, Written, segment_insert, stage};
pub use vectors::{Segment, segment_vectors};

use crate::embedder::MODEL;
use crate::vectorize::parts_of;
use common::Context;
use common::db::{Columns, text_of};
use common::http::Error;
use common::ids::LinkId;
use sql::{CHUNKS_OF_OTHERS, EMBEDDING_BEGIN, GENERATION_GET, SPACE_OUTGROWN};
use std::collections::BTreeSet;

/// Most chunks of a business whose vectors are in `SEARCH`: a search reads all of them.
pub const MAX_CHUNKS: usize = 25_000;
/// Most chunks of one whose vectors are in Vectorize: a search of words that are in every record takes D1 two seconds.
pub const MAX_CHUNKS_IN_VECTORIZE: usize = 100_000;

/// Ids of chunks: of a business from `slot * SPACE` on, and those that are somebody's own from `OWNED` above that.
pub const SPACE: i64 = 1 << 33;
/// See [`SPACE`].
pub const OWNED: i64 = 1 << 32;

/// What of a link is searched, and what is staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Generation {
    /// The generation that is searched; 0 for none.
    pub current: i64,
    /// A later one that was begun; 0 for none.
    pub staging: i64,
    /// The chunks of the current one.
    pub chunks: i64,
    /// The records that they are of.
    pub records: i64,
    /// The chunks of the business's other links.
    pub chunks_of_others: i64,
    /// Whether the vectors that are searched are in Vectorize.
    pub is_in_vectorize: bool,
}

impl Generation {
    /// Most chunks that the business may have.
    #[must_use]
    pub const fn max_chunks(&self) -> usize {
        match self.is_in_vectorize {
            true => MAX_CHUNKS_IN_VECTORIZE,
            false => MAX_CHUNKS,
        }
    }
}

/// Notes that a business has more chunks than it may. Where the deployment has Vectorize, its vectors are brought there
/// in the background, and it may have more from then on.
///
/// # Errors
/// 503 when a database is away.
pub async fn outgrown(cx: &Context<'_>) -> Result<(), Error> {
    let business = || cx.business_id().into();
    let search = SPACE_OUTGROWN.bind(vec![business()]);
    cx.ports.search.rows(search).await?;
    let wake = EMBEDDING_BEGIN.bind(vec![
        business(),
        MODEL.into(),
        cx.time_now().micros().into(),
    ]);
    cx.db.rows(wake).await?;
    Ok(())
}

/// What of a link is searched.
///
/// # Errors
/// 503 when the database is away.
pub async fn generation(cx: &Context<'_>, link: &LinkId) -> Result<Generation, Error> {
    let params = || vec![cx.business_id().into(), link.into()];
    let statements = vec![
        GENERATION_GET.bind(params()),
        CHUNKS_OF_OTHERS.bind(params()),
    ];
    let mut results = cx.ports.search.batch(statements).await?.into_iter();
    let mut generation = Generation::default();
    if let Some(row) = results.next().unwrap_or_default().first() {
        let mut columns = Columns::of(row);
        generation.current = columns.integer("generation")?;
        generation.staging = columns.integer("staging")?;
        generation.chunks = columns.integer("chunks")?;
        generation.records = columns.integer("records")?;
    }
    if let Some(row) = results.next().unwrap_or_default().first() {
        let mut columns = Columns::of(row);
        generation.chunks_of_others = columns.integer("chunks")?;
        let model = columns.str_or_null("model")?;
        generation.is_in_vectorize = model.is_some_and(|model| parts_of(model).1.is_some());
    }
    Ok(generation)
}

/// Reads the one JSON text of a statement's one row.
fn json_of<T: serde::de::DeserializeOwned>(
    rows: common::db::Rows,
    name: &'static str,
) -> Result<T, Error> {
    let row = rows.into_iter().next();
    let text = text_of(row.ok_or_else(|| Error::internal(name))?, name)?;
    serde_json::from_str(&text).map_err(Error::internal)
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// Each once, in order.
fn ascending<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}

/// A set of what comes, put in one by one: to be made of all at once, it takes a merge sort for each type, together 5 KB
/// of `refresh-crm-links` after gzip.
pub fn set_of<T: Ord>(all: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(all);
    set
}
