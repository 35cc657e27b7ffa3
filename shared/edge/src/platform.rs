use crate::d1::D1;
use crate::ports::Bindings;
use crate::{Capabilities, DATABASE, Env, PlatformClock, SEARCH, entropy};
use common::allowance::Allowance;
use common::db::Database;
use common::effects::Afterwards;
use common::time::Timestamp;
use serve::Platform;

/// What a [`Platform`] borrows.
pub(crate) struct Parts {
    pub(crate) database: D1,
    pub(crate) search: D1,
    pub(crate) bindings: Bindings,
    pub(crate) allowance: Allowance,
}

impl Parts {
    pub(crate) fn of(env: Env) -> Self {
        Self::with(env, Allowance::whole())
    }

    /// With what one job of several may ask of the platform.
    pub(crate) fn with(env: Env, allowance: Allowance) -> Self {
        Self {
            database: D1::of(&env, DATABASE),
            search: D1::of(&env, SEARCH),
            bindings: Bindings(env),
            allowance,
        }
    }

    /// Does what is to be done after an answer.
    pub(crate) async fn after(&self, afterwards: Afterwards) {
        let Afterwards { statements, wakes } = afterwards;
        self.bindings.wake(&wakes).await;
        if statements.is_empty() {
            return;
        }
        if let Err(error) = self.database.batch(statements).await {
            worker::console_warn!("a note was not written: {error}");
        }
    }

    pub(crate) fn platform<'a>(
        &'a self,
        started: Timestamp,
        capabilities: Capabilities,
        variable: &'a dyn Fn(&str) -> Option<String>,
    ) -> Platform<'a> {
        Platform {
            db: &self.database,
            now: started,
            entropy,
            clock: &PlatformClock,
            limiter: &self.bindings,
            allowance: &self.allowance,
            ports: capabilities.ports(self, variable),
            routes: capabilities.routes,
            inbox: capabilities.inbox,
            form_digest: capabilities.form_digest,
            audit: capabilities.audit,
        }
    }
}
