use crate::outside::Bindings;
use access::sso::{INBOX, InboxAccess};
use common::outside::{Blobs, Http, Outside, Pause, Services};
use common::signatures::{AES_GCM, Sealing};

/// What a function reaches beside D1 and the queues. Named part by part, so that a Worker carries
/// the code of those alone.
#[derive(Clone, Copy, Default)]
pub struct Reach {
    http: Option<fn(&Bindings) -> &dyn Http>,
    blobs: Option<fn(&Bindings) -> &dyn Blobs>,
    services: Option<fn(&Bindings) -> &dyn Services>,
    pause: Option<fn(&Bindings) -> &dyn Pause>,
    sealing: Option<Sealing>,
    pub(crate) inbox: Option<InboxAccess>,
}

impl Reach {
    /// Nothing else.
    pub const NOTHING: Self = Self {
        http: None,
        blobs: None,
        services: None,
        pause: None,
        sealing: None,
        inbox: None,
    };

    /// Other servers, too.
    #[must_use]
    pub const fn http(mut self) -> Self {
        self.http = Some(|bindings| bindings);
        self
    }

    /// KV, too.
    #[must_use]
    pub const fn blobs(mut self) -> Self {
        self.blobs = Some(|bindings| bindings);
        self
    }

    /// The functions that its wrangler file binds, too.
    #[must_use]
    pub const fn services(mut self) -> Self {
        self.services = Some(|bindings| bindings);
        self
    }

    /// The functions that its wrangler file binds, and callers who present a token of the embedded
    /// inbox, too.
    #[must_use]
    pub const fn inbox(mut self) -> Self {
        self.inbox = Some(INBOX);
        self.services()
    }

    /// Waiting, too.
    #[must_use]
    pub const fn pause(mut self) -> Self {
        self.pause = Some(|bindings| bindings);
        self
    }

    /// Sealed secrets, too.
    #[must_use]
    pub const fn secrets(mut self) -> Self {
        self.sealing = Some(AES_GCM);
        self
    }

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
            pause: self
                .pause
                .map_or(Outside::NOTHING.pause, |part| part(bindings)),
            sealing: self.sealing,
            variable,
        }
    }
}
