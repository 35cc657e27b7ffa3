use crate::embedder::dimension_of;
use crate::index::sql::SEGMENTS_PAGE;
use crate::index::{OWNED, SPACE, Segment, segment_vectors};
use crate::vector::{Vector, dot, inverse_norm};
use common::Context;
use common::db::Columns;
use common::http::Error;
use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// Most bytes of vectors that an isolate keeps decoded.
const KEPT_BYTES: usize = 24 * 1024 * 1024;
/// Components that one statement reads: 11 MB of text.
const PAGE_COMPONENTS: usize = 8 * 1024 * 1024;

/// The vectors of a business, by their chunks.
pub(crate) struct Vectors {
    version: i64,
    dimension: usize,
    /// The chunk of each, in order, with where its components are and one divided by its length.
    places: Vec<(i64, usize, f32)>,
    components: Vec<i8>,
}

thread_local! {
    /// Those of the businesses that searched last, the last one at the end.
    static KEPT: RefCell<Vec<(String, Rc<Vectors>)>> = const { RefCell::new(Vec::new()) };
}

/// The vectors of the caller's business that a model made, of this version: read where the isolate keeps none or
/// others.
pub(crate) async fn vectors_of(
    cx: &Context<'_>,
    version: i64,
    model: &str,
) -> Result<Rc<Vectors>, Error> {
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
    // What is old makes room before it is read anew.
    KEPT.with_borrow_mut(|kept| kept.retain(|(name, _)| name != cx.business_id()));
    let vectors = Rc::new(Vectors::read(cx, version, model).await?);
    KEPT.with_borrow_mut(|kept| {
        kept.retain(|(name, _)| name != cx.business_id());
        kept.push((cx.business_id().to_owned(), vectors.clone()));
        let bytes = |kept: &[(String, Rc<Vectors>)]| -> usize {
            let sizes = kept.iter().map(|(_, one)| one.bytes());
            sizes.sum()
        };
        while kept.len() > 1 && bytes(kept) > KEPT_BYTES {
            kept.remove(0);
        }
    });
    Ok(vectors)
}

impl Vectors {
    async fn read(cx: &Context<'_>, version: i64, model: &str) -> Result<Self, Error> {
        let dimension = dimension_of(model);
        let full = segment_vectors(dimension) * dimension;
        let page = PAGE_COMPONENTS.checked_div(full).unwrap_or(1);
        let (mut places, mut components) = (Vec::new(), Vec::new());
        let mut after = -1;
        loop {
            let read = SEGMENTS_PAGE.bind(vec![
                cx.business_id().into(),
                model.into(),
                after.into(),
                i64::try_from(page).unwrap_or_default().into(),
            ]);
            let rows = cx.ports.search.rows(read).await?;
            for row in &rows {
                let mut columns = Columns::of(row);
                let id = columns.integer("id")?;
                let owned = if columns.integer("is_owned")? != 0 {
                    OWNED
                } else {
                    0
                };
                after = id;
                let segment = Segment::read(columns.str("numbers")?, columns.str("vectors")?)?;
                if segment.dimension() != dimension {
                    continue;
                }
                let base = id / SPACE * SPACE + owned;
                for (number, vector) in segment.iter() {
                    let chunk = base + i64::from(number);
                    places.push((chunk, components.len(), inverse_norm(vector)));
                    components.extend_from_slice(vector);
                }
            }
            if rows.len() < page {
                break;
            }
        }
        places.sort_by_key(|(chunk, _, _)| *chunk);
        Ok(Self {
            version,
            dimension,
            places,
            components,
        })
    }

    fn bytes(&self) -> usize {
        self.components.len() + self.places.len() * size_of::<(i64, usize, f32)>()
    }

    /// The chunks in this range whose vectors are nearest, each once, the nearest first.
    pub(crate) fn nearest(
        &self,
        question: &Vector,
        range: RangeInclusive<i64>,
        count: usize,
    ) -> Vec<i64> {
        let start = self
            .places
            .partition_point(|(chunk, ..)| chunk < range.start());
        let end = self
            .places
            .partition_point(|(chunk, ..)| chunk <= range.end());
        let norm = question.inverse_norm();
        let in_range = self.places.get(start..end).unwrap_or_default().iter();
        let mut found: Vec<(f32, i64)> = in_range
            .filter_map(|place| Some((self.cosine(question, norm, place)?, place.0)))
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
        let start = self.places.partition_point(|(known, ..)| *known < chunk);
        let norm = question.inverse_norm();
        let rest = self.places.get(start..).unwrap_or_default().iter();
        let of_chunk = rest.take_while(|(known, ..)| *known == chunk);
        let cosines = of_chunk.filter_map(|place| self.cosine(question, norm, place));
        cosines.fold(0.0, f32::max)
    }

    /// The cosine of a question and a vector; nothing where they are of different models.
    fn cosine(&self, question: &Vector, norm: f32, place: &(i64, usize, f32)) -> Option<f32> {
        let (_, at, inverse_norm) = *place;
        let components = self.components.get(at..at + self.dimension)?;
        if components.len() != question.components().len() {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 1536 * 128 * 128")]
        let product = dot(question.components(), components) as f32;
        Some(product * inverse_norm * norm)
    }
}
