//! Persons: a customer's, found before they are made.

use super::api::{Contact, NewPerson, Person, Refusal, digits_of};
use super::companies::company_of;
use super::known::{KnownPerson, Ours, Theirs};
use super::sync::SyncContext;
use common::json::raw;
use common::json::writer::quoted;
use crm::local::CustomerRow;
use crm::{Failure, Link};

/// The label of addresses and numbers that we add.
const LABEL: &str = "work";
/// The label of an address that leads nowhere.
const INVENTED: &str = "generated";
/// Whom a customer is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PersonRef {
    pub(super) id: String,
    /// The other customer of ours who is linked to the person: theirs is the lead, too.
    pub(super) of: Option<String>,
    /// Whether it was made just now, so that nothing can be there of it.
    pub(super) is_new: bool,
}

/// A text, or a number as it is written, among a customer's custom fields.
pub(super) fn custom_text(customer: &CustomerRow, name: &str) -> Option<String> {
    let custom = raw::object(&customer.custom_fields).unwrap_or_default();
    let value = custom.get(name)?;
    let text = raw::text(value).or_else(|| {
        let is_number = common::json::tolerant::is_number(value);
        is_number.then(|| (*value).to_owned())
    })?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn contact(value: &str, label: &str) -> Contact {
    Contact {
        value: value.to_owned(),
        label: label.to_owned(),
    }
}

impl SyncContext<'_> {
    /// What our row says of the person.
    pub(super) fn ours(&self, customer: &CustomerRow) -> Ours {
        let numbers = [&customer.phone, &customer.whatsapp];
        let mut distinct: Vec<String> = Vec::new();
        for number in numbers.into_iter().flatten() {
            if !distinct.contains(number) {
                distinct.push(number.clone());
            }
        }
        Ours {
            name: customer.name.clone(),
            email: customer.email.as_deref().map(str::to_lowercase),
            numbers: distinct,
            job_title: custom_text(customer, "job_title"),
            company: company_of(customer).filter(|_| self.settings.sync_to_organizations),
            custom: self.mapped(customer, "person."),
        }
    }

    /// The attributes of a record that customers' fields are mapped to, with their values in JSON.
    pub(super) fn mapped(&self, customer: &CustomerRow, record: &str) -> Vec<(String, String)> {
        let custom = raw::object(&customer.custom_fields).unwrap_or_default();
        let value = |field: &str| match field {
            "external_id" => customer.external_id.as_deref().map(quoted),
            "tags" => Some(quoted(&customer.tag_list().join(", "))),
            field => {
                let name = field.strip_prefix("custom_fields.").unwrap_or(field);
                custom.get(name).map(|value| (*value).to_owned())
            }
        };
        let pairs = self.settings.mapping.iter().filter_map(|(field, target)| {
            let code = target.strip_prefix(record)?;
            Some((code.to_owned(), value(field)?))
        });
        pairs.collect()
    }

    /// The address that somebody without one has there, by which they are found again.
    pub(super) fn invented(&self, customer: &CustomerRow) -> Option<String> {
        let domain = self.settings.invented_domain.as_deref()?;
        let number = customer.number().map(digits_of);
        let local = number.filter(|digits| !digits.is_empty());
        let local = local.unwrap_or_else(|| customer.id.to_string());
        Some([&local, "@", domain].concat())
    }

    /// Whether an address is one that we invent.
    pub(super) fn is_invented(&self, email: &str) -> bool {
        let domain = self.settings.invented_domain.as_deref();
        domain.is_some_and(|domain| {
            let end = email.to_lowercase();
            end.strip_suffix(domain)
                .is_some_and(|rest| rest.ends_with('@'))
        })
    }

    /// The person of a customer: linked, found by address or number, or made. `assignee` is whose they
    /// are.
    pub(super) async fn person(
        &self,
        customer: &CustomerRow,
        assignee: Option<&str>,
    ) -> Result<PersonRef, Failure> {
        if let Some(link) = self.client.link("customer", customer.id.as_str()).await? {
            return self.linked(customer, &link).await;
        }
        let found = match self.imported(customer).await? {
            Some(found) => Some(found),
            None => self.find(customer).await?,
        };
        let (person, is_new) = match found {
            Some(found) => (self.complete(customer, found).await?, false),
            None => self.make(customer, assignee).await?,
        };
        let known = KnownPerson {
            ours: self.ours(customer),
            theirs: Theirs::of(&person),
        };
        let mut made = self.link_person(customer, &person.id, &known).await?;
        made.is_new = is_new && made.of.is_none();
        Ok(made)
    }

    async fn linked(&self, customer: &CustomerRow, link: &Link) -> Result<PersonRef, Failure> {
        let Some((person, _)) = link.remote_id.split_once('/') else {
            return Ok(PersonRef {
                id: link.remote_id.clone(),
                of: None,
                is_new: false,
            });
        };
        let known = KnownPerson::of_stored(link.fingerprint.as_deref()).unwrap_or_default();
        self.link_person(customer, person, &known).await
    }

    /// Links a customer to a person. Where another customer has it, ours stands behind theirs, under a
    /// name that is no person's; once they are gone, it is ours.
    async fn link_person(
        &self,
        customer: &CustomerRow,
        person: &str,
        known: &KnownPerson,
    ) -> Result<PersonRef, Failure> {
        let link = |remote_id: String| Link {
            local_id: customer.id.to_string(),
            remote_id,
            fingerprint: Some(known.stored()),
            ..Link::default()
        };
        let put = self.client.link_put("customer", &link(person.to_owned()));
        self.client.batch(vec![put]).await?;
        let holder = self.client.link_of_remote("customer", person).await?;
        let of = holder
            .map(|holder| holder.local_id)
            .filter(|holder| holder != customer.id.as_str());
        if of.is_some() {
            let behind = [person, "/", customer.id.as_str()].concat();
            let put = self.client.link_put("customer", &link(behind));
            self.client.batch(vec![put]).await?;
            let message = "Two customers are one person at Krayin, and share its lead: merge them.";
            self.client
                .trouble("shared_person", person, message)
                .await?;
        }
        Ok(PersonRef {
            id: person.to_owned(),
            of,
            is_new: false,
        })
    }

    async fn make(
        &self,
        customer: &CustomerRow,
        assignee: Option<&str>,
    ) -> Result<(Person, bool), Failure> {
        let ours = self.ours(customer);
        let emails = match (&ours.email, self.invented(customer)) {
            (Some(email), _) => vec![contact(email, LABEL)],
            (None, Some(invented)) => vec![contact(&invented, INVENTED)],
            (None, None) => Vec::new(),
        };
        let mut person = NewPerson {
            name: name_of(customer),
            emails,
            numbers: ours
                .numbers
                .iter()
                .map(|number| contact(number, LABEL))
                .collect(),
            job_title: ours.job_title,
            organization: self.company(customer).await?,
            owner: self.owner(assignee).await?,
            custom: ours.custom,
        };
        let what = "create person";
        let made = self.one(what, self.api().person_create(&person)).await;
        let fields = match made {
            Ok(made) => return Ok((made, true)),
            Err(Refusal::Fields(fields)) => fields,
            Err(refusal) => return Err(self.blamed(customer, &person, refusal).await?),
        };
        // Somebody made them meanwhile, or has the number.
        if let Some(found) = self.find(customer).await? {
            return Ok((self.complete(customer, found).await?, false));
        }
        let taken: Vec<_> = fields
            .iter()
            .filter_map(|one| one.entry_of("contact_numbers"))
            .collect();
        if taken.is_empty() {
            return Err(Refusal::Fields(fields).into());
        }
        // A number that Krayin has and does not find: of somebody who was deleted.
        let mut n = 0;
        person.numbers.retain(|_| {
            n += 1;
            !taken.contains(&(n - 1))
        });
        let create = self.api().person_create(&person);
        let made = self.one(what, create).await?;
        Ok((made, true))
    }

    /// A handler that failed may have done so for want of an organisation that is linked here: it is
    /// looked for again the next time.
    async fn blamed(
        &self,
        customer: &CustomerRow,
        person: &NewPerson,
        refusal: Refusal,
    ) -> Result<Failure, Failure> {
        let may_be_gone = person.organization.is_some() && self.settings.sync_to_organizations;
        if may_be_gone && matches!(refusal, Refusal::Faulted(_)) {
            self.company_forget(customer).await?;
        }
        Ok(refusal.into())
    }

    /// Whose a new record is.
    pub(super) async fn owner(&self, assignee: Option<&str>) -> Result<Option<String>, Failure> {
        let assignee = assignee.filter(|_| self.settings.owner_by_email);
        let user = match assignee {
            Some(email) => self.user_of(email).await?,
            None => None,
        };
        Ok(user.or_else(|| self.settings.owner.clone()))
    }

    /// Adds what a person lacks, and takes nothing away.
    async fn complete(&self, customer: &CustomerRow, found: Person) -> Result<Person, Failure> {
        let ours = self.ours(customer);
        let mut desired = self.as_found(customer, &found);
        self.unite(&mut desired, &ours);
        if desired.name.trim().is_empty() {
            desired.name = name_of(customer);
        }
        desired.job_title = desired.job_title.or_else(|| ours.job_title.clone());
        if desired.organization.is_none() {
            desired.organization = self.company(customer).await?;
        }
        let unchanged = self.as_found(customer, &found);
        match desired == unchanged {
            // What is mapped cannot be read, so that it alone is no reason.
            true => Ok(found),
            false => self.write(customer, found, desired).await,
        }
    }

    /// A person as it is: what is not repeated is lost.
    pub(super) fn as_found(&self, customer: &CustomerRow, found: &Person) -> NewPerson {
        NewPerson {
            name: found.name.clone(),
            emails: found.emails.clone(),
            numbers: found.numbers.clone(),
            job_title: found.job_title.clone(),
            organization: found.organization.as_ref().map(|one| one.id.clone()),
            owner: found.owner.clone(),
            custom: self.mapped(customer, "person."),
        }
    }

    /// Adds our address and numbers; an address that was invented makes way for a real one.
    pub(super) fn unite(&self, desired: &mut NewPerson, ours: &Ours) {
        if let Some(email) = &ours.email {
            let has_it = |one: &Contact| one.value.trim().to_lowercase() == *email;
            if !desired.emails.iter().any(has_it) {
                desired.emails.push(contact(email, LABEL));
            }
            desired
                .emails
                .retain(|one| has_it(one) || !self.is_invented(&one.value));
        }
        for number in &ours.numbers {
            let known = Person {
                numbers: desired.numbers.clone(),
                ..Person::default()
            };
            if !known.has_number(number) {
                desired.numbers.push(contact(number, LABEL));
            }
        }
    }

    /// Writes a person. Addresses and numbers of others are left out of it.
    pub(super) async fn write(
        &self,
        customer: &CustomerRow,
        found: Person,
        mut desired: NewPerson,
    ) -> Result<Person, Failure> {
        for _ in 0..3 {
            let update = self.api().person_update(&found.id, &desired);
            let fields = match self.one("update person", update).await {
                Ok(person) => return Ok(person),
                Err(Refusal::Fields(fields)) => fields,
                Err(refusal) => return Err(self.blamed(customer, &desired, refusal).await?),
            };
            let of = |list: &str| -> Vec<usize> {
                fields.iter().filter_map(|one| one.entry_of(list)).collect()
            };
            let (emails, numbers) = (of("emails"), of("contact_numbers"));
            let before = (desired.emails.clone(), desired.numbers.clone());
            retain_others(&mut desired.emails, &emails, &found.emails);
            retain_others(&mut desired.numbers, &numbers, &found.numbers);
            if before == (desired.emails.clone(), desired.numbers.clone()) {
                return Err(Refusal::Fields(fields).into());
            }
            let message =
                "An address or number of a customer is another person's there: merge them.";
            self.client
                .trouble("contact_taken", &found.id, message)
                .await?;
        }
        Ok(found)
    }
}

/// Leaves out those of the entries which are new and another's.
fn retain_others(entries: &mut Vec<Contact>, taken: &[usize], known: &[Contact]) {
    let mut n = 0;
    entries.retain(|one| {
        n += 1;
        !taken.contains(&(n - 1)) || known.contains(one)
    });
    if entries.is_empty() {
        *entries = known.to_vec();
    }
}

/// What a customer is called: a name is never blank there.
pub(super) fn name_of(customer: &CustomerRow) -> String {
    let email = customer.email.as_deref();
    let local = email.and_then(|email| email.split('@').next());
    let handle = customer
        .accounts
        .iter()
        .find_map(|one| one.handle.as_deref());
    let names = [customer.name.as_deref(), local, customer.number(), handle];
    let name = names
        .into_iter()
        .flatten()
        .map(str::trim)
        .find(|name| !name.is_empty());
    let id = customer.id.as_str();
    let short = || {
        [
            "Contact #",
            id.get(id.len().saturating_sub(8)..).unwrap_or(id),
        ]
        .concat()
    };
    name.map_or_else(short, |name| name.chars().take(200).collect())
}
