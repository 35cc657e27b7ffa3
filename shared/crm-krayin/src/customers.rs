//! What changes of a customer here is changed there.

use super::activities::Place;
use super::api::{NewPerson, Person};
use super::known::{KnownPerson, Ours, Theirs};
use super::leads::Occasion;
use super::sync::SyncContext;
use common::ids::CustomerId;
use crm::local::CustomerRow;
use crm::{Done, Failure, Link};

impl SyncContext<'_> {
    /// A customer is a person with a lead there, each up to date.
    pub(super) async fn customer(&self) -> Result<Done, Failure> {
        let id = CustomerId::unchecked(self.job.subject.as_str());
        let Some(customer) = self.client.customer(&id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(reason) = self.refusal(&customer) {
            return Ok(Done::Skipped(reason));
        }
        self.client.identified(&customer.id);
        let link = self.client.link("customer", customer.id.as_str()).await?;
        let Some(link) = link else {
            return self.customer_new(&customer).await;
        };
        let has_person = match link.remote_id.contains('/') {
            // The other customer's job writes it.
            true => false,
            false => self.person_update(&customer, link).await?,
        };
        let has_lead = self.lead_update(&customer).await?;
        Ok(match has_person || has_lead {
            true => Done::Done,
            false => Done::Skipped("Both sides are the same."),
        })
    }

    async fn customer_new(&self, customer: &CustomerRow) -> Result<Done, Failure> {
        let newest = self.client.conversation_newest(&customer.id).await?;
        let conversation = match newest {
            Some(id) => self.client.conversation(&id).await?,
            None => None,
        };
        if conversation.is_none() && !self.settings.creates_for_all {
            return Ok(Done::Skipped(
                "Persons are made for customers who have a conversation.",
            ));
        }
        let occasion = Occasion {
            began_at: None,
            channel: conversation.as_ref().map(|one| one.channel.as_str()),
            assignee: conversation
                .as_ref()
                .and_then(|one| one.state.assignee.as_deref()),
        };
        let person = self.person(customer, occasion.assignee).await?;
        let lead = self.lead(customer, &person, occasion).await?;
        self.tell(customer, &Place { person, lead }, None).await?;
        Ok(Done::Done)
    }

    /// Writes what changed here since both sides were the same. Whether anything did.
    async fn person_update(&self, customer: &CustomerRow, link: Link) -> Result<bool, Failure> {
        let ours = self.ours(customer);
        let known = KnownPerson::of_stored(link.fingerprint.as_deref()).unwrap_or_default();
        if known.ours == ours {
            return Ok(false);
        }
        // A single one that is not there is an error of its own.
        let request = self.api().person(&link.remote_id);
        let found: Vec<Person> = self.all("person", request).await?;
        let Some(found) = found.into_iter().next() else {
            self.client.unlink("customer", customer.id.as_str()).await?;
            self.client.unlink("lead", customer.id.as_str()).await?;
            let done = self.customer_new(customer).await?;
            return Ok(done == Done::Done);
        };
        let unchanged = self.as_found(customer, &found);
        let before = Theirs::of(&found);
        let desired = self.merged(customer, &found, &known, &ours).await?;
        let is_same = desired == unchanged && known.ours.custom == ours.custom;
        // A name that was learnt where there was none is no change of the one that people gave there.
        let person = match is_same {
            true => found,
            false => self.write(customer, found, desired).await?,
        };
        let theirs = Theirs::of(&person);
        let known = KnownPerson {
            theirs: match link.fingerprint {
                Some(_) => theirs.unread(&known.theirs, &before),
                None => theirs,
            },
            ours,
        };
        let link = Link {
            fingerprint: Some(known.stored()),
            ..link
        };
        let put = self.client.link_put("customer", &link);
        self.client.batch(vec![put]).await?;
        Ok(true)
    }

    /// The person as it should be: as it is there, with what changed here since both were `known`. A name that people
    /// changed there, too, is theirs.
    async fn merged(
        &self,
        customer: &CustomerRow,
        found: &Person,
        known: &KnownPerson,
        ours: &Ours,
    ) -> Result<NewPerson, Failure> {
        let base = &known.ours;
        let mut desired = self.as_found(customer, found);
        if let Some(name) = &ours.name
            && base.name.as_ref().is_some_and(|base| base != name)
            && known.theirs.name == found.name
        {
            desired.name.clone_from(name);
        }
        if ours.job_title != base.job_title && ours.job_title.is_some() {
            desired.job_title.clone_from(&ours.job_title);
        }
        if ours.company != base.company && ours.company.is_some() {
            desired.organization = self.company(customer).await?;
        }
        self.unite(&mut desired, ours);
        if desired.name.trim().is_empty() {
            desired.name = super::persons::name_of(customer);
        }
        Ok(desired)
    }
}
