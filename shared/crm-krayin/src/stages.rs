//! Leads go on with their conversations.

use super::activities::Place;
use super::api::{Facts, Lead, LeadFields, Move, Pipeline, Refusal, wanted};
use super::leads::LeadRef;
use super::sync::SyncContext;
use crm::local::{ConversationFacts, ConversationRow};
use crm::{Failure, local::ConversationState};

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
        if let Some(moved) = moved {
            self.read(&mut lead.known, &moved).await?;
            lead.known.our_stage = Some(moved.stage);
        }
        self.lead_known(conversation, &lead).await
    }

    async fn lead_known(
        &self,
        conversation: &ConversationRow,
        lead: &LeadRef,
    ) -> Result<(), Failure> {
        if !lead.is_linked {
            return Ok(());
        }
        self.lead_put(conversation.customer_id.as_str(), &lead.id, &lead.known)
            .await
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
                self.trouble("unknown_stage", stage, message).await?;
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
        self.trouble("unknown_stage", setting, &message).await
    }
}

fn is_closed(state: &ConversationState) -> bool {
    state.status == "closed"
}
