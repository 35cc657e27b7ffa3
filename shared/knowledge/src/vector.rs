//! The vector of a text, as it is stored and compared.

#[cfg(target_arch = "wasm32")]
mod simd;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
#[cfg(target_arch = "wasm32")]
pub(crate) use simd::dot;

/// How many components a vector of the built-in model has.
pub const DIMENSION: usize = 128;
/// Most components of a vector of any model: of 1,536, the segments of 10,000 chunks are 20 MB.
pub const MAX_DIMENSION: usize = 1536;
/// What the largest component becomes.
const LARGEST: f32 = 127.0;

/// A vector whose largest component is ±127. Its length says nothing: vectors are compared by their cosine. As JSON
/// it is base64 without padding, 171 characters for the built-in model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vector(Vec<i8>);

impl Vector {
    /// The stored form of a vector; `None` where all components are zero, one is no number, or there are more than
    /// [`MAX_DIMENSION`].
    #[must_use]
    pub fn of(components: &[f32]) -> Option<Self> {
        let largest = components.iter().fold(0_f32, |most, x| most.max(x.abs()));
        let is_finite = components.iter().all(|x| x.is_finite());
        // A conversion of the language: it rounds towards zero, and what is too large becomes the largest.
        let rounded = |x: f32| (x / largest * LARGEST).round_ties_even() as i8;
        let fits = components.len() <= MAX_DIMENSION;
        (fits && is_finite && largest > 0.0)
            .then(|| Self(components.iter().copied().map(rounded).collect()))
    }

    /// Reads what [`Vector::to_base64`] wrote; `None` for anything else.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD_NO_PAD.decode(text).ok()?;
        let fits = (1..=MAX_DIMENSION).contains(&bytes.len());
        fits.then(|| Self(bytes.into_iter().map(u8::cast_signed).collect()))
    }

    /// Base64 without padding.
    #[must_use]
    pub fn to_base64(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().map(|x| x.cast_unsigned()).collect();
        STANDARD_NO_PAD.encode(bytes)
    }

    /// The components.
    #[must_use]
    pub fn components(&self) -> &[i8] {
        &self.0
    }

    /// One divided by the length; 0 for the zero vector, which is like nothing. An index keeps it beside the vector.
    #[must_use]
    pub fn inverse_norm(&self) -> f32 {
        inverse_norm(&self.0)
    }
}

/// One divided by the length of a vector; 0 for the zero vector.
pub(crate) fn inverse_norm(components: &[i8]) -> f32 {
    match dot(components, components) {
        0 => 0.0,
        square => (square as f32).sqrt().recip(),
    }
}

/// The cosine of two vectors of one model, from -1 to 1; 0 where one is the zero vector.
#[must_use]
pub fn cosine(a: &Vector, b: &Vector) -> f32 {
    dot(&a.0, &b.0) as f32 * a.inverse_norm() * b.inverse_norm()
}

/// The sum of the products, at most 1,536 · 128².
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn dot(a: &[i8], b: &[i8]) -> i32 {
    let products = a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b));
    products.sum()
}

impl Serialize for Vector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text)
            .ok_or_else(|| D::Error::custom("no vector of up to 1,536 components"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(first: &[f32]) -> Option<Vector> {
        let mut components = [0.0; DIMENSION];
        components[..first.len()].copy_from_slice(first);
        Vector::of(&components)
    }

    #[test]
    fn the_largest_component_becomes_127_whichever_way_it_points() {
        let stored = vector(&[0.5, -1.0, 0.25, 0.001]).unwrap();
        assert_eq!(stored.components()[..5], [64, -127, 32, 0, 0]);
        let small = vector(&[-3e-30, 1.5e-30]).unwrap();
        assert_eq!(small.components()[..2], [-127, 64]);
    }

    #[test]
    fn what_points_nowhere_is_no_vector() {
        assert_eq!(vector(&[]), None);
        assert_eq!(vector(&[1.0, f32::NAN]), None);
        assert_eq!(vector(&[1.0, f32::NEG_INFINITY]), None);
    }

    #[test]
    fn base64_gives_back_the_same_and_nothing_else_is_read() {
        let extremes: [f32; DIMENSION] = std::array::from_fn(|n| n as f32 - 64.0);
        let stored = Vector::of(&extremes).unwrap();
        let text = stored.to_base64();
        assert_eq!(text.len(), 171);
        assert_eq!(Vector::from_base64(&text).as_ref(), Some(&stored));
        let too_long = "A".repeat(4 * (MAX_DIMENSION / 3 + 1));
        for wrong in ["", "A", &too_long, &text.replace('A', "-")] {
            assert_eq!(Vector::from_base64(wrong), None, "{wrong}");
        }
        let json = serde_json::to_string(&stored).unwrap();
        assert_eq!(
            serde_json::from_str::<Option<Vector>>(&json).unwrap(),
            Some(stored)
        );
        assert!(serde_json::from_str::<Vector>("\"\"").is_err());
    }

    #[test]
    fn a_cosine_is_that_of_the_angle_and_never_of_the_length() {
        let same = cosine(&vector(&[1.0, 1.0]).unwrap(), &vector(&[9.0, 9.0]).unwrap());
        assert!((same - 1.0).abs() < 1e-6, "{same}");
        let across = cosine(&vector(&[1.0]).unwrap(), &vector(&[1.0, 1.0]).unwrap());
        assert!((across - 0.5_f32.sqrt()).abs() < 1e-6, "{across}");
        let against = cosine(
            &vector(&[2.0, 1.0]).unwrap(),
            &vector(&[-2.0, -1.0]).unwrap(),
        );
        assert!((against + 1.0).abs() < 1e-6, "{against}");
        let nothing = Vector::from_base64(&"A".repeat(171)).unwrap();
        assert_eq!(cosine(&nothing, &vector(&[1.0]).unwrap()), 0.0);
    }

    #[test]
    fn the_largest_sum_of_products_fits() {
        let most = [-128; MAX_DIMENSION];
        assert_eq!(dot(&most, &most), 1536 * 128 * 128);
    }

    #[test]
    fn a_vector_has_as_many_components_as_its_model_up_to_1536() {
        let stored = Vector::of(&[0.5; MAX_DIMENSION]).unwrap();
        assert_eq!(Vector::from_base64(&stored.to_base64()), Some(stored));
        assert_eq!(Vector::of(&[0.5; MAX_DIMENSION + 1]), None);
        assert_eq!(Vector::of(&[1.0, -2.0]).unwrap().components(), [64, -127]);
    }
}
