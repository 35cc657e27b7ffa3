use crate::d1::D1;
use crate::databases::Several;
use crate::ports::Bindings;
use crate::{Capabilities, DATABASE, Env, PlatformClock, SEARCH, entropy};
use common::allowance::Allowance;
use common::db::{Database, DbError, Statement, by_business};
use common::effects::Afterwards;
use common::time::Timestamp;
use serve::Platform;

/// What a [`Platform`] borrows.
pub(crate) struct Parts {
    one: D1,
    /// The same and further ones, where the deployment has several.
    pub(crate) several: Option<Several>,
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
            one: D1::of(&env, DATABASE),
            several: Several::of(&env),
            search: D1::of(&env, SEARCH),
            bindings: Bindings(env),
            allowance,
        }
    }

    pub(crate) fn database(&self) -> &dyn Database {
        match &self.several {
            Some(several) => several.database(),
            None => &self.one,
        }
    }

    /// Writes statements of several businesses, of which each may be written without the others.
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<(), DbError> {
        let batches = match self.several {
            Some(_) => by_business(self.database(), statements),
            None => vec![statements],
        };
        let mut written = Ok(());
        for batch in batches {
            let one = self.database().batch(batch).await;
            written = one.map(|_| ()).and(written);
        }
        written
    }

    /// Does what is to be done after an answer.
    pub(crate) async fn after(&self, afterwards: Afterwards) {
        let Afterwards { statements, wakes } = afterwards;
        self.bindings.wake(&wakes).await;
        if statements.is_empty() {
            return;
        }
        if let Err(error) = self.write(statements).await {
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
            db: self.database(),
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
