use crate::table::Table;
use common::Context;
use common::calls;
use common::http::{Error, Kind, Result};
use knowledge::embedder::{EmbedTexts, MAX_BYTES, MAX_TEXTS, MODEL, TextsEmbedded};
use knowledge::vector::DIMENSION;
use std::sync::OnceLock;

/// The file below `assets/` that has the table.
const FILE: &str = "static128.bin";

/// The table, for as long as the isolate lives.
static TABLE: OnceLock<Table> = OnceLock::new();

/// Embeds texts for [`embed`](knowledge::embedder::embed); no request from outside gets here. It alone has the table
/// of word pieces. It neither reads nor writes the database, and keeps no text.
///
/// 1. Reads the texts: 400 for another version or shape, for more than 1,000 texts, and for more than 1 MiB of them.
/// 2. Has the table, which the first call of an isolate reads from the assets: 503 where it was not deployed
///    along, 500 where it is damaged.
/// 3. Answers model, dimension and one vector for each text, in order, or null for a text without a known word.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    // 1.
    let EmbedTexts { texts } = calls::read(body)?;
    check(&texts)?;

    // 2.
    let table = table_of(cx).await?;

    // 3.
    calls::answer::<EmbedTexts>(&TextsEmbedded {
        model: MODEL.to_owned(),
        dimension: DIMENSION,
        vectors: texts.iter().map(|text| table.embed(text)).collect(),
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

async fn table_of(cx: &Context<'_>) -> Result<&'static Table> {
    if let Some(table) = TABLE.get() {
        return Ok(table);
    }
    // Calls that come meanwhile read it as well; one of the copies stays.
    let bytes = cx.ports.assets.read(FILE).await?;
    let damaged = |why| Error::internal(format!("{FILE}: {why}"));
    let table = Table::parse(bytes).map_err(damaged)?;
    Ok(TABLE.get_or_init(|| table))
}
