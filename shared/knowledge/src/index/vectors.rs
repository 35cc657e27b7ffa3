use crate::vector::Vector;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::http::Error;

/// Most vectors of a segment.
pub const SEGMENT_VECTORS: usize = 1000;
/// Most components of a segment: its vectors are a text of 0.7 MB, of the 2 MB that D1 lets a row have.
const SEGMENT_COMPONENTS: usize = 512 * 1024;

/// Most vectors of a segment of a model, whose vectors have so many components.
#[must_use]
pub const fn segment_vectors(dimension: usize) -> usize {
    match SEGMENT_COMPONENTS.checked_div(dimension) {
        Some(most) if most < SEGMENT_VECTORS => most,
        _ => SEGMENT_VECTORS,
    }
}

/// Vectors of one model, each with the number of its chunk within the business's space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    numbers: Vec<u32>,
    components: Vec<i8>,
}

impl Segment {
    /// Adds a vector.
    pub fn push(&mut self, number: u32, vector: &Vector) {
        self.add(number, vector.components());
    }

    /// Adds the components of a vector.
    pub(crate) fn add(&mut self, number: u32, components: &[i8]) {
        self.numbers.push(number);
        self.components.extend(components);
    }

    /// How many components each of its vectors has; 0 where it has none.
    #[must_use]
    pub fn dimension(&self) -> usize {
        let dimension = self.components.len().checked_div(self.numbers.len());
        dimension.unwrap_or_default()
    }

    /// Whether another vector would make it too large.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() >= segment_vectors(self.dimension())
    }

    /// How many vectors it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The vectors, each with its chunk's number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[i8])> {
        let vectors = self.components.chunks_exact(self.dimension().max(1));
        self.numbers.iter().copied().zip(vectors)
    }

    /// The numbers, as they are stored.
    #[must_use]
    pub fn numbers_text(&self) -> String {
        let bytes: Vec<u8> = self.numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        STANDARD.encode(bytes)
    }

    /// The vectors, as they are stored.
    #[must_use]
    pub fn vectors_text(&self) -> String {
        let bytes: Vec<u8> = self.components.iter().map(|x| x.cast_unsigned()).collect();
        STANDARD.encode(bytes)
    }

    /// Reads what is stored.
    ///
    /// # Errors
    /// 500 for anything else.
    pub fn read(numbers: &str, vectors: &str) -> Result<Self, Error> {
        let numbers = Self::read_numbers(numbers)?;
        let vectors = STANDARD.decode(vectors).map_err(|_| wrong())?;
        let is_whole = match vectors.len().checked_rem(numbers.len()) {
            Some(left) => left == 0 && !vectors.is_empty(),
            None => vectors.is_empty(),
        };
        if !is_whole {
            return Err(wrong());
        }
        Ok(Self {
            numbers,
            components: vectors.into_iter().map(u8::cast_signed).collect(),
        })
    }

    /// Reads the numbers that are stored of a segment.
    ///
    /// # Errors
    /// 500 for anything else.
    pub fn read_numbers(numbers: &str) -> Result<Vec<u32>, Error> {
        let bytes = STANDARD.decode(numbers).map_err(|_| wrong())?;
        let (words, rest) = bytes.as_chunks::<4>();
        match rest.is_empty() {
            true => Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect()),
            false => Err(wrong()),
        }
    }
}

fn wrong() -> Error {
    Error::internal("segments: not as written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for dimension in [1, 128, 1536] {
            let mut segment = Segment::default();
            let mut components = vec![0.25; dimension];
            for n in 0..3_u8 {
                components[0] = f32::from(n) + 1.0;
                segment.push(u32::MAX - u32::from(n), &Vector::of(&components).unwrap());
            }
            let (numbers, vectors) = (segment.numbers_text(), segment.vectors_text());
            let read = Segment::read(&numbers, &vectors).unwrap();
            assert_eq!((read.dimension(), &read), (dimension, &segment));
            assert_eq!(segment.iter().count(), 3);
            assert!(segment.iter().all(|(_, vector)| vector.len() == dimension));
            assert!(Segment::read(&numbers, "").is_err());
            assert!(Segment::read("", &vectors).is_err());
            assert!(Segment::read("?", &vectors).is_err());
        }
        assert_eq!(Segment::read("", "").unwrap().iter().count(), 0);
        assert!(Segment::read("AAAAAAEAAAA=", "AAAA").is_err());
    }

    #[test]
    fn a_segment_is_a_row_that_d1_takes() {
        for dimension in 1..=crate::vector::MAX_DIMENSION {
            let most = segment_vectors(dimension);
            assert!((341..=SEGMENT_VECTORS).contains(&most), "{dimension}");
            assert!(most * dimension * 4 / 3 + most * 6 < 1_000_000);
        }
        assert_eq!(segment_vectors(128), SEGMENT_VECTORS);
        assert!(!Segment::default().is_full());
    }
}
