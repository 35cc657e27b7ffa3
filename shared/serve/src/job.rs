use super::deadline::{JOB_MICROS, Within};
use super::{LogLine, Platform};
use common::allowance::{CountedDatabase, CountedServices};
use common::context::{Caller, Context};
use common::effects::{Afterwards, Effects};
use common::http::{BodyStream, Error, NoBody, Unread};
use common::ids::RequestId;
use common::ports::{Ports, ServiceResponse};

/// What a log line has for a method where a queue's message woke us.
pub const QUEUE: &str = "QUEUE";

/// What came of a job: a queue's message or the cron's minute.
#[derive(Debug)]
pub struct JobOutcome {
    /// What to do after it.
    pub afterwards: Afterwards,
    /// The one log line.
    pub log: LogLine,
}

/// What came of a call of another function.
#[derive(Debug)]
pub struct CallOutcome {
    /// What the caller is told.
    pub answered: ServiceResponse,
    /// What to do after it.
    pub afterwards: Afterwards,
    /// The one log line.
    pub log: LogLine,
}

/// Does what another function asks for (see [`Services::call`](common::ports::Services::call)).
pub async fn called<H>(
    function: &str,
    platform: &Platform<'_>,
    note: &str,
    body: &[u8],
    handler: H,
) -> CallOutcome
where
    H: AsyncFn(&Context<'_>, &str, &[u8]) -> Result<String, Error>,
{
    let request_id = RequestId::new(platform.entropy);
    let mut log = LogLine::new(function, &request_id, "CALL");
    let effects = Effects::default();
    let cx = platform.context(&request_id, &|_| None, &NoBody, &effects, Caller::nobody());
    let answered = match handler(&cx, note, body).await {
        Ok(body) => ServiceResponse::done(body.into_bytes()),
        Err(error) => {
            log.failed(&error);
            ServiceResponse::failed(&error)
        }
    };
    log.noted(&effects);
    CallOutcome {
        answered,
        afterwards: effects.into_afterwards(),
        log,
    }
}

/// Hands a mail to a handler, which reads it: `envelope` is its sender and its recipient, each on a line.
pub async fn mailed<H>(
    function: &str,
    platform: &Platform<'_>,
    envelope: &str,
    raw: &mut dyn BodyStream,
    handler: H,
) -> CallOutcome
where
    H: AsyncFn(&Context<'_>, &str) -> Result<String, Error>,
{
    let request_id = RequestId::new(platform.entropy);
    let mut log = LogLine::new(function, &request_id, "MAIL");
    let effects = Effects::default();
    let unread = Unread::of(raw);
    let cx = platform.context(&request_id, &|_| None, &unread, &effects, Caller::nobody());
    let answered = match handler(&cx, envelope).await {
        Ok(body) => ServiceResponse::done(body.into_bytes()),
        Err(error) => {
            log.failed(&error);
            ServiceResponse::failed(&error)
        }
    };
    log.noted(&effects);
    CallOutcome {
        answered,
        afterwards: effects.into_afterwards(),
        log,
    }
}

/// Does one job of a function. One that fails is logged and left: what it was about is still due,
/// and the cron wakes it again. What a queue woke is cut off by the platform after 30 seconds, and so makes
/// no request that goes on for longer than that.
pub async fn work<H>(
    function: &str,
    trigger: &str,
    platform: &Platform<'_>,
    message: &str,
    handler: H,
) -> JobOutcome
where
    H: AsyncFn(&Context<'_>, &str) -> Result<(), Error>,
{
    let request_id = RequestId::new(platform.entropy);
    let mut log = LogLine::new(function, &request_id, trigger);
    let effects = Effects::default();
    let within = Within {
        http: platform.ports.http,
        clock: platform.clock,
        until: platform.now.plus(JOB_MICROS),
    };
    let http = match trigger {
        QUEUE => &within,
        _ => platform.ports.http,
    };
    let counted = |database| CountedDatabase {
        database,
        allowance: platform.allowance,
    };
    let (db, search) = (counted(platform.db), counted(platform.ports.search));
    let services = CountedServices {
        services: platform.ports.services,
        allowance: platform.allowance,
    };
    let platform = Platform {
        db: &db,
        ports: Ports {
            http,
            search: &search,
            services: &services,
            ..platform.ports
        },
        ..*platform
    };
    let cx = platform.context(&request_id, &|_| None, &NoBody, &effects, Caller::nobody());
    if let Err(error) = handler(&cx, message).await {
        log.failed(&error);
    }
    log.noted(&effects);
    JobOutcome {
        afterwards: effects.into_afterwards(),
        log,
    }
}
