//! What the last batches of a business tell of the next one. A CRM that sends all that it has, again and again, repeats what
//! was applied before; an import makes one thousand of customers after the other. It decides alone what is tried first.

use super::sync::{Action, RecordResult};
use common::context::Context;
use common::time::SECOND;
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// For how long a batch tells of the next ones.
const TRUST_MICROS: i64 = 600 * SECOND;
/// Most businesses that an isolate remembers.
const MAX_BUSINESSES: usize = 1024;
/// Most records of a small batch. What changes one by one is not what is sent by the thousand, so each size tells of itself.
pub(super) const MAX_SMALL: usize = 16;
/// So many small batches that are alike tell of the next one: a wrong guess costs it a call, a right one saves less.
const ALIKE: u32 = 8;

/// What is expected of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Repetitions, a quarter of it or more: they are looked for by themselves, and the others after them.
    Repetitions,
    /// New customers alone.
    Customers,
    /// Changes among others: it is searched as if nothing were repeated.
    Changes,
    /// Nothing is known: repetitions are looked for along with the rest, in one call.
    Anything,
}

thread_local! {
    /// What the last batch was like, and how many before it were like it.
    static LAST: RefCell<TtlCache<(Expected, u32)>> =
        RefCell::new(TtlCache::new(MAX_BUSINESSES, TRUST_MICROS));
}

fn key(cx: &Context<'_>, records: usize) -> String {
    let size = if records > MAX_SMALL { "" } else { " small" };
    [cx.business_id(), size].concat()
}

/// What the last batches of the business tell of this one.
pub(super) fn expected(cx: &Context<'_>, records: usize) -> Expected {
    let last = LAST.with_borrow(|last| last.get(&key(cx, records), cx.now));
    match last {
        Some((kind, alike)) if records > MAX_SMALL || alike >= ALIKE => kind,
        _ => Expected::Anything,
    }
}

/// Remembers what a batch was like.
pub(super) fn note(cx: &Context<'_>, results: &[RecordResult<'_>]) {
    let is_repeated = |one: &&RecordResult<'_>| one.action == Action::Updated && !one.changed;
    let kind = if results.iter().filter(is_repeated).count() * 4 >= results.len() {
        Expected::Repetitions
    } else if results.iter().all(|one| one.action == Action::Created) {
        Expected::Customers
    } else if results.len() > MAX_SMALL {
        Expected::Changes
    } else {
        // To ask a few for repetitions costs next to nothing.
        Expected::Anything
    };
    let key = key(cx, results.len());
    LAST.with_borrow_mut(|last| {
        let alike = match last.get(&key, cx.now) {
            Some((before, alike)) if before == kind => alike.saturating_add(1),
            _ => 1,
        };
        last.insert(key, (kind, alike), cx.now);
    });
}
