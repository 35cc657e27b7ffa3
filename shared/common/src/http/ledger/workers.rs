//! The Workers: what each is bound to and what wakes it. `scripts/generate` writes the wrangler files
//! and the manifests of the tests from here, and a function's entry line takes its parts from here, so
//! that it carries no code for what it is not bound to.

use super::{Access, Body, ROUTES, Route};
use crate::ports::Queue;

/// One Worker: the function of a folder below `functions/`.
#[derive(Debug, Clone, Copy)]
pub struct Worker {
    /// The folder.
    pub function: &'static str,
    /// Whether it calls servers of others.
    pub http: bool,
    /// Whether it reads answers of others while they come, and answers so itself.
    pub streams: bool,
    /// Whether it connects to servers of others that speak no HTTP.
    pub sockets: bool,
    /// Whether it stores bytes in KV.
    pub blobs: bool,
    /// Whether it reads or writes the second database, of what is searched.
    pub search: bool,
    /// Whether it does something to the databases themselves, where the deployment has several.
    pub databases: bool,
    /// Whether it waits while a request is open.
    pub pause: bool,
    /// Whether it tells times as the clocks of a time zone do.
    pub wall_clock: bool,
    /// Whether it seals secrets, or opens them.
    pub cipher: bool,
    /// Whether its folder has `assets/`, files that are served as they are.
    pub assets: bool,
    /// Whether these are those of all pages instead, in `shared/pages/assets/`.
    pub pages: bool,
    /// Whether it runs models of the platform, where the deployment binds them.
    pub ai: bool,
    /// Whether it checks what others have signed by keys that they publish.
    pub public_keys: bool,
    /// The queues that it writes to.
    pub wakes: &'static [Queue],
    /// The queue that wakes it.
    pub consumes: Option<Queue>,
    /// When the clock wakes it, in the form of cron.
    pub crons: &'static [&'static str],
    /// The functions that it calls, beside the one that checks tokens of the inbox.
    pub calls: &'static [&'static str],
    /// The secrets that it needs, beside the platform token.
    pub secrets: &'static [&'static str],
    /// The secrets that a deployment may have for it.
    pub optional_secrets: &'static [&'static str],
    /// Whether it reads the settings of CRM connectors, and so the secrets that they may have in the
    /// deployment.
    pub connectors: bool,
}

/// Seal what is stored, sign links and make the keys of tokens: keys of 32 bytes in base64, divided by
/// commas, the one that seals first.
pub const MASTER_KEYS: &str = "MASTER_KEYS";
/// Signs what Meta sends for a Meta app of the deployment's own (docs/deploy.md, Secrets).
pub const META_APP_SECRET: &str = "META_APP_SECRET";
/// The token of the handshake of that app.
pub const META_VERIFY_TOKEN: &str = "META_VERIFY_TOKEN";
/// The API token by which `embed-text` asks the deployment's index of Vectorize.
pub const VECTORIZE_TOKEN: &str = "VECTORIZE_TOKEN";
/// What [`Access::Platform`] asks for.
pub const PLATFORM_TOKEN: &str = "PLATFORM_TOKEN";
/// The function that says what a token of the embedded inbox opens.
const VERIFIER: &str = "verify-token";
/// The one public origin. It is bound to all others.
const GATEWAY: &str = "gateway";

/// Most functions that one check of health asks: the platform lets a request call 32 Workers in all, the
/// one that it came to included.
pub const HEALTH_PART: usize = 24;

/// Every Worker.
#[rustfmt::skip]
pub const WORKERS: &[Worker] = &[
    worker("apply-customers").pause().wakes(&[Queue::Events]),
    worker("authorize-crm-links").http().cipher().master_keys().wakes(&[Queue::Links]),
    worker("auto-reply").http().search().cipher().master_keys().wakes(&[Queue::Events, Queue::Replies]).consumes(Queue::Replies).each_minute().calls(&["embed-text", "send-message"]),
    worker("backup").blobs().cipher().master_keys(),
    worker("conversation-notes").wakes(&[Queue::Events]),
    worker("conversations").wakes(&[Queue::Events]),
    worker("conversations-by-customer").master_keys(),
    worker("crm-links").blobs().search().cipher().master_keys().wakes(&[Queue::Links]).calls(&["embed-text", "refresh-crm-links"]),
    worker("customer-context").search().cipher().calls(&["embed-text"]),
    worker("customer-history").http().cipher().master_keys().connectors(),
    worker("customers").blobs().wakes(&[Queue::Events, Queue::Links]).each_minute(),
    worker("customers-batch-lookup"),
    worker("customers-bulk-create").pause().wakes(&[Queue::Events]),
    worker("customers-sync").pause().wakes(&[Queue::Events]),
    worker("dashboard").databases().cipher(),
    worker("dashboard-alerts").http().wall_clock().cipher().master_keys().wakes(&[Queue::Events]).each_minute(),
    worker("dashboard-analytics"),
    worker("dashboard-api-log"),
    worker("dashboard-channels").http().cipher().master_keys().optional_secrets(&[META_APP_SECRET]).each_minute(),
    worker("dashboard-crm-jobs").wakes(&[Queue::Crm]),
    worker("dashboard-deliveries").wakes(&[Queue::Deliveries]),
    worker("dashboard-handoff"),
    worker("dashboard-integrations").http().pause().wall_clock().cipher().master_keys().connectors().wakes(&[Queue::Crm]),
    worker("dashboard-members").http().cipher().master_keys(),
    worker("dashboard-pages").pages(),
    worker("dashboard-webhooks").cipher().master_keys().wakes(&[Queue::Events]),
    worker("deliver-webhooks").http().cipher().master_keys().wakes(&[Queue::Events, Queue::Deliveries]).consumes(Queue::Deliveries),
    worker("download-media").blobs().master_keys(),
    worker("embed-api").http().pause().cipher().master_keys().wakes(&[Queue::Events]),
    worker("embed-crm-card").calls(&[VERIFIER]),
    worker("embed-inbox").pages().calls(&[VERIFIER]),
    worker("embed-text").http().search().cipher().assets().ai().master_keys().optional_secrets(&[VECTORIZE_TOKEN]).each_minute(),
    worker("escalate").wakes(&[Queue::Events]).calls(&["send-message"]),
    worker("fan-out").master_keys().wakes(&[Queue::Events, Queue::Deliveries, Queue::Media, Queue::Sends, Queue::Crm, Queue::Replies]).consumes(Queue::Events).each_minute(),
    worker("fetch-media").http().blobs().cipher().master_keys().wakes(&[Queue::Events, Queue::Media]).consumes(Queue::Media),
    worker("gateway").assets(),
    worker("message-actions").http().blobs().cipher().master_keys().wakes(&[Queue::Events]).calls(&["send-message"]),
    worker("messages-since").master_keys(),
    worker("move-business").databases().each_minute(),
    worker("operator").search().cipher(),
    worker("query-database").sockets(),
    worker("refresh-crm-links").http().blobs().search().cipher().master_keys().wakes(&[Queue::Events, Queue::Links]).consumes(Queue::Links).each_minute().calls(&["apply-customers", "embed-text", "query-database"]),
    worker("reseal-secrets").cipher().master_keys(),
    worker("retention").blobs().each_minute(),
    worker("send-message").http().blobs().cipher().master_keys().wakes(&[Queue::Events, Queue::Sends]).consumes(Queue::Sends).calls(&["apply-customers"]),
    worker("sign-in").http().cipher().public_keys().master_keys().wakes(&[Queue::Mails]).consumes(Queue::Mails),
    worker("sso-token").cipher().master_keys(),
    worker("suggest-reply").http().streams().search().pause().cipher().master_keys().calls(&["embed-text"]),
    worker("sync-crm").http().blobs().pause().cipher().master_keys().connectors().wakes(&[Queue::Events, Queue::Crm, Queue::Sales, Queue::Sources]).consumes(Queue::Crm).each_minute().calls(&["apply-customers", "send-message"]),
    worker("sync-sales").http().pause().wall_clock().cipher().master_keys().connectors().wakes(&[Queue::Events, Queue::Sales]).consumes(Queue::Sales).calls(&["apply-customers"]),
    worker("sync-sources").http().pause().blobs().cipher().master_keys().wakes(&[Queue::Events, Queue::Media, Queue::Sources]).consumes(Queue::Sources).calls(&["apply-customers"]),
    worker("upload-attachment").blobs().master_keys(),
    worker("verify-token").master_keys(),
    worker("webhook-chatwoot").blobs().cipher().master_keys().wakes(&[Queue::Events, Queue::Media, Queue::Sources]).each_minute(),
    worker("webhook-crm").cipher().master_keys().wakes(&[Queue::Crm, Queue::Sales]),
    worker("webhook-crm-links").cipher().master_keys().wakes(&[Queue::Links]),
    worker("webhook-email").http().blobs().pause().cipher().master_keys().wakes(&[Queue::Events, Queue::Media]).each_minute(),
    worker("webhook-meta").blobs().pause().cipher().master_keys().optional_secrets(&[META_APP_SECRET, META_VERIFY_TOKEN]).wakes(&[Queue::Events, Queue::Media, Queue::Inbound]).consumes(Queue::Inbound).each_minute(),
    worker("webhook-twilio").blobs().cipher().master_keys().wakes(&[Queue::Events, Queue::Media]).each_minute(),
];

const fn worker(function: &'static str) -> Worker {
    Worker {
        function,
        http: false,
        streams: false,
        sockets: false,
        blobs: false,
        search: false,
        databases: false,
        pause: false,
        wall_clock: false,
        cipher: false,
        assets: false,
        pages: false,
        ai: false,
        public_keys: false,
        wakes: &[],
        consumes: None,
        crons: &[],
        calls: &[],
        secrets: &[],
        optional_secrets: &[],
        connectors: false,
    }
}

impl Worker {
    const fn http(mut self) -> Self {
        self.http = true;
        self
    }

    const fn streams(mut self) -> Self {
        self.streams = true;
        self
    }

    const fn sockets(mut self) -> Self {
        self.sockets = true;
        self
    }

    const fn blobs(mut self) -> Self {
        self.blobs = true;
        self
    }

    const fn search(mut self) -> Self {
        self.search = true;
        self
    }

    const fn databases(mut self) -> Self {
        self.databases = true;
        self
    }

    const fn pause(mut self) -> Self {
        self.pause = true;
        self
    }

    const fn wall_clock(mut self) -> Self {
        self.wall_clock = true;
        self
    }

    const fn cipher(mut self) -> Self {
        self.cipher = true;
        self
    }

    const fn assets(mut self) -> Self {
        self.assets = true;
        self
    }

    const fn pages(mut self) -> Self {
        self.pages = true;
        self.assets()
    }

    const fn ai(mut self) -> Self {
        self.ai = true;
        self
    }

    const fn public_keys(mut self) -> Self {
        self.public_keys = true;
        self
    }

    const fn wakes(mut self, queues: &'static [Queue]) -> Self {
        self.wakes = queues;
        self
    }

    const fn consumes(mut self, queue: Queue) -> Self {
        self.consumes = Some(queue);
        self
    }

    const fn each_minute(mut self) -> Self {
        self.crons = &["* * * * *"];
        self
    }

    const fn calls(mut self, functions: &'static [&'static str]) -> Self {
        self.calls = functions;
        self
    }

    const fn master_keys(mut self) -> Self {
        self.secrets = &[MASTER_KEYS];
        self
    }

    const fn optional_secrets(mut self, secrets: &'static [&'static str]) -> Self {
        self.optional_secrets = secrets;
        self
    }

    const fn connectors(mut self) -> Self {
        self.connectors = true;
        self
    }

    /// The row of a function. Made for constants: it fails to compile for a name that has none.
    ///
    /// # Panics
    /// Where there is no such row.
    #[must_use]
    #[expect(clippy::panic, reason = "evaluated when an entry line is compiled")]
    pub const fn of(function: &str) -> &'static Self {
        let mut rest = WORKERS;
        while let [row, others @ ..] = rest {
            if is_same(row.function, function) {
                return row;
            }
            rest = others;
        }
        panic!("ledger/workers.rs has no row for this function")
    }

    /// Whether its callers may present a token of the embedded inbox.
    #[must_use]
    pub const fn takes_inbox_tokens(&self) -> bool {
        let mut rest: &[Route] = ROUTES;
        while let [route, others @ ..] = rest {
            if is_same(route.function, self.function) && matches!(route.access, Access::Inbox) {
                return true;
            }
            rest = others;
        }
        false
    }

    /// Whether files are uploaded to it.
    #[must_use]
    pub const fn takes_forms(&self) -> bool {
        let mut rest: &[Route] = ROUTES;
        while let [route, others @ ..] = rest {
            if is_same(route.function, self.function) && matches!(route.body, Body::Form(_)) {
                return true;
            }
            rest = others;
        }
        false
    }

    /// Whether the audit log tells of some of its routes.
    #[must_use]
    pub const fn is_audited(&self) -> bool {
        let mut rest: &[Route] = ROUTES;
        while let [route, others @ ..] = rest {
            if is_same(route.function, self.function) && route.is_audited() {
                return true;
            }
            rest = others;
        }
        false
    }

    /// Whether it calls other functions.
    #[must_use]
    pub const fn calls_others(&self) -> bool {
        !self.calls.is_empty() || self.takes_inbox_tokens() || is_same(self.function, GATEWAY)
    }

    /// Its routes.
    pub fn routes(&self) -> impl Iterator<Item = &'static Route> {
        ROUTES
            .iter()
            .filter(|route| route.function == self.function)
    }

    /// Whether the requests of a caller are counted: by its key, or at the gateway by its address.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        let is_counted = |route: &Route| !matches!(route.access, Access::Public | Access::Provider);
        self.function == GATEWAY || self.routes().any(is_counted)
    }

    /// The functions that it is bound to, each once.
    #[must_use]
    pub fn callees(&self) -> Vec<&'static str> {
        if self.function == GATEWAY {
            let others = WORKERS.iter().map(|worker| worker.function);
            return others.filter(|function| *function != GATEWAY).collect();
        }
        let mut callees = self.calls.to_vec();
        if self.takes_inbox_tokens() {
            callees.push(VERIFIER);
        }
        callees
    }

    /// The secrets that it cannot do without.
    #[must_use]
    pub fn required_secrets(&self) -> Vec<&'static str> {
        let mut secrets = self.secrets.to_vec();
        if self.routes().any(|route| route.access == Access::Platform) {
            secrets.push(PLATFORM_TOKEN);
        }
        secrets
    }
}

/// The functions, each once, in the ledger's order.
pub fn functions() -> impl Iterator<Item = &'static str> {
    WORKERS.iter().map(|worker| worker.function)
}

/// Equality of texts in a constant.
pub(super) const fn is_same(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([x, others_of_a @ ..], [y, others_of_b @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (others_of_a, others_of_b);
    }
    a.is_empty() && b.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_and_every_callee_has_a_row_and_rows_are_in_order() {
        for route in ROUTES {
            assert!(functions().any(|function| function == route.function));
        }
        for worker in WORKERS {
            for callee in worker.callees() {
                assert_eq!(Worker::of(callee).function, callee);
            }
        }
        assert!(WORKERS.is_sorted_by_key(|worker| worker.function));
        assert!(
            functions()
                .collect::<Vec<_>>()
                .windows(2)
                .all(|pair| pair[0] != pair[1])
        );
    }

    #[test]
    fn every_queue_that_is_written_to_has_one_consumer() {
        for queue in Queue::ALL {
            let consumers = WORKERS
                .iter()
                .filter(|worker| worker.consumes == Some(queue));
            assert_eq!(consumers.count(), 1, "{queue:?}");
            assert!(WORKERS.iter().any(|worker| worker.wakes.contains(&queue)));
        }
    }
}
