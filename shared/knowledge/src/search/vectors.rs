use crate::index::sql::SEGMENTS_OF_BUSINESS;
use crate::index::{OWNED, SPACE, Segment};
use crate::vector::{DIMENSION, Vector, dot};
use common::Context;
use common::db::Columns;
use common::http::Error;
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// Most bytes of vectors that an isolate keeps decoded.
const KEPT_BYTES: usize = 24 * 1024 * 1024;

/// The vectors of a business, by their chunks.
pub(crate) struct Vectors {
    version: i64,
    /// The chunk of each, in order.
    chunks: Vec<i64>,
    vectors: Vec<[i8; DIMENSION]>,
    inverse_norms: Vec<f32>,
}

thread_local! {
    /// Those of the businesses that searched last, the last one at the end.
    static KEPT: RefCell<Vec<(String, Rc<Vectors>)>> = const { RefCell::new(Vec::new()) };
}

/// The vectors of the caller's business, of this version: read where the isolate keeps none or others.
pub(crate) async fn vectors_of(cx: &Context<'_>, version: i64) -> Result<Rc<Vectors>, Error> {
    let kept = KEPT.with_borrow_mut(|kept| {
        let at = kept.iter().position(|(name, _)| name == cx.business_id())?;
        let found = kept.remove(at);
        let vectors = (found.1.version == version).then(|| found.1.clone());
        kept.push(found);
        vectors
    });
    if let Some(vectors) = kept {
        return Ok(vectors);
    }
    let vectors = Rc::new(Vectors::read(cx, version).await?);
    KEPT.with_borrow_mut(|kept| {
        kept.retain(|(name, _)| name != cx.business_id());
        kept.push((cx.business_id().to_owned(), vectors.clone()));
        let bytes = |kept: &[(String, Rc<Vectors>)]| -> usize {
            kept.iter()
                .map(|(_, one)| one.chunks.len() * (DIMENSION + 12))
                .sum()
        };
        while kept.len() > 1 && bytes(kept) > KEPT_BYTES {
            kept.remove(0);
        }
    });
    Ok(vectors)
}

impl Vectors {
    async fn read(cx: &Context<'_>, version: i64) -> Result<Self, Error> {
        let read = SEGMENTS_OF_BUSINESS.bind(vec![cx.business_id().into()]);
        let mut all: Vec<(i64, [i8; DIMENSION])> = Vec::new();
        for row in cx.ports.search.rows(read).await? {
            let mut columns = Columns::of(&row);
            let id = columns.integer("id")?;
            let owned = if columns.integer("is_owned")? != 0 {
                OWNED
            } else {
                0
            };
            let segment = Segment::read(columns.str("numbers")?, columns.str("vectors")?)?;
            let base = id / SPACE * SPACE + owned;
            all.extend(
                segment
                    .iter()
                    .map(|(number, vector)| (base + i64::from(number), *vector)),
            );
        }
        all.sort_by_key(|(chunk, _)| *chunk);
        let inverse_norms = all
            .iter()
            .map(|(_, vector)| Vector::from(*vector).inverse_norm());
        let inverse_norms = inverse_norms.collect();
        let (chunks, vectors) = all.into_iter().unzip();
        Ok(Self {
            version,
            chunks,
            vectors,
            inverse_norms,
        })
    }

    /// The chunks in this range whose vectors are nearest, each once, the nearest first.
    pub(crate) fn nearest(
        &self,
        question: &Vector,
        range: RangeInclusive<i64>,
        count: usize,
    ) -> Vec<i64> {
        let start = self.chunks.partition_point(|chunk| chunk < range.start());
        let end = self.chunks.partition_point(|chunk| chunk <= range.end());
        let mut found: Vec<(f32, i64)> = (start..end)
            .filter_map(|at| Some((self.cosine(question, at)?, *self.chunks.get(at)?)))
            .collect();
        let descending = |a: &(f32, i64), b: &(f32, i64)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > count {
            found.select_nth_unstable_by(count, descending);
            found.truncate(count);
        }
        found.sort_by(descending);
        let mut chunks: Vec<i64> = Vec::with_capacity(found.len());
        for (_, chunk) in found {
            if !chunks.contains(&chunk) {
                chunks.push(chunk);
            }
        }
        chunks
    }

    /// How like a chunk is to a question: the cosine of its nearest vector, 0 where it has none.
    pub(crate) fn similarity(&self, question: &Vector, chunk: i64) -> f32 {
        let start = self.chunks.partition_point(|known| *known < chunk);
        let of_chunk = self
            .chunks
            .iter()
            .skip(start)
            .take_while(|known| **known == chunk);
        let cosines = (start..)
            .zip(of_chunk)
            .filter_map(|(at, _)| self.cosine(question, at));
        cosines.fold(0.0, f32::max)
    }

    fn cosine(&self, question: &Vector, at: usize) -> Option<f32> {
        let product = dot(question.components(), self.vectors.get(at)?);
        #[expect(clippy::cast_precision_loss, reason = "at most 128 * 128 * 128")]
        let product = product as f32;
        Some(product * self.inverse_norms.get(at)? * question.inverse_norm())
    }
}
