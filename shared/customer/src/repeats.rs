//! What the last large batch of a business tells of the next one. A CRM that sends all that it has, again and again, repeats
//! what was applied before; an import does not. It decides alone how is searched.

use super::sync::{Action, RecordResult};
use common::context::Context;
use common::time::SECOND;
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// For how long a batch tells of the next ones.
const TRUST_MICROS: i64 = 600 * SECOND;
/// Most businesses that an isolate remembers.
const MAX_BUSINESSES: usize = 1024;

/// What is expected of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Repetitions, a quarter of it or more: they are looked for by themselves, and the others after them.
    Repetitions,
    /// Fewer: it is searched as if there were none.
    News,
    /// Nothing is known: repetitions are looked for along with the rest, in one call.
    Anything,
}

thread_local! {
    static REPEATS: RefCell<TtlCache<bool>> =
        RefCell::new(TtlCache::new(MAX_BUSINESSES, TRUST_MICROS));
}

/// What the last batch of the business tells of this one.
pub(super) fn expected(cx: &Context<'_>) -> Expected {
    let known = REPEATS.with_borrow(|repeats| repeats.get(cx.business_id(), cx.now));
    match known {
        Some(true) => Expected::Repetitions,
        Some(false) => Expected::News,
        None => Expected::Anything,
    }
}

/// Remembers what a batch was like.
pub(super) fn note(cx: &Context<'_>, results: &[RecordResult]) {
    let is_repeated = |one: &&RecordResult| one.action == Action::Updated && !one.changed;
    let repeats = results.iter().filter(is_repeated).count() * 4 >= results.len();
    let business = cx.business_id().to_owned();
    REPEATS.with_borrow_mut(|known| known.insert(business, repeats, cx.now));
}
