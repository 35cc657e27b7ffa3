//! Vectors that stand in Vectorize (docs/reference/vectorize.md): of businesses with more chunks than a search can read
//! the vectors of. `embed-text` alone asks it. What is live is told by `SEARCH`: what Vectorize finds beside that leads
//! nowhere.

use crate::embedder::{EmbedTexts, TextsEmbedded};
use common::calls::call;
use common::context::Context;
use common::http::Error;
use serde::{Deserialize, Serialize};

/// Stands between a model and the index that has its vectors.
const MARK: &str = " in vectorize:";
/// Chunks whose nearness one question asks for beside the nearest ones: 20 are told at once (vectorize.md §2).
pub const MAX_MEASURED: usize = 60;

/// What names the vectors of a model in an index of Vectorize.
#[must_use]
pub fn name_in(model: &str, index: &str) -> String {
    [model, MARK, index].concat()
}

/// The model of a name, and the index of Vectorize that has its vectors; `None` where `SEARCH` has them.
#[must_use]
pub fn parts_of(name: &str) -> (&str, Option<&str>) {
    // What businesses name ends with a URL, so it is not mistaken.
    match name.rsplit_once(MARK) {
        Some((model, index)) if is_index(index) => (model, Some(index)),
        _ => (name, None),
    }
}

/// Whether an index of Vectorize may have this name: up to 64 bytes (vectorize.md §2), which go into a URL.
#[must_use]
pub fn is_index(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(is_letter)
}

/// What a question asks beside its vector.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearestAsked {
    /// Whether what is somebody's own is among what is sought.
    pub of_owned: bool,
    /// Chunks whose nearness is asked for, at most [`MAX_MEASURED`].
    pub chunks: Vec<i64>,
}

/// The chunks that are nearest to a question by a model whose vectors are in Vectorize, and those asked for, as far as
/// they have vectors; each with its cosine.
///
/// # Errors
/// 503 where the function, the model's server or Vectorize does not answer, or another model answers.
pub(crate) async fn nearest(
    cx: &Context<'_>,
    model: &str,
    question: &str,
    asked: NearestAsked,
) -> Result<Vec<(i64, f32)>, Error> {
    let asked = EmbedTexts {
        texts: vec![question.to_owned()],
        business_id: Some(cx.business_id().to_owned()),
        model: Some(model.to_owned()),
        near: Some(asked),
    };
    let TextsEmbedded {
        model: other, near, ..
    } = call(&cx.ports, &asked).await?;
    let is_it = other == model;
    let near = near.filter(|_| is_it);
    near.ok_or_else(|| Error::unavailable("embed-text did not ask Vectorize"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedder::{MODEL, dimension_of, name_of};

    #[test]
    fn a_name_says_which_index_has_the_vectors() {
        let name = name_in(MODEL, "tieline-128");
        assert_eq!(parts_of(&name), (MODEL, Some("tieline-128")));
        assert_eq!(dimension_of(&name), crate::vector::DIMENSION);
        let server = name_of(1024, "@cf/baai/bge-m3", "https://llm.example/v1");
        assert_eq!(parts_of(&server), (server.as_str(), None));
        let inside = name_in(&server, "big_1");
        assert_eq!(parts_of(&inside), (server.as_str(), Some("big_1")));
        assert_eq!(dimension_of(&inside), 1024);
    }

    #[test]
    fn what_a_business_calls_its_model_names_no_index() {
        let sly = name_of(64, "small in vectorize:theirs", "https://llm.example/v1");
        assert_eq!(parts_of(&sly), (sly.as_str(), None));
        for index in ["", "a/b", "a b", "ä", &"a".repeat(65)] {
            assert!(!is_index(index), "{index}");
        }
    }
}
