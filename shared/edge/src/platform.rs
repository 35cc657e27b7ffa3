use crate::d1::D1;
use crate::outside::Bindings;
use crate::{Env, Reach, entropy, now};
use common::time::Timestamp;
use serve::Platform;

/// What a [`Platform`] borrows.
pub(crate) struct Parts {
    pub(crate) database: D1,
    pub(crate) bindings: Bindings,
}

impl Parts {
    pub(crate) fn of(env: Env) -> Self {
        Self {
            database: D1::of(&env),
            bindings: Bindings(env),
        }
    }

    pub(crate) fn platform<'a>(
        &'a self,
        started: Timestamp,
        reach: Reach,
        variable: &'a dyn Fn(&str) -> Option<String>,
    ) -> Platform<'a> {
        Platform {
            db: &self.database,
            now: started,
            entropy,
            clock: now,
            limiter: &self.bindings,
            outside: reach.outside(&self.bindings, variable),
            inbox: reach.inbox,
        }
    }
}
