//! How near chunks are to a question by their meaning.

use super::vectors::{Kept, Vectors};
use crate::vector::{Vector, dot};
use std::ops::RangeInclusive;

/// How many distinct vectors are looked at, the nearest ones, for how many say the same.
const NEIGHBOURS: usize = 240;
/// From this cosine on, two say the same.
const SAME: f32 = 0.75;
/// What the cosine of one loses by how many say the same: this, times the natural logarithm; and at most so much.
///
/// What many records say ("Price on request.") tells none of them from another, as a common word does not. Without
/// this, a question's first thirty are one sentence of thirty records, and a sentence of one record alone is not among
/// them: it found 40 % of the paraphrases of `scripts/bench search`, with it 67 %.
const CROWDED: f32 = 0.06;
const MOST_CROWDED: f32 = 0.25;

/// How near each chunk is, by its nearest vector.
pub(crate) struct Nearness {
    /// By chunk, each once.
    chunks: Vec<(i64, f32)>,
}

/// A vector that one or many chunks have.
#[derive(Clone, Copy)]
struct Distinct<'v> {
    vector: Kept<'v>,
    cosine: f32,
    /// How many have it, of those in reach.
    count: u16,
}

impl Nearness {
    /// Measures all that there is. Only what is in `reach` crowds: what belongs to others changes nothing.
    pub(crate) fn new(vectors: &Vectors, question: &Vector, reach: &RangeInclusive<i64>) -> Self {
        // One of another model is like none of them.
        if question.components().len() != vectors.dimension {
            return Self { chunks: Vec::new() };
        }
        let norm = question.inverse_norm();
        let mut distinct: Vec<Option<Distinct<'_>>> = vec![None; vectors.distinct];
        for (group, vector) in vectors.iter() {
            let Some(one) = distinct.get_mut(group) else {
                continue;
            };
            let one = one.get_or_insert_with(|| Distinct {
                vector,
                cosine: cosine(dot(question.components(), vector.components))
                    * norm
                    * vector.inverse_norm,
                count: 0,
            });
            let is_in_reach = reach.contains(&vector.chunk);
            one.count = one.count.saturating_add(u16::from(is_in_reach));
        }
        let lost = lost(&distinct);
        let mut chunks: Vec<(i64, f32)> = Vec::new();
        for (group, vector) in vectors.iter() {
            let Some(Some(one)) = distinct.get(group) else {
                continue;
            };
            let near = one.cosine - lost.get(group).copied().unwrap_or_default();
            match chunks.last_mut() {
                Some((chunk, nearest)) if *chunk == vector.chunk => *nearest = nearest.max(near),
                _ => chunks.push((vector.chunk, near)),
            }
        }
        // Segments stand in the order of their chunks, but for those that were written at the same time.
        if !chunks.is_sorted_by_key(|(chunk, _)| *chunk) {
            return Self::given(chunks);
        }
        Self { chunks }
    }

    /// What was measured elsewhere: chunks with their cosines.
    pub(crate) fn given(mut chunks: Vec<(i64, f32)>) -> Self {
        chunks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        chunks.dedup_by_key(|(chunk, _)| *chunk);
        Self { chunks }
    }

    /// The chunks in reach that are nearest, the nearest first.
    pub(crate) fn nearest(&self, reach: &RangeInclusive<i64>, count: usize) -> Vec<i64> {
        let in_reach = self
            .chunks
            .iter()
            .filter(|(chunk, _)| reach.contains(chunk));
        let mut found: Vec<(i64, f32)> = in_reach.copied().collect();
        let descending = |a: &(i64, f32), b: &(i64, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if found.len() > count {
            found.select_nth_unstable_by(count, descending);
            found.truncate(count);
        }
        found.sort_by(descending);
        found.into_iter().map(|(chunk, _)| chunk).collect()
    }

    /// How near a chunk is, from 0 to 1; 0 for one without a vector.
    pub(crate) fn of(&self, chunk: i64) -> f32 {
        let at = self
            .chunks
            .binary_search_by_key(&chunk, |(known, _)| *known);
        let found = at.ok().and_then(|at| self.chunks.get(at));
        found.map_or(0.0, |(_, near)| near.max(0.0))
    }
}

/// What each vector loses, since others say the same.
fn lost(distinct: &[Option<Distinct<'_>>]) -> Vec<f32> {
    let present = distinct.iter().enumerate();
    let mut nearest: Vec<(usize, Distinct<'_>)> = present
        .filter_map(|(group, one)| Some((group, (*one)?)))
        .filter(|(_, one)| one.count > 0)
        .collect();
    if nearest.len() > NEIGHBOURS {
        nearest.select_nth_unstable_by(NEIGHBOURS, |a, b| b.1.cosine.total_cmp(&a.1.cosine));
        nearest.truncate(NEIGHBOURS);
    }
    let mut counts: Vec<f32> = nearest
        .iter()
        .map(|(_, one)| f32::from(one.count))
        .collect();
    for (at, (_, one)) in nearest.iter().enumerate() {
        for (other_at, (_, other)) in nearest.iter().enumerate().skip(at + 1) {
            let product = cosine(dot(one.vector.components, other.vector.components));
            if product * one.vector.inverse_norm * other.vector.inverse_norm < SAME {
                continue;
            }
            for (at, more) in [(at, other.count), (other_at, one.count)] {
                if let Some(count) = counts.get_mut(at) {
                    *count += f32::from(more);
                }
            }
        }
    }
    let mut lost = vec![0.0; distinct.len()];
    for ((group, _), count) in nearest.iter().zip(counts) {
        if let Some(lost) = lost.get_mut(*group) {
            *lost = (CROWDED * count.ln()).min(MOST_CROWDED);
        }
    }
    lost
}

#[expect(clippy::cast_precision_loss, reason = "at most 1536 * 128 * 128")]
const fn cosine(product: i32) -> f32 {
    product as f32
}

#[cfg(test)]
mod tests {
    use super::super::vectors::tests::{Given, vector, vectors};
    use super::*;

    fn nearness(given: &[Given<'_>], question: &[f32], reach: RangeInclusive<i64>) -> Nearness {
        Nearness::new(&vectors(given), &vector(question), &reach)
    }

    #[test]
    fn a_chunk_is_as_near_as_its_nearest_vector() {
        let near = nearness(
            &[(1, &[1.0, 1.0]), (1, &[0.0, 1.0]), (2, &[-1.0])],
            &[1.0],
            0..=9,
        );
        assert!((near.of(1) - 0.5_f32.sqrt()).abs() < 1e-3);
        assert_eq!((near.of(2), near.of(3)), (0.0, 0.0));
        assert_eq!(near.nearest(&(0..=9), 5), [1, 2]);
        assert_eq!(near.nearest(&(0..=9), 1), [1]);
        assert_eq!(near.nearest(&(2..=9), 5), [2]);
    }

    #[test]
    fn a_question_of_another_dimension_is_near_to_nothing() {
        let kept = vectors(&[(1, &[1.0])]);
        let other = Vector::of(&[1.0; 64]).unwrap();
        let near = Nearness::new(&kept, &other, &(0..=9));
        assert_eq!(near.of(1), 0.0);
        assert!(near.nearest(&(0..=9), 5).is_empty());
    }

    #[test]
    fn what_many_say_is_less_near_than_what_one_alone_says() {
        let mut given: Vec<Given<'_>> = (0..20).map(|chunk| (chunk, &[1.0, 0.5][..])).collect();
        given.extend((20..40).map(|chunk| (chunk, &[1.0, 0.6][..])));
        let alone = (40, &[1.0, -0.7][..]);
        given.push(alone);
        assert_eq!(
            nearness(&given, &[1.0], 0..=99).nearest(&(0..=99), 1),
            [40],
            "40 say the other"
        );
        let among_few = nearness(&given, &[1.0], 19..=20);
        assert_eq!(among_few.nearest(&(19..=20), 1), [19]);
        assert_eq!(
            among_few.nearest(&(0..=99), 1),
            [0],
            "those out of reach do not crowd"
        );
    }
}
