//! Runs erasures, slice by slice.

use crate::sql::{ERASURE_CLAIM, ERASURE_DONE, ERASURE_SAVE};
use common::context::Context;
use common::db::{Columns, Row};
use common::erasing::{Eraser, Progress};
use common::http::Error;
use common::ids::CustomerId;
use common::time::SECOND;
use customer::{Erasure, erasure_begin};
use serde::Serialize;

/// What every crate forgets, in this order: links to CRMs are found by the notes that messaging deletes, and what is
/// searched of CRM links is waited for.
const ERASERS: [&[Eraser]; 6] = [
    &crm::erasure::ERASERS,
    &messaging::erasure::ERASERS,
    &webhooks::erasure::ERASERS,
    &channels::erasure::ERASERS,
    &[access::erasure::ERASER],
    &[knowledge::erasure::ERASER],
];

/// Slices of an invocation: each deletes up to 60 files or mails, with three calls of D1, and an invocation
/// has a thousand calls in all.
pub(crate) const MAX_SLICES: usize = 15;
/// How long an erasure that is at work is nobody else's, in microseconds.
const LEASE_MICROS: i64 = 60 * SECOND;
/// When it is looked for what was under way during an erasure, such as a delivery that was being built or a
/// file that was being fetched: no invocation runs for so long, in microseconds.
const SECOND_LOOK_MICROS: i64 = 300 * SECOND;
/// Erasures that an invocation of the cron takes.
const MAX_CLAIMED: i64 = 3;

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ErasureStatus {
    /// Nothing of the customer is left.
    Done,
    /// The customer cannot be found any more; the rest of what is stored of them is deleted in the background.
    Running,
}

/// An erased customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasedCustomer {
    /// Always true.
    pub success: bool,
    /// The customer, who can no longer be found.
    pub customer_id: CustomerId,
    /// How far the erasure has come.
    pub status: ErasureStatus,
}

/// Erases a customer: from here on nobody finds them, `customer.erased` is told, and every crate forgets its part,
/// as far as that goes within a request. The cron does the rest.
///
/// # Errors
/// 404 when the business has no such customer, or has erased it; 503 when the database is away before the
/// erasure has begun.
pub async fn customer_erase(cx: &Context<'_>, id: &str) -> Result<ErasedCustomer, Error> {
    let erasure = erasure_begin(cx, id).await?;
    let mut slices = MAX_SLICES;
    let status = run(cx, &erasure, &mut slices)
        .await
        .unwrap_or_else(|error| {
            cx.note(error.cause().unwrap_or_default());
            ErasureStatus::Running
        });
    Ok(ErasedCustomer {
        success: true,
        customer_id: erasure.erasing.customer_id,
        status,
    })
}

/// Goes on with an erasure for so many slices, and leaves what is left to the cron.
///
/// # Errors
/// 503 when the database or KV is away: what was done stays done, and the cron goes on.
pub(crate) async fn run(
    cx: &Context<'_>,
    erasure: &Erasure,
    slices: &mut usize,
) -> Result<ErasureStatus, Error> {
    let erasers: Vec<&Eraser> = ERASERS.iter().copied().flatten().collect();
    let at = erasers
        .iter()
        .position(|eraser| eraser.name == erasure.eraser);
    let (mut at, mut progress) = (at.unwrap_or_default(), erasure.progress.clone());
    while let Some(eraser) = erasers.get(at) {
        let next = (eraser.slice)(cx, &erasure.erasing, &progress).await?;
        *slices = slices.saturating_sub(1);
        match next {
            Progress::Done => (at, progress) = (at + 1, String::new()),
            Progress::At(next) => progress = next,
            Progress::Waits(next) => {
                // The lease is how long it waits.
                save(cx, erasure, eraser.name, &next, false).await?;
                return Ok(ErasureStatus::Running);
            }
        }
        let is_out = *slices == 0;
        if let Some(eraser) = erasers.get(at) {
            save(cx, erasure, eraser.name, &progress, is_out).await?;
            if is_out {
                return Ok(ErasureStatus::Running);
            }
        }
    }
    let now = cx.time_now();
    let done = ERASURE_DONE.bind(vec![
        cx.business_id().into(),
        (&erasure.erasing.customer_id).into(),
        now.micros().into(),
        i64::from(erasure.is_second).into(),
        now.plus(SECOND_LOOK_MICROS).micros().into(),
    ]);
    cx.db.rows(done).await?;
    Ok(ErasureStatus::Done)
}

async fn save(
    cx: &Context<'_>,
    erasure: &Erasure,
    eraser: &str,
    progress: &str,
    is_due: bool,
) -> Result<(), Error> {
    let lease = if is_due { 0 } else { LEASE_MICROS };
    let save = ERASURE_SAVE.bind(vec![
        cx.business_id().into(),
        (&erasure.erasing.customer_id).into(),
        eraser.into(),
        progress.into(),
        cx.time_now().plus(lease).micros().into(),
    ]);
    cx.db.rows(save).await?;
    Ok(())
}

/// Erasures that are due, each with its business.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn claim(cx: &Context<'_>) -> Result<Vec<(String, Erasure)>, Error> {
    let until = cx.now.plus(LEASE_MICROS).micros();
    let claim = ERASURE_CLAIM.bind(vec![
        cx.now.micros().into(),
        until.into(),
        MAX_CLAIMED.into(),
    ]);
    let rows = cx.db.rows(claim).await?;
    let one = |row: &Row| {
        let mut columns = Columns::of(row);
        Ok((
            columns.text("business_id")?,
            Erasure::of_columns(&mut columns)?,
        ))
    };
    rows.iter().map(one).collect()
}
