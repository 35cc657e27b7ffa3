//! Leads: one that is open for each person and pipeline.

use super::api::{Lead, LeadFields, NewLead, Pipeline, Refusal, day_of, lead_value};
use super::companies::company_of;
use super::known::KnownLead;
use super::persons::{PersonRef, custom_text, name_of};
use super::sync::SyncContext;
use common::db::Statement;
use common::ids::CustomerId;
use common::time::Timestamp;
use crm::local::CustomerRow;
use crm::{Failure, Link};

/// A conversation, as far as leads go.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Occasion<'a> {
    /// When it began, in microseconds.
    pub(super) began_at: Option<i64>,
    /// By which channel.
    pub(super) channel: Option<&'a str>,
    /// Whose it is.
    pub(super) assignee: Option<&'a str>,
}

/// A lead, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeadRef {
    pub(super) id: String,
    pub(super) known: KnownLead,
    /// Whether it is linked to the customer, and not to another one of the same person.
    pub(super) is_linked: bool,
}

impl SyncContext<'_> {
    /// The lead of a person: linked, found, or made; none where another customer's is to be made.
    pub(super) async fn lead(
        &self,
        customer: &CustomerRow,
        person: &PersonRef,
        occasion: Occasion<'_>,
    ) -> Result<Option<LeadRef>, Failure> {
        let holder = person.of.as_deref().unwrap_or(customer.id.as_str());
        let link = self.client.link("lead", holder).await?;
        let is_linked = person.of.is_none();
        if let Some(link) = link {
            let known = KnownLead::of_stored(link.fingerprint.as_deref()).unwrap_or_default();
            let lead = LeadRef {
                id: link.remote_id,
                known,
                is_linked,
            };
            if !is_linked {
                return Ok(Some(lead));
            }
            if let Some(lead) = self.still(customer, lead, occasion).await? {
                return Ok(Some(lead));
            }
        }
        // Nothing can be there of a person who was made just now.
        let (pipeline, stage) = self.entrance().await?;
        let found = match person.is_new {
            true => None,
            false => self.open_lead(&person.id, &pipeline).await?,
        };
        if !is_linked {
            let now = self.client.now();
            return Ok(found.map(|lead| LeadRef {
                known: KnownLead::of(&lead, now),
                id: lead.id,
                is_linked,
            }));
        }
        let written = self.written(customer, occasion.channel);
        if let Some(value) = custom_text(customer, "lead_value")
            && lead_value(&value).is_none()
        {
            let message =
                "A customer's `custom_fields.lead_value` is no plain number, and is left out.";
            self.client
                .trouble("lead_value", customer.id.as_str(), message)
                .await?;
        }
        let is_found = found.is_some();
        let lead = match found {
            Some(found) => found,
            None => {
                self.lead_make(customer, person, &pipeline, stage, occasion)
                    .await?
            }
        };
        let mut known = KnownLead::of(&lead, self.client.now());
        if !is_found {
            known.our_stage = Some(lead.stage.clone());
            known.written = stored(&written);
        }
        self.lead_put(customer.id.as_str(), &lead.id, &known)
            .await?;
        Ok(Some(LeadRef {
            id: lead.id,
            known,
            is_linked,
        }))
    }

    /// The lead that is linked, unless it is gone, or was won or lost before this conversation began. It
    /// is read where the conversation is newer than what is known of it.
    async fn still(
        &self,
        customer: &CustomerRow,
        mut lead: LeadRef,
        occasion: Occasion<'_>,
    ) -> Result<Option<LeadRef>, Failure> {
        let began_at = occasion.began_at.unwrap_or_default();
        if began_at > lead.known.read_at {
            match self.one("lead", self.api().lead(&lead.id)).await {
                Ok(read) => {
                    self.read(&mut lead.known, &read).await?;
                    self.lead_put(customer.id.as_str(), &lead.id, &lead.known)
                        .await?;
                }
                Err(Refusal::Failed(Failure::NotFound)) => {
                    self.client.unlink("lead", customer.id.as_str()).await?;
                    return Ok(None);
                }
                Err(refusal) => return Err(refusal.into()),
            }
        }
        let was_closed = lead
            .known
            .closed_at
            .is_some_and(|closed_at| closed_at < began_at);
        let is_over = was_closed && self.settings.new_lead_after_close;
        Ok((!is_over).then_some(lead))
    }

    /// Takes note of how a lead is.
    pub(super) async fn read(&self, known: &mut KnownLead, lead: &Lead) -> Result<(), Failure> {
        let is_closed = match self.pipeline(&lead.pipeline).await? {
            Some(pipeline) => is_closed(lead, &pipeline),
            None => lead.closed_at.is_some(),
        };
        let closed_at = lead.closed_at.or(lead.updated_at);
        known.closed_at = closed_at.filter(|_| is_closed).map(Timestamp::micros);
        known.stage.clone_from(&lead.stage);
        known.pipeline.clone_from(&lead.pipeline);
        known.read_at = self.client.now();
        Ok(())
    }

    pub(super) async fn lead_put(
        &self,
        customer: &str,
        lead: &str,
        known: &KnownLead,
    ) -> Result<(), Failure> {
        let put = self.lead_link(customer, lead, known);
        self.client.batch(vec![put]).await?;
        Ok(())
    }

    /// The statement that remembers the lead of a customer.
    pub(super) fn lead_link(&self, customer: &str, lead: &str, known: &KnownLead) -> Statement {
        let link = Link {
            local_id: customer.to_owned(),
            remote_id: lead.to_owned(),
            fingerprint: Some(known.stored()),
            ..Link::default()
        };
        self.client.link_put("lead", &link)
    }

    /// The newest open lead of a person in a pipeline.
    pub(super) async fn open_lead(
        &self,
        person: &str,
        pipeline: &Pipeline,
    ) -> Result<Option<Lead>, Failure> {
        let leads: Vec<Lead> = self
            .all("leads of a person", self.api().leads_of(person))
            .await?;
        let is_open = |lead: &Lead| lead.pipeline == pipeline.id && !is_closed(lead, pipeline);
        let open = leads.into_iter().filter(is_open);
        Ok(open.max_by_key(|lead| lead.id.parse::<u64>().unwrap_or_default()))
    }

    async fn lead_make(
        &self,
        customer: &CustomerRow,
        person: &PersonRef,
        pipeline: &Pipeline,
        stage: String,
        occasion: Occasion<'_>,
    ) -> Result<Lead, Failure> {
        let lead = NewLead {
            person: person.id.clone(),
            pipeline: pipeline.id.clone(),
            stage,
            source: self.settings.source_of(occasion.channel).map(str::to_owned),
            kind: self.settings.lead_type.clone(),
            owner: self.owner(occasion.assignee).await?,
            fields: self.written(customer, occasion.channel),
        };
        let create = self.api().lead_create(&lead);
        match self.one("create lead", create).await {
            // Person or stage are gone: both are looked at anew.
            Err(Refusal::Failed(Failure::NotFound)) => {
                self.pipelines(true).await?;
                self.check_person(&customer.id, &person.id).await?;
                let message = "The person or the stage is gone there; they are looked for again.";
                Err(Failure::Conflict {
                    message: message.to_owned(),
                })
            }
            made => Ok(made?),
        }
    }

    /// Forgets a person who is gone there.
    pub(super) async fn check_person(
        &self,
        customer: &CustomerId,
        person: &str,
    ) -> Result<(), Failure> {
        let request = self.api().person(person);
        let found: Vec<super::api::Person> = self.all("person", request).await?;
        if found.is_empty() {
            self.client.unlink("customer", customer.as_str()).await?;
        }
        Ok(())
    }

    /// What a lead says of a customer.
    pub(super) fn written(&self, customer: &CustomerRow, channel: Option<&str>) -> LeadFields {
        let set = custom_text(customer, "lead_value").and_then(|value| lead_value(&value));
        LeadFields {
            title: Some(name_of(customer)),
            description: description(customer, channel),
            value: Some(set.unwrap_or_else(|| self.settings.lead_value.clone())),
            custom: self.mapped(customer, "lead."),
        }
    }

    /// Writes what changed of a customer to their lead, where people have not changed it there.
    pub(super) async fn lead_update(&self, customer: &CustomerRow) -> Result<bool, Failure> {
        let Some(link) = self.client.link("lead", customer.id.as_str()).await? else {
            return Ok(false);
        };
        let mut known = KnownLead::of_stored(link.fingerprint.as_deref()).unwrap_or_default();
        let fields = self.written(customer, None);
        let [title, value, description, custom] = known.written.clone();
        // The channel is told once.
        let is_same = |new: &Option<String>, old: &Option<String>| old.is_none() || new == old;
        let bare = description.as_deref().map(without_channel);
        let described = fields.description.as_deref().map(without_channel);
        let is_described = bare.is_none() || bare == described;
        let now = stored(&fields);
        let has_custom = is_same(&now[3], &custom);
        if is_same(&fields.title, &title)
            && is_same(&fields.value, &value)
            && is_described
            && has_custom
        {
            return Ok(false);
        }
        let lead: Lead = match self.one("lead", self.api().lead(&link.remote_id)).await {
            Ok(lead) => lead,
            Err(Refusal::Failed(Failure::NotFound)) => {
                self.client.unlink("lead", customer.id.as_str()).await?;
                return Ok(false);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        self.read(&mut known, &lead).await?;
        let theirs = lead.value.as_deref().and_then(lead_value);
        let is_ours = |ours: &Option<String>, theirs: Option<&str>| ours.as_deref() == theirs;
        let mut update = LeadFields {
            custom: fields.custom.clone(),
            ..LeadFields::default()
        };
        if fields.title != title && is_ours(&title, Some(&lead.title)) {
            update.title.clone_from(&fields.title);
        }
        if fields.value != value && is_ours(&value, theirs.as_deref()) {
            update.value.clone_from(&fields.value);
        }
        if !is_described && is_ours(&description, lead.description.as_deref()) {
            update.description.clone_from(&fields.description);
        }
        // Won and lost ones are left alone.
        if known.closed_at.is_none() && !update.is_empty() {
            let day = self.close_day(&lead);
            let request = self.api().lead_update(&lead.id, &update, day.as_deref());
            self.one::<Lead>("update lead", request).await?;
        }
        known.written = now;
        self.lead_put(customer.id.as_str(), &lead.id, &known)
            .await?;
        Ok(true)
    }

    /// The day on which a lead should be closed, as Krayin is told it.
    pub(super) fn close_day(&self, lead: &Lead) -> Option<String> {
        let at = lead.close_date?;
        Some(day_of(self.wall(at), at))
    }
}

/// What is remembered of what was written.
fn stored(fields: &LeadFields) -> [Option<String>; 4] {
    let custom = fields.custom.iter();
    let custom: Vec<_> = custom
        .map(|(code, json)| [code, "=", json].concat())
        .collect();
    let fields = fields.clone();
    let custom = Some(custom.join(";")).filter(|custom| !custom.is_empty());
    [fields.title, fields.value, fields.description, custom]
}

/// Whether a lead is won or lost.
pub(super) fn is_closed(lead: &Lead, pipeline: &Pipeline) -> bool {
    let stage = pipeline.stages.iter().find(|stage| stage.id == lead.stage);
    lead.closed_at.is_some() || stage.is_some_and(super::api::Stage::is_closed)
}

/// What stands before the channel in a lead's description.
const CHANNEL: &str = "Channel: ";

fn without_channel(description: &str) -> String {
    let lines = description
        .lines()
        .filter(|line| !line.starts_with(CHANNEL));
    lines.collect::<Vec<_>>().join("\n")
}

fn description(customer: &CustomerRow, channel: Option<&str>) -> Option<String> {
    let place = ["city", "country"].map(|name| custom_text(customer, name));
    let place: Vec<_> = place.into_iter().flatten().collect();
    let mut lines = Vec::new();
    let mut line = |name: &str, value: Option<String>| {
        let value = value.as_deref().map(str::trim);
        let value = value.filter(|value| !value.is_empty());
        lines.extend(value.map(|value| [name, value].concat()));
    };
    line("Email: ", customer.email.clone());
    line("Phone: ", customer.phone.clone());
    let whatsapp = customer.whatsapp.clone();
    line(
        "WhatsApp: ",
        whatsapp.filter(|number| customer.phone.as_ref() != Some(number)),
    );
    line("Company: ", company_of(customer));
    line("Job title: ", custom_text(customer, "job_title"));
    line("Address: ", customer.address.clone());
    line("Location: ", Some(place.join(", ")));
    line("Description: ", custom_text(customer, "description"));
    line("Notes: ", customer.notes.clone());
    line(
        CHANNEL,
        channel.map(|channel| super::activities::channel_name(channel).to_owned()),
    );
    line("Customer: ", customer.external_id.clone());
    (!lines.is_empty()).then(|| lines.join("\n"))
}
