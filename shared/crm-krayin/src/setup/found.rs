//! What was found, against what is set.

use super::checks::{Check, Choice, Choices, PipelineChoice};
use super::probe::Probe;
use crate::api::{Pipeline, StageRules, remaining};
use crate::lists::entrance_of;
use channels::outbound::FetchResult;
use common::json::raw::{Object, part};
use common::json::tolerant::{objects, text};

/// What the API makes a person or a lead of by itself.
const OWN_ATTRIBUTES: [&str; 14] = [
    "name",
    "emails",
    "contact_numbers",
    "job_title",
    "user_id",
    "organization_id",
    "title",
    "description",
    "lead_value",
    "lead_source_id",
    "lead_type_id",
    "lead_pipeline_id",
    "lead_pipeline_stage_id",
    "expected_close_date",
];

impl Probe<'_> {
    /// Whether there is what the settings name.
    pub(super) fn named(
        &self,
        choices: &Choices,
        pipelines: Vec<Pipeline>,
        checks: &mut Vec<Check>,
    ) {
        let settings = &self.settings;
        let entrance = entrance_of(
            pipelines,
            settings.pipeline.as_deref(),
            settings.stage.as_deref(),
        );
        let Some((pipeline, stage)) = entrance else {
            let field = match (&settings.stage, &settings.pipeline) {
                (Some(_), _) => "lead_pipeline_stage_id",
                _ => "lead_pipeline_id",
            };
            let message = "There is no such pipeline, or no such stage in it, or the stage is one in \
                           which leads are won or lost.";
            checks.push(Check::bad(
                "pipeline",
                "unknown_stage",
                Some(field),
                message,
            ));
            return;
        };
        let begin = pipeline.stages.iter().find(|one| one.id == stage);
        let begin = begin.map(|one| one.name.clone()).unwrap_or_default();
        let message = format!("Leads begin in {} of {}.", begin, pipeline.name);
        checks.push(Check::good("pipeline", message));
        checks.push(stages(settings.stages.as_ref(), &pipeline));
        let by_channel = settings.sources.iter().map(|(_, id)| id.as_str());
        let sources: Vec<_> = settings
            .source
            .as_deref()
            .into_iter()
            .chain(by_channel)
            .collect();
        checks.push(known(
            "source",
            "lead_source_id",
            &sources,
            &choices.sources,
        ));
        let kind: Vec<_> = settings.lead_type.as_deref().into_iter().collect();
        checks.push(known("type", "lead_type_id", &kind, &choices.types));
        let owner: Vec<_> = settings.owner.as_deref().into_iter().collect();
        checks.push(known(
            "owner",
            "owner.default_user_id",
            &owner,
            &choices.users,
        ));
    }

    /// Attributes that people have made: required ones that nothing is mapped to stop every record, and
    /// codes that there are not are written for nothing.
    pub(super) fn attributes(&self, body: &str) -> Check {
        let attributes = objects(&part(body), "data");
        let is_on =
            |one: &Object<'_>, field: &str| matches!(one.get(field).copied(), Some("1" | "true"));
        let known: Vec<_> = attributes
            .iter()
            .filter_map(|one| {
                let entity = text(one, "entity_type")?;
                let record = match entity.as_str() {
                    "persons" => "person.",
                    "leads" => "lead.",
                    _ => return None,
                };
                let code = text(one, "code")?;
                Some(([record, &code].concat(), is_on(one, "is_required"), code))
            })
            .collect();
        let mapped = |target: &str| self.settings.mapping.iter().any(|(_, to)| to == target);
        let missing: Vec<_> = known
            .iter()
            .filter(|(target, required, code)| {
                *required && !OWN_ATTRIBUTES.contains(&code.as_str()) && !mapped(target)
            })
            .map(|(target, ..)| target.as_str())
            .collect();
        let targets = self
            .settings
            .mapping
            .iter()
            .map(|(_, target)| target.as_str());
        let unknown: Vec<_> = targets
            .filter(|target| !known.iter().any(|(known, ..)| known == target))
            .collect();
        let name = "attributes";
        match (missing.is_empty(), unknown.is_empty()) {
            (true, true) => Check::good(name, "No required attribute is left out."),
            (false, _) => Check::warning(
                name,
                "required_attribute",
                format!(
                    "Krayin requires {}: map a field to each, or make them optional.",
                    missing.join(", ")
                ),
            ),
            (true, false) => Check::warning(
                name,
                "unknown_attribute",
                format!(
                    "Krayin has no {}: correct field_mapping.",
                    unknown.join(", ")
                ),
            ),
        }
    }
}

pub(super) fn rate_limit(answered: &FetchResult) -> Check {
    let limit = answered.as_ref().ok();
    let limit =
        limit.and_then(|answer| Some((answer.header("x-ratelimit-limit")?, remaining(answer)?)));
    let message = match limit {
        Some((limit, left)) => format!("{limit} requests a minute, of which {left} are left."),
        None => "Krayin tells no limit of requests; 51 a minute are made at most.".to_owned(),
    };
    Check::good("rate_limit", message)
}

pub(super) fn pipeline_choice(pipeline: &Pipeline) -> PipelineChoice {
    let stages = pipeline.stages.iter().map(|stage| Choice {
        id: stage.id.clone(),
        name: stage.name.clone(),
    });
    PipelineChoice {
        id: pipeline.id.clone(),
        name: pipeline.name.clone(),
        stages: stages.collect(),
    }
}

/// Whether the stages that leads are moved to are of their pipeline.
fn stages(rules: Option<&StageRules>, pipeline: &Pipeline) -> Check {
    let Some(rules) = rules else {
        return Check::good("stages", "Leads are not moved.");
    };
    let set = [
        (
            "stage_progression.on_conversation_created",
            &rules.on_conversation_created,
        ),
        (
            "stage_progression.on_first_response",
            &rules.on_first_response,
        ),
        (
            "stage_progression.on_conversation_resolved",
            &rules.on_conversation_resolved,
        ),
    ];
    let is_known = |id: &str| pipeline.stages.iter().any(|stage| stage.id == id);
    let unknown = set
        .iter()
        .find(|(_, id)| id.as_deref().is_some_and(|id| !is_known(id)));
    match unknown {
        None => Check::good("stages", "The stages are of the pipeline."),
        Some((field, id)) => {
            let id = id.as_deref().unwrap_or_default();
            let message = format!("{field}: {} has no stage {id}.", pipeline.name);
            Check::bad("stages", "unknown_stage", Some(field), message)
        }
    }
}

fn known(name: &'static str, field: &'static str, ids: &[&str], choices: &[Choice]) -> Check {
    let is_known = |id: &&&str| choices.iter().any(|choice| choice.id == **id);
    match ids.iter().find(|id| !is_known(id)) {
        Some(id) => Check::bad(
            name,
            &["unknown_", name].concat(),
            Some(field),
            format!("{field}: there is no {name} {id}."),
        ),
        None if ids.is_empty() => Check::good(name, format!("No {name} is set.")),
        None => Check::good(name, format!("The {name} exists.")),
    }
}
