//! Contacts are customers, each side told of what the other knows.

use super::SyncContext;
use super::account::Account;
use super::sql::{SOURCE_CONTACT_GET, SOURCE_CONTACT_PUT, SOURCE_CONTACTS_OF};
use crate::webhook::{Contact, is_own_attribute};
use common::db::{Columns, Statement};
use common::ids::CustomerId;
use common::json::raw::{self, part};
use common::json::tolerant::child;
use common::json::writer::{JsonWriter, quoted};
use crm::local::CustomerRow;
use crm::{Done, Failure};
use customer::applied;

/// What Chatwoot's own attributes of a contact are called that other CRMs have a use for.
const SHARED: [&str; 12] = [
    "job_title",
    "company_name",
    "company",
    "organization",
    "company_address",
    "company_city",
    "company_state",
    "company_country",
    "company_zipcode",
    "lead_value",
    "city",
    "country",
];
/// Longest value that is taken over, in bytes.
const MAX_VALUE: usize = 500;

/// What both sides have of a contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shared {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    crm_ids: String,
}

impl Shared {
    fn stored(&self) -> String {
        let parts = (&self.name, &self.email, &self.phone, &self.crm_ids);
        serde_json::to_string(&parts).unwrap_or_default()
    }

    fn of_stored(stored: &str) -> Option<Self> {
        let parts = raw::list(stored)?;
        let [name, email, phone, crm_ids] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            name: raw::text(name),
            email: raw::text(email),
            phone: raw::text(phone),
            crm_ids: raw::text(crm_ids).unwrap_or_default(),
        })
    }

    fn of_customer(customer: &CustomerRow) -> Self {
        Self {
            name: customer.name.clone(),
            email: customer.email.clone(),
            phone: customer.number().map(str::to_owned),
            crm_ids: customer.crm_ids.to_string(),
        }
    }
}

impl SyncContext<'_> {
    /// A contact that is new or changed there.
    pub(super) async fn contact_in(&self) -> Result<Done, Failure> {
        let Some((account, id)) = self.place().await? else {
            return Ok(Done::Skipped("The account is off, or gone."));
        };
        let asked = self.ask(&account, "contact", account.api.contact(id)).await;
        let read = match asked {
            Err(Failure::NotFound) => return self.merged(&account, id).await,
            read => read?,
        };
        let Some(contact) = Contact::read(&child(&part(&read), "payload")) else {
            return Err(Failure::Invalid {
                code: "unreadable".to_owned(),
                message: "Chatwoot's answer is no contact.".to_owned(),
            });
        };
        let (mut owner, mut known) = self.known(&account, id).await?;
        if owner.is_none() && !contact.is_identifiable() {
            let put = self.contact_put(&account, id, None, None, None);
            self.client.batch(vec![put]).await?;
            return Ok(Done::Skipped("Nobody knows yet who the contact is."));
        }
        if owner.is_none() && self.follow(&account, &contact).await? {
            (owner, known) = self.known(&account, id).await?;
        }
        let is_changed = self
            .contact_apply(&account, &contact, owner.as_ref(), &known)
            .await?;
        let (owner, _) = self.known(&account, id).await?;
        let Some(owner) = owner else {
            let put = self.contact_put(&account, id, None, None, None);
            self.client.batch(vec![put]).await?;
            return Ok(Done::Skipped("Nobody knows yet who the contact is."));
        };
        let theirs = Shared {
            name: contact.own_name().map(str::to_owned),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
            crm_ids: raw::part(&contact.custom)
                .text("crm_ids")
                .unwrap_or_default(),
        };
        let put = self.contact_put(&account, id, Some(&owner), Some(&theirs), None);
        self.client.batch(vec![put]).await?;
        Ok(match is_changed || known.as_ref() != Some(&theirs) {
            true => Done::Done,
            false => Done::Skipped("Both sides are the same."),
        })
    }

    /// Who a contact is here, and what both sides had of them.
    pub(super) async fn known(
        &self,
        account: &Account,
        id: &str,
    ) -> Result<(Option<CustomerId>, Option<Shared>), Failure> {
        let params = vec![
            self.cx.business_id().into(),
            (&account.id).into(),
            id.into(),
            account.source().system().into(),
        ];
        let rows = self.client.rows(SOURCE_CONTACT_GET.bind(params)).await?;
        let Some(row) = rows.first() else {
            return Ok((None, None));
        };
        let mut columns = Columns::of(row);
        let owner = columns.text_or_null("owner")?.map(CustomerId::unchecked);
        let stored = columns.text_or_null("fingerprint")?;
        Ok((owner, stored.as_deref().and_then(Shared::of_stored)))
    }

    /// Writes what changed there at the customer. Whether anything was. Which records of CRMs a contact says to be is
    /// not taken over: the widget's script lets any visitor write attributes.
    async fn contact_apply(
        &self,
        account: &Account,
        contact: &Contact,
        owner: Option<&CustomerId>,
        known: &Option<Shared>,
    ) -> Result<bool, Failure> {
        let customer = match owner {
            Some(owner) => self.client.customer(owner).await?,
            None => None,
        };
        let local = customer
            .as_ref()
            .map(Shared::of_customer)
            .unwrap_or_default();
        let base = known.clone().unwrap_or_default();
        // What changed here since is still to be written there.
        let news = |theirs: Option<&str>, known: &Option<String>, local: &Option<String>| {
            let theirs = theirs.map(str::to_owned)?;
            let is_ours = local.is_some() && local != known;
            let is_old = Some(&theirs) == local.as_ref() || Some(&theirs) == known.as_ref();
            (!is_ours && !is_old).then_some(theirs)
        };
        let name = news(contact.own_name(), &base.name, &local.name);
        let mut email = news(contact.email.as_deref(), &base.email, &local.email);
        let mut phone = news(contact.phone.as_deref(), &base.phone, &local.phone);
        for kind in self.contested(owner, &email, &phone).await? {
            let value = match kind.as_str() {
                "email" => email.take(),
                _ => phone.take(),
            };
            let message = format!(
                "The contact {} of Chatwoot says to be {}, who is another customer here: both stay apart until \
                 somebody merges them.",
                contact.id,
                value.unwrap_or_default()
            );
            self.client
                .trouble("possible_duplicate", &contact.id, &message)
                .await?;
        }
        let custom = custom_of(contact, customer.as_ref());
        let has_any = [&name, &email, &phone].into_iter().any(Option::is_some);
        let is_new = owner.is_none();
        if !is_new && !has_any && custom.is_none() {
            return Ok(false);
        }
        if is_new && email.is_none() && phone.is_none() {
            return Ok(false);
        }
        // A customer needs a name; the made one is better than none.
        let name = name.or_else(|| contact.name.clone().filter(|_| is_new));
        let mut record = JsonWriter::default()
            .text("external_id", &contact.id)
            .text("external_system", account.source().system())
            .maybe("name", name.as_deref())
            .maybe("email", email.as_deref())
            .maybe("phone", phone.as_deref());
        if let Some(custom) = custom {
            record = record.json("custom_fields", &custom);
        }
        match applied(self.cx, &record.finish()).await? {
            None => Ok(true),
            Some(refusal) => Err(Failure::Invalid {
                code: "not_applied".to_owned(),
                message: refusal,
            }),
        }
    }

    /// Which of an address and a number are another customer's: a visitor may type any.
    async fn contested(
        &self,
        owner: Option<&CustomerId>,
        email: &Option<String>,
        phone: &Option<String>,
    ) -> Result<Vec<String>, Failure> {
        let named = self.named(email.as_deref(), phone.as_deref()).await?;
        let others = named
            .into_iter()
            .filter(|(_, customer)| owner.is_none_or(|owner| owner != customer));
        Ok(others.map(|(kind, _)| kind).collect())
    }

    pub(super) fn contact_put(
        &self,
        account: &Account,
        id: &str,
        customer: Option<&CustomerId>,
        shared: Option<&Shared>,
        merged_into: Option<&str>,
    ) -> Statement {
        SOURCE_CONTACT_PUT.bind(vec![
            self.cx.business_id().into(),
            (&account.id).into(),
            id.into(),
            customer.into(),
            shared.map(Shared::stored).into(),
            merged_into.into(),
            self.client.now().into(),
        ])
    }

    /// What changed of a customer is written at their contacts, with which records of CRMs they are.
    pub(super) async fn customer(&self) -> Result<Done, Failure> {
        let id = CustomerId::unchecked(self.job.subject.as_str());
        let params = vec![self.cx.business_id().into(), (&id).into()];
        let rows = self.client.rows(SOURCE_CONTACTS_OF.bind(params)).await?;
        if rows.is_empty() {
            return Ok(Done::Skipped("The customer is at no source."));
        }
        let Some(customer) = self.client.customer(&id).await? else {
            return Ok(Done::Skipped("The customer is gone."));
        };
        let ours = Shared::of_customer(&customer);
        let mut is_written = false;
        for row in &rows {
            let mut columns = Columns::of(row);
            let (channel, contact) = (columns.text("channel_id")?, columns.text("remote_id")?);
            let known = columns.text_or_null("fingerprint")?;
            let known = known.as_deref().and_then(Shared::of_stored);
            let Some(account) = self.account(&channel).await? else {
                continue;
            };
            is_written |= self
                .contact_write(&account, (&contact, &id), known, &ours)
                .await?;
        }
        Ok(match is_written {
            true => Done::Done,
            false => Done::Skipped("Both sides are the same."),
        })
    }

    /// Writes at a contact what changed here. Whether anything did.
    async fn contact_write(
        &self,
        account: &Account,
        (contact, customer): (&str, &CustomerId),
        known: Option<Shared>,
        ours: &Shared,
    ) -> Result<bool, Failure> {
        // Before they were compared, nobody knows which side is newer: their ids alone are ours to tell.
        let is_compared = known.is_some();
        let known = known.unwrap_or_default();
        let news = |known: &Option<String>, ours: &Option<String>| {
            ours.clone().filter(|_| is_compared && known != ours)
        };
        let name = news(&known.name, &ours.name);
        let mut email = news(&known.email, &ours.email);
        let mut phone = news(&known.phone, &ours.phone);
        let has_ids = known.crm_ids != ours.crm_ids;
        loop {
            let has_any = [&name, &email, &phone].into_iter().any(Option::is_some);
            if !has_any && !has_ids {
                return Ok(false);
            }
            let mut body = JsonWriter::default()
                .maybe("name", name.as_deref())
                .maybe("email", email.as_deref())
                .maybe("phone_number", phone.as_deref());
            if has_ids {
                let mut attributes = attributes_of(&ours.crm_ids);
                attributes.extend(self.stages_of(customer).await?);
                let keys: Vec<_> = attributes.iter().map(|(key, _)| key.clone()).collect();
                self.define(account, &keys).await?;
                body = body.json("custom_attributes", &written(&attributes));
            }
            let request = account.api.contact_update(contact, body.finish());
            match self.ask(account, "contact update", request).await {
                Ok(_) => break,
                // Another contact has the address or the number.
                Err(Failure::Invalid { message, .. }) if email.is_some() || phone.is_some() => {
                    self.client
                        .trouble("contact_refused", contact, &message)
                        .await?;
                    (email, phone) = (None, None);
                }
                Err(Failure::NotFound) => {
                    let done = self.merged(account, contact).await?;
                    return Ok(done == Done::Done);
                }
                Err(failure) => return Err(failure),
            }
        }
        let shared = Shared {
            name: name.or(known.name),
            email: email.or(known.email),
            phone: phone.or(known.phone),
            crm_ids: ours.crm_ids.clone(),
        };
        let put = self.contact_put(account, contact, None, Some(&shared), None);
        self.client.batch(vec![put]).await?;
        Ok(true)
    }
}

/// The attributes of a contact that other CRMs have a use for and the customer lacks, as a JSON object; `None` where
/// there are none.
fn custom_of(contact: &Contact, customer: Option<&CustomerRow>) -> Option<String> {
    let known = customer
        .map(|customer| part(&customer.custom_fields))
        .unwrap_or_default();
    let additional = part(&contact.additional);
    let own = part(&contact.custom);
    let shared = additional.iter().filter(|(name, _)| SHARED.contains(name));
    let defined = own.iter().filter(|(name, _)| !is_own_attribute(name));
    let is_plain = |value: &str| {
        let is_set = !matches!(value, "null" | "\"\"");
        is_set && value.len() <= MAX_VALUE && !value.starts_with(['{', '['])
    };
    let mut fields = Vec::new();
    for (name, value) in shared.chain(defined) {
        if is_plain(value) && known.get(name) != Some(value) {
            fields.push([&quoted(name), ":", value].concat());
        }
    }
    (!fields.is_empty()).then(|| ["{", &fields.join(","), "}"].concat())
}

/// The attributes by which a contact shows which records of CRMs it is: the whole, and each alone.
fn attributes_of(ids: &str) -> Vec<(String, String)> {
    let mut attributes = vec![("crm_ids".to_owned(), ids.to_owned())];
    for one in ids.split('|') {
        let mut parts = one.splitn(3, ':');
        if let (Some(connector), Some(kind), Some(id)) = (parts.next(), parts.next(), parts.next())
        {
            let name = [connector, "_", kind, "_id"].concat();
            attributes.push((name, id.to_owned()));
        }
    }
    attributes
}

pub(super) fn written(attributes: &[(String, String)]) -> String {
    let pairs = attributes.iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| [quoted(name), quoted(value)].join(":"))
        .collect();
    ["{", &pairs.join(","), "}"].concat()
}
