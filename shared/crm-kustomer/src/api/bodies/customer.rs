use super::{
    MAX_LIST, MAX_NAME, MAX_TAGS, array, custom, cut, external_id, list, rev, usable_tags,
};
use common::json::raw;
use common::json::writer::{JsonWriter, quoted};

/// Longest address.
const MAX_EMAIL: usize = 256;
/// Longest locale.
const MAX_LOCALE: usize = 16;

/// An account of a customer's in a social network; of those that know a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Social {
    /// `facebook`, `instagram`, `twitter`.
    pub network: String,
    /// The name there.
    pub username: String,
    /// The network's id.
    pub userid: Option<String>,
}

/// Somebody at Messenger (kustomer.md §8.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FacebookId {
    /// The business's page.
    pub page_id: String,
    /// Their id for that page.
    pub user_id: String,
}

/// Somebody at Instagram (kustomer.md §8.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstagramId {
    /// The business's page.
    pub page_id: String,
    /// Their thread with it.
    pub thread_id: String,
    /// Their name there.
    pub username: String,
    /// Their id for that page.
    pub instagram_id: String,
}

impl FacebookId {
    /// As a customer's list has it.
    #[must_use]
    pub fn written(&self) -> String {
        let page = JsonWriter::default().text("pageId", &self.page_id);
        page.text("userId", &self.user_id).finish()
    }
}

impl InstagramId {
    /// As a customer's list has it.
    #[must_use]
    pub fn written(&self) -> String {
        JsonWriter::default()
            .text("pageId", &self.page_id)
            .text("threadId", &self.thread_id)
            .text("username", &self.username)
            .text("instagramId", &self.instagram_id)
            .finish()
    }
}

/// A customer to be created. What is empty is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCustomer {
    /// The whole name.
    pub name: Option<String>,
    /// Our id of them.
    pub external_id: Option<String>,
    /// Addresses.
    pub emails: Vec<String>,
    /// Numbers, E.164.
    pub phones: Vec<String>,
    /// Numbers at WhatsApp, E.164.
    pub whatsapps: Vec<String>,
    /// Accounts whose names are known.
    pub socials: Vec<Social>,
    /// Ids at Messenger.
    pub facebook_ids: Vec<FacebookId>,
    /// Ids at Instagram.
    pub instagram_ids: Vec<InstagramId>,
    /// Tags; those that Kustomer would refuse are left out.
    pub tags: Vec<String>,
    /// Such as `en_IE`, at most 16 characters.
    pub locale: Option<String>,
    /// Custom attributes: a JSON object.
    pub custom: Option<String>,
}

impl NewCustomer {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        self.written().finish()
    }

    fn written(&self) -> JsonWriter {
        let email = |email: &String| {
            is_email(email).then(|| JsonWriter::default().text("email", email).finish())
        };
        let phone = |phone: &String| {
            is_phone(phone).then(|| JsonWriter::default().text("phone", phone).finish())
        };
        let written = JsonWriter::default()
            .maybe("name", self.name.as_deref().map(|name| cut(name, MAX_NAME)))
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let written = list(written, "emails", &self.emails, MAX_LIST, email);
        let written = list(written, "phones", &self.phones, MAX_LIST, phone);
        let written = list(written, "whatsapps", &self.whatsapps, MAX_LIST, phone);
        let written = list(written, "socials", &self.socials, MAX_LIST, social);
        let facebook = |one: &FacebookId| Some(one.written());
        let instagram = |one: &InstagramId| Some(one.written());
        let written = list(
            written,
            "facebookIds",
            &self.facebook_ids,
            MAX_LIST,
            facebook,
        );
        let written = list(
            written,
            "instagramIds",
            &self.instagram_ids,
            MAX_LIST,
            instagram,
        );
        let tags = usable_tags(&self.tags);
        let written = list(written, "tags", &tags, MAX_TAGS, |tag| Some(quoted(tag)));
        let locale = self
            .locale
            .as_deref()
            .filter(|locale| locale.len() <= MAX_LOCALE);
        custom(written.maybe("locale", locale), self.custom.as_deref())
    }
}

/// What of a customer changes. A list takes the place of the one that was there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerPatch {
    /// As of a new one; what is absent stays.
    pub customer: NewCustomer,
    /// Lists of contacts as a whole: name and JSON array, of [`contacts_united`].
    pub contacts: Vec<(&'static str, String)>,
    /// The company that was read: left out, the customer may lose it (kustomer.md §3).
    pub company: Option<String>,
    /// The revision that was read; a newer one there is a conflict.
    pub rev: Option<i64>,
}

impl CustomerPatch {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let mut written = self.customer.written();
        for (name, list) in &self.contacts {
            written = written.json(name, list);
        }
        let written = written.maybe("company", self.company.as_deref());
        rev(written, self.rev).finish()
    }
}

/// A list of contacts as it was read, each entry as it stands, with those that are not in it behind
/// them; `None` where all of them are. A list that is written takes the place of the one that was
/// there, so that one which would be too long is not written.
#[must_use]
pub fn contacts_united(known: &[&str], field: &'static str, wanted: &[String]) -> Option<String> {
    let plain = |contact: &str| match field {
        "phone" => contact.chars().filter(char::is_ascii_digit).collect(),
        _ => contact.to_lowercase(),
    };
    let value_of = |one: &&str| raw::text(raw::part(one).get(field)?);
    let values = known.iter().filter_map(value_of);
    let values: Vec<_> = values.map(|one| plain(&one)).collect();
    let is_valid = |one: &&String| match field {
        "phone" => is_phone(one),
        _ => is_email(one),
    };
    let is_new = |one: &&String| is_valid(one) && !values.contains(&plain(one));
    let new = wanted.iter().filter(is_new);
    let new = new.map(|one| JsonWriter::default().text(field, one).finish());
    united(known, new.collect())
}

/// As [`contacts_united`], of ids at accounts: an id of an account is one, whatever else is said of it.
#[must_use]
pub fn accounts_united(known: &[&str], field: &str, wanted: &[String]) -> Option<String> {
    let key = |one: &str| {
        let one = raw::part(one);
        let text = |name: &str| raw::text(one.get(name)?);
        Some((text("pageId")?, text(field)?))
    };
    let is_new = |one: &&String| {
        let wanted = key(one);
        wanted.is_some() && !known.iter().any(|known| key(known) == wanted)
    };
    united(known, wanted.iter().filter(is_new).cloned().collect())
}

/// What is known and what is new in one list; `None` where nothing is, or it would be too long.
fn united(known: &[&str], new: Vec<String>) -> Option<String> {
    if new.is_empty() || known.len() + new.len() > MAX_LIST {
        return None;
    }
    let known = known.iter().map(|one| (*one).to_owned());
    Some(array(&known.chain(new).collect::<Vec<_>>()))
}

/// As `^\+?[1-9]\d{1,14}$` (kustomer.md §8.2).
fn is_phone(phone: &str) -> bool {
    let digits = phone.strip_prefix('+').unwrap_or(phone);
    (2..=15).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0')
}

/// Whether it has the shape of an address; whose it is Kustomer does not check either.
fn is_email(email: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || ",;<>".contains(c);
    let named =
        |(name, host): (&str, &str)| !name.is_empty() && !host.is_empty() && !host.contains('@');
    email.len() <= MAX_EMAIL && !email.contains(odd) && email.split_once('@').is_some_and(named)
}

fn social(social: &Social) -> Option<String> {
    let known = ["twitter", "facebook", "instagram", "linkedin", "pinterest"];
    let written = JsonWriter::default()
        .text("type", &social.network)
        .text("username", &social.username)
        .maybe("userid", social.userid.as_deref());
    known
        .contains(&social.network.as_str())
        .then(|| written.finish())
}
