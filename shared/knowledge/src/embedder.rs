//! Texts become vectors. The built-in embedder is a function of its own, `embed-text`, since it carries a table of
//! 4.3 MB; it needs no service of others.

use crate::vector::{DIMENSION, Vector};
use crate::vectorize::{NearestAsked, parts_of};
use common::calls::{Call, any_json, call};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::plain::Unreadable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The function that embeds.
pub const EMBEDDER: &str = "embed-text";
/// The model, which stands with each vector that is stored: those of different models cannot be compared.
pub const MODEL: &str = "static128";
/// Most texts of one call.
pub const MAX_TEXTS: usize = 1000;
/// Most bytes of one call's texts together.
pub const MAX_BYTES: usize = 1024 * 1024;

/// What names the vectors of a model of another server, which may have any other dimension, and may have the same name
/// elsewhere.
#[must_use]
pub fn name_of(dimension: usize, model: &str, base_url: &str) -> String {
    [&dimension.to_string(), " ", model, " ", base_url].concat()
}

/// How many components the vectors of a model have; 0 where its name does not say.
#[must_use]
pub fn dimension_of(name: &str) -> usize {
    let (name, _) = parts_of(name);
    if name == MODEL {
        return DIMENSION;
    }
    let first = name.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

/// Texts to be embedded: at most [`MAX_TEXTS`], with at most [`MAX_BYTES`] together.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct EmbedTexts {
    /// The texts.
    pub texts: Vec<String>,
    /// The business that has set the model; absent for the built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_id: Option<String>,
    /// The model, as [`name_of`] has it; absent for the built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What is near to the one text, where the model's vectors are in Vectorize; its own vector is not told then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<NearestAsked>,
}

/// Their vectors.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextsEmbedded {
    /// The model that made them.
    pub model: String,
    /// How many components each has.
    pub dimension: usize,
    /// One for each text, in order: `None` for a text without a word that the model knows.
    pub vectors: Vec<Option<Vector>>,
    /// Chunks and their cosines, where these were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<Vec<(i64, f32)>>,
}

impl Call for EmbedTexts {
    const FUNCTION: &'static str = EMBEDDER;
    const NAME: &'static str = "embed_texts";
    const VERSION: u32 = 1;
    type Answer = TextsEmbedded;

    fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Unreadable> {
        any_json(json)
    }
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
        let asked = EmbedTexts {
            texts,
            ..EmbedTexts::default()
        };
        vectors.extend(answer(cx, &asked, MODEL, expected).await?);
    }
    Ok(vectors)
}

/// The vector of a question by a model that is searched; `None` where it has no word that the model knows.
///
/// # Errors
/// 503 where the function or the model's server does not answer, or another model answers.
pub async fn embed_question(
    cx: &Context<'_>,
    model: &str,
    question: &str,
) -> Result<Option<Vector>, Error> {
    let is_built_in = model == MODEL;
    let asked = EmbedTexts {
        texts: vec![question.to_owned()],
        business_id: (!is_built_in).then(|| cx.business_id().to_owned()),
        model: (!is_built_in).then(|| model.to_owned()),
        near: None,
    };
    let vectors = answer(cx, &asked, model, 1).await?;
    Ok(vectors.into_iter().next().flatten())
}

/// What the function answers, if it is of this model: one of an older build has the built-in one alone.
async fn answer(
    cx: &Context<'_>,
    asked: &EmbedTexts,
    model: &str,
    expected: usize,
) -> Result<Vec<Option<Vector>>, Error> {
    let answered = call(&cx.ports, asked).await?;
    let dimension = dimension_of(model);
    if answered.model != model || answered.dimension != dimension {
        let other = answered.model;
        return Err(Error::unavailable(format!(
            "{EMBEDDER} has the model {other}"
        )));
    }
    let mut vectors = answered.vectors.iter().flatten();
    if answered.vectors.len() != expected || !vectors.all(|one| one.components().len() == dimension)
    {
        return Err(Error::unavailable(format!("{EMBEDDER} left texts out")));
    }
    Ok(answered.vectors)
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
    fn the_name_of_a_model_says_how_long_its_vectors_are() {
        assert_eq!(dimension_of(MODEL), DIMENSION);
        let name = name_of(1536, "all minilm", "https://llm.example/v1");
        assert_eq!(name, "1536 all minilm https://llm.example/v1");
        assert_eq!(dimension_of(&name), 1536);
        assert_eq!(dimension_of("other"), 0);
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
