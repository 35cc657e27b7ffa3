use crate::vector::{DIMENSION, Vector};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::http::Error;

/// Most vectors of a segment.
pub const SEGMENT_VECTORS: usize = 1000;

/// Vectors, each with the number of its chunk within the business's space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    numbers: Vec<u32>,
    components: Vec<i8>,
}

impl Segment {
    /// Adds a vector.
    pub fn push(&mut self, number: u32, vector: &Vector) {
        self.numbers.push(number);
        self.components.extend(vector.components());
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
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[i8; DIMENSION])> {
        let (vectors, _) = self.components.as_chunks::<DIMENSION>();
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
        let wrong = || Error::internal("segments: not as written");
        let numbers = STANDARD.decode(numbers).map_err(|_| wrong())?;
        let vectors = STANDARD.decode(vectors).map_err(|_| wrong())?;
        let (words, rest) = numbers.as_chunks::<4>();
        if !rest.is_empty() || words.len() * DIMENSION != vectors.len() {
            return Err(wrong());
        }
        Ok(Self {
            numbers: words.iter().map(|word| u32::from_le_bytes(*word)).collect(),
            components: vectors.into_iter().map(u8::cast_signed).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut segment = Segment::default();
        let mut components = [0.0; DIMENSION];
        for n in 0..3_u8 {
            components[usize::from(n)] = f32::from(n) + 1.0;
            segment.push(u32::MAX - u32::from(n), &Vector::of(&components).unwrap());
        }
        let (numbers, vectors) = (segment.numbers_text(), segment.vectors_text());
        assert_eq!(Segment::read(&numbers, &vectors).unwrap(), segment);
        assert_eq!(segment.iter().count(), 3);
        assert!(Segment::read(&numbers, "").is_err());
        assert!(Segment::read("?", &vectors).is_err());
    }
}
