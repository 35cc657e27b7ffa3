//! Customers.

use super::api::{CustomerPatch, NewCustomer, Resource};
use super::sql::PERSON_GET;
use super::{OURS, Way};
use common::db::{Row, Value};
use common::json::raw;
use common::json::written::{Written, quoted};
use common::signatures::sha256_hex;
use crm::{Done, Failure, Link, NewJob, jobs_add};
use customer::applied;

/// A customer of ours, as far as it is told.
#[derive(Debug, Default)]
pub(super) struct Person {
    pub(super) id: String,
    external_id: Option<String>,
    external_system: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    whatsapp: Option<String>,
    tags: String,
    custom_fields: String,
}

impl Person {
    fn of_row(row: &Row) -> Self {
        let text = |n: usize| row.get(n).and_then(Value::as_text).map(str::to_owned);
        Self {
            id: text(0).unwrap_or_default(),
            external_id: text(1),
            name: text(2),
            email: text(3),
            phone: text(4),
            whatsapp: text(5),
            tags: text(6).unwrap_or_default(),
            custom_fields: text(7).unwrap_or_default(),
            external_system: text(8).unwrap_or_default(),
        }
    }

    pub(super) fn tags(&self) -> Vec<String> {
        let tags = raw::list(&self.tags).unwrap_or_default();
        tags.into_iter().filter_map(raw::text).collect()
    }

    /// The CRM's id, or one made of ours.
    fn remote_key(&self) -> String {
        let ours = || [OURS, &self.id].concat();
        self.external_id.clone().unwrap_or_else(ours)
    }

    /// By which number they are known: of WhatsApp where there is no other.
    fn number(&self) -> Option<&str> {
        self.phone.as_deref().or(self.whatsapp.as_deref())
    }
}

impl Way<'_> {
    /// A customer of ours; none where they are gone.
    pub(super) async fn person(&self, id: &str) -> Result<Option<Person>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.desk.rows(PERSON_GET.bind(params)).await?;
        Ok(rows.first().map(Person::of_row))
    }

    /// Their id of a customer: the one that is linked, or found by what names them, or made.
    pub(super) async fn customer_there(&self, person: &Person) -> Result<String, Failure> {
        if let Some(link) = self.desk.link("customer", &person.id).await? {
            return Ok(link.remote_id);
        }
        let wanted = self.body_of(person);
        let found = match self.settings.customer_lookup {
            true => self.look_up(person).await?,
            // Looked for all the same, where an earlier try may have made them.
            false if self.job.may_be_done() => self.look_up(person).await?,
            false => None,
        };
        let is_known = found.is_some();
        let resource = match found {
            Some(found) => self.complete(found, &wanted).await?,
            None => self.create(person, &wanted).await?,
        };
        let link = Link {
            local_id: person.id.clone(),
            remote_id: resource.id.clone(),
            rev: resource.rev,
            fingerprint: Some(fingerprint(&wanted)),
        };
        let mut statements = vec![self.desk.link_put("customer", &link)];
        // Whoever they know has a past there, which people will want to see.
        if is_known && self.job.priority == 0 {
            let history = NewJob {
                kind: "history",
                subject: person.id.clone(),
                stream: person.id.clone(),
                ordered_at: self.desk.now(),
                ..NewJob::default()
            };
            let connector = &self.desk.integration.connector;
            statements.extend(jobs_add(self.cx, connector, &[history])?);
        }
        self.desk.batch(statements).await?;
        Ok(resource.id)
    }

    /// Their ids first, then the address, then the number (kustomer.md §14.1).
    pub(super) async fn look_up(&self, person: &Person) -> Result<Option<Resource>, Failure> {
        let by_key = self.api.customer_by_external_id(&person.remote_key());
        if let Some(found) = self.find("customer by externalId", by_key).await? {
            return Ok(Some(found));
        }
        if let Some(email) = &person.email {
            let by_email = self.api.customer_by_email(email);
            if let Some(found) = self.find("customer by email", by_email).await? {
                return Ok(Some(found));
            }
        }
        if let Some(number) = person.number() {
            let by_phone = self.api.customer_by_phone(number);
            return self.find("customer by phone", by_phone).await;
        }
        Ok(None)
    }

    async fn create(&self, person: &Person, wanted: &NewCustomer) -> Result<Resource, Failure> {
        let create = self.api.customer_create(wanted);
        match self.one("create customer", create).await {
            // Somebody made them meanwhile.
            Err(Failure::Conflict { message }) => {
                let found = self.look_up(person).await?;
                found.ok_or(Failure::Conflict { message })
            }
            other => other,
        }
    }

    /// Adds what they lack there, and takes nothing away.
    async fn complete(&self, found: Resource, wanted: &NewCustomer) -> Result<Resource, Failure> {
        let Some(patch) = missing(&found, wanted) else {
            return Ok(found);
        };
        let update = self.api.customer_update(&found.id, &patch);
        match self.one("update customer", update).await {
            // What they lack is another's there: people merge, we do not.
            Err(Failure::Conflict { .. }) => Ok(found),
            other => other,
        }
    }

    fn body_of(&self, person: &Person) -> NewCustomer {
        let mut body = NewCustomer::default();
        let text = |value: &Option<String>| value.as_deref().map(quoted);
        let mut values = vec![("tags".to_owned(), person.tags.clone())];
        let named = [
            ("customerName", text(&person.name)),
            ("customerEmail", text(&person.email)),
            ("customerPhone", person.number().map(quoted)),
            ("externalId", Some(quoted(&person.remote_key()))),
        ];
        values.extend(
            named
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?))),
        );
        let custom = raw::object(&person.custom_fields).unwrap_or_default();
        let custom = custom
            .iter()
            .map(|(name, value)| (["custom_fields.", name].concat(), (*value).to_owned()));
        values.extend(custom);
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.settings.field_mapping.write(&values, &mut body);
        // Tags there are ids; names are added to conversations alone.
        body.tags.clear();
        body.external_id.get_or_insert_with(|| person.remote_key());
        body
    }

    /// A customer who is there already is brought up to date.
    pub(super) async fn customer(&self) -> Result<Done, Failure> {
        let Some(link) = self.desk.link("customer", &self.job.subject).await? else {
            return Ok(Done::Skipped("The customer is not there yet."));
        };
        let Some(person) = self.person(&link.local_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        let wanted = self.body_of(&person);
        let print = fingerprint(&wanted);
        if link.fingerprint.as_deref() == Some(&print) {
            return Ok(Done::Skipped("Both sides are the same."));
        }
        let get = self.api.customer(&link.remote_id);
        let Some(found) = self.find("customer", get).await? else {
            self.desk.unlink("customer", &link.local_id).await?;
            return Ok(Done::Skipped(
                "The customer is gone there; the next message makes them anew.",
            ));
        };
        let mut patch = missing(&found, &wanted).unwrap_or_default();
        patch.customer.name = wanted
            .name
            .filter(|name| found.text("name").as_ref() != Some(name));
        patch.customer.custom = wanted.custom;
        let update = self.api.customer_update(&link.remote_id, &patch);
        let rev = self.one("update customer", update).await?.rev;
        let link = Link {
            rev,
            fingerprint: Some(print),
            ..link
        };
        self.desk
            .batch(vec![self.desk.link_put("customer", &link)])
            .await?;
        Ok(Done::Done)
    }

    /// What changed of a customer there is changed here.
    pub(super) async fn customer_changed(&self, theirs: &Resource) -> Result<Done, Failure> {
        let Some(link) = self.desk.link_of_remote("customer", &theirs.id).await? else {
            return Ok(Done::Skipped("The customer is none of ours."));
        };
        if is_older(theirs, &link) {
            return Ok(Done::Skipped("A newer revision is known."));
        }
        let Some(person) = self.person(&link.local_id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(record) = self.record_of(&person, theirs) {
            let said = applied(self.cx, &record).await?;
            if let Some(refusal) = said {
                return Err(Failure::Invalid {
                    code: "not_applied".into(),
                    message: refusal,
                });
            }
        }
        // What is now the same needs no writing back.
        let person = self.person(&link.local_id).await?.unwrap_or_default();
        let link = Link {
            rev: theirs.rev,
            fingerprint: Some(fingerprint(&self.body_of(&person))),
            ..link
        };
        self.desk
            .batch(vec![self.desk.link_put("customer", &link)])
            .await?;
        Ok(Done::Done)
    }

    /// A record of the sync that brings our customer up to theirs; none where nothing differs.
    fn record_of(&self, person: &Person, theirs: &Resource) -> Option<String> {
        let mut record = Written::default();
        let mut has_any = false;
        let known: [(&str, &'static str, Option<&str>); 3] = [
            ("customerName", "name", person.name.as_deref()),
            ("customerEmail", "email", person.email.as_deref()),
            ("customerPhone", "phone", person.number()),
        ];
        let read = self.settings.field_mapping.read(theirs);
        let ours = raw::object(&person.custom_fields).unwrap_or_default();
        let mut custom = Vec::new();
        for (field, value) in &read {
            if let Some((_, name, ours)) = known.iter().find(|(known, ..)| known == field)
                && let Some(text) = raw::text(value)
                && Some(text.as_str()) != *ours
                && !ours.is_some_and(|ours| has_contact(theirs, name, ours))
            {
                record = record.text(name, &text);
                has_any = true;
            }
            if let Some(key) = field.strip_prefix("custom_fields.")
                && ours.get(key) != Some(value)
            {
                custom.push([&quoted(key), ":", value].concat());
            }
        }
        if !custom.is_empty() {
            record = record.json("custom_fields", &["{", &custom.join(","), "}"].concat());
            has_any = true;
        }
        if !has_any {
            return None;
        }
        let record = match (&person.external_id, &person.email, person.number()) {
            (Some(id), ..) => {
                let system = Some(person.external_system.as_str());
                let system = system.filter(|system| !system.is_empty());
                record
                    .text("external_id", id)
                    .maybe("external_system", system)
            }
            (None, Some(email), _) if !changes(&read, "customerEmail", email) => {
                record.text("email", email)
            }
            (None, _, Some(number)) if !changes(&read, "customerPhone", number) => {
                record.text("phone", number)
            }
            _ => return None,
        };
        Some(record.finish())
    }
}

fn changes(read: &[(&str, &str)], field: &str, ours: &str) -> bool {
    let value = read.iter().find(|(name, _)| *name == field);
    value.is_some_and(|(_, value)| raw::text(value).as_deref() != Some(ours))
}

/// Whether they have an address or number of ours, in whatever place.
fn has_contact(theirs: &Resource, name: &str, ours: &str) -> bool {
    let (list, field) = match name {
        "email" => ("emails", "email"),
        "phone" => ("phones", "phone"),
        _ => return false,
    };
    let told = |item: &str| raw::text(raw::part(item).get(field)?);
    let known = theirs.list(list).into_iter().filter_map(told);
    known
        .into_iter()
        .any(|known| known.eq_ignore_ascii_case(ours))
}

/// Whether a revision of theirs is one that we have seen.
pub(super) fn is_older(theirs: &Resource, link: &Link) -> bool {
    matches!((theirs.rev, link.rev), (Some(rev), Some(known)) if rev <= known)
}

/// What is wanted and not there; none where all of it is.
fn missing(found: &Resource, wanted: &NewCustomer) -> Option<CustomerPatch> {
    let lacks = |list: &str, field: &str, wanted: &[String]| {
        let items = found.list(list);
        let known: Vec<_> = items
            .into_iter()
            .filter_map(|item| raw::text(raw::part(item).get(field)?))
            .collect();
        let is_new = |one: &&String| !known.iter().any(|known| known.eq_ignore_ascii_case(one));
        let new: Vec<_> = wanted.iter().filter(is_new).cloned().collect();
        // A list that is written takes the place of what was there.
        (!new.is_empty()).then(|| known.iter().cloned().chain(new).collect::<Vec<_>>())
    };
    let mut patch = CustomerPatch::default();
    let mut is_any = false;
    if let Some(emails) = lacks("emails", "email", &wanted.emails) {
        patch.customer.emails = emails;
        is_any = true;
    }
    if let Some(phones) = lacks("phones", "phone", &wanted.phones) {
        patch.customer.phones = phones;
        is_any = true;
    }
    if found.text("externalId").is_none() {
        patch.customer.external_id.clone_from(&wanted.external_id);
        is_any = true;
    }
    if found.text("name").is_none() && wanted.name.is_some() {
        patch.customer.name.clone_from(&wanted.name);
        is_any = true;
    }
    // An update that leaves it out is said to unlink it (kustomer.md §3).
    patch.company = found.related("company");
    is_any.then_some(patch)
}

fn fingerprint(body: &NewCustomer) -> String {
    sha256_hex(body.body().as_bytes())
}
