//! Making requests, and telling what a 500 that says nothing is: a bad token, the rate limit, a method
//! that there is not. In production Krayin answers all of them alike.

use super::api::{Api, Refusal, body_of, shown};
use common::json::raw;
use common::ports::OutboundRequest;
use common::time::{SECOND, Timestamp};
use crm::{CrmClient, Failure, cache_get, cache_put};

/// After how long a limit that was reached is over: its minute, and a second.
const LIMIT_MICROS: i64 = 61 * SECOND;
/// How long a suspicion is remembered: until it was waited for, and what was tried again failed, too.
const SUSPECT_MICROS: i64 = 600 * SECOND;
/// Where it is remembered.
const SUSPECT: &str = "suspect";
/// How much of what is asked a run's log line has, where the business wants it logged.
const MAX_NOTE_BYTES: usize = 4096;

/// The way to a Krayin.
pub(super) struct Line<'a> {
    pub(super) client: &'a CrmClient<'a>,
    pub(super) api: Api,
    pub(super) is_logged: bool,
}

impl Line<'_> {
    /// Makes a request; gives the answer's JSON. `what` names it in the job's log.
    pub(super) async fn ask(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<String, Refusal> {
        match self.asked(what, request).await? {
            Err(Refusal::Bare) => Err(self.bare().await?),
            answered => answered,
        }
    }

    async fn asked(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<Result<String, Refusal>, Failure> {
        let answered = match self.is_logged {
            false => self.client.ask(what, request).await?,
            true => {
                let shown = [what, " ", &shown(&request)].concat();
                let more = [shown.as_str(), "; "].concat();
                self.client.cx.effects.note_more(&more, MAX_NOTE_BYTES);
                self.client.ask(&shown, request).await?
            }
        };
        let now = Timestamp::from_micros(self.client.now());
        Ok(body_of(&answered, now))
    }

    /// What a bare 500 was. Whether the token is good, the cheapest request tells, unless the limit is
    /// reached: then nothing is asked for a minute, and a token that is refused after it is bad.
    async fn bare(&self) -> Result<Refusal, Failure> {
        let probed = self.asked("current user", self.api.user_current()).await?;
        let now = self.client.now();
        match probed {
            Ok(_) => Ok(Refusal::Faulted(
                "The CRM answered with an error that says nothing (500).".to_owned(),
            )),
            Err(Refusal::Bare) => {
                let since = self.suspect().await?;
                let until = since.unwrap_or(now) + LIMIT_MICROS;
                if since.is_some() && now >= until {
                    return Ok(bad_token().into());
                }
                if since.is_none() {
                    self.remember(now).await?;
                }
                self.client.block(until).await?;
                Ok(Failure::Throttled {
                    until: Some(until),
                    message: "Either the minute's requests are used up, or the token is bad: what \
                              comes after a minute without requests tells."
                        .to_owned(),
                }
                .into())
            }
            Err(refusal) => Ok(refusal),
        }
    }

    /// Since when the token is suspected; nothing where something went well since.
    async fn suspect(&self) -> Result<Option<i64>, Failure> {
        let integration = self.client.integration;
        let known = cache_get(self.client.cx, &integration.connector, SUSPECT).await?;
        let since: Option<i64> = known
            .as_deref()
            .and_then(raw::integer)
            .and_then(|at| at.parse().ok());
        let succeeded_at = integration.succeeded_at.unwrap_or_default();
        Ok(since.filter(|since| succeeded_at <= *since))
    }

    async fn remember(&self, now: i64) -> Result<(), Failure> {
        let connector = &self.client.integration.connector;
        let since = now.to_string();
        cache_put(self.client.cx, connector, SUSPECT, &since, SUSPECT_MICROS).await?;
        Ok(())
    }
}

fn bad_token() -> Failure {
    Failure::Auth {
        code: "bad_key",
        message: "Krayin refuses the token: it is wrong, was revoked, or its user has logged in \
                  elsewhere, which ends all of their tokens."
            .to_owned(),
    }
}
