//! The test of a connection.

use super::patch::{secret, subdomain};
use super::roles::Roles;
use super::{NAME, ask, own_secrets, stored};
use crate::api::{Api, Resource, base_of, resource, resources};
use crate::settings::{Credentials, Settings, not_connected};
use common::context::Context;
use common::http::Error;
use common::json::raw::{part, text};
use common::outside::OutboundRequest;
use common::time::Timestamp;
use crm::settings::deployment_key_check;
use crm::settings::patch::{body_of, id, unknown, wrong};
use crm::{Desk, Failure, Integration};
use serde::Serialize;

/// The result of a test.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tested {
    /// Whether Kustomer accepts the key, and the key belongs to the configured organisation.
    pub success: bool,
    /// The identity of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// The required roles of the key. Kustomer's role names vary, so a missing role is a warning
    /// and blocks nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Roles>,
    /// The teams to which conversations can be assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<Team>>,
    /// Why the teams could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teams_error: Option<Problem>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// The identity of the key.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Connection {
    /// The organisation of the key.
    pub organization_id: String,
    /// The machine user of the key.
    pub user: RemoteUser,
    /// The API host, which leads to the organisation's region.
    pub base_url: String,
}

/// A user of Kustomer's.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemoteUser {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// A team.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Team {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// What is wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A stable code: `bad_key`, `wrong_region`, `wrong_organization`, `missing_role`, `unreached`,
    /// ….
    pub code: String,
    /// A sentence that says what to do.
    pub message: String,
}

/// What to test with in place of what is stored.
#[derive(Debug, Default)]
pub struct TestRequest {
    api_key: Option<String>,
    subdomain: Option<String>,
    organization_id: Option<String>,
}

/// A way to Kustomer that is not known to lead there.
pub(super) struct Line {
    pub(super) api: Api,
    organization_id: Option<String>,
    key: String,
}

impl TestRequest {
    /// Reads a request's body; none tests what is stored.
    ///
    /// # Errors
    /// 400 for what is no JSON, 422 for a field that is unknown or wrong.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let mut request = Self::default();
        let body = if body.is_empty() { "{}" } else { body };
        for (name, value) in body_of(body)?.iter() {
            match (name, *value) {
                (_, "null") => {}
                ("subdomain", value) => request.subdomain = text(&subdomain(name, value)?),
                ("organization_id", value) => request.organization_id = text(&id(name, value)?),
                ("credentials", value) => request.api_key = api_key(value)?,
                _ => return Err(unknown(name)),
            }
        }
        Ok(request)
    }
}

fn api_key(credentials: &str) -> Result<Option<String>, Error> {
    if !credentials.starts_with('{') {
        return Err(wrong("credentials", "object", "must be an object"));
    }
    let mut key = None;
    for (name, value) in part(credentials).iter() {
        let path = ["credentials.", name].concat();
        match (name, *value) {
            ("api_key", "null") => {}
            ("api_key", value) => key = Some(secret(&path, value)?),
            _ => return Err(unknown(&path)),
        }
    }
    Ok(key)
}

/// Asks Kustomer whether a connection works: with what is stored, or with what the request says.
/// What it refuses is told in the answer.
///
/// # Errors
/// 409 where there is no key or no subdomain.
pub async fn kustomer_test(cx: &Context<'_>, request: TestRequest) -> Result<Tested, Error> {
    let integration = stored(cx).await?;
    let line = Line::of(cx, &integration, request).await?;
    line.test(&Desk::new(cx, &integration)).await
}

impl Line {
    pub(super) async fn of(
        cx: &Context<'_>,
        integration: &Integration,
        request: TestRequest,
    ) -> Result<Self, Error> {
        let settings = Settings::of(&cx.outside, &integration.settings);
        let key = match request.api_key {
            Some(key) => key,
            None => {
                let own = own_secrets(cx, integration)?;
                if own.get("api_key").is_none() {
                    deployment_key_check(cx, NAME).await?;
                }
                Credentials::of(cx, integration)?.api_key
            }
        };
        let subdomain = request.subdomain.or(settings.subdomain);
        let base = base_of(&cx.outside, subdomain.as_deref().unwrap_or_default());
        let base =
            base.ok_or_else(|| not_connected("subdomain", "There is no subdomain for Kustomer."))?;
        Ok(Self {
            api: Api::new(base, &key),
            organization_id: request.organization_id.or(settings.organization_id),
            key,
        })
    }

    /// Key, organisation, roles, teams, in this order.
    ///
    /// # Errors
    /// 503 when our own database is away.
    pub(super) async fn test(&self, desk: &Desk<'_>) -> Result<Tested, Error> {
        let mut tested = Tested {
            success: false,
            connection: None,
            roles: None,
            teams: None,
            teams_error: None,
            error: None,
        };
        let (token, user) = match self.who(desk).await {
            Ok(who) => who,
            Err(failure) => {
                tested.error = Some(self.problem(failure)?);
                return Ok(tested);
            }
        };
        let organization_id = user.related("org").or_else(|| token.related("org"));
        let organization_id = organization_id.unwrap_or_default();
        tested.error = self.other_organization(&organization_id);
        tested.success = tested.error.is_none();
        match self.teams(desk).await {
            Ok(teams) => tested.teams = Some(teams),
            Err(failure) => tested.teams_error = Some(self.problem(failure)?),
        }
        let mut held = token.texts("roles");
        held.extend(user.texts("roles"));
        tested.roles = Some(Roles::of(&held, tested.teams.is_some()));
        let name = ["displayName", "name"]
            .into_iter()
            .find_map(|at| user.text(at));
        tested.connection = Some(Connection {
            organization_id,
            user: RemoteUser { id: user.id, name },
            base_url: self.api.base.clone(),
        });
        Ok(tested)
    }

    async fn who(&self, desk: &Desk<'_>) -> Result<(Resource, Resource), Failure> {
        let token = self.one(desk, self.api.token_current()).await?;
        let user = self.one(desk, self.api.user_current()).await?;
        Ok((token, user))
    }

    async fn one(&self, desk: &Desk<'_>, request: OutboundRequest) -> Result<Resource, Failure> {
        let answered = ask(desk, request).await?;
        resource(&answered, Timestamp::from_micros(desk.now()))
    }

    async fn teams(&self, desk: &Desk<'_>) -> Result<Vec<Team>, Failure> {
        let answered = ask(desk, self.api.teams()).await?;
        let teams = resources(&answered, Timestamp::from_micros(desk.now()))?.items;
        let teams = teams.into_iter().filter(|team| !team.is_true("deleted"));
        let named = |team: Resource| Team {
            name: team.text("displayName").or_else(|| team.text("name")),
            id: team.id,
        };
        Ok(teams.map(named).collect())
    }

    fn other_organization(&self, told: &str) -> Option<Problem> {
        let set = self.organization_id.as_deref()?;
        (set != told).then(|| Problem {
            code: "wrong_organization".to_owned(),
            message: format!(
                "The API key is of the organisation {told}, and `organization_id` is {set}."
            ),
        })
    }

    /// What people are to be told of a failure.
    ///
    /// # Errors
    /// Our own.
    pub(super) fn problem(&self, failure: Failure) -> Result<Problem, Error> {
        let advice = match &failure {
            Failure::Away(_) => "",
            Failure::Auth {
                code: "wrong_region",
                ..
            } => "The API key belongs to another region or organisation: check `subdomain`.",
            Failure::Auth { .. } => {
                "Kustomer does not know this API key: it is wrong, expired or deleted."
            }
            Failure::Forbidden { .. } => "The API key lacks a role for this.",
            Failure::NotFound => "There is no Kustomer at this address: check `subdomain`.",
            Failure::Unreached { .. } => "Kustomer cannot be reached: check `subdomain`.",
            Failure::Throttled { .. } | Failure::Waiting { .. } | Failure::Capped { .. } => {
                "Kustomer is asked too much just now: try again in a minute."
            }
            Failure::Unclear { .. } | Failure::Conflict { .. } | Failure::Invalid { .. } => {
                "Kustomer did not answer as it should."
            }
        };
        let said = failure.message().replace(self.key.as_str(), "***");
        let message = [advice, " ", &said].concat();
        match failure {
            Failure::Away(error) => Err(error),
            failure => Ok(Problem {
                code: failure.code().to_owned(),
                message,
            }),
        }
    }
}
