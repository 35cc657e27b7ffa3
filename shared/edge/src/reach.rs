use crate::outside::Bindings;
use access::sso::{INBOX, InboxAccess};
use common::http::ledger::Worker;
use common::outside::{Assets, Blobs, Http, Outside, Pause, Services};
use common::signatures::{AES_GCM, Sealing};

/// What a function reaches beside D1 and the queues. Named part by part, so that a Worker carries
/// the code of those alone.
#[derive(Clone, Copy, Default)]
pub struct Reach {
    http: Option<fn(&Bindings) -> &dyn Http>,
    blobs: Option<fn(&Bindings) -> &dyn Blobs>,
    services: Option<fn(&Bindings) -> &dyn Services>,
    assets: Option<fn(&Bindings) -> &dyn Assets>,
    pause: Option<fn(&Bindings) -> &dyn Pause>,
    sealing: Option<Sealing>,
    pub(crate) inbox: Option<InboxAccess>,
}

impl Reach {
    /// What the row of a function says. For constants: what a constant does not name, the linker
    /// leaves out.
    ///
    /// # Panics
    /// When it is compiled, where the ledger has no such row.
    #[must_use]
    pub const fn of(function: &str) -> Self {
        let worker = Worker::of(function);
        let mut reach = Self::NOTHING;
        if worker.http {
            reach.http = Some(|bindings| bindings);
        }
        if worker.blobs {
            reach.blobs = Some(|bindings| bindings);
        }
        if worker.calls_others() {
            reach.services = Some(|bindings| bindings);
        }
        if worker.assets {
            reach.assets = Some(|bindings| bindings);
        }
        if worker.pause {
            reach.pause = Some(|bindings| bindings);
        }
        if worker.cipher {
            reach.sealing = Some(AES_GCM);
        }
        if worker.takes_inbox_tokens() {
            reach.inbox = Some(INBOX);
        }
        reach
    }

    /// Nothing else.
    const NOTHING: Self = Self {
        http: None,
        blobs: None,
        services: None,
        assets: None,
        pause: None,
        sealing: None,
        inbox: None,
    };

    pub(crate) fn outside<'a>(
        &self,
        bindings: &'a Bindings,
        variable: &'a dyn Fn(&str) -> Option<String>,
    ) -> Outside<'a> {
        Outside {
            http: self
                .http
                .map_or(Outside::NOTHING.http, |part| part(bindings)),
            blobs: self
                .blobs
                .map_or(Outside::NOTHING.blobs, |part| part(bindings)),
            services: self
                .services
                .map_or(Outside::NOTHING.services, |part| part(bindings)),
            assets: self
                .assets
                .map_or(Outside::NOTHING.assets, |part| part(bindings)),
            pause: self
                .pause
                .map_or(Outside::NOTHING.pause, |part| part(bindings)),
            sealing: self.sealing,
            variable,
        }
    }
}
