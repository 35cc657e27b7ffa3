//! Leads go on with their conversations.

use super::activities::Place;
use super::api::{Facts, Lead, LeadFields, Move, Pipeline, Refusal, wanted};
use super::leads::LeadRef;
use super::sync::SyncContext;
use common::db::Statement;
use common::events::CRM_LEAD_STAGE_CHANGED;
use common::ids::CustomerId;
use common::json::writer::JsonWriter;
use crm::Failure;
use crm::local::{ConversationFacts, ConversationRow, ConversationState};

/// Who moved a lead, where that was us.
const OURS: &str = "tieline";

impl SyncContext<'_> {
    /// Moves the lead of a conversation by the rules, where they are on. What is known of the lead says
    /// whether it is to be moved; it is read before it is.
    pub(super) async fn progress(
        &self,
        conversation: &ConversationRow,
        facts: ConversationFacts,
        place: &Place,
    ) -> Result<(), Failure> {
        let (Some(rules), Some(lead)) = (&self.settings.stages, &place.lead) else {
            return Ok(());
        };
        let is_closed = is_closed(&conversation.state);
        // What was said before the lead, and is over, is not about it.
        if is_closed && !facts.is_newest || lead.known.pipeline.is_empty() {
            return Ok(());
        }
        let Some(pipeline) = self.pipeline(&lead.known.pipeline).await? else {
            return Ok(());
        };
        let now = |known: &super::known::KnownLead| Facts {
            stage: known.stage.clone(),
            ours: known.our_stage.clone(),
            has_reply: facts.has_reply,
            is_resolved: is_closed && !facts.is_other_open,
        };
        match wanted(&now(&lead.known), rules, &pipeline) {
            Move::Stay(_) => return Ok(()),
            Move::Misconfigured(setting) => return self.misconfigured(setting, &pipeline).await,
            Move::To(_) => {}
        }
        let mut lead = lead.clone();
        let read: Lead = match self.one("lead", self.api().lead(&lead.id)).await {
            Ok(read) => read,
            // The next message makes another.
            Err(Refusal::Failed(Failure::NotFound)) => return Ok(()),
            Err(refusal) => return Err(refusal.into()),
        };
        self.read(&mut lead.known, &read).await?;
        let moved = match wanted(&now(&lead.known), rules, &pipeline) {
            Move::To(stage) if lead.known.closed_at.is_none() => {
                self.lead_move(&lead, &read, &stage).await?
            }
            _ => None,
        };
        let mut statements = Vec::new();
        if let Some(moved) = moved {
            self.read(&mut lead.known, &moved).await?;
            let customer = &conversation.customer_id;
            statements.push(self.stage_event(customer, &moved, &read.stage, &pipeline, OURS));
            lead.known.our_stage = Some(moved.stage);
        }
        if lead.is_linked {
            let customer = conversation.customer_id.as_str();
            statements.push(self.lead_link(customer, &lead.id, &lead.known));
        }
        if !statements.is_empty() {
            self.client.batch(statements).await?;
        }
        Ok(())
    }

    /// The statement that tells of a lead which went from one stage to another.
    pub(super) fn stage_event(
        &self,
        customer: &CustomerId,
        lead: &Lead,
        before: &str,
        pipeline: &Pipeline,
        by: &str,
    ) -> Statement {
        let stage = pipeline.stages.iter().find(|stage| stage.id == lead.stage);
        let name = stage.map_or("", |stage| stage.name.as_str());
        let code = stage.map_or("", |stage| stage.code.as_str());
        let is = |wanted: &str| if code == wanted { "true" } else { "false" };
        let detail = JsonWriter::default()
            .text("connector", &self.client.integration.connector)
            .text("lead_id", &lead.id)
            .text("pipeline_id", &lead.pipeline)
            .text("stage_id", &lead.stage)
            .text("stage", name)
            .text("previous_stage_id", before)
            .json("is_won", is("won"))
            .json("is_lost", is("lost"))
            .text("by", by)
            .finish();
        self.client.event(CRM_LEAD_STAGE_CHANGED, customer, &detail)
    }

    /// Moves a lead. Some versions forget its closing date with that, which is then written again.
    async fn lead_move(
        &self,
        lead: &LeadRef,
        before: &Lead,
        stage: &str,
    ) -> Result<Option<Lead>, Failure> {
        let request = self.api().lead_move(&lead.id, stage);
        let moved: Lead = match self.one("move lead", request).await {
            Ok(moved) => moved,
            Err(Refusal::Fields(_) | Refusal::Failed(Failure::NotFound)) => {
                // The stage is gone there.
                self.pipelines(true).await?;
                let message = "A stage that leads go to is gone there: correct stage_progression.";
                self.client.trouble("unknown_stage", stage, message).await?;
                return Ok(None);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        if before.close_date.is_some() && moved.close_date.is_none() {
            let day = self.close_day(before);
            let mend = LeadFields {
                custom: vec![("lead_pipeline_stage_id".to_owned(), stage.to_owned())],
                ..LeadFields::default()
            };
            let request = self.api().lead_update(&lead.id, &mend, day.as_deref());
            self.ask("closing date of a lead", request).await?;
        }
        Ok(Some(moved))
    }

    async fn misconfigured(&self, setting: &str, pipeline: &Pipeline) -> Result<(), Failure> {
        let message = format!(
            "{setting} names a stage that the pipeline {} ({}) does not have: leads are not moved to it.",
            pipeline.id, pipeline.name
        );
        self.client
            .trouble("unknown_stage", setting, &message)
            .await
    }
}

fn is_closed(state: &ConversationState) -> bool {
    state.status == "closed"
}
