//! The test of a connection: for each thing that must hold, whether it does.

use super::checks::{Check, Choice, Choices, Tested};
use super::found::{pipeline_choice, rate_limit};
use crate::api::{Api, Named, Pipeline, Refusal, all, body_of, shown};
use crate::settings::{Settings, api_by};
use channels::outbound::FetchResult;
use common::http::Error;
use common::json::raw::part;
use common::json::tolerant::{child, text};
use common::ports::OutboundRequest;
use common::signatures::sha256_hex;
use common::time::Timestamp;
use crm::table::Draft;
use crm::{CrmClient, Failure};

/// A way to Krayin that is not known to lead there.
pub(super) struct Probe<'a> {
    client: &'a CrmClient<'a>,
    pub(super) api: Api,
    pub(super) settings: Settings,
}

impl<'a> Probe<'a> {
    /// By these settings.
    ///
    /// # Errors
    /// 409 where there is no token or no URL.
    pub(super) fn of(client: &'a CrmClient<'a>, draft: &Draft) -> Result<Self, Error> {
        Ok(Self {
            client,
            api: api_by(client.cx, draft)?,
            settings: Settings::of(&client.cx.ports, &draft.settings),
        })
    }

    /// Token and user first: without them nothing else is asked.
    ///
    /// # Errors
    /// 503 when our own database is away.
    pub(super) async fn test(&self) -> Result<Tested, Error> {
        let mut tested = Tested {
            base_url: self.api.base.clone(),
            ..Tested::default()
        };
        let answered = match self.fetch(self.api.user_current()).await {
            Ok(answered) => answered,
            Err(failure) => {
                tested.checks.push(self.refused(Refusal::Failed(failure))?);
                return Ok(tested);
            }
        };
        let body = match body_of(&answered, self.now()) {
            Ok(body) => body,
            Err(refusal) => {
                tested.checks.push(self.refused(refusal)?);
                return Ok(tested);
            }
        };
        let user = child(&part(&body), "data");
        let id = text(&user, "id").unwrap_or_default();
        if id.is_empty() {
            let message = "What answers at api_url is no Krayin.";
            tested
                .checks
                .push(Check::bad("url", "not_an_api", Some("api_url"), message));
            return Ok(tested);
        }
        let name = text(&user, "name").unwrap_or_default();
        let checks = &mut tested.checks;
        checks.push(Check::good(
            "url",
            ["The API is at ", &self.api.base, "."].concat(),
        ));
        checks.push(Check::good("package", "krayin/rest-api is installed."));
        checks.push(Check::good(
            "token",
            ["The token is of ", &name, "."].concat(),
        ));
        let view = text(&user, "view_permission").unwrap_or_default();
        let is_global = view == "global";
        checks.push(match is_global {
            true => Check::good("global_view", "The user sees everything."),
            false => Check::bad(
                "global_view",
                "view_permission",
                Some("credentials.api_token"),
                "The user must have the view permission `global`: for others Krayin's search fails.",
            ),
        });
        let hash = sha256_hex([&self.api.base, " ", &id].concat().as_bytes());
        tested.org = hash.chars().take(16).collect();
        tested.user = Some(Choice { id, name });
        checks.push(rate_limit(&answered));
        if is_global {
            checks.push(self.version().await?);
        }
        match self.choices().await {
            Ok((choices, pipelines)) => {
                self.named(&choices, pipelines, checks);
                tested.choices = Some(choices);
            }
            Err(refusal) => checks.push(self.refused(refusal)?),
        }
        match self.ask(self.api.settings("attributes")).await {
            Ok(body) => checks.push(self.attributes(&body)),
            Err(refusal) => checks.push(self.refused(refusal)?),
        }
        checks.push(self.time_zone());
        Ok(tested)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.client.now())
    }

    async fn fetch(&self, request: OutboundRequest) -> Result<FetchResult, Failure> {
        self.client.ask(&shown(&request), request).await
    }

    pub(super) async fn ask(&self, request: OutboundRequest) -> Result<String, Refusal> {
        let answered = self.fetch(request).await?;
        body_of(&answered, self.now())
    }

    async fn version(&self) -> Result<Check, Error> {
        let name = "version";
        match self.ask(self.api.leads_search()).await {
            Ok(_) => Ok(Check::good(name, "krayin/rest-api is 2.0 or newer.")),
            Err(Refusal::Failed(Failure::Away(error))) => Err(error),
            Err(Refusal::Faulted(_) | Refusal::Failed(Failure::NotFound)) => Ok(Check::bad(
                name,
                "old_version",
                Some("api_url"),
                "krayin/rest-api does not know the search of leads: 2.1 or newer is needed.",
            )),
            Err(refusal) => self.refused(refusal),
        }
    }

    async fn choices(&self) -> Result<(Choices, Vec<Pipeline>), Refusal> {
        let pipelines: Vec<Pipeline> = self.list("pipelines").await?;
        let choices = Choices {
            pipelines: pipelines.iter().map(pipeline_choice).collect(),
            sources: self.names("sources").await?,
            types: self.names("types").await?,
            users: self.names("users").await?,
        };
        Ok((choices, pipelines))
    }

    async fn list<R: crate::api::Record>(&self, what: &str) -> Result<Vec<R>, Refusal> {
        let body = self.ask(self.api.settings(what)).await?;
        let message = "The answer lacks what was asked for.".to_owned();
        all(&body).ok_or_else(|| Failure::Unclear { message }.into())
    }

    async fn names(&self, what: &str) -> Result<Vec<Choice>, Refusal> {
        let named: Vec<Named> = self.list(what).await?;
        let choice = |one: Named| Choice {
            id: one.id,
            name: one.name,
        };
        Ok(named.into_iter().map(choice).collect())
    }

    fn time_zone(&self) -> Check {
        let zone = &self.settings.time_zone;
        let wall = self.client.cx.ports.wall_clock;
        let shown = wall.and_then(|wall| wall(zone, self.now()));
        match shown {
            Some(shown) => Check::good(
                "time_zone",
                format!("It is {shown} in {zone}, which must be what Krayin is set to."),
            ),
            None => Check::bad(
                "time_zone",
                "unknown_time_zone",
                Some("time_zone"),
                format!("There is no time zone {zone}."),
            ),
        }
    }

    /// What a request that failed says of the connection.
    ///
    /// # Errors
    /// Our own.
    pub(super) fn refused(&self, refusal: Refusal) -> Result<Check, Error> {
        let url = Some("api_url");
        let check = match refusal {
            Refusal::Failed(Failure::Away(error)) => return Err(error),
            Refusal::Bare => Check::bad(
                "token",
                "bad_key",
                Some("credentials.api_token"),
                "Krayin refuses the token: it is wrong, or its user has logged in elsewhere, which \
                 ends all of their tokens. It says the same where the minute's requests are used up: \
                 then try again in a minute.",
            ),
            Refusal::Failed(Failure::NotFound) => Check::bad(
                "package",
                "not_installed",
                url,
                "There is no API at this URL: install krayin/rest-api, or correct api_url.",
            ),
            Refusal::Failed(failure) => {
                let (name, field) = match failure.code() {
                    "bad_key" => ("token", Some("credentials.api_token")),
                    "not_an_api" | "unreached" => ("url", url),
                    _ => ("url", None),
                };
                Check::bad(name, failure.code(), field, failure.message())
            }
            other => {
                let failure = Failure::from(other);
                Check::bad("url", failure.code(), None, failure.message())
            }
        };
        Ok(check)
    }
}
