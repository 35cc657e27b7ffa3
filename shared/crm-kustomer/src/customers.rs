//! Customers.

use super::OURS;
use super::api::{
    CustomerPatch, FacebookId, InstagramId, NewCustomer, Resource, accounts_united, contacts_united,
};
use super::sync::SyncContext;
use common::ids::CustomerId;
use common::json::raw;
use common::json::writer::{JsonWriter, quoted};
use common::signatures::sha256_hex;
use crm::local::CustomerRow;
use crm::{Done, Failure, Link, NewJob, jobs_add};
use customer::applied;

/// The CRM's id of a customer, or one made of ours.
fn remote_key(customer: &CustomerRow) -> String {
    let local = || [OURS, customer.id.as_str()].concat();
    customer.external_id.clone().unwrap_or_else(local)
}

impl SyncContext<'_> {
    /// Their id of a customer: the one that is linked, or found by what names them, or made.
    pub(super) async fn customer_there(&self, customer: &CustomerRow) -> Result<String, Failure> {
        if let Some(link) = self.client.link("customer", customer.id.as_str()).await? {
            return Ok(link.remote_id);
        }
        let (desired, unknown_tags) = self.desired(customer).await?;
        let found = match self.settings.customer_lookup {
            true => self.look_up(customer).await?,
            // Looked for all the same, where an earlier try may have made them.
            false if self.job.may_be_done() => self.look_up(customer).await?,
            false => None,
        };
        let is_known = found.is_some();
        let resource = match found {
            Some(found) => self.complete(found, &desired).await?,
            None => self.create(customer, &desired).await?,
        };
        let link = Link {
            local_id: customer.id.to_string(),
            remote_id: resource.id.clone(),
            rev: resource.rev,
            fingerprint: Some(fingerprint(&desired)),
            ..Link::default()
        };
        let mut statements = vec![self.client.link_put("customer", &link)];
        let then = |kind: &'static str| NewJob {
            kind,
            subject: customer.id.to_string(),
            stream: customer.id.to_string(),
            ordered_at: self.client.now(),
            ..NewJob::default()
        };
        let mut jobs = Vec::new();
        // Whoever they know has a past there, which people will want to see.
        if is_known && self.job.priority == 0 {
            jobs.push(then("history"));
        }
        // Once there is a conversation, by which tags are made.
        if !unknown_tags.is_empty() {
            jobs.push(then("customer"));
        }
        let connector = &self.client.integration.connector;
        statements.extend(jobs_add(self.cx, connector, &jobs)?);
        self.client.batch(statements).await?;
        Ok(resource.id)
    }

    /// Their ids first, then the address, then the number (kustomer.md §14.1).
    pub(super) async fn look_up(
        &self,
        customer: &CustomerRow,
    ) -> Result<Option<Resource>, Failure> {
        let by_key = self.api.customer_by_external_id(&remote_key(customer));
        if let Some(found) = self.find("customer by externalId", by_key).await? {
            return Ok(Some(found));
        }
        if let Some(email) = &customer.email {
            let by_email = self.api.customer_by_email(email);
            if let Some(found) = self.find("customer by email", by_email).await? {
                return Ok(Some(found));
            }
        }
        if let Some(number) = customer.number() {
            let by_phone = self.api.customer_by_phone(number);
            return self.find("customer by phone", by_phone).await;
        }
        Ok(None)
    }

    async fn create(
        &self,
        customer: &CustomerRow,
        desired: &NewCustomer,
    ) -> Result<Resource, Failure> {
        let create = self.api.customer_create(desired);
        let refused = match self.one("create customer", create).await {
            // Somebody made them meanwhile.
            Err(Failure::Conflict { message }) => match self.look_up(customer).await? {
                Some(found) => return Ok(found),
                None => Failure::Conflict { message },
            },
            Err(Failure::Invalid { code, message }) => Failure::Invalid { code, message },
            other => return other,
        };
        // What they are at accounts may be another's there, whom nothing finds; people merge.
        let without = NewCustomer {
            whatsapps: Vec::new(),
            facebook_ids: Vec::new(),
            instagram_ids: Vec::new(),
            ..desired.clone()
        };
        if without == *desired {
            return Err(refused);
        }
        let create = self.api.customer_create(&without);
        self.one("create customer", create).await
    }

    /// Adds what they lack there, and takes nothing away.
    async fn complete(&self, found: Resource, desired: &NewCustomer) -> Result<Resource, Failure> {
        let Some(patch) = missing(&found, desired) else {
            return Ok(found);
        };
        match self.update(&found.id, patch).await {
            // Without it they are there all the same.
            Err(Failure::Conflict { .. } | Failure::Invalid { .. } | Failure::Forbidden { .. }) => {
                Ok(found)
            }
            other => other,
        }
    }

    /// Writes changes of a customer. Contacts that are another's there stay away from them: people
    /// merge, we do not. So do those that stand in a list that Kustomer shows and does not take.
    async fn update(&self, id: &str, mut patch: CustomerPatch) -> Result<Resource, Failure> {
        let update = self.api.customer_update(id, &patch);
        match self.one("update customer", update).await {
            Err(Failure::Conflict { .. } | Failure::Invalid { .. })
                if !patch.contacts.is_empty() =>
            {
                patch.contacts.clear();
                let update = self.api.customer_update(id, &patch);
                self.one("update customer", update).await
            }
            other => other,
        }
    }

    /// What they should have there of a customer: tags by their ids, and the names of those that there
    /// are not.
    async fn desired(&self, customer: &CustomerRow) -> Result<(NewCustomer, Vec<String>), Failure> {
        let mut body = self.body_of(customer);
        let mut unknown = Vec::new();
        if !body.tags.is_empty() {
            (body.tags, unknown) = self.tag_ids(&body.tags).await?;
        }
        Ok((body, unknown))
    }

    fn body_of(&self, customer: &CustomerRow) -> NewCustomer {
        let mut body = NewCustomer::default();
        let text = |value: &Option<String>| value.as_deref().map(quoted);
        let mut values = vec![("tags".to_owned(), customer.tags.clone())];
        let named = [
            ("customerName", text(&customer.name)),
            ("customerEmail", text(&customer.email)),
            ("customerPhone", customer.number().map(quoted)),
            ("externalId", Some(quoted(&remote_key(customer)))),
        ];
        values.extend(
            named
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?))),
        );
        let custom = raw::object(&customer.custom_fields).unwrap_or_default();
        let custom = custom
            .iter()
            .map(|(name, value)| (["custom_fields.", name].concat(), (*value).to_owned()));
        values.extend(custom);
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.settings.field_mapping.write(&values, &mut body);
        body.whatsapps.extend(customer.whatsapp.clone());
        let page = customer.account("facebook").map(|one| FacebookId {
            page_id: one.account.clone(),
            user_id: one.id.clone(),
        });
        body.facebook_ids.extend(page);
        // Kustomer takes none without a username. An account has one thread with each person.
        let account = customer.account("instagram").and_then(|one| {
            Some(InstagramId {
                page_id: one.account.clone(),
                thread_id: one.id.clone(),
                username: one.handle.clone()?,
                instagram_id: one.id.clone(),
            })
        });
        body.instagram_ids.extend(account);
        body.external_id.get_or_insert_with(|| remote_key(customer));
        body
    }

    /// A customer who is there already is brought up to date.
    pub(super) async fn customer(&self) -> Result<Done, Failure> {
        let Some(link) = self.client.link("customer", &self.job.subject).await? else {
            return Ok(Done::Skipped("The customer is not there yet."));
        };
        let id = CustomerId::unchecked(link.local_id.as_str());
        let Some(customer) = self.client.customer(&id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        let (mut desired, unknown_tags) = self.desired(&customer).await?;
        if !unknown_tags.is_empty() {
            let made = self.tags_make(&customer.id, &unknown_tags).await?;
            desired.tags.extend(made);
        }
        let print = fingerprint(&desired);
        if link.fingerprint.as_deref() == Some(&print) {
            return Ok(Done::Skipped("Both sides are the same."));
        }
        let get = self.api.customer(&link.remote_id);
        let Some(found) = self.find("customer", get).await? else {
            self.client.unlink("customer", &link.local_id).await?;
            return Ok(Done::Skipped(
                "The customer is gone there; the next message makes them anew.",
            ));
        };
        let mut patch = missing(&found, &desired).unwrap_or_default();
        if has_new_name(&link, &desired) {
            patch.customer.name.clone_from(&desired.name);
        }
        patch.customer.custom = desired.custom;
        let rev = self.update(&link.remote_id, patch).await?.rev;
        let link = Link {
            rev,
            fingerprint: Some(print),
            ..link
        };
        self.client
            .batch(vec![self.client.link_put("customer", &link)])
            .await?;
        Ok(Done::Done)
    }

    /// What changed of a customer there is changed here.
    pub(super) async fn customer_changed(&self, remote: &Resource) -> Result<Done, Failure> {
        let Some(link) = self.client.link_of_remote("customer", &remote.id).await? else {
            return Ok(Done::Skipped("The customer is none of ours."));
        };
        if is_older(remote, &link) {
            return Ok(Done::Skipped("A newer revision is known."));
        }
        let id = CustomerId::unchecked(link.local_id.as_str());
        let Some(customer) = self.client.customer(&id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        if let Some(record) = self.record_of(&customer, remote) {
            let refusal = applied(self.cx, &record).await?;
            if let Some(refusal) = refusal {
                return Err(Failure::Invalid {
                    code: "not_applied".into(),
                    message: refusal,
                });
            }
        }
        // What is now the same needs no writing back.
        let Some(customer) = self.client.customer(&id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        let link = Link {
            rev: remote.rev,
            fingerprint: Some(fingerprint(&self.desired(&customer).await?.0)),
            ..link
        };
        self.client
            .batch(vec![self.client.link_put("customer", &link)])
            .await?;
        Ok(Done::Done)
    }

    /// The sync record that updates our customer from the remote one; `None` if nothing differs.
    fn record_of(&self, customer: &CustomerRow, remote: &Resource) -> Option<String> {
        let mut record = JsonWriter::default();
        let mut has_any = false;
        let known: [(&str, &'static str, Option<&str>); 3] = [
            ("customerName", "name", customer.name.as_deref()),
            ("customerEmail", "email", customer.email.as_deref()),
            ("customerPhone", "phone", customer.number()),
        ];
        let read = self.settings.field_mapping.read(remote);
        let local = raw::object(&customer.custom_fields).unwrap_or_default();
        let mut custom = Vec::new();
        for (field, value) in &read {
            if let Some((_, name, local)) = known.iter().find(|(known, ..)| known == field)
                && let Some(text) = raw::text(value)
                && Some(text.as_str()) != *local
                && !local.is_some_and(|local| has_contact(remote, name, local))
            {
                record = record.text(name, &text);
                has_any = true;
            }
            if let Some(key) = field.strip_prefix("custom_fields.")
                && local.get(key) != Some(value)
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
        let record = match (&customer.external_id, &customer.email, customer.number()) {
            (Some(id), ..) => {
                let system = customer.external_system.as_deref();
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

fn changes(read: &[(&str, &str)], field: &str, local: &str) -> bool {
    let value = read.iter().find(|(name, _)| *name == field);
    value.is_some_and(|(_, value)| raw::text(value).as_deref() != Some(local))
}

/// Whether the remote customer has the address or number, at any position.
fn has_contact(remote: &Resource, name: &str, local: &str) -> bool {
    let (list, field) = match name {
        "email" => ("emails", "email"),
        "phone" => ("phones", "phone"),
        _ => return false,
    };
    let value_of = |item: &str| raw::text(raw::part(item).get(field)?);
    let known = remote.list(list).into_iter().filter_map(value_of);
    known
        .into_iter()
        .any(|known| known.eq_ignore_ascii_case(local))
}

/// Whether a remote revision was seen before.
pub(super) fn is_older(remote: &Resource, link: &Link) -> bool {
    matches!((remote.rev, link.rev), (Some(rev), Some(known)) if rev <= known)
}

/// Whether the name changed here since both sides last agreed. A name that was learnt where there was
/// none is no change of one that people gave there.
fn has_new_name(link: &Link, desired: &NewCustomer) -> bool {
    let known = link.fingerprint.as_deref();
    let known = known.and_then(|known| known.split_once(NAME));
    let is_other = |(_, known): (&str, &str)| !known.is_empty() && known != name_print(desired);
    desired.name.is_some() && known.is_some_and(is_other)
}

/// What is wanted and not there; none where all of it is.
fn missing(found: &Resource, desired: &NewCustomer) -> Option<CustomerPatch> {
    let mut patch = CustomerPatch::default();
    let lists = [
        ("emails", "email", &desired.emails),
        ("phones", "phone", &desired.phones),
        ("whatsapps", "phone", &desired.whatsapps),
    ];
    for (list, field, wanted) in lists {
        let united = contacts_united(&found.list(list), field, wanted);
        patch.contacts.extend(united.map(|united| (list, united)));
    }
    let pages = desired.facebook_ids.iter().map(FacebookId::written);
    let accounts = desired.instagram_ids.iter().map(InstagramId::written);
    let lists: [(_, _, Vec<_>); 2] = [
        ("facebookIds", "userId", pages.collect()),
        ("instagramIds", "threadId", accounts.collect()),
    ];
    for (list, field, wanted) in lists {
        let united = accounts_united(&found.list(list), field, &wanted);
        patch.contacts.extend(united.map(|united| (list, united)));
    }
    let is_nameless = found.text("name").is_none() && desired.name.is_some();
    if is_nameless {
        patch.customer.name.clone_from(&desired.name);
    }
    let known = found.texts("tags");
    let has_new_tags = desired.tags.iter().any(|tag| !known.contains(tag));
    if has_new_tags {
        let new = desired.tags.iter().filter(|tag| !known.contains(tag));
        patch.customer.tags = known.iter().chain(new).cloned().collect();
    }
    // An update that leaves it out is said to unlink it (kustomer.md §3).
    patch.company = found.related("company");
    let is_any = is_nameless || has_new_tags || !patch.contacts.is_empty();
    is_any.then_some(patch)
}

/// What stands before the name's part of a fingerprint.
const NAME: &str = ":";

fn fingerprint(body: &NewCustomer) -> String {
    [&sha256_hex(body.body().as_bytes()), NAME, &name_print(body)].concat()
}

/// Of the name alone, so that it can be told whether that changed; empty without one.
fn name_print(body: &NewCustomer) -> String {
    let hash = |name: &String| sha256_hex(name.as_bytes()).chars().take(16).collect();
    body.name.as_ref().map(hash).unwrap_or_default()
}
