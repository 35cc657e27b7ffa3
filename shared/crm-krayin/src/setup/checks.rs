//! What a test answers.

use common::http::Error;
use serde::Serialize;

/// The result of a test.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tested {
    /// Whether everything holds that must.
    pub success: bool,
    /// The API's base URL.
    pub base_url: String,
    /// The user of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Choice>,
    /// What was checked, in order.
    pub checks: Vec<Check>,
    /// What the settings can name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<Choices>,
    /// Who we are there: base URL and user, as one word.
    #[serde(skip)]
    pub(super) org: String,
}

/// Something that was checked.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// What: `token`, `global_view`, ….
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// Whether it must hold.
    pub required: bool,
    /// A stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A sentence that says what to do.
    pub message: String,
    /// The setting that is to blame.
    #[serde(skip)]
    pub(super) field: Option<&'static str>,
}

/// What the settings can name.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Choices {
    /// The pipelines with their stages, in order.
    pub pipelines: Vec<PipelineChoice>,
    /// The sources of leads.
    pub sources: Vec<Choice>,
    /// The types of leads.
    pub types: Vec<Choice>,
    /// The users.
    pub users: Vec<Choice>,
}

/// A pipeline.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PipelineChoice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its stages.
    pub stages: Vec<Choice>,
}

/// Something that a setting can name.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Check {
    /// What holds.
    pub(super) fn good(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            required: true,
            code: None,
            message: message.into(),
            field: None,
        }
    }

    /// What does not, and must.
    pub(super) fn bad(
        name: &'static str,
        code: &str,
        field: Option<&'static str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            ok: false,
            code: Some(code.to_owned()),
            field,
            ..Self::good(name, message)
        }
    }

    /// What does not, and need not.
    pub(super) fn warning(name: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self {
            required: false,
            ..Self::bad(name, code, None, message)
        }
    }
}

impl Tested {
    /// As the engine takes it.
    pub(super) fn told(mut self) -> Result<crm::Tested, Error> {
        let failed = self.checks.iter().find(|check| check.required && !check.ok);
        let problem = failed.map(|check| crm::Problem {
            field: check.field,
            code: check.code.clone().unwrap_or_default(),
            message: check.message.clone(),
        });
        self.success = problem.is_none();
        Ok(crm::Tested {
            remote_org: self.org.clone(),
            remote_user: self
                .user
                .as_ref()
                .map(|user| user.id.clone())
                .unwrap_or_default(),
            problem,
            json: serde_json::to_string(&self).map_err(Error::internal)?,
        })
    }
}
