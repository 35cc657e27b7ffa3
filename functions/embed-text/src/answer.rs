//! What an OpenAI-compatible server answers: CreateEmbeddingResponse of OpenAI's description.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// The answer; of what else it has, nothing is needed.
#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    /// Of which text it is; some servers leave it out.
    index: Option<usize>,
    embedding: Components,
}

/// A vector: a list of numbers, or base64 of 32-bit floats, little-endian.
struct Components(Vec<f32>);

impl<'de> Deserialize<'de> for Components {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm).map(Self)
    }
}

struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = Vec<f32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers, or base64")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<f32>, A::Error> {
        let mut components = Vec::new();
        // JSON has no NaN, and servers write null for it.
        while let Some(component) = items.next_element::<Option<f32>>()? {
            components.push(component.unwrap_or(f32::NAN));
        }
        Ok(components)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<f32>, E> {
        let bytes = STANDARD.decode(text).map_err(E::custom)?;
        match bytes.as_chunks() {
            (words, []) => Ok(words.iter().map(|word| f32::from_le_bytes(*word)).collect()),
            _ => Err(E::custom("no 32-bit floats")),
        }
    }
}

/// The vectors of an answer, one for each text and in their order, all as long as `dimension` says, or as the first.
///
/// # Errors
/// What is wrong with them, for the people who chose the server.
pub(crate) fn vectors(
    body: &[u8],
    texts: usize,
    dimension: Option<usize>,
) -> Result<Vec<Vec<f32>>, String> {
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| "answered with something that is no list of embeddings".to_owned())?;
    let count = answer.data.len();
    if count != texts {
        return Err(format!("answered with {count} vectors for {texts} texts"));
    }
    let mut found: Vec<Option<Vec<f32>>> = vec![None; texts];
    for (place, item) in answer.data.into_iter().enumerate() {
        let free = found.get_mut(item.index.unwrap_or(place));
        match free.filter(|free| free.is_none()) {
            Some(free) => *free = Some(item.embedding.0),
            None => return Err("answered with vectors that are numbered wrongly".to_owned()),
        }
    }
    let found: Vec<Vec<f32>> = found.into_iter().flatten().collect();
    checked(found, texts, dimension)
}

/// Vectors, one for each text, all as long as `dimension` says, or as the first.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn checked(
    found: Vec<Vec<f32>>,
    texts: usize,
    dimension: Option<usize>,
) -> Result<Vec<Vec<f32>>, String> {
    if found.len() != texts {
        let count = found.len();
        return Err(format!("answered with {count} vectors for {texts} texts"));
    }
    let expected = dimension.or_else(|| found.first().map(Vec::len));
    for vector in &found {
        if let Some(expected) = expected.filter(|expected| *expected != vector.len()) {
            let has = vector.len();
            return Err(format!(
                "answered with vectors of {has} components where {expected} were expected"
            ));
        }
        if vector.is_empty() || !vector.iter().all(|component| component.is_finite()) {
            return Err(
                "answered with a vector that has a component which is no number".to_owned(),
            );
        }
    }
    Ok(found)
}
