//! Cloudflare's limits of one invocation, on the paid plan. A handler that goes past one fails its test, as
//! it would fail there. What SQLite itself limits is set in `sqlite.rs`.

use common::db::{Binding, Statement, Value};
use common::ports::Wake;
use std::cell::Cell;
use std::collections::BTreeSet;

/// Calls of other servers, D1, KV, queues and Workers together.
/// <https://developers.cloudflare.com/workers/platform/limits/#subrequests>
const SUBREQUESTS: usize = 1000;
/// Statements, those of a batch one by one. <https://developers.cloudflare.com/d1/platform/limits/>
const QUERIES: usize = 1000;
/// Operations of KV. <https://developers.cloudflare.com/kv/platform/limits/>
const KV_OPERATIONS: usize = 1000;
/// Calls of other Workers, and of those that they call.
const WORKER_CALLS: usize = 32;
/// A message of a queue, in bytes. <https://developers.cloudflare.com/queues/platform/limits/>
const MESSAGE_BYTES: usize = 128_000;
/// A key of KV, in bytes.
const KV_KEY_BYTES: usize = 512;
/// A value of KV, in bytes.
const KV_VALUE_BYTES: usize = 25 * 1024 * 1024;

/// What one invocation has asked of the platform so far.
#[derive(Default)]
pub(crate) struct Invocation {
    subrequests: Cell<usize>,
    queries: Cell<usize>,
    kv_operations: Cell<usize>,
    worker_calls: Cell<usize>,
}

fn count(counter: &Cell<usize>, more: usize, limit: usize, what: &str) {
    counter.set(counter.get() + more);
    assert!(
        counter.get() <= limit,
        "Cloudflare allows an invocation {limit} {what}"
    );
}

impl Invocation {
    pub(crate) fn fetches(&self) {
        count(&self.subrequests, 1, SUBREQUESTS, "subrequests");
    }

    pub(crate) fn queries(&self, statements: usize) {
        self.fetches();
        count(&self.queries, statements, QUERIES, "queries of D1");
    }

    pub(crate) fn reaches_kv(&self, key: &str) {
        self.fetches();
        count(&self.kv_operations, 1, KV_OPERATIONS, "operations of KV");
        assert!(
            key.len() <= KV_KEY_BYTES,
            "KV takes keys of {KV_KEY_BYTES} bytes: {key}"
        );
    }

    pub(crate) fn stores(&self, key: &str, bytes: &[u8]) {
        self.reaches_kv(key);
        assert!(
            bytes.len() <= KV_VALUE_BYTES,
            "KV takes values of {KV_VALUE_BYTES} bytes"
        );
    }

    pub(crate) fn calls_worker(&self) {
        self.fetches();
        count(&self.worker_calls, 1, WORKER_CALLS, "calls of Workers");
    }

    pub(crate) fn wakes(&self, wake: &Wake) {
        self.fetches();
        let size = wake.message.len();
        assert!(
            size <= MESSAGE_BYTES,
            "a queue takes messages of {MESSAGE_BYTES} bytes"
        );
    }
}

/// What is written in one transaction where there is one database alone.
const TOGETHER: [&str; 3] = ["AUDIT_INSERT", "AUDIT_FAIL", "CHANNEL_RELEASE"];

/// Two businesses may be in two databases, which have no transaction in common.
pub(crate) fn check_business(statements: &[Statement], is_one: bool) {
    let is_checked = |statement: &&Statement| {
        let is_together = is_one && TOGETHER.contains(&statement.sql.name);
        statement.sql.binding == Binding::Business && !is_together
    };
    let own = statements.iter().filter(is_checked);
    let businesses: BTreeSet<_> = own
        .map(|statement| match statement.params.first() {
            Some(Value::Text(business)) => business,
            other => panic!("{} binds {other:?} as ?1", statement.sql.name),
        })
        .collect();
    let names: Vec<_> = statements
        .iter()
        .map(|statement| statement.sql.name)
        .collect();
    assert!(
        businesses.len() <= 1,
        "a batch of two businesses: {names:?}"
    );
}
