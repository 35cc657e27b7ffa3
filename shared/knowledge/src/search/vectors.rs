//! The vectors of a business, as an isolate keeps them from one search to the next.

use crate::embedder::dimension_of;
use crate::index::sql::{SEGMENTS_GET, SEGMENTS_LIST};
use crate::index::{OWNED, SPACE, Segment, json, segment_vectors};
use crate::vector::inverse_norm;
use common::Context;
use common::db::Columns;
use common::http::Error;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most bytes of vectors that an isolate keeps decoded.
const KEPT_BYTES: usize = 24 * 1024 * 1024;
/// Components that one statement reads: 11 MB of text.
const PAGE_COMPONENTS: usize = 8 * 1024 * 1024;

/// The vectors of a business, of one model.
pub(crate) struct Vectors {
    version: i64,
    model: String,
    /// How many components each has.
    pub(super) dimension: usize,
    /// By the chunks of their vectors: those of a chunk stand together.
    segments: Vec<Rc<Decoded>>,
    /// Of each vector of each segment in turn, which of the distinct ones it is.
    groups: Vec<u32>,
    /// How many distinct ones there are.
    pub(super) distinct: usize,
}

/// A segment, decoded.
struct Decoded {
    id: i64,
    mark: String,
    /// By their chunks.
    places: Vec<Place>,
    components: Vec<i8>,
}

/// Where a vector is.
struct Place {
    chunk: i64,
    at: usize,
    inverse_norm: f32,
    hash: u64,
}

/// A vector of a chunk.
#[derive(Clone, Copy)]
pub(super) struct Kept<'v> {
    pub(super) chunk: i64,
    pub(super) components: &'v [i8],
    pub(super) inverse_norm: f32,
}

thread_local! {
    /// Those of the businesses that searched last, the last one at the end.
    static KEPT: RefCell<Vec<(String, Rc<Vectors>)>> = const { RefCell::new(Vec::new()) };
}

/// The vectors of the caller's business that a model made, of this version. Of a business whose index changed, only
/// segments that are new are read.
pub(crate) async fn vectors_of(
    cx: &Context<'_>,
    version: i64,
    model: &str,
) -> Result<Rc<Vectors>, Error> {
    let kept = KEPT.with_borrow_mut(|kept| {
        let at = kept.iter().position(|(name, _)| name == cx.business_id())?;
        let found = kept.remove(at);
        // Those of the model before make room before others are read.
        if found.1.model != model {
            return None;
        }
        kept.push(found);
        kept.last().map(|(_, vectors)| vectors.clone())
    });
    if let Some(vectors) = kept.as_ref().filter(|kept| kept.version == version) {
        return Ok(vectors.clone());
    }
    let vectors = Rc::new(Vectors::read(cx, version, model, kept.as_deref()).await?);
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
    async fn read(
        cx: &Context<'_>,
        version: i64,
        model: &str,
        before: Option<&Self>,
    ) -> Result<Self, Error> {
        let dimension = dimension_of(model);
        let before = before.map(|before| before.segments.as_slice());
        let known: BTreeMap<i64, &Rc<Decoded>> = before
            .unwrap_or_default()
            .iter()
            .map(|segment| (segment.id, segment))
            .collect();
        let list = SEGMENTS_LIST.bind(vec![cx.business_id().into(), model.into()]);
        let (mut segments, mut marks) = (Vec::new(), BTreeMap::new());
        for row in cx.ports.search.rows(list).await? {
            let mut columns = Columns::of(&row);
            let (id, mark) = (columns.integer("id")?, columns.text("mark")?);
            match known.get(&id).filter(|known| known.mark == mark) {
                Some(segment) => segments.push(Rc::clone(segment)),
                None => {
                    marks.insert(id, mark);
                }
            }
        }
        let full = segment_vectors(dimension) * dimension;
        let page = PAGE_COMPONENTS.checked_div(full).unwrap_or(1);
        let ids: Vec<i64> = marks.keys().copied().collect();
        for ids in ids.chunks(page.max(1)) {
            let params = vec![cx.business_id().into(), model.into(), json(&ids)?.into()];
            for row in cx.ports.search.rows(SEGMENTS_GET.bind(params)).await? {
                let mut columns = Columns::of(&row);
                let id = columns.integer("id")?;
                let is_owned = columns.integer("is_owned")? != 0;
                let segment = Segment::read(columns.str("numbers")?, columns.str("vectors")?)?;
                if segment.dimension() != dimension {
                    continue;
                }
                let mark = marks.remove(&id).unwrap_or_default();
                segments.push(Rc::new(Decoded::new(id, mark, is_owned, &segment)));
            }
        }
        segments.sort_by_key(|segment| segment.id);
        Ok(Self::of(version, model, segments))
    }

    fn of(version: i64, model: &str, segments: Vec<Rc<Decoded>>) -> Self {
        let all = segments.iter().flat_map(|segment| &segment.places);
        let mut hashes: Vec<u64> = all.clone().map(|place| place.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let group = |place: &Place| hashes.partition_point(|hash| *hash < place.hash);
        let groups = all.map(|place| u32::try_from(group(place)).unwrap_or(u32::MAX));
        Self {
            version,
            model: model.to_owned(),
            dimension: dimension_of(model),
            groups: groups.collect(),
            distinct: hashes.len(),
            segments,
        }
    }

    fn bytes(&self) -> usize {
        let components: usize = self.segments.iter().map(|one| one.components.len()).sum();
        components + self.groups.len() * (size_of::<Place>() + size_of::<u32>())
    }

    /// The vectors, each with the number of the distinct one that it is.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Kept<'_>)> {
        let groups = self.groups.iter().map(|group| *group as usize);
        let kept = |segment| Decoded::iter(segment, self.dimension);
        groups.zip(self.segments.iter().map(Rc::as_ref).flat_map(kept))
    }
}

impl Decoded {
    fn new(id: i64, mark: String, is_owned: bool, segment: &Segment) -> Self {
        let base = id / SPACE * SPACE + if is_owned { OWNED } else { 0 };
        let mut components = Vec::with_capacity(segment.len() * segment.dimension());
        let mut places = Vec::with_capacity(segment.len());
        for (number, vector) in segment.iter() {
            places.push(Place {
                chunk: base + i64::from(number),
                at: components.len(),
                inverse_norm: inverse_norm(vector),
                hash: hash(vector),
            });
            components.extend_from_slice(vector);
        }
        places.sort_by_key(|place| place.chunk);
        Self {
            id,
            mark,
            places,
            components,
        }
    }

    fn iter(&self, dimension: usize) -> impl Iterator<Item = Kept<'_>> {
        self.places.iter().map(move |place| Kept {
            chunk: place.chunk,
            components: self
                .components
                .get(place.at..place.at + dimension)
                .unwrap_or_default(),
            inverse_norm: place.inverse_norm,
        })
    }
}

/// Tells vectors apart, eight components at a time.
fn hash(components: &[i8]) -> u64 {
    let (eights, rest) = components.as_chunks::<8>();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let last = (!rest.is_empty()).then_some(&last);
    let eights = eights.iter().chain(last);
    let eights = eights.map(|eight| u64::from_le_bytes(eight.map(i8::cast_unsigned)));
    eights.fold(0, |hash: u64, eight| {
        (hash.rotate_left(23) ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::embedder::MODEL;
    use crate::vector::{DIMENSION, Vector};

    /// A vector of a chunk whose first components are these.
    pub(in crate::search) type Given<'g> = (u32, &'g [f32]);

    /// Vectors of chunks.
    pub(in crate::search) fn vectors(given: &[Given<'_>]) -> Vectors {
        let mut segment = Segment::default();
        for (chunk, first) in given {
            segment.push(*chunk, &vector(first));
        }
        let decoded = Decoded::new(0, String::new(), false, &segment);
        Vectors::of(1, MODEL, vec![Rc::new(decoded)])
    }

    /// A vector whose first components are these.
    pub(in crate::search) fn vector(first: &[f32]) -> Vector {
        let mut components = [0.0; DIMENSION];
        for (to, from) in components.iter_mut().zip(first) {
            *to = *from;
        }
        Vector::of(&components).unwrap()
    }

    #[test]
    fn equal_vectors_are_one_and_others_are_not() {
        let kept = vectors(&[(3, &[1.0]), (1, &[0.0, 1.0]), (2, &[2.0]), (2, &[1.0, 0.1])]);
        assert_eq!(kept.distinct, 3);
        let groups: BTreeMap<i64, usize> = kept.iter().map(|(n, one)| (one.chunk, n)).collect();
        assert_ne!(groups[&1], groups[&3]);
        let first = kept.iter().find(|(_, one)| one.chunk == 2).unwrap();
        assert_eq!(first.0, groups[&3]);
    }

    #[test]
    fn vectors_of_any_dimension_are_told_apart_by_each_of_their_components() {
        for dimension in [1, 7, 8, 13, 1536] {
            let mut segment = Segment::default();
            let all = vec![1.0; dimension];
            segment.push(0, &Vector::of(&all).unwrap());
            for at in 0..dimension {
                let mut other = all.clone();
                other[at] = -1.0;
                segment.push(1, &Vector::of(&other).unwrap());
            }
            let decoded = Decoded::new(0, String::new(), false, &segment);
            let model = format!("{dimension} m https://llm.example");
            let kept = Vectors::of(1, &model, vec![Rc::new(decoded)]);
            assert_eq!(kept.distinct, dimension + 1);
            assert!(
                kept.iter()
                    .all(|(_, one)| one.components.len() == dimension)
            );
            let bytes = (dimension + 1) * (dimension + size_of::<Place>() + 4);
            assert_eq!(kept.bytes(), bytes);
        }
    }
}
