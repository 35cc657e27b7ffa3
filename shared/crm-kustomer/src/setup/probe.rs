//! The test of a connection.

use super::ask;
use super::roles::Roles;
use crate::api::{Api, Resource, resource, resources};
use crate::settings::{Settings, api_by, api_key};
use common::http::Error;
use common::ports::OutboundRequest;
use common::time::Timestamp;
use crm::table::Draft;
use crm::{CrmClient, Failure};
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
    /// What would not work as it is set, such as a team that does not exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
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

/// A way to Kustomer that is not known to lead there.
pub(super) struct Probe {
    pub(super) api: Api,
    organization_id: Option<String>,
    /// The teams that the settings name, each with its setting.
    teams_set: Vec<(String, String)>,
    key: String,
}

impl Tested {
    /// As the engine takes it.
    pub(super) fn told(self) -> Result<crm::Tested, Error> {
        let connection = self.connection.as_ref();
        let problem = self.error.as_ref().map(|problem| crm::Problem {
            field: match problem.code.as_str() {
                "bad_key" | "missing_role" => Some("credentials.api_key"),
                "wrong_organization" => Some("organization_id"),
                "unreached" | "wrong_region" | "not_found" => Some("subdomain"),
                _ => None,
            },
            code: problem.code.clone(),
            message: problem.message.clone(),
        });
        Ok(crm::Tested {
            remote_org: connection
                .map(|one| one.organization_id.clone())
                .unwrap_or_default(),
            remote_user: connection
                .map(|one| one.user.id.clone())
                .unwrap_or_default(),
            problem,
            json: serde_json::to_string(&self).map_err(Error::internal)?,
        })
    }
}

impl Probe {
    /// By these settings.
    ///
    /// # Errors
    /// 409 where there is no key or no subdomain.
    pub(super) fn of(client: &CrmClient<'_>, draft: &Draft) -> Result<Self, Error> {
        let settings = Settings::of(&client.cx.ports, &draft.settings);
        let rules = settings.routing.rules.iter().enumerate();
        let rules = rules.map(|(n, rule)| (format!("team_routing[{n}]"), rule.team_id.clone()));
        let default = settings.routing.default_team_id.clone();
        let default = default.map(|team| ("default_team_id".to_owned(), team));
        Ok(Self {
            teams_set: default.into_iter().chain(rules).collect(),
            api: api_by(client.cx, draft)?,
            organization_id: settings.organization_id,
            key: api_key(client.cx, &draft.secrets)?,
        })
    }

    /// Key, organisation, roles, teams, in this order.
    ///
    /// # Errors
    /// 503 when our own database is away.
    pub(super) async fn test(&self, client: &CrmClient<'_>) -> Result<Tested, Error> {
        let mut tested = Tested {
            success: false,
            connection: None,
            roles: None,
            teams: None,
            warnings: Vec::new(),
            teams_error: None,
            error: None,
        };
        let (token, user) = match self.who(client).await {
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
        match self.teams(client).await {
            Ok(teams) => {
                tested.warnings = self.unknown_teams(&teams);
                tested.teams = Some(teams);
            }
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

    async fn who(&self, client: &CrmClient<'_>) -> Result<(Resource, Resource), Failure> {
        let token = self.one(client, self.api.token_current()).await?;
        let user = self.one(client, self.api.user_current()).await?;
        Ok((token, user))
    }

    async fn one(
        &self,
        client: &CrmClient<'_>,
        request: OutboundRequest,
    ) -> Result<Resource, Failure> {
        let answered = ask(client, request).await?;
        resource(&answered, Timestamp::from_micros(client.now()))
    }

    async fn teams(&self, client: &CrmClient<'_>) -> Result<Vec<Team>, Failure> {
        let answered = ask(client, self.api.teams()).await?;
        let teams = resources(&answered, Timestamp::from_micros(client.now()))?.items;
        let teams = teams.into_iter().filter(|team| !team.is_true("deleted"));
        let named = |team: Resource| Team {
            name: team.text("displayName").or_else(|| team.text("name")),
            id: team.id,
        };
        Ok(teams.map(named).collect())
    }

    /// Teams of the settings that do not exist.
    fn unknown_teams(&self, teams: &[Team]) -> Vec<Problem> {
        let is_known = |id: &str| teams.iter().any(|team| team.id == id);
        let unknown = self.teams_set.iter().filter(|(_, id)| !is_known(id));
        let told = |(setting, id): &(String, String)| Problem {
            code: "unknown_team".to_owned(),
            message: format!(
                "The team {id} of `{setting}` does not exist: its conversations are left unassigned."
            ),
        };
        unknown.map(told).collect()
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

    /// The message of a failure, for people.
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
            Failure::Unclear { .. }
            | Failure::Faulted { .. }
            | Failure::Conflict { .. }
            | Failure::Invalid { .. } => "Kustomer did not answer as it should.",
        };
        let reason = failure.message().replace(self.key.as_str(), "***");
        let message = [advice, " ", &reason].concat();
        match failure {
            Failure::Away(error) => Err(error),
            failure => Ok(Problem {
                code: failure.code().to_owned(),
                message,
            }),
        }
    }
}
