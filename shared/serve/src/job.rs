use super::{LogLine, Platform};
use common::context::{Caller, Context};
use common::http::Error;
use common::ids::RequestId;
use common::outside::{Answered, Wake};

/// What came of a job: a queue's message or the cron's minute.
#[derive(Debug)]
pub struct JobOutcome {
    /// Whom to wake.
    pub wakes: Vec<Wake>,
    /// The one log line.
    pub log: LogLine,
}

/// What came of a call of another function.
#[derive(Debug)]
pub struct CallOutcome {
    /// What the caller is told.
    pub answered: Answered,
    /// Whom to wake.
    pub wakes: Vec<Wake>,
    /// The one log line.
    pub log: LogLine,
}

/// Does what another function asks for (see [`Services::call`](common::outside::Services::call)).
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
    let cx = platform.context(&|_| None, Caller::nobody());
    let answered = match handler(&cx, note, body).await {
        Ok(body) => Answered::done(body.into_bytes()),
        Err(error) => {
            log.failed(&error);
            Answered::failed(&error)
        }
    };
    CallOutcome {
        answered,
        wakes: log.finished(&cx),
        log,
    }
}

/// Does one job of a function. One that fails is logged and left: what it was about is still due,
/// and the cron wakes it again.
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
    let cx = platform.context(&|_| None, Caller::nobody());
    if let Err(error) = handler(&cx, message).await {
        log.failed(&error);
    }
    JobOutcome {
        wakes: log.finished(&cx),
        log,
    }
}
