use crate::databases::Several;
use crate::platform::Parts;
use crate::ports::Bindings;
use crate::streams::{SEND_EVENTS, SendEvents};
use crate::zones::wall_clock;
use access::audit::{AUDIT, AuditLog};
use access::sso::{INBOX, InboxAccess};
use common::db::{Database, Places};
use common::http::Route;
use common::http::ledger::Worker;
use common::http::multipart::{self, FormDigest};
use common::ports::{
    Ai, Assets, Blobs, Http, Pause, Ports, PublicKeys, Queue, Services, Sockets, Streams, WallClock,
};
use common::signatures::{AES_GCM, Sealing};

/// What the row of a function says, and its rows of the routes: a constant of its own, so that the rest of the
/// ledger is left out.
#[macro_export]
macro_rules! capabilities {
    ($function:literal) => {{
        const COUNT: usize = $crate::own_count($function);
        const ROUTES: &[$crate::Route] = &$crate::own_routes::<COUNT>($function);
        $crate::Capabilities::of($function, ROUTES)
    }};
}

/// The databases one by one, where there are several.
type DatabasesOf = fn(&Parts) -> Option<&dyn Places>;

/// The capabilities of a function besides D1 and the queues. Each is named, so that a Worker contains
/// only the code it needs.
#[derive(Clone, Copy, Default)]
pub struct Capabilities {
    pub(crate) routes: &'static [Route],
    pub(crate) consumes: Option<Queue>,
    http: Option<fn(&Bindings) -> &dyn Http>,
    streams: Option<fn(&Bindings) -> &dyn Streams>,
    sockets: Option<fn(&Bindings) -> &dyn Sockets>,
    blobs: Option<fn(&Bindings) -> &dyn Blobs>,
    search: Option<fn(&Parts) -> &dyn Database>,
    databases: Option<DatabasesOf>,
    services: Option<fn(&Bindings) -> &dyn Services>,
    assets: Option<fn(&Bindings) -> &dyn Assets>,
    ai: Option<fn(&Bindings) -> &dyn Ai>,
    public_keys: Option<fn(&Bindings) -> &dyn PublicKeys>,
    pause: Option<fn(&Bindings) -> &dyn Pause>,
    sealing: Option<Sealing>,
    wall_clock: Option<WallClock>,
    pub(crate) send_events: Option<SendEvents>,
    pub(crate) inbox: Option<InboxAccess>,
    pub(crate) form_digest: Option<FormDigest>,
    pub(crate) audit: Option<AuditLog>,
}

impl Capabilities {
    /// What the row of a function says. For constants: what a constant does not name, the linker
    /// leaves out.
    ///
    /// # Panics
    /// When it is compiled, where the ledger has no such row.
    #[must_use]
    pub const fn of(function: &str, routes: &'static [Route]) -> Self {
        let worker = Worker::of(function);
        let mut capabilities = Self::NOTHING;
        capabilities.routes = routes;
        capabilities.consumes = worker.consumes;
        if worker.http {
            capabilities.http = Some(|bindings| bindings);
        }
        if worker.streams {
            capabilities.streams = Some(|bindings| bindings);
            capabilities.send_events = Some(SEND_EVENTS);
        }
        if worker.sockets {
            capabilities.sockets = Some(|bindings| bindings);
        }
        if worker.blobs {
            capabilities.blobs = Some(|bindings| bindings);
        }
        if worker.search {
            capabilities.search = Some(|parts| &parts.search);
        }
        if worker.databases {
            capabilities.databases = Some(|parts| parts.several.as_ref().map(Several::places));
        }
        if worker.calls_others() {
            capabilities.services = Some(|bindings| bindings);
        }
        if worker.assets {
            capabilities.assets = Some(|bindings| bindings);
        }
        if worker.ai {
            capabilities.ai = Some(|bindings| bindings);
        }
        if worker.public_keys {
            capabilities.public_keys = Some(|bindings| bindings);
        }
        if worker.pause {
            capabilities.pause = Some(|bindings| bindings);
        }
        if worker.cipher {
            capabilities.sealing = Some(AES_GCM);
        }
        if worker.wall_clock {
            capabilities.wall_clock = Some(wall_clock);
        }
        if worker.takes_inbox_tokens() {
            capabilities.inbox = Some(INBOX);
        }
        if worker.takes_forms() {
            capabilities.form_digest = Some(multipart::digest);
        }
        if worker.is_audited() {
            capabilities.audit = Some(AUDIT);
        }
        capabilities
    }

    /// Nothing else.
    const NOTHING: Self = Self {
        routes: &[],
        consumes: None,
        http: None,
        streams: None,
        sockets: None,
        blobs: None,
        search: None,
        databases: None,
        services: None,
        assets: None,
        ai: None,
        public_keys: None,
        pause: None,
        sealing: None,
        wall_clock: None,
        send_events: None,
        inbox: None,
        form_digest: None,
        audit: None,
    };

    pub(crate) fn ports<'a>(
        &self,
        parts: &'a Parts,
        variable: &'a dyn Fn(&str) -> Option<String>,
    ) -> Ports<'a> {
        let bindings = &parts.bindings;
        Ports {
            http: self.http.map_or(Ports::NOTHING.http, |part| part(bindings)),
            streams: self
                .streams
                .map_or(Ports::NOTHING.streams, |part| part(bindings)),
            sockets: self
                .sockets
                .map_or(Ports::NOTHING.sockets, |part| part(bindings)),
            blobs: self
                .blobs
                .map_or(Ports::NOTHING.blobs, |part| part(bindings)),
            search: self
                .search
                .map_or(Ports::NOTHING.search, |part| part(parts)),
            databases: self.databases.and_then(|part| part(parts)),
            services: self
                .services
                .map_or(Ports::NOTHING.services, |part| part(bindings)),
            assets: self
                .assets
                .map_or(Ports::NOTHING.assets, |part| part(bindings)),
            ai: self.ai.map_or(Ports::NOTHING.ai, |part| part(bindings)),
            public_keys: self
                .public_keys
                .map_or(Ports::NOTHING.public_keys, |part| part(bindings)),
            pause: self
                .pause
                .map_or(Ports::NOTHING.pause, |part| part(bindings)),
            sealing: self.sealing,
            wall_clock: self.wall_clock,
            variable,
        }
    }
}
