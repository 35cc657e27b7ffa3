use super::records::{Pipeline, Stage};

/// The stages that a lead goes to, each where it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageRules {
    /// When a conversation began.
    pub on_conversation_created: Option<String>,
    /// When a person answered first.
    pub on_first_response: Option<String>,
    /// When the conversation was closed.
    pub on_conversation_resolved: Option<String>,
    /// Whether a lead goes back that we moved for a conversation which was opened again.
    pub reopens: bool,
}

/// How a lead and its conversation stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The lead's stage.
    pub stage: String,
    /// The stage that we moved it to last.
    pub ours: Option<String>,
    /// Whether a person has answered.
    pub has_reply: bool,
    /// Whether the conversation is closed and no other of the customer's is open.
    pub is_resolved: bool,
}

/// Where a lead goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Nowhere, for this reason.
    Stay(&'static str),
    /// To this stage.
    To(String),
    /// Nowhere, since this setting names a stage that the lead's pipeline does not have.
    Misconfigured(&'static str),
}

/// Where a lead goes by the rules: each is a condition on what is so now, and the furthest that holds
/// counts. Never backwards, unless a conversation was opened again and the setting allows it, and never
/// out of a stage that closes a lead.
#[must_use]
pub fn wanted(facts: &Facts, rules: &StageRules, pipeline: &Pipeline) -> Move {
    let position = |id: &str| pipeline.stages.iter().position(|stage| stage.id == id);
    let Some(now) = position(&facts.stage) else {
        return Move::Stay("The lead is in another pipeline.");
    };
    if pipeline.stages.get(now).is_some_and(Stage::is_closed) {
        return Move::Stay("The lead is won or lost.");
    }
    let rule = [
        (
            facts.is_resolved,
            "stage_progression.on_conversation_resolved",
            &rules.on_conversation_resolved,
        ),
        (
            facts.has_reply,
            "stage_progression.on_first_response",
            &rules.on_first_response,
        ),
        (
            true,
            "stage_progression.on_conversation_created",
            &rules.on_conversation_created,
        ),
    ];
    let holding = rule.iter().filter(|(holds, ..)| *holds);
    let Some((setting, stage)) = holding
        .filter_map(|(_, setting, stage)| Some((*setting, stage.as_deref()?)))
        .next()
    else {
        return Move::Stay("No rule has a stage for this.");
    };
    let Some(then) = position(stage) else {
        return Move::Misconfigured(setting);
    };
    if then == now {
        return Move::Stay("The lead is there.");
    }
    let is_ours = facts.ours.as_deref() == Some(facts.stage.as_str());
    let was_resolved = rules.on_conversation_resolved.as_deref() == Some(facts.stage.as_str());
    let was_reopened = !facts.is_resolved && was_resolved && is_ours;
    if then < now && !(rules.reopens && was_reopened) {
        return Move::Stay("The lead is further already.");
    }
    Move::To(stage.to_owned())
}
