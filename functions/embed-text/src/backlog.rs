//! Chunks without a vector get one, slice by slice. What was written stays, whatever happens afterwards.

use crate::handler::table_of;
use crate::server::{self, MAX_TEXTS, Trouble};
use crate::settings::{Embedder, MAX_COMPONENTS, TRIED};
use crate::sql::{BACKLOG_GONE, BACKLOG_PAGE, LINK_NAMES, VECTORS_COUNT};
use crate::vectorize::Vectorize;
use crate::writing::Writing;
use common::Context;
use common::db::Columns;
use common::http::{Error, Result};
use common::time::SECOND;
use knowledge::embedder::{MODEL, dimension_of};
use knowledge::index::compact;
use knowledge::vector::Vector;
use knowledge::vectorize::parts_of;
use records::{embedded_texts, embedded_whole};
use std::collections::BTreeMap;

/// After how long an invocation leaves the rest to the next.
const RUN: i64 = 20 * SECOND;
/// After how many requests of other servers.
const REQUESTS: u32 = 40;
/// Requests beside these, for texts that a server refuses.
const MORE_REQUESTS: u32 = 40;
/// After how many statements, of the thousand that the platform allows an invocation.
const STATEMENTS: u32 = 500;
/// How long a request may take, in milliseconds.
const TIMEOUT_MS: u32 = 20_000;
/// How many chunks the built-in model embeds at once.
const PAGE: usize = 500;
/// So many texts that a server refuses are left out; more are trouble.
const MAX_REFUSED: u32 = 8;

/// What an invocation has used.
#[derive(Default)]
pub(crate) struct Used {
    requests: u32,
    statements: u32,
    refused: u32,
}

impl Used {
    pub(crate) fn is_up(&self, cx: &Context<'_>) -> bool {
        let took = cx.time_now().micros() - cx.now.micros();
        took > RUN || self.requests >= REQUESTS || self.statements >= STATEMENTS
    }

    /// Counts a request.
    pub(crate) fn asks(&mut self) {
        self.requests += 1;
    }

    /// Counts statements.
    pub(crate) fn states(&mut self, count: u32) {
        self.statements += count;
    }

    /// Counts the statements that write a segment.
    pub(crate) fn writes(&mut self) {
        self.statements += 3;
    }
}

/// How far a backlog was worked off.
pub(crate) enum Came {
    /// Each chunk has its vector.
    ToTheEnd,
    /// There is more, for the next invocation.
    OnlySoFar,
}

/// Why it stopped.
pub(crate) enum Stopped {
    /// The server, or what it is asked for.
    Theirs(Trouble),
    /// Ourselves.
    Ours(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Theirs(trouble) => trouble.into(),
            Stopped::Ours(error) => error,
        }
    }
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Self::Theirs(trouble)
    }
}

/// What embeds.
struct By {
    embedder: Embedder,
    key: Option<String>,
}

/// Works off the backlog of a model. `attempts` is how often it failed in a row: a slow server is asked for less at once.
pub(crate) async fn work_off(
    cx: &Context<'_>,
    model: &str,
    attempts: u32,
    used: &mut Used,
) -> Result<Came, Stopped> {
    let (base, index) = parts_of(model);
    let vectorize = match index {
        None => None,
        Some(index) => {
            let set = Vectorize::of(cx).filter(|one| one.index == index);
            let gone = || {
                Trouble::lasting(format!(
                    "The deployment has the Vectorize index {index} no more."
                ))
            };
            Some(set.ok_or_else(gone)?)
        }
    };
    let by = match base {
        MODEL => None,
        other => {
            let embedder = Embedder::of_model(cx, other).await?;
            let gone = || Error::internal("the embedder of a model that is searched is gone");
            let embedder = embedder.ok_or_else(gone)?;
            let key = embedder.key(cx)?;
            Some(By { embedder, key })
        }
    };
    let most = match by {
        None => PAGE,
        Some(_) => (MAX_TEXTS >> attempts.min(5)).max(4),
    };
    let mut names = None;
    // In Vectorize a chunk has one vector, by whose id it is found.
    let is_whole = by.is_some() || vectorize.is_some();
    let mut written = Writing::of(model, vectorize.as_ref());
    let mut room = None;
    loop {
        if used.is_up(cx) {
            written.flush(cx, used).await?;
            return Ok(Came::OnlySoFar);
        }
        let chunks = page(cx, model, written.last, most, used).await?;
        let is_last = chunks.len() < most;
        if !chunks.is_empty() {
            let names = match &mut names {
                Some(names) => names,
                none => none.insert(link_names(cx, used).await?),
            };
            let texts = chunks.iter().map(|one| one.texts(names, is_whole));
            let texts: Vec<Vec<String>> = texts.collect();
            let vectors = match &by {
                None => built_in(cx, texts).await,
                Some(by) if vectorize.is_some() => by_server(cx, by, texts, used).await,
                Some(by) => {
                    let room = match &mut room {
                        Some(room) => room,
                        none => none.insert(room_of(cx, model, used).await?),
                    };
                    match room.checked_sub(chunks.len()) {
                        Some(left) => {
                            *room = left;
                            by_server(cx, by, texts, used).await
                        }
                        None => Err(full(model).into()),
                    }
                }
            };
            let vectors = match vectors {
                Ok(vectors) => vectors,
                Err(stopped) => {
                    // What the server gave before it failed is not asked for again.
                    written.flush(cx, used).await?;
                    return Err(stopped);
                }
            };
            for (chunk, vectors) in chunks.iter().zip(vectors) {
                written.add(cx, chunk.id, &vectors, used).await?;
            }
        }
        if is_last {
            written.flush(cx, used).await?;
            let gone = BACKLOG_GONE.bind(vec![cx.business_id().into(), model.into()]);
            cx.ports.search.rows(gone).await.map_err(Error::from)?;
            return Ok(match written.is_left {
                true => Came::OnlySoFar,
                false => Came::ToTheEnd,
            });
        }
    }
}

/// A chunk without a vector.
struct Waiting {
    id: i64,
    link: String,
    path: String,
    text: String,
}

impl Waiting {
    /// What is embedded of it: by a server and for Vectorize, the whole as one text.
    fn texts(&self, names: &BTreeMap<String, String>, is_whole: bool) -> Vec<String> {
        let name = names.get(&self.link).map_or("", String::as_str);
        match is_whole {
            true => embedded_whole(name, &self.path, &self.text)
                .into_iter()
                .collect(),
            false => embedded_texts(name, &self.path, &self.text),
        }
    }
}

async fn page(
    cx: &Context<'_>,
    model: &str,
    after: i64,
    most: usize,
    used: &mut Used,
) -> Result<Vec<Waiting>> {
    used.statements += 1;
    let page = BACKLOG_PAGE.bind(vec![
        cx.business_id().into(),
        model.into(),
        after.into(),
        i64::try_from(most).unwrap_or_default().into(),
    ]);
    let rows = cx.ports.search.rows(page).await?;
    let read = |row: &common::db::Row| {
        let mut columns = Columns::of(row);
        Ok(Waiting {
            id: columns.integer("chunk_id")?,
            link: columns.text("link_id")?,
            path: columns.text("path")?,
            text: columns.text("text")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn link_names(cx: &Context<'_>, used: &mut Used) -> Result<BTreeMap<String, String>> {
    used.statements += 1;
    let rows = cx.db.rows(LINK_NAMES.bind(vec![cx.business_id().into()]));
    let read = |row: &common::db::Row| {
        let mut columns = Columns::of(row);
        Ok((columns.text("id")?, columns.text("name")?))
    };
    rows.await?.iter().map(read).collect()
}

/// For how many vectors there is room.
async fn room_of(cx: &Context<'_>, model: &str, used: &mut Used) -> Result<usize> {
    let count = async || {
        let count = VECTORS_COUNT.bind(vec![cx.business_id().into(), model.into()]);
        let rows = cx.ports.search.rows(count).await?;
        let row = rows.first().ok_or_else(|| Error::internal("no count"))?;
        let vectors = usize::try_from(Columns::of(row).integer("vectors")?);
        let most = MAX_COMPONENTS / dimension_of(model).max(1);
        Ok::<_, Error>(most.saturating_sub(vectors.unwrap_or(usize::MAX)))
    };
    used.statements += 8;
    let room = count().await?;
    // Those of chunks that are gone may go.
    match room < MAX_TEXTS && compact(cx).await? {
        true => count().await,
        false => Ok(room),
    }
}

fn full(model: &str) -> Trouble {
    let dimension = dimension_of(model);
    let most = MAX_COMPONENTS / dimension.max(1);
    Trouble::lasting(format!(
        "Your links have more than the {most} parts of records of which vectors of {dimension} components are taken; the \
         others are found by their words. Set `dimensions` to fewer, or choose another model."
    ))
}

/// The vectors of chunks by the built-in model, one for each text.
async fn built_in(cx: &Context<'_>, texts: Vec<Vec<String>>) -> Result<Vec<Vec<Vector>>, Stopped> {
    let table = table_of(cx).await?;
    let vectors = |texts: &Vec<String>| {
        let vectors = texts.iter().filter_map(|text| table.embed(text));
        vectors.collect()
    };
    Ok(texts.iter().map(vectors).collect())
}

/// The vectors of chunks by a server, one for each: such models read a text as a whole. Texts that it refuses are
/// sought by halves and left out, unless it refuses others, too.
async fn by_server(
    cx: &Context<'_>,
    by: &By,
    texts: Vec<Vec<String>>,
    used: &mut Used,
) -> Result<Vec<Vec<Vector>>, Stopped> {
    let mut found: Vec<Vec<Vector>> = vec![Vec::new(); texts.len()];
    let asked = texts.iter().enumerate();
    let asked = asked.filter_map(|(at, texts)| Some((at, texts.first()?.as_str())));
    let (places, asked): (Vec<usize>, Vec<&str>) = asked.unzip();
    let mut parts = vec![(0, asked.len())];
    let settings = &by.embedder.settings;
    while let Some((start, end)) = parts.pop() {
        let texts = asked.get(start..end).unwrap_or_default();
        if texts.is_empty() {
            continue;
        }
        used.requests += 1;
        let answered = server::embed(cx, settings, by.key.as_deref(), texts, TIMEOUT_MS).await;
        let trouble = match answered {
            Ok(vectors) => {
                for (place, vector) in places.iter().skip(start).zip(vectors) {
                    if let Some(found) = found.get_mut(*place) {
                        found.extend(Vector::of(&vector));
                    }
                }
                continue;
            }
            Err(trouble) => trouble,
        };
        let may_go_on = trouble.is_about_texts && used.requests < REQUESTS + MORE_REQUESTS;
        if !may_go_on || used.refused >= MAX_REFUSED {
            return Err(trouble.into());
        }
        match texts.len() {
            1 => {
                // Is it this text?
                used.requests += 1;
                server::embed(cx, settings, by.key.as_deref(), &TRIED, TIMEOUT_MS).await?;
                used.refused += 1;
            }
            count => {
                let middle = start + count / 2;
                parts.extend([(middle, end), (start, middle)]);
            }
        }
    }
    Ok(found)
}
