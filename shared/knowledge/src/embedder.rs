//! Texts become vectors. The built-in embedder is a function of its own, `embed-text`, since it carries a table of
//! 4.3 MB; it needs no service of others.

use crate::vector::{DIMENSION, Vector};
use common::calls::{Call, call};
use common::context::Context;
use common::http::{Error, Kind};
use serde::{Deserialize, Serialize};

/// The function that embeds.
pub const EMBEDDER: &str = "embed-text";
/// The model, which stands with each vector that is stored: those of different models cannot be compared.
pub const MODEL: &str = "static128";
/// Most texts of one call.
pub const MAX_TEXTS: usize = 1000;
/// Most bytes of one call's texts together.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Texts to be embedded: at most [`MAX_TEXTS`], with at most [`MAX_BYTES`] together.
#[derive(Debug, Serialize, Deserialize)]
pub struct EmbedTexts {
    /// The texts.
    pub texts: Vec<String>,
}

/// Their vectors.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextsEmbedded {
    /// The model that made them.
    pub model: String,
    /// How many components each has.
    pub dimension: usize,
    /// One for each text, in order: `None` for a text without a word that the model knows.
    pub vectors: Vec<Option<Vector>>,
}

impl Call for EmbedTexts {
    const FUNCTION: &'static str = EMBEDDER;
    const NAME: &'static str = "embed_texts";
    const VERSION: u32 = 1;
    type Answer = TextsEmbedded;
}

/// The vectors of texts, one for each and in their order; `None` for a text without a word that the model knows,
/// which is found by its words alone. A call of another Worker for every 1,000 texts: the platform lets an invocation
/// make 32 in all.
///
/// # Errors
/// 422 for a text longer than [`MAX_BYTES`], before anything is asked. 503 where the function does not answer, or is
/// of a build with another model.
pub async fn embed(
    cx: &Context<'_>,
    texts: &[impl AsRef<str>],
) -> Result<Vec<Option<Vector>>, Error> {
    let mut vectors = Vec::with_capacity(texts.len());
    for texts in calls_of(texts)? {
        let expected = texts.len();
        let answered = call(&cx.ports, &EmbedTexts { texts }).await?;
        if answered.model != MODEL || answered.dimension != DIMENSION {
            let model = answered.model;
            return Err(Error::unavailable(format!(
                "{EMBEDDER} has the model {model}"
            )));
        }
        if answered.vectors.len() != expected {
            return Err(Error::unavailable(format!("{EMBEDDER} left texts out")));
        }
        vectors.extend(answered.vectors);
    }
    Ok(vectors)
}

/// How many calls so many texts take, unless they are long.
#[must_use]
pub const fn calls(texts: usize) -> usize {
    texts.div_ceil(MAX_TEXTS)
}

/// The texts of each call.
fn calls_of(texts: &[impl AsRef<str>]) -> Result<Vec<Vec<String>>, Error> {
    let mut calls: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for text in texts.iter().map(AsRef::as_ref) {
        if text.len() > MAX_BYTES {
            let why = "A text to be searched by its meaning is longer than 1 MiB.";
            return Err(Error::new(Kind::InvalidRequest, why));
        }
        bytes += text.len();
        match calls.last_mut() {
            Some(last) if last.len() < MAX_TEXTS && bytes <= MAX_BYTES => {
                last.push(text.to_owned());
            }
            _ => {
                bytes = text.len();
                calls.push(vec![text.to_owned()]);
            }
        }
    }
    Ok(calls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(texts: &[String]) -> Vec<usize> {
        let calls = calls_of(texts).unwrap();
        assert_eq!(calls.concat(), texts);
        calls.iter().map(Vec::len).collect()
    }

    #[test]
    fn a_call_has_at_most_1000_texts_and_at_most_1_mib() {
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&vec![String::new(); 1000]), [1000]);
        assert_eq!(sizes(&vec!["a".into(); 1001]), [1000, 1]);
        let long = "a".repeat(MAX_BYTES);
        assert_eq!(sizes(&[long.clone(), long.clone(), "a".into()]), [1, 1, 1]);
        let half = "a".repeat(MAX_BYTES / 2);
        assert_eq!(sizes(&vec![half; 5]), [2, 2, 1]);
        let refused = calls_of(&[format!("{long}a")]).unwrap_err();
        assert_eq!(refused.status(), 422);
    }
}
