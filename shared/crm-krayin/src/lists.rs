//! What there is to choose from: pipelines and users, remembered for an hour and read anew where
//! something is not among them.

use super::api::{Named, Pipeline, Record, Stage, all};
use super::sync::{SyncContext, unreadable};
use common::http::Error;
use common::json::raw;
use common::time::SECOND;
use crm::{Agent, Failure, agents_put, cache_get, cache_put_statement};

/// How long a list is remembered.
const LIST_MICROS: i64 = 3600 * SECOND;
/// How old a list is at least that is read anew, since a missing thing may stay missing.
const ANEW_MICROS: i64 = 300 * SECOND;

impl SyncContext<'_> {
    /// The pipelines, with their stages.
    pub(super) async fn pipelines(&self, anew: bool) -> Result<Vec<Pipeline>, Failure> {
        self.list("pipelines", anew).await
    }

    /// The id of the user with this address; none for an assignee who is none.
    pub(super) async fn user_of(&self, email: &str) -> Result<Option<String>, Failure> {
        if !email.contains('@') {
            return Ok(None);
        }
        let is_them = |user: &&Named| {
            let known = user.email.as_deref();
            known.is_some_and(|known| known.eq_ignore_ascii_case(email))
        };
        for anew in [false, true] {
            let users: Vec<Named> = self.list("users", anew).await?;
            if let Some(user) = users.iter().find(is_them) {
                return Ok(Some(user.id.clone()));
            }
        }
        Ok(None)
    }

    /// The users.
    pub(super) async fn users(&self) -> Result<Vec<Named>, Failure> {
        self.list("users", false).await
    }

    async fn list<R: Record>(&self, what: &'static str, anew: bool) -> Result<Vec<R>, Failure> {
        let connector = &self.client.integration.connector;
        let now = self.client.now();
        let cached = cache_get(self.cx, connector, what).await?;
        if let Some((at, body)) = cached.as_deref().and_then(read)
            && (!anew || now < at + ANEW_MICROS)
        {
            return all(&body).ok_or_else(unreadable);
        }
        let body = self.ask(what, self.api().settings(what)).await?;
        let list = all(&body).ok_or_else(unreadable)?;
        let json = serde_json::to_string(&(now, &body)).map_err(Error::internal)?;
        let put = cache_put_statement(self.cx, connector, what, &json, LIST_MICROS);
        let mut statements = vec![put];
        if what == "users" {
            let users: Vec<Named> = all(&body).unwrap_or_default();
            let agent = |user: Named| Agent {
                id: user.id,
                name: Some(user.name),
                email: user.email,
            };
            let agents: Vec<_> = users.into_iter().map(agent).collect();
            statements.extend(agents_put(self.cx, connector, &agents)?);
        }
        self.client.batch(statements).await?;
        Ok(list)
    }

    /// The pipeline of new leads, and their stage: as it is set, else the default pipeline's first.
    pub(super) async fn entrance(&self) -> Result<(Pipeline, String), Failure> {
        let (pipeline, stage) = (&self.settings.pipeline, &self.settings.stage);
        for anew in [false, true] {
            let pipelines = self.pipelines(anew).await?;
            if let Some(found) = entrance_of(pipelines, pipeline.as_deref(), stage.as_deref()) {
                return Ok(found);
            }
        }
        Err(Failure::Invalid {
            code: "unknown_stage".to_owned(),
            message:
                "There is no such pipeline or stage, or the stage is one in which leads are won \
                      or lost: correct lead_pipeline_id and lead_pipeline_stage_id."
                    .to_owned(),
        })
    }

    /// The pipeline of an id.
    pub(super) async fn pipeline(&self, id: &str) -> Result<Option<Pipeline>, Failure> {
        for anew in [false, true] {
            let mut pipelines = self.pipelines(anew).await?.into_iter();
            if let Some(found) = pipelines.find(|pipeline| pipeline.id == id) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// Where new leads go: a stage that is set decides, as it does there.
pub(super) fn entrance_of(
    pipelines: Vec<Pipeline>,
    pipeline: Option<&str>,
    stage: Option<&str>,
) -> Option<(Pipeline, String)> {
    let has_stage = |one: &Pipeline| match stage {
        Some(id) => one.stages.iter().any(|stage| stage.id == id),
        None => !one.stages.is_empty(),
    };
    let is_it = |one: &&Pipeline| match pipeline {
        Some(id) => one.id == id,
        None => true,
    };
    let fitting: Vec<_> = pipelines
        .iter()
        .filter(is_it)
        .filter(|one| has_stage(one))
        .collect();
    let default = fitting
        .iter()
        .find(|one| one.is_default)
        .or(fitting.first())?;
    let stage = match stage {
        Some(id) => default.stages.iter().find(|stage| stage.id == id)?,
        None => default.stages.first()?,
    };
    // Else each conversation would make another.
    let stage = Some(stage).filter(|stage: &&Stage| !stage.is_closed())?;
    Some(((*default).clone(), stage.id.clone()))
}

fn read(cached: &str) -> Option<(i64, String)> {
    let parts = raw::list(cached)?;
    let [at, body] = parts.as_slice() else {
        return None;
    };
    Some((at.parse().ok()?, raw::text(body)?))
}
