//! What the test of a connection tells, of any CRM.

use serde::Deserialize;
use ureq::http::Method;

use super::{MAX_CHARS, Problem, Words, sentence};
use crate::args::ConnectorStatus;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::clean;
use crate::world::World;

/// What was found. Each CRM tells some of it.
#[derive(Deserialize)]
pub(super) struct Tested {
    pub(super) success: bool,
    pub(super) error: Option<Problem>,
    pub(super) connection: Option<Connection>,
    pub(super) roles: Option<Roles>,
    pub(super) teams: Option<Vec<Named>>,
    pub(super) teams_error: Option<Problem>,
    warnings: Option<Vec<Problem>>,
    base_url: Option<String>,
    user: Option<Named>,
    checks: Option<Vec<Check>>,
    pub(super) choices: Option<Choices>,
}

#[derive(Deserialize)]
pub(super) struct Connection {
    pub(super) organization_id: String,
    pub(super) user: Named,
}

#[derive(Clone, Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Roles {
    pub(super) present: Vec<String>,
    pub(super) missing: Vec<Missing>,
    pub(super) excess: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct Missing {
    pub(super) needed_for: String,
    pub(super) role: String,
    pub(super) turns_off: Option<String>,
}

#[derive(Deserialize)]
struct Check {
    name: Option<String>,
    ok: bool,
    required: bool,
    code: Option<String>,
    message: String,
}

/// What settings can name.
#[derive(Deserialize)]
pub(super) struct Choices {
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) sources: Vec<Named>,
    pub(super) types: Vec<Named>,
}

#[derive(Deserialize)]
pub(super) struct Pipeline {
    #[serde(flatten)]
    pub(super) named: Named,
    pub(super) stages: Vec<Named>,
}

/// `tieline <connector> test`.
pub(super) fn run(
    words: &Words,
    options: &ConnectorStatus,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let answer = session.send(Method::POST, &words.path("test"), Some(b"{}"));
    let answer = answer.map_err(|error| refusal(&error))?;
    let tested: Tested = answer.json().map_err(|error| refusal(&error))?;
    let exit = if tested.success {
        Exit::Done
    } else {
        Exit::Refused
    };
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(exit);
    }
    tested.say(world);
    if let Some(choices) = &tested.choices {
        choices.say(world);
    }
    Ok(exit)
}

impl Tested {
    /// What holds and what does not, without what there is to choose from.
    pub(super) fn say(&self, world: &mut World<'_>) {
        self.say_connection(world);
        if let Some(roles) = &self.roles {
            roles.say(world);
        }
        self.say_warnings(world);
        for team in self.teams.iter().flatten() {
            world.say(&format!("  team {}", shown(team)));
        }
        if let Some(error) = &self.teams_error {
            world.say(&format!("  its teams cannot be told: {}", sentence(error)));
        }
    }

    /// Whether it works, and as whom.
    pub(super) fn say_connection(&self, world: &mut World<'_>) {
        match &self.error {
            Some(error) => world.say(&format!("It does not work: {}", sentence(error))),
            None if self.success => world.say("It works."),
            None => world.say("It does not work."),
        }
        if let Some(Connection {
            organization_id,
            user,
        }) = &self.connection
        {
            let organization = clean(organization_id, 128);
            let user = shown(user);
            world.say(&format!("  organisation {organization}, as {user}"));
        }
        if let Some(user) = &self.user {
            let base = clean(self.base_url.as_deref().unwrap_or("–"), 200);
            world.say(&format!("  {base}, as {}", shown(user)));
        }
        for check in self.checks.iter().flatten() {
            world.say(&check.line());
        }
    }

    /// What would not work as it is set.
    pub(super) fn say_warnings(&self, world: &mut World<'_>) {
        for warning in self.warnings.iter().flatten() {
            world.say(&format!("  {}", sentence(warning)));
        }
    }
}

impl Roles {
    fn say(&self, world: &mut World<'_>) {
        let present = clean(&self.present.join(", "), MAX_CHARS);
        world.say(&format!("  may {present}"));
        for missing in &self.missing {
            let (role, what) = (clean(&missing.role, 100), clean(&missing.needed_for, 40));
            let lost = clean(missing.turns_off.as_deref().unwrap_or_default(), MAX_CHARS);
            let end = if lost.is_empty() { "" } else { ". " };
            world.say(&format!("  lacks {role}, for {what}{end}{lost}"));
        }
        for role in self.excess.iter().flatten() {
            world.say(&format!("  does not need {}", clean(role, 100)));
        }
    }
}

impl Check {
    fn line(&self) -> String {
        let mark = match (self.ok, self.required) {
            (true, _) => "ok",
            (false, true) => "FAILS",
            (false, false) => "note",
        };
        let message = clean(&self.message, MAX_CHARS);
        let code = self.code.as_deref().map(|code| clean(code, 64));
        let code = code.map_or_else(String::new, |code| format!(" [{code}]"));
        let name = self.name.as_deref().map(|name| clean(name, 40));
        let name = name.map_or_else(String::new, |name| format!("{name}: "));
        format!("  {mark:<5}  {name}{message}{code}")
    }
}

impl Choices {
    fn say(&self, world: &mut World<'_>) {
        for pipeline in &self.pipelines {
            world.say(&format!("  {}", pipeline.line()));
        }
        for (what, named) in [("source", &self.sources), ("type", &self.types)] {
            for one in named {
                world.say(&format!("  {what} {}", shown(one)));
            }
        }
    }
}

impl Pipeline {
    /// `pipeline Default (1): New (1), Won (5)`.
    pub(super) fn line(&self) -> String {
        format!("pipeline {}: {}", shown(&self.named), list(&self.stages))
    }
}

/// `Email (1), Web (2)`.
pub(super) fn list(all: &[Named]) -> String {
    let all: Vec<_> = all.iter().map(shown).collect();
    all.join(", ")
}

/// `Web (2)`.
pub(super) fn shown(named: &Named) -> String {
    let name = named.name.as_deref().unwrap_or("–");
    format!("{} ({})", clean(name, 100), clean(&named.id, 128))
}
