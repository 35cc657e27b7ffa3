//! What is near to a question, of a business whose vectors are in Vectorize.

use crate::breaker::admit;
use crate::handler::{QUESTION_TIMEOUT_MS, table_of};
use crate::server::{self, Trouble};
use crate::settings::Embedder;
use crate::vectorize::{MAX_GOT, Place, Vectorize};
use common::Context;
use common::http::{Error, Kind, Result};
use common::join::join_all;
use knowledge::embedder::{MODEL, TextsEmbedded, dimension_of};
use knowledge::vector::{Vector, cosine};
use knowledge::vectorize::{MAX_MEASURED, NearestAsked, parts_of};

/// A request of Vectorize: what is nearest in a namespace, or vectors by their ids.
enum Part {
    Nearest(String),
    Got(Vec<String>),
}

/// Embeds the one text by the model, and asks Vectorize: both behind the breaker of the business's questions.
///
/// # Errors
/// 400 for another number of texts or too many chunks. 503 where the deployment or the business has the model's vectors
/// no more, and where the model's server or Vectorize does not answer; 422 where either refuses.
pub(crate) async fn nearest(
    cx: &Context<'_>,
    name: &str,
    texts: &[String],
    asked: &NearestAsked,
) -> Result<TextsEmbedded> {
    let [question] = texts else {
        return Err(malformed());
    };
    if asked.chunks.len() > MAX_MEASURED {
        return Err(malformed());
    }
    let (model, index) = parts_of(name);
    let gone = || Error::unavailable("the vectors of this model are in Vectorize no more");
    let vectorize = Vectorize::of(cx).filter(|one| Some(one.index.as_str()) == index);
    let vectorize = vectorize.ok_or_else(gone)?;
    let by = match model {
        MODEL => None,
        other => Some(Embedder::of_model(cx, other).await?.ok_or_else(gone)?),
    };
    let asking = admit(cx, name).await?;
    let answered = match embedded(cx, by.as_ref(), question).await? {
        Ok(None) => Ok(Vec::new()),
        Ok(Some(vector)) => near(cx, &vectorize, &Place::of(cx, name), &vector, asked).await,
        Err(trouble) => Err(trouble),
    };
    asking.settle(cx, answered.as_ref().err()).await;
    Ok(TextsEmbedded {
        model: name.to_owned(),
        dimension: dimension_of(name),
        near: Some(answered.map_err(Error::from)?),
        ..TextsEmbedded::default()
    })
}

async fn embedded(
    cx: &Context<'_>,
    by: Option<&Embedder>,
    question: &str,
) -> Result<std::result::Result<Option<Vector>, Trouble>> {
    let Some(embedder) = by else {
        return Ok(Ok(table_of(cx).await?.embed(question)));
    };
    let (key, settings) = (embedder.key(cx)?, &embedder.settings);
    let texts = [question];
    let vectors = server::embed(cx, settings, key.as_deref(), &texts, QUESTION_TIMEOUT_MS).await;
    Ok(vectors.map(|vectors| vectors.first().and_then(|one| Vector::of(one))))
}

/// Side by side: at most two queries, and three requests of 20 vectors.
async fn near(
    cx: &Context<'_>,
    vectorize: &Vectorize,
    place: &Place,
    question: &Vector,
    asked: &NearestAsked,
) -> std::result::Result<Vec<(i64, f32)>, Trouble> {
    let mut parts = vec![Part::Nearest(place.namespace(false))];
    if asked.of_owned {
        parts.push(Part::Nearest(place.namespace(true)));
    }
    for chunks in asked.chunks.chunks(MAX_GOT) {
        parts.push(Part::Got(chunks.iter().map(|id| place.id(*id)).collect()));
    }
    let ask = async |part: Part| match part {
        Part::Nearest(namespace) => {
            let components = question.components();
            vectorize.query(cx, &namespace, components).await
        }
        Part::Got(ids) => {
            let got = vectorize.get(cx, &ids).await?.into_iter();
            let measured = got.filter_map(|(id, values)| {
                let vector = Vector::of(&values)?;
                let is_alike = vector.components().len() == question.components().len();
                is_alike.then(|| (id, cosine(question, &vector)))
            });
            Ok(measured.collect())
        }
    };
    let mut found = Vec::new();
    for answered in join_all(parts.into_iter().map(ask)).await {
        let chunks = answered?.into_iter();
        found.extend(chunks.filter_map(|(id, near)| Some((place.chunk(&id)?, near))));
    }
    Ok(found)
}

#[track_caller]
fn malformed() -> Error {
    Error::new(
        Kind::MalformedRequest,
        "What is near is asked for one text and at most 60 chunks.",
    )
}
