//! What the platform allows one invocation, and how the jobs of a batch share it.

use crate::db::{Database, Pending, Rows, Statement};
use crate::ports::{Async, Called, Queue, Services};
use std::cell::Cell;

/// Statements of one invocation: the thousand that D1 allows
/// (<https://developers.cloudflare.com/d1/platform/limits/>), less what is written after a job.
const STATEMENTS: usize = 960;
/// Calls of other Workers by one invocation, those that they make included: 32 are allowed
/// (<https://developers.cloudflare.com/workers/platform/limits/>), of which the invocation itself is one.
const CALLS: usize = 30;
/// Functions that call others when they are called.
const CALLERS: [&str; 2] = ["refresh-crm-links", "send-message"];

/// What a job may still ask of the platform. It is counted as it is spent; who has more to do than fits asks
/// [`Allowance::has`] before each part of it, and leaves the rest to another invocation.
#[derive(Debug, Clone)]
pub struct Allowance {
    statements: Cell<usize>,
    calls: Cell<usize>,
}

/// With how much at least a job is begun: it must do for what the job does in any case, and for one part of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Statements.
    pub statements: usize,
    /// Calls of other Workers, with those that these make.
    pub calls: usize,
}

impl Need {
    /// What a message of a queue takes at least, of a database that adds so many statements to each call
    /// ([`Database::added`]): a call may have one alone.
    #[must_use]
    pub fn of(queue: Queue, added: usize) -> Self {
        let (statements, calls) = match queue {
            // Each is an invocation of its own.
            Queue::Deliveries | Queue::Links => (STATEMENTS, CALLS),
            // A page of events is some fifteen; it may have to be read again.
            Queue::Events => (48, 0),
            // The heaviest job, and what finds it.
            Queue::Crm | Queue::Sales | Queue::Sources => (192, 6),
            Queue::Media => (60, 0),
            Queue::Sends => (40, 1),
            // A draft and what it is made of.
            Queue::Replies => (100, 4),
            Queue::Inbound => (100, 0),
            // Whose address it is, by what mail goes, and the links.
            Queue::Mails => (20, 0),
        };
        Self {
            statements: STATEMENTS.min(statements * (1 + added)),
            calls,
        }
    }
}

impl Allowance {
    /// All that an invocation is allowed.
    #[must_use]
    pub const fn whole() -> Self {
        Self {
            statements: Cell::new(STATEMENTS),
            calls: Cell::new(CALLS),
        }
    }

    /// Of so many jobs with this need, how many one invocation begins, and what each of them gets. It is divided before
    /// they begin, so that one that has much to do takes nothing from the others.
    #[must_use]
    pub fn shares(need: Need, jobs: usize) -> (usize, Self) {
        let fit = |all: usize, need: usize| all.checked_div(need).unwrap_or(usize::MAX);
        let begun = jobs
            .min(fit(STATEMENTS, need.statements))
            .min(fit(CALLS, need.calls))
            .max(1);
        let share = Self {
            statements: Cell::new(STATEMENTS / begun),
            calls: Cell::new(CALLS / begun),
        };
        (begun, share)
    }

    /// Whether so much is left.
    #[must_use]
    pub const fn has(&self, statements: usize, calls: usize) -> bool {
        self.statements.get() >= statements && self.calls.get() >= calls
    }

    /// Whether another job with this need can be begun with what is left.
    #[must_use]
    pub const fn is_enough(&self, need: Need) -> bool {
        self.has(need.statements, need.calls)
    }

    fn spend(&self, statements: usize, calls: usize) {
        let spent = |left: usize, spent: usize| left.saturating_sub(spent);
        self.statements.update(|left| spent(left, statements));
        self.calls.update(|left| spent(left, calls));
    }
}

/// A database whose statements are counted.
pub struct CountedDatabase<'a> {
    /// The database.
    pub database: &'a dyn Database,
    /// Of which they are taken.
    pub allowance: &'a Allowance,
}

impl Database for CountedDatabase<'_> {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        self.allowance.spend(1 + self.database.added(), 0);
        self.database.rows(statement)
    }

    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        self.allowance
            .spend(statements.len() + self.database.added(), 0);
        self.database.batch(statements)
    }

    fn size(&self) -> Option<i64> {
        self.database.size()
    }

    fn added(&self) -> usize {
        self.database.added()
    }
}

/// Other functions, whose calls are counted.
pub struct CountedServices<'a> {
    /// The functions.
    pub services: &'a dyn Services,
    /// Of which calls are taken.
    pub allowance: &'a Allowance,
}

impl Services for CountedServices<'_> {
    fn is_up<'a>(&'a self, function: &'a str) -> Async<'a, bool> {
        self.allowance.spend(0, 1);
        self.services.is_up(function)
    }

    fn call<'a>(&'a self, function: &'a str, note: &'a str, body: &'a [u8]) -> Called<'a> {
        self.allowance
            .spend(0, 1 + usize::from(CALLERS.contains(&function)));
        self.services.call(function, note, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ledger::WORKERS;

    #[test]
    fn what_a_batch_shares_is_no_more_than_there_is_and_each_gets_what_it_needs() {
        for queue in Queue::ALL {
            let need = Need::of(queue, 0);
            assert!(Need::of(queue, 1).statements <= STATEMENTS);
            for jobs in 1..=50 {
                let (begun, share) = Allowance::shares(need, jobs);
                assert!((1..=jobs).contains(&begun), "{queue:?}");
                assert!(share.is_enough(need), "{queue:?} {jobs}");
                assert!(begun * share.statements.get() <= STATEMENTS);
                assert!(begun * share.calls.get() <= CALLS);
            }
        }
    }

    #[test]
    fn what_is_spent_is_gone() {
        let allowance = Allowance::whole();
        allowance.spend(STATEMENTS - 1, 0);
        assert!(allowance.has(1, CALLS) && !allowance.has(2, 0));
        allowance.spend(2, CALLS);
        assert!(allowance.has(0, 0) && !allowance.has(0, 1));
    }

    #[test]
    fn who_calls_others_when_called_is_known() {
        let called: Vec<_> = WORKERS.iter().flat_map(|worker| worker.calls).collect();
        for worker in WORKERS {
            let calls = !worker.calls.is_empty() && called.contains(&&worker.function);
            assert_eq!(
                calls,
                CALLERS.contains(&worker.function),
                "{}",
                worker.function
            );
        }
    }
}
