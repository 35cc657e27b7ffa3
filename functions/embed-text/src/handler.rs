use crate::backlog::Used;
use crate::breaker::admit;
use crate::job::work;
use crate::nearest::nearest;
use crate::request::EmbedderRequest;
use crate::server;
use crate::settings::{Embedder, EmbedderAnswer, embedder_delete, embedder_get, embedder_put};
use crate::sql::EMBEDDINGS_DUE;
use crate::table::Table;
use common::Context;
use common::calls;
use common::db::Columns;
use common::http::{Error, Kind, Request, Response, Result};
use knowledge::embedder::{EmbedTexts, MAX_BYTES, MAX_TEXTS, MODEL, TextsEmbedded};
use knowledge::vector::{DIMENSION, Vector};
use std::sync::OnceLock;

/// The file below `assets/` that has the table.
const FILE: &str = "static128.bin";
/// How long a server may take to embed a question, in milliseconds: somebody waits for the answer.
pub(crate) const QUESTION_TIMEOUT_MS: u32 = 5_000;

/// The table, for as long as the isolate lives.
static TABLE: OnceLock<Table> = OnceLock::new();

/// Who embeds what CRM links have, with a session.
///
/// - `GET /api/dashboard/crm-links/embedder`: 200 with what is set, and how embedding goes.
/// - `PUT /api/dashboard/crm-links/embedder`: sets all of it, after one request that tries it; a key that is absent or
///   `***` stays, for the same server. 422 for a server that may not be called or that refuses, with its words, and
///   for vectors that are too long; 503 where it does not answer.
/// - `DELETE /api/dashboard/crm-links/embedder`: 204, and the built-in model embeds again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let ok = |answer: &EmbedderAnswer| Response::json(200, answer);
    match request.route.operation {
        "crm_link_embedder_get" => Ok(ok(&embedder_get(cx).await?)),
        "crm_link_embedder_put" => {
            let wanted = EmbedderRequest::read(request.text()?)?;
            Ok(ok(&embedder_put(cx, wanted).await?))
        }
        "crm_link_embedder_delete" => {
            embedder_delete(cx).await?;
            Ok(Response::empty(204))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// Embeds texts for [`embed`](knowledge::embedder::embed), by the model that the call names; no request from outside
/// gets here. It alone has the table of word pieces of the built-in one, and asks the servers of others. It keeps no
/// text.
///
/// 1. Reads the texts: 400 for another version or shape, for more than 1,000 texts, and for more than 1 MiB of them.
/// 2. For a model of a business, asks its server within 5 seconds: 503 where the business has it no more or the server
///    does not answer, 422 `provider_rejected` where it refuses. After a failure that took 2 seconds, after three in a
///    row, and where it asks for a pause, the server is left alone for 10 seconds to 5 minutes: 503 at once. What is
///    near, of vectors in Vectorize, is asked for in the same way, within 3 seconds more.
/// 3. Else has the table, which the first call of an isolate reads from the assets: 503 where it was not deployed
///    along, 500 where it is damaged.
/// 4. Answers model, dimension and one vector for each text, in order, or null for a text without a known word.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    // 1.
    let EmbedTexts {
        texts,
        business_id,
        model,
        near,
    } = calls::read(body)?;
    check(&texts)?;

    // 2.
    if let (Some(business), Some(model)) = (business_id, model) {
        let cx = &cx.of_business(&business);
        let answer = match near {
            None => by_server(cx, &model, &texts).await?,
            Some(asked) => nearest(cx, &model, &texts, &asked).await?,
        };
        return calls::answer::<EmbedTexts>(&answer);
    }

    // 3.
    let table = table_of(cx).await?;

    // 4.
    calls::answer::<EmbedTexts>(&TextsEmbedded {
        model: MODEL.to_owned(),
        dimension: DIMENSION,
        vectors: texts.iter().map(|text| table.embed(text)).collect(),
        near: None,
    })
}

/// Embeds what waits for it, of the businesses that set a server: until everything has a vector of the model that is
/// set, which is searched from then on.
///
/// 1. Claims a business of which something is due. Whoever claims it works alone until the lease ends.
/// 2. Embeds what has no vector, slice by slice. What an invocation has no time, requests or statements for is left to
///    the next, and so is the rest of a business whose server fails: with backoff, or when it says.
/// 3. Has the model that is set searched at once when nothing is left, and removes what the one before has.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    let due = EMBEDDINGS_DUE.bind(vec![cx.now.micros().into()]);
    let mut used = Used::default();
    let mut failure = None;
    for row in cx.db.rows(due).await? {
        let business = Columns::of(&row).text("business_id")?;
        if used.is_up(cx) {
            break;
        }
        // What fails here is tried again when the lease ends, and keeps nobody else waiting.
        if let Err(error) = work(&cx.of_business(&business), &mut used).await {
            failure = Some(error);
        }
    }
    failure.map_or(Ok(()), Err)
}

async fn by_server(cx: &Context<'_>, model: &str, texts: &[String]) -> Result<TextsEmbedded> {
    let gone = || Error::unavailable("the business has this model no more");
    let embedder = Embedder::of_model(cx, model).await?.ok_or_else(gone)?;
    let key = embedder.key(cx)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    if texts.len() > server::MAX_TEXTS || texts.contains(&"") {
        return Err(too_much(
            "The call has more than 100 texts, or an empty one.",
        ));
    }
    let settings = &embedder.settings;
    let asking = admit(cx, model).await?;
    let answered = server::embed(cx, settings, key.as_deref(), &texts, QUESTION_TIMEOUT_MS).await;
    asking.settle(cx, answered.as_ref().err()).await;
    let vectors = answered.map_err(Error::from)?;
    Ok(TextsEmbedded {
        model: model.to_owned(),
        dimension: settings.dimension,
        vectors: vectors.iter().map(|one| Vector::of(one)).collect(),
        near: None,
    })
}

fn check(texts: &[String]) -> Result<()> {
    let bytes: usize = texts.iter().map(String::len).sum();
    if texts.len() > MAX_TEXTS {
        return Err(too_much("The call has more than 1,000 texts."));
    }
    if bytes > MAX_BYTES {
        return Err(too_much("The call has more than 1 MiB of texts."));
    }
    Ok(())
}

#[track_caller]
fn too_much(why: &'static str) -> Error {
    Error::new(Kind::MalformedRequest, why)
}

/// The table of the built-in model.
pub(crate) async fn table_of(cx: &Context<'_>) -> Result<&'static Table> {
    if let Some(table) = TABLE.get() {
        return Ok(table);
    }
    // Calls that come meanwhile read it as well; one of the copies stays.
    let bytes = cx.ports.assets.read(FILE).await?;
    let damaged = |why| Error::internal(format!("{FILE}: {why}"));
    let table = Table::parse(bytes).map_err(damaged)?;
    Ok(TABLE.get_or_init(|| table))
}
