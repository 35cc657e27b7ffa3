//! A fetch: page by page, slice by slice.

use crate::claim::Claimed;
use crate::file;
use crate::kept::sql::{RECORD_OWNERS_FORGET, RECORDS_FORGET, RECORDS_LEFT};
use crate::owners::shape_of;
use crate::phones::Phones;
use crate::progress::{Progress, Within};
use crate::settle::{Ended, Trouble, failed, settle, suspend};
use crate::slice::{made, next_slice, stage_slice};
use crate::sql::{LINK_FORGET, PUSHES_FORGET};
use common::Context;
use common::db::Sql;
use common::http::{Error, Kind, Result};
use common::ids::LinkId;
use common::ports::Queue;
use common::signatures::sha256_hex;
use common::time::SECOND;
use knowledge::index::{Generation, abort, compact, generation, link_remove, outgrown, publish};
use knowledge::link::sql::FILES_USED;
use knowledge::link::{ACCEPTED, FetchStatus, LinkType, link_message};
use knowledge::source::connected::{PACE_MILLIS, connected};
use knowledge::source::oauth::sql::TOKENS_FORGET;
use knowledge::source::{self, Fetched, Page, Place};
use records::{Expected, Format, Position, Reader, Recipe, Shape};

/// After how long an invocation leaves the rest to the next.
const RUN: i64 = 20 * SECOND;
/// After how many pages.
const PAGES: u32 = 40;
/// After how many slices: each takes some ten statements, of the thousand that the platform allows an invocation.
const SLICES: usize = 40;
/// After how many calls of other functions, of the 32 that it allows: the last slice takes some seven at most.
const CALLS: usize = 24;
/// Most records of a link, over all pages.
const MAX_RECORDS: u32 = 50_000;
/// Most bytes of a link, over all pages.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// How many kept records one statement removes.
const FORGOTTEN_AT_ONCE: i64 = 2_000;
/// Below so many records it is not suspected that many are gone.
const FEW: i64 = 4;

/// What an invocation has used.
#[derive(Default)]
pub(crate) struct Used {
    pages: u32,
    pub(crate) slices: usize,
    pub(crate) calls: usize,
}

impl Used {
    /// Whether the rest is the next invocation's.
    pub(crate) fn is_up(&self, cx: &Context<'_>) -> bool {
        let took = cx.time_now().micros() - cx.now.micros();
        took > RUN || self.pages >= PAGES || self.slices >= SLICES || self.calls >= CALLS
    }
}

/// How far an invocation came.
enum Came {
    /// The list is read to its end.
    ToTheEnd,
    /// The source says that nothing changed.
    ToNothingNew,
    /// There is more, for the next invocation, after so many milliseconds.
    OnlySoFar(u32),
}

/// Fetches a link, from its beginning or from where the last invocation stopped.
pub(crate) async fn fetch(cx: &Context<'_>, mut claimed: Claimed) -> Result<()> {
    let before = generation(cx, &claimed.link.id).await?;
    let goes_on = claimed.goes_on();
    // One that took its place, and could not say so, is not staged again under the same name.
    let is_staged = |progress: &Progress| progress.generation > before.current;
    let progress = claimed
        .progress
        .take()
        .filter(|progress| goes_on && is_staged(progress));
    if progress.is_none() && before.staging > before.current {
        // Of a fetch that was given up.
        abort(cx, &claimed.link.id, &before).await?;
    }
    let mut progress = progress.unwrap_or_else(|| Progress {
        revision: claimed.link.revision,
        generation: cx.now.micros().max(before.current + 1),
        ..Progress::default()
    });
    match read(cx, &claimed, &mut progress, &before).await {
        Ok(Came::ToTheEnd) => ended(cx, &claimed, progress, &before).await,
        Ok(Came::ToNothingNew) => {
            let records = u32::try_from(before.records).unwrap_or(u32::MAX);
            progress.tally.records = records;
            settle(
                cx,
                &claimed,
                Ended::Well(FetchStatus::NotModified),
                progress,
                0,
            )
            .await
        }
        Ok(Came::OnlySoFar(wait)) => {
            let pause = (wait > 0).then(|| (i64::from(wait) * 1000, 0));
            suspend(cx, &claimed, &progress, pause).await?;
            let message = link_message(cx.business_id(), &claimed.link.id);
            cx.wake_after(Queue::Links, message, wait.div_ceil(1000));
            Ok(())
        }
        Err(Stopped::Ours(error)) => Err(error),
        Err(Stopped::Theirs(trouble)) => failed(cx, &claimed, progress, &before, trouble).await,
    }
}

/// Why reading stopped.
pub(crate) enum Stopped {
    /// The source, or what it sent.
    Theirs(Trouble),
    /// Ourselves.
    Ours(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        // What is refused of what was sent is for whoever set the link up.
        match error.kind() {
            Kind::InvalidRequest => Self::Theirs(Trouble::lasting(error.message().to_owned())),
            _ => Self::Ours(error),
        }
    }
}

impl From<source::Trouble> for Stopped {
    fn from(trouble: source::Trouble) -> Self {
        Self::Theirs(trouble.into())
    }
}

impl From<records::Trouble> for Stopped {
    fn from(trouble: records::Trouble) -> Self {
        Self::Theirs(Trouble::lasting(format!("{}.", trouble.message)))
    }
}

async fn read(
    cx: &Context<'_>,
    claimed: &Claimed,
    progress: &mut Progress,
    before: &Generation,
) -> Result<Came, Stopped> {
    let place = Place {
        link: Some(&claimed.link.id),
        kind: claimed.link.kind,
        url: &claimed.link.url,
        settings: &claimed.link.settings,
        secrets: &claimed.secrets,
    };
    let connected = connected(cx, &claimed.link.url, &claimed.link.settings).await?;
    let place = match &connected {
        Some(connected) => connected.place(&place),
        None => place,
    };
    let shape = shape_of(
        &claimed.link.name,
        &claimed.link.url,
        &claimed.link.settings,
    );
    let (mut used, mut phones) = (Used::default(), Phones::default());
    loop {
        let is_first = progress.at.is_none() && progress.within.is_none();
        let known = claimed.validators.as_ref();
        let known = known.filter(|_| is_first && before.current > 0);
        let fetched = match claimed.link.upload() {
            Some(_) => file::read(cx, claimed, known).await?,
            None => source::fetch(cx, &place, progress.at.as_ref(), known).await?,
        };
        let page = match fetched {
            Fetched::NotModified => return Ok(Came::ToNothingNew),
            Fetched::Page(page) => page,
        };
        used.pages += 1;
        let records = match page_read(
            cx,
            claimed,
            progress,
            before,
            &shape,
            &page,
            &mut used,
            &mut phones,
        )
        .await?
        {
            Some(records) => records,
            None => return Ok(Came::OnlySoFar(0)),
        };
        progress.pages += 1;
        if is_first {
            progress.validators.clone_from(&page.validators);
        }
        progress.at = source::next(&place, progress.at.as_ref(), &page, records)?;
        if progress.at.is_none() {
            return Ok(Came::ToTheEnd);
        }
        // The next page is one.
        used.calls += usize::from(claimed.link.kind == LinkType::Database);
        let pace = connected.is_some().then_some(PACE_MILLIS);
        let wait = page.slow_down.max(pace);
        if used.is_up(cx) || wait.is_some() {
            return Ok(Came::OnlySoFar(wait.unwrap_or_default()));
        }
    }
}

/// Stages what a page has, and gives how many records it had; nothing where the invocation is used up before its end.
#[expect(
    clippy::too_many_arguments,
    reason = "what a page is read with is one fetch's"
)]
async fn page_read(
    cx: &Context<'_>,
    claimed: &Claimed,
    progress: &mut Progress,
    before: &Generation,
    shape: &Shape,
    page: &Page,
    used: &mut Used,
    phones: &mut Phones,
) -> Result<Option<usize>, Stopped> {
    let hash = sha256_hex(&page.body);
    let within = progress.within.take().filter(|within| within.hash == hash);
    if within.is_none() {
        progress.tally.bytes += u64::try_from(page.body.len()).unwrap_or(u64::MAX);
        progress.tally.too_long += page.too_long;
    }
    if progress.tally.bytes > MAX_BYTES {
        return Err(too_much("more than 64 MiB in all"));
    }
    let expected = match claimed.link.kind {
        LinkType::File => Expected::Anything,
        _ => Expected::Data,
    };
    let path = page.url.split(['?', '#']).next().unwrap_or_default();
    let format = Format::detect(page.content_type.as_deref(), path, &page.body, expected)?;
    let position = within.and_then(|within| Position::parse(&within.position));
    let mut reader = match position {
        Some(position) => Reader::resume(format, &page.body, shape, position)?,
        None => Reader::new(format, &page.body, shape)?,
    };
    let recipe = Recipe::new(shape);
    let skipped = reader.skipped();
    loop {
        let (raw, is_last) = next_slice(&mut reader)?;
        if !raw.is_empty() {
            let (records, calls) = made(cx, &claimed.region, &recipe, &raw, phones).await?;
            let at = cx.time_now();
            used.slices += 1;
            used.calls += calls + stage_slice(cx, claimed, progress, records, at).await?;
        }
        let others = usize::try_from(before.chunks_of_others).unwrap_or(usize::MAX);
        if progress.there.len() + others > before.max_chunks() {
            outgrown(cx).await?;
            return Err(too_much(match before.is_in_vectorize {
                true => "more than the 100,000 parts of records that a business may have",
                false => "more than the 25,000 parts of records that a business may have",
            }));
        }
        if progress.tally.records > MAX_RECORDS || reader.is_cut() {
            return Err(too_much("more than 50,000 records"));
        }
        if is_last {
            let skipped = reader.skipped().saturating_sub(skipped);
            progress.tally.too_long += u32::try_from(skipped).unwrap_or(u32::MAX);
            return Ok(Some(reader.position().ordinal));
        }
        if used.is_up(cx) {
            progress.within = Some(Within {
                position: reader.position().to_text(),
                hash,
            });
            return Ok(None);
        }
    }
}

fn too_much(what: &str) -> Stopped {
    let message = format!(
        "The source has {what}. Have it give fewer: filter by a query in the URL, or take fewer fields."
    );
    Stopped::Theirs(Trouble::lasting(message))
}

/// Puts what was fetched in the place of what there was, unless it is suspiciously little.
async fn ended(
    cx: &Context<'_>,
    claimed: &Claimed,
    mut progress: Progress,
    before: &Generation,
) -> Result<()> {
    let link = &claimed.link;
    let records = i64::from(progress.tally.records);
    let fell = |from: i64, to: i64| from >= FEW && to * 2 < from;
    let is_believed = match link.suspect {
        None => false,
        Some(ACCEPTED) => true,
        // The same again; a list that shrinks on, or grows again, is not yet what it will be.
        Some(suspect) => !fell(suspect, records) && !fell(records, suspect),
    };
    if fell(before.records, records) && !is_believed {
        if progress.is_written {
            abort(cx, &link.id, before).await?;
        }
        return settle(
            cx,
            claimed,
            Ended::Well(FetchStatus::SuspectShrink),
            progress,
            0,
        )
        .await;
    }
    let staged = progress.staged();
    let (at, count) = (progress.generation, progress.tally.records);
    let gone = publish(cx, &link.id, before, at, &staged, count, true).await?;
    if staged.is_written || gone > 0 {
        compact(cx).await?;
    }
    settle(cx, claimed, Ended::Well(FetchStatus::Ok), progress, gone).await
}

/// Removes what is searched of a link that was deleted, what is kept of its pushes, and then the link.
pub(crate) async fn remove(cx: &Context<'_>, id: &LinkId) -> Result<()> {
    let mut used = Used::default();
    while !link_remove(cx, id).await? {
        used.slices += 1;
        if used.is_up(cx) {
            // The lease ends by itself; until then there is another.
            cx.wake_after(Queue::Links, link_message(cx.business_id(), id), 125);
            return Ok(());
        }
    }
    let at = || vec![cx.business_id().into(), id.into()];
    let some = |sql: &'static Sql| {
        let mut params = at();
        params.push(FORGOTTEN_AT_ONCE.into());
        sql.bind(params)
    };
    loop {
        let statements = vec![
            some(&RECORD_OWNERS_FORGET),
            some(&RECORDS_FORGET),
            RECORDS_LEFT.bind(at()),
        ];
        let left = cx.db.batch(statements).await?.pop().unwrap_or_default();
        if left.is_empty() {
            break;
        }
        used.slices += 1;
        if used.is_up(cx) {
            cx.wake_after(Queue::Links, link_message(cx.business_id(), id), 125);
            return Ok(());
        }
    }
    let mut unused = at();
    unused.push("".into());
    let statements = vec![
        FILES_USED.bind(unused),
        PUSHES_FORGET.bind(at()),
        TOKENS_FORGET.bind(at()),
        LINK_FORGET.bind(at()),
    ];
    cx.db.batch(statements).await?;
    Ok(())
}
