//! What people change in Krayin is changed here. What both sides last had tells their changes from ours.

use super::api::{Lead, Person, Refusal};
use super::known::{KnownLead, KnownPerson, Theirs};
use super::sync::SyncContext;
use common::ids::CustomerId;
use common::json::writer::JsonWriter;
use crm::local::CustomerRow;
use crm::{Done, Failure, Link};
use customer::changes_applied;

/// Who moved a lead, where that was not us.
const THEIRS: &str = "krayin";

impl SyncContext<'_> {
    /// Applies what changed there: `person:<id>:…`, `lead:<id>:…`, `note:<id>`, or `changes:<when>` for whatever did.
    pub(super) async fn remote(&self) -> Result<Done, Failure> {
        let mut parts = self.job.subject.split(':');
        match (parts.next(), parts.next()) {
            (Some("person"), Some(id)) => self.person_changed(id).await,
            (Some("lead"), Some(id)) => self.lead_changed(id).await,
            (Some("note"), Some(id)) => self.note(id).await,
            (Some("changes"), Some(bucket)) => self.changes(bucket).await,
            _ => Ok(Done::Skipped("There is no such kind of record.")),
        }
    }

    async fn person_changed(&self, id: &str) -> Result<Done, Failure> {
        let Some(link) = self.client.link_of_remote("customer", id).await? else {
            return Ok(Done::Skipped("The person is none of ours."));
        };
        let customer_id = CustomerId::unchecked(link.local_id.as_str());
        let Some(customer) = self.client.customer(&customer_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        let found: Vec<Person> = self.all("person", self.api().person(id)).await?;
        let Some(person) = found.into_iter().next() else {
            return Ok(Done::Skipped("The person is gone there."));
        };
        let theirs = Theirs::of(&person);
        let known =
            KnownPerson::of_stored(link.fingerprint.as_deref()).unwrap_or_else(|| KnownPerson {
                ours: self.ours(&customer),
                theirs: theirs.clone(),
            });
        if known.theirs == theirs {
            return Ok(Done::Skipped("Both sides are the same."));
        }
        let mut ours = known.ours.clone();
        if let Some(record) = self.record_of(&customer, &known.theirs, &theirs) {
            if let Some(refusal) = changes_applied(self.cx, &customer_id, &record).await? {
                return Err(Failure::Invalid {
                    code: "not_applied".into(),
                    message: refusal,
                });
            }
            // What is now the same needs no writing back; what else changed here still does.
            let Some(after) = self.client.customer(&customer_id).await? else {
                return Ok(Done::Skipped("The customer is gone."));
            };
            let (before, after) = (self.ours(&customer), self.ours(&after));
            if before.name != after.name {
                ours.name = after.name;
            }
            if before.job_title != after.job_title {
                ours.job_title = after.job_title;
            }
            if before.email != after.email {
                ours.email = after.email;
            }
            if before.numbers != after.numbers {
                ours.numbers = after.numbers;
            }
        }
        let link = Link {
            fingerprint: Some(KnownPerson { ours, theirs }.stored()),
            ..link
        };
        let put = self.client.link_put("customer", &link);
        self.client.batch(vec![put]).await?;
        Ok(Done::Done)
    }

    /// The record that changes our customer as the person was changed; none where nothing of it is
    /// ours.
    fn record_of(&self, customer: &CustomerRow, before: &Theirs, after: &Theirs) -> Option<String> {
        let new_name = Some(&after.name)
            .filter(|name| **name != before.name && !name.trim().is_empty())
            .filter(|name| customer.name.as_ref() != Some(*name));
        let new_title = after
            .job_title
            .as_ref()
            .filter(|_| after.job_title != before.job_title);
        let email = customer.email.as_deref();
        let new_email = self.replaced(email, &before.emails, &after.emails, str::to_lowercase);
        let new_email = new_email.filter(|email| !self.is_invented(email));
        let phone = customer.phone.as_deref();
        let new_phone = self.replaced(
            phone,
            &before.numbers,
            &after.numbers,
            super::api::digits_of,
        );
        // Without its country's nobody knows where a number is.
        let new_phone = new_phone.filter(|number| number.starts_with('+'));
        let mut record = JsonWriter::default()
            .maybe("name", new_name.map(String::as_str))
            .maybe("email", new_email.as_deref())
            .maybe("phone", new_phone.as_deref());
        if let Some(title) = new_title {
            let custom = JsonWriter::default().text("job_title", title).finish();
            record = record.json("custom_fields", &custom);
        }
        if new_name.is_none() && new_title.is_none() && new_email.is_none() && new_phone.is_none() {
            return None;
        }
        Some(record.finish())
    }

    /// What took the place of ours in a list, or came where we have none.
    fn replaced(
        &self,
        ours: Option<&str>,
        before: &[String],
        after: &[String],
        bare: fn(&str) -> String,
    ) -> Option<String> {
        let has = |list: &[String], value: &str| list.iter().any(|one| bare(one) == bare(value));
        let new = after.iter().find(|one| !has(before, one));
        match ours {
            None => new.cloned(),
            Some(ours) if has(before, ours) && !has(after, ours) => new.cloned(),
            Some(_) => None,
        }
    }

    async fn lead_changed(&self, id: &str) -> Result<Done, Failure> {
        let Some(link) = self.client.link_of_remote("lead", id).await? else {
            return Ok(Done::Skipped("The lead is none of ours."));
        };
        let lead: Lead = match self.one("lead", self.api().lead(id)).await {
            Ok(lead) => lead,
            Err(Refusal::Failed(Failure::NotFound)) => {
                self.client.unlink("lead", &link.local_id).await?;
                return Ok(Done::Skipped("The lead is gone there."));
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let mut known = KnownLead::of_stored(link.fingerprint.as_deref()).unwrap_or_default();
        let before = known.stage.clone();
        self.read(&mut known, &lead).await?;
        let mut statements = vec![self.lead_link(&link.local_id, id, &known)];
        let is_moved = before != lead.stage && !before.is_empty();
        if is_moved && let Some(pipeline) = self.pipeline(&lead.pipeline).await? {
            let customer = CustomerId::unchecked(link.local_id.as_str());
            statements.push(self.stage_event(&customer, &lead, &before, &pipeline, THEIRS));
        }
        self.client.batch(statements).await?;
        Ok(match is_moved {
            true => Done::Done,
            false => Done::Skipped("Both sides are the same."),
        })
    }
}
