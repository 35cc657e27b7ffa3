use super::{
    MAX_LIST, MAX_NAME, MAX_TAGS, custom, cut, external_id, list, rev, texts, usable_tags,
};
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
    pub facebook_ids: Vec<String>,
    /// Ids at Instagram.
    pub instagram_ids: Vec<String>,
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
        let written = texts(written, "facebookIds", &self.facebook_ids);
        let written = texts(written, "instagramIds", &self.instagram_ids);
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
    /// The company that was read: left out, the customer may lose it (kustomer.md §3).
    pub company: Option<String>,
    /// The revision that was read; a newer one there is a conflict.
    pub rev: Option<i64>,
}

impl CustomerPatch {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let written = self
            .customer
            .written()
            .maybe("company", self.company.as_deref());
        rev(written, self.rev).finish()
    }
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
