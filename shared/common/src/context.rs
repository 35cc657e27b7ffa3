//! What a handler and the domains work with: the database, the time, the ids, who calls.

use crate::allowance::Allowance;
use crate::db::Database;
use crate::effects::Effects;
use crate::http::{Body, Error, Kind, RequestBody, Role, Route, Scope, Scopes};
use crate::ids::{CustomerId, Entropy, Ids, MemberId, RequestId};
use crate::ports::{Ports, Queue, Wake};
use crate::time::{Clock, Timestamp};
use serde::{Deserialize, Serialize};

/// What a handler works with.
pub struct Context<'a> {
    /// The database.
    pub db: &'a dyn Database,
    /// The time of the request, the same throughout.
    pub now: Timestamp,
    /// The request, as the log names it.
    pub request_id: &'a RequestId,
    /// Ids for what the request makes.
    pub ids: Ids,
    /// The source of randomness.
    pub entropy: Entropy,
    /// Other servers, stored bytes, queues, variables.
    pub ports: Ports<'a>,
    /// Reads one header of the request by its lower-case name; none, where a queue woke us.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// The body of the request, where its route leaves it to the handler.
    pub body: &'a dyn RequestBody,
    /// The time as it goes on; see [`Context::time_now`].
    pub clock: &'a dyn Clock,
    /// What happens beside the answer.
    pub effects: &'a Effects,
    /// What may still be asked of the platform; of what a queue woke, it is counted.
    pub allowance: &'a Allowance,
    /// Who calls.
    pub caller: Caller,
}

impl Context<'_> {
    /// A context for a business that is known only after the message is parsed, as in receivers and
    /// queue consumers.
    #[must_use]
    pub fn of_business(&self, business_id: &str) -> Context<'_> {
        Context {
            db: self.db,
            now: self.now,
            request_id: self.request_id,
            ids: Ids::new(self.now, self.entropy),
            entropy: self.entropy,
            ports: self.ports,
            header: self.header,
            body: self.body,
            clock: self.clock,
            effects: self.effects,
            allowance: self.allowance,
            caller: Caller {
                business_id: business_id.to_owned(),
                ..Caller::nobody()
            },
        }
    }

    /// Reads the body of a request whose route leaves that to the handler.
    ///
    /// # Errors
    /// 413 for more than the route takes; 400 for one that breaks off.
    pub async fn read_body(&self, route: &Route) -> Result<Vec<u8>, Error> {
        let Body::Raw(cap) = route.body else {
            return Err(Error::internal("the body of this route was read before"));
        };
        let body = self.body.read(Vec::new(), cap).await;
        body.map_err(|reason| reason.to_error(cap))
    }

    /// Wakes the function behind a queue after the response. The same message is sent once.
    pub fn wake(&self, queue: Queue, message: impl Into<String>) {
        self.wake_after(queue, message, 0);
    }

    /// As [`Context::wake`], after so many seconds.
    pub fn wake_after(&self, queue: Queue, message: impl Into<String>, delay_seconds: u32) {
        self.effects.wake(Wake {
            queue,
            message: message.into(),
            delay_seconds,
        });
    }

    /// Says something in the log line; see [`Effects::note`].
    pub fn note(&self, note: impl Into<String>) {
        self.effects.note(note.into());
    }

    /// Names what the request makes or changes, for the entry of the audit log; to be called before it is
    /// written, where the path of the request does not say.
    pub fn audits(&self, target: &str) {
        self.effects.audits(target);
    }

    /// The time now: later than the request's where the request goes on for long, and never before it.
    #[must_use]
    pub fn time_now(&self) -> Timestamp {
        self.now.max(self.clock.now())
    }

    /// The caller's business, to which every statement is bound.
    #[must_use]
    pub fn business_id(&self) -> &str {
        &self.caller.business_id
    }
}

/// Who calls: a business, by one of its keys.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The business; empty for the platform itself.
    pub business_id: String,
    /// The key, or the key that opened the session; empty for a member's session.
    pub key_id: String,
    /// The session, where one calls.
    pub session: Option<Session>,
    /// The scopes.
    pub scopes: Scopes,
    /// The business's region for national phone numbers.
    pub default_region: String,
    /// Who sits at the embedded inbox, where the CRM said so.
    pub agent: Option<Agent>,
    /// The one customer whom the caller may see and touch; none for all of the business's.
    pub customer_id: Option<CustomerId>,
}

/// A session of the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which is part of its token.
    pub id: String,
    /// What it may do.
    pub role: Role,
    /// Who signed in; none for a session that a key opened, which is an owner's.
    pub member_id: Option<MemberId>,
    /// Why the operator opened it as support; none for the business's own.
    pub support_reason: Option<String>,
}

/// An agent of the business, as the CRM names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agent {
    /// The CRM's id, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub id: String,
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub name: String,
    /// The email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 320)))]
    pub email: Option<String>,
}

impl Caller {
    /// Nobody in particular: a public route's caller, or the platform itself.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            business_id: String::new(),
            key_id: String::new(),
            session: None,
            scopes: Scopes::NONE,
            default_region: String::new(),
            agent: None,
            customer_id: None,
        }
    }

    /// What the caller is told apart by within the business: a member, or a key.
    #[must_use]
    pub fn id(&self) -> &str {
        let member = self.session.as_ref().and_then(|one| one.member_id.as_ref());
        member.map_or(&self.key_id, MemberId::as_str)
    }

    /// Whether the operator calls, as support.
    #[must_use]
    pub fn is_support(&self) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| session.support_reason.is_some())
    }

    /// Who signed in.
    #[must_use]
    pub fn member_id(&self) -> Option<&MemberId> {
        self.session.as_ref()?.member_id.as_ref()
    }

    /// Whether the caller may see what is this customer's.
    #[must_use]
    pub fn may_see(&self, customer_id: &CustomerId) -> bool {
        let bound = self.customer_id.as_ref();
        bound.is_none_or(|bound| bound == customer_id)
    }

    /// Returns an error unless the caller has the scope.
    ///
    /// # Errors
    /// 403 that names the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Error> {
        if self.scopes.allow(scope) {
            return Ok(());
        }
        if let Some(session) = &self.session {
            let message = format!(
                "Your role {} does not have the scope `{scope}`.",
                session.role
            );
            let error = Error::new(Kind::InsufficientScope, message);
            return Err(error.with_detail("session", scope.name()));
        }
        let message = format!("This key does not have the scope `{scope}`.");
        Err(Error::new(Kind::InsufficientScope, message).with_detail("x-api-key", scope.name()))
    }

    /// Returns an error unless a session of this role at least calls.
    ///
    /// # Errors
    /// 403 that names the role.
    pub fn require_role(&self, least: Role) -> Result<(), Error> {
        if self
            .session
            .as_ref()
            .is_some_and(|session| session.role >= least)
        {
            return Ok(());
        }
        let message =
            format!("This takes the role {least} at least. Ask an owner of the business for it.");
        Err(Error::new(Kind::InsufficientScope, message).with_detail("session", least.name()))
    }
}
