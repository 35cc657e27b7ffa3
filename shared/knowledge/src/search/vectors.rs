//! The vectors of a business, as an isolate keeps them from one search to the next.

use crate::index::sql::{SEGMENTS_GET, SEGMENTS_LIST};
use crate::index::{OWNED, SPACE, Segment, json};
use crate::vector::{DIMENSION, Vector};
use common::Context;
use common::db::Columns;
use common::http::Error;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most bytes of vectors that an isolate keeps decoded.
const KEPT_BYTES: usize = 24 * 1024 * 1024;
/// Bytes of a vector with what stands beside it.
const VECTOR_BYTES: usize = DIMENSION + 24;

/// The vectors of a business.
pub(crate) struct Vectors {
    version: i64,
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
    vectors: Vec<Kept>,
}

/// A vector of a chunk.
pub(super) struct Kept {
    pub(super) chunk: i64,
    pub(super) components: [i8; DIMENSION],
    pub(super) inverse_norm: f32,
    hash: u64,
}

thread_local! {
    /// Those of the businesses that searched last, the last one at the end.
    static KEPT: RefCell<Vec<(String, Rc<Vectors>)>> = const { RefCell::new(Vec::new()) };
}

/// The vectors of the caller's business, of this version. Of a business whose index changed, only segments that are new
/// are read.
pub(crate) async fn vectors_of(cx: &Context<'_>, version: i64) -> Result<Rc<Vectors>, Error> {
    let kept = KEPT.with_borrow_mut(|kept| {
        let at = kept.iter().position(|(name, _)| name == cx.business_id())?;
        let found = kept.remove(at);
        kept.push(found);
        kept.last().map(|(_, vectors)| vectors.clone())
    });
    if let Some(vectors) = kept.as_ref().filter(|kept| kept.version == version) {
        return Ok(vectors.clone());
    }
    let vectors = Rc::new(Vectors::read(cx, version, kept.as_deref()).await?);
    KEPT.with_borrow_mut(|kept| {
        kept.retain(|(name, _)| name != cx.business_id());
        kept.push((cx.business_id().to_owned(), vectors.clone()));
        let bytes = |kept: &[(String, Rc<Vectors>)]| -> usize {
            let counts = kept.iter().map(|(_, one)| one.groups.len());
            counts.map(|count| count * VECTOR_BYTES).sum()
        };
        while kept.len() > 1 && bytes(kept) > KEPT_BYTES {
            kept.remove(0);
        }
    });
    Ok(vectors)
}

impl Vectors {
    async fn read(cx: &Context<'_>, version: i64, before: Option<&Self>) -> Result<Self, Error> {
        let before = before.map(|before| before.segments.as_slice());
        let known: BTreeMap<i64, &Rc<Decoded>> = before
            .unwrap_or_default()
            .iter()
            .map(|segment| (segment.id, segment))
            .collect();
        let list = SEGMENTS_LIST.bind(vec![cx.business_id().into()]);
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
        if !marks.is_empty() {
            let ids: Vec<i64> = marks.keys().copied().collect();
            let get = SEGMENTS_GET.bind(vec![cx.business_id().into(), json(&ids)?.into()]);
            for row in cx.ports.search.rows(get).await? {
                let mut columns = Columns::of(&row);
                let id = columns.integer("id")?;
                let is_owned = columns.integer("is_owned")? != 0;
                let segment = Segment::read(columns.str("numbers")?, columns.str("vectors")?)?;
                let mark = marks.remove(&id).unwrap_or_default();
                segments.push(Rc::new(Decoded::new(id, mark, is_owned, &segment)));
            }
        }
        segments.sort_by_key(|segment| segment.id);
        Ok(Self::of(version, segments))
    }

    fn of(version: i64, segments: Vec<Rc<Decoded>>) -> Self {
        let all = segments.iter().flat_map(|segment| &segment.vectors);
        let mut hashes: Vec<u64> = all.clone().map(|vector| vector.hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let group = |vector: &Kept| hashes.partition_point(|hash| *hash < vector.hash);
        let groups = all.map(|vector| u32::try_from(group(vector)).unwrap_or(u32::MAX));
        Self {
            version,
            groups: groups.collect(),
            distinct: hashes.len(),
            segments,
        }
    }

    /// The vectors, each with the number of the distinct one that it is.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Kept)> {
        let groups = self.groups.iter().map(|group| *group as usize);
        groups.zip(self.segments.iter().flat_map(|segment| &segment.vectors))
    }
}

impl Decoded {
    fn new(id: i64, mark: String, is_owned: bool, segment: &Segment) -> Self {
        let base = id / SPACE * SPACE + if is_owned { OWNED } else { 0 };
        let vectors = segment.iter().map(|(number, components)| Kept {
            chunk: base + i64::from(number),
            components: *components,
            inverse_norm: Vector::from(*components).inverse_norm(),
            hash: hash(components),
        });
        let mut vectors: Vec<Kept> = vectors.collect();
        vectors.sort_by_key(|vector| vector.chunk);
        Self { id, mark, vectors }
    }
}

/// Tells vectors apart, eight components at a time.
fn hash(components: &[i8; DIMENSION]) -> u64 {
    let (eights, _) = components.as_chunks::<8>();
    let eights = eights
        .iter()
        .map(|eight| u64::from_le_bytes(eight.map(i8::cast_unsigned)));
    eights.fold(0, |hash: u64, eight| {
        (hash.rotate_left(23) ^ eight).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A vector of a chunk whose first components are these.
    pub(in crate::search) type Given<'g> = (u32, &'g [f32]);

    /// Vectors of chunks.
    pub(in crate::search) fn vectors(given: &[Given<'_>]) -> Vectors {
        let mut segment = Segment::default();
        for (chunk, first) in given {
            segment.push(*chunk, &vector(first));
        }
        let decoded = Decoded::new(0, String::new(), false, &segment);
        Vectors::of(1, vec![Rc::new(decoded)])
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
}
