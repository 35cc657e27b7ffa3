//! What callers prove themselves by.

use super::Platform;
use access::{Presented, authenticate_key, authenticate_platform, authenticate_session};
use common::context::Caller;
use common::effects::Effects;
use common::http::ledger::Method;
use common::http::{Access, Error, Role, Route};

/// What the caller proves itself by, as the route wants it.
pub(crate) enum Credential {
    Key(Option<String>),
    Session(Option<Presented>),
    Bearer(Option<String>),
    None,
}

impl Credential {
    /// What a request has. What keys may do, members may do with a session, by the scopes of their role.
    pub(crate) fn of(route: &Route, header: &dyn Fn(&str) -> Option<String>) -> Self {
        match route.access {
            Access::Key(_) => match header("x-api-key") {
                Some(key) => Self::Key(Some(key)),
                None => match Presented::of(header).filter(Presented::is_of_a_session) {
                    Some(session) => Self::Session(Some(session)),
                    None => Self::Key(None),
                },
            },
            Access::Session(_) => Self::Session(Presented::of(header)),
            Access::Platform | Access::Inbox => Self::Bearer(header("authorization")),
            Access::Public | Access::Provider => Self::None,
        }
    }

    /// Its text; empty where there is none.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Key(text) | Self::Bearer(text) => text.as_deref().unwrap_or_default(),
            Self::Session(session) => session.as_ref().map_or("", Presented::text),
            Self::None => "",
        }
    }
}

/// Who calls; whether the route is for them says [`allow`].
pub(crate) async fn caller_of(
    route: &Route,
    platform: &Platform<'_>,
    credential: &Credential,
    effects: &Effects,
) -> Result<Caller, Error> {
    let (db, now) = (platform.db, platform.now);
    let caller = match credential {
        Credential::Key(presented) => {
            let check = authenticate_key(db, now, presented.as_deref()).await?;
            if let Some(touch) = check.touch {
                effects.write(touch);
            }
            check.caller
        }
        Credential::Session(presented) => {
            let check = authenticate_session(db, now, presented.as_ref(), route.method).await?;
            if let Some(renewal) = check.renewal {
                effects.write(renewal);
            }
            check.caller
        }
        Credential::Bearer(presented) if route.access == Access::Inbox => {
            let access = platform.inbox;
            let access = access.ok_or_else(|| Error::internal("no way to check a token"))?;
            access(platform.ports, now, presented.as_deref()).await?
        }
        Credential::Bearer(presented) => {
            let expected = (platform.ports.variable)("PLATFORM_TOKEN");
            authenticate_platform(expected.as_deref(), presented.as_deref())?
        }
        Credential::None => Caller::nobody(),
    };
    Ok(caller)
}

/// 403 for a caller whom the route is not for.
pub(crate) fn allow(route: &Route, caller: &Caller) -> Result<(), Error> {
    match route.access {
        Access::Key(scope) => caller.require(scope),
        Access::Session(role) => caller.require_role(role),
        // A member's inbox does what their role does; who uses a CRM's was let in by the CRM.
        Access::Inbox if caller.session.is_some() && route.method != Method::Get => {
            caller.require_role(Role::Agent)
        }
        Access::Inbox | Access::Platform | Access::Public | Access::Provider => Ok(()),
    }
}
