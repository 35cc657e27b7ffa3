//! Where conversations and messages go: to the activities of a person and their lead, each once.

use super::api::{Activity, ActivityKind, NewActivity, Refusal, schedule};
use super::leads::{LeadRef, Occasion};
use super::persons::PersonRef;
use super::sync::SyncContext;
use common::ids::ConversationId;
use common::signatures::sha256_hex;
use common::time::Timestamp;
use crm::local::{ConversationFacts, ConversationRow, CustomerRow};
use crm::{Failure, Link};

/// What is remembered of an activity that is there, and not yet linked to its person.
const MADE: &str = "made";
/// Activities of one lead of which this is looked for; the newest come first.
const LEAD: &str = "lead";

/// Where a conversation's activities go.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) person: PersonRef,
    pub(super) lead: Option<LeadRef>,
}

/// An activity as it should be.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    /// The kind of its link: `conversation`, `message`.
    pub(super) what: &'static str,
    /// Our id.
    pub(super) local_id: &'a str,
    pub(super) kind: ActivityKind,
    pub(super) title: String,
    pub(super) comment: String,
    /// Of what it says, without what changes by itself.
    pub(super) print: String,
    pub(super) at: Timestamp,
    pub(super) is_inbound: bool,
    pub(super) is_done: bool,
}

/// A channel's name for people.
pub(super) fn channel_name(channel: &str) -> &str {
    match channel {
        "whatsapp" => "WhatsApp",
        "facebook" => "Messenger",
        "facebook_comments" => "Facebook comments",
        "instagram" => "Instagram",
        "sms" => "SMS",
        "email" => "Email",
        "web" => "Web widget",
        "api" => "API",
        "telegram" => "Telegram",
        "line" => "LINE",
        "tiktok" => "TikTok",
        other => other,
    }
}

/// What people call a conversation: the end of its id.
pub(super) fn number_of(id: &ConversationId) -> &str {
    let id = id.as_str();
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

/// A short print of what an activity says.
pub(super) fn print_of(parts: &[&str]) -> String {
    let hash = sha256_hex(parts.join("\n").as_bytes());
    hash.chars().take(16).collect()
}

impl SyncContext<'_> {
    /// Person and lead of a conversation, each found or made.
    pub(super) async fn place(
        &self,
        customer: &CustomerRow,
        conversation: &ConversationRow,
        facts: ConversationFacts,
    ) -> Result<Place, Failure> {
        let assignee = conversation.state.assignee.as_deref();
        let occasion = Occasion {
            began_at: Some(facts.created_at),
            channel: Some(&conversation.channel),
            assignee,
        };
        let person = self.person(customer, assignee).await?;
        let lead = self.lead(customer, &person, occasion).await?;
        Ok(Place { person, lead })
    }

    /// Prints at a customer which records they are. `conversation` is the newest of theirs.
    pub(super) async fn tell(
        &self,
        customer: &CustomerRow,
        place: &Place,
        conversation: Option<&ConversationId>,
    ) -> Result<(), Failure> {
        let activity = match conversation.filter(|_| self.has_conversations()) {
            Some(id) => self.client.link("conversation", id.as_str()).await?,
            None => None,
        };
        let lead = place.lead.as_ref().map(|lead| lead.id.as_str());
        let company = self.company_linked(customer).await?;
        let mut ids = vec![("person", Some(place.person.id.as_str())), ("lead", lead)];
        if self.settings.sync_to_organizations {
            ids.push(("organization", company.as_deref()));
        }
        if let Some(activity) = &activity {
            ids.push(("activity", Some(activity.remote_id.as_str())));
        }
        self.client.crm_ids_put(customer, &ids).await
    }

    /// Where a conversation may be read, where the business told.
    pub(super) fn url_of(&self, conversation: &ConversationRow) -> Option<String> {
        let template = self.settings.conversation_url.as_deref()?;
        let url = template.replace("{conversation_id}", conversation.id.as_str());
        Some(url.replace("{customer_id}", conversation.customer_id.as_str()))
    }

    /// Makes an activity, or brings it up to date. Whether anything was to be done.
    pub(super) async fn activity(
        &self,
        customer: &CustomerRow,
        place: &Place,
        entry: &Entry<'_>,
    ) -> Result<bool, Failure> {
        let Some(link) = self.client.link(entry.what, entry.local_id).await? else {
            let id = self.activity_make(customer, place, entry).await?;
            self.activity_put(entry, &id, MADE).await?;
            self.activity_complete(place, entry, &id).await?;
            return Ok(true);
        };
        match link.fingerprint.as_deref() {
            Some(MADE) => {
                self.activity_complete(place, entry, &link.remote_id)
                    .await?
            }
            Some(print) if print == entry.print => return Ok(false),
            _ => self.activity_rewrite(entry, &link.remote_id).await?,
        }
        Ok(true)
    }

    async fn activity_put(&self, entry: &Entry<'_>, id: &str, print: &str) -> Result<(), Failure> {
        let link = Link {
            local_id: entry.local_id.to_owned(),
            remote_id: id.to_owned(),
            fingerprint: Some(print.to_owned()),
            ..Link::default()
        };
        let put = self.client.link_put(entry.what, &link);
        self.client.batch(vec![put]).await?;
        Ok(())
    }

    /// Makes the activity, unless an earlier try has, whose answer was lost. A conversation is made by jobs of its
    /// messages, too, so that the earlier try may have been another job's.
    async fn activity_make(
        &self,
        customer: &CustomerRow,
        place: &Place,
        entry: &Entry<'_>,
    ) -> Result<String, Failure> {
        let mark = [entry.what, ":", entry.local_id].concat();
        let lead = place.lead.as_ref();
        let may_be_there =
            self.job.tries > 0 || entry.what == "conversation" && !place.person.is_new;
        if may_be_there && let Some(id) = self.activity_find(place, entry, &mark).await? {
            // It may stand alone: what it was linked to was gone.
            if let Some(lead) = lead {
                let link = self.api().activity_link(&id, &lead.id);
                self.ask("link activity", link).await?;
            }
            return Ok(id);
        }
        let activity = NewActivity {
            kind: entry.kind,
            title: entry.title.clone(),
            comment: entry.comment.clone(),
            mark,
            is_inbound: entry.is_inbound,
            at: schedule(self.wall(entry.at), entry.at),
            lead: lead.map(|lead| lead.id.clone()),
            person: place.person.id.clone(),
        };
        let create = self.api().activity_create(&activity);
        match self.one::<Activity>("create activity", create).await {
            Ok(made) => Ok(made.id),
            Err(Refusal::Faulted(message)) => {
                // It is there all the same, and alone, where its lead is gone.
                self.check_lead(customer, place).await?;
                Err(Refusal::Faulted(message).into())
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Forgets a lead or a person who is gone there.
    async fn check_lead(&self, customer: &CustomerRow, place: &Place) -> Result<(), Failure> {
        let holder = place.person.of.as_deref().unwrap_or(customer.id.as_str());
        let Some(lead) = &place.lead else {
            return self.check_person(&customer.id, &place.person.id).await;
        };
        match self
            .one::<super::api::Lead>("lead", self.api().lead(&lead.id))
            .await
        {
            Err(Refusal::Failed(Failure::NotFound)) => self.client.unlink(LEAD, holder).await,
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// An activity of ours by its mark: among those of its title, whatever they are linked to, then
    /// among all of its lead, then of its person.
    async fn activity_find(
        &self,
        place: &Place,
        entry: &Entry<'_>,
        mark: &str,
    ) -> Result<Option<String>, Failure> {
        let titled = self
            .api()
            .activities_titled(&entry.title, entry.kind.as_str());
        let of_lead = place.lead.as_ref();
        let of_lead = of_lead.map(|lead| self.api().activities_of_lead(&lead.id));
        let of_person = || self.api().activities_of_person(&place.person.id);
        let others = of_lead.unwrap_or_else(of_person);
        for (what, request) in [("activities by title", titled), ("activities", others)] {
            let found: Vec<Activity> = self.all(what, request).await?;
            let is_it = |one: &&Activity| one.mark.as_deref() == Some(mark);
            if let Some(found) = found.iter().find(is_it) {
                return Ok(Some(found.id.clone()));
            }
        }
        Ok(None)
    }

    /// Links the activity to the person, too, and says whether it is done: neither is taken when it is
    /// made.
    async fn activity_complete(
        &self,
        place: &Place,
        entry: &Entry<'_>,
        id: &str,
    ) -> Result<(), Failure> {
        let person = &place.person.id;
        let complete = self.api().activity_complete(id, person, entry.is_done);
        match self.ask("complete activity", complete).await {
            // People took it away meanwhile.
            Ok(_) | Err(Refusal::Failed(Failure::NotFound)) => {}
            Err(refusal) => return Err(refusal.into()),
        }
        self.activity_put(entry, id, &entry.print).await
    }

    async fn activity_rewrite(&self, entry: &Entry<'_>, id: &str) -> Result<(), Failure> {
        let rewrite = self
            .api()
            .activity_rewrite(id, &entry.comment, Some(entry.is_done));
        match self.ask("update activity", rewrite).await {
            Ok(_) | Err(Refusal::Failed(Failure::NotFound)) => {}
            Err(refusal) => return Err(refusal.into()),
        }
        self.activity_put(entry, id, &entry.print).await
    }
}
