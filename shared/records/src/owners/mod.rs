//! Whose a record is.
//!
//! **The rule.** A record that looks like somebody's is never for everybody:
//! 1. The fields that the link names are read; where it names none, fields by well-known names at the record's top, and in
//!    one object that stands for the person (`customer`, `properties`, `contact`, …). A list counts if it has at most
//!    [`MAX_OWN`] entries under such a name (`emails`). What can be normalised is an owner.
//! 2. Where that gives no owner, the record is [`Owners::Unknown`], which is nobody's, if such a field was filled at all;
//!    if anywhere in it a field has the name of an identity and a value, or a value that is an email address or an
//!    international phone number and nothing else; or if it has a person's fields (a first and a last name, a birthday,
//!    a shipping address, a number of the state's), or stands in a list of persons.
//! 3. Anything else is for everybody. Free text is never looked at: whoever is mentioned in a note owns nothing.
//!
//! A record's own id is an owner's id only if the record is a person: it stands in a list of persons, or has a person's
//! names beside an email or phone. The number of an order is never taken for that of a customer.

mod names;
mod owner;
mod personal;
mod words;

use crate::path::{Pattern, any, parts};
use crate::reader::RawRecord;
use crate::text::words_of_name;
use crate::{Node, Shape};
use common::email::Email;
pub(crate) use names::is_thing;
use names::{Identity, Person, identity_of};
pub use owner::Owner;
use personal::looks_personal;
use std::borrow::Cow;

/// Most entries of a list of one person's own addresses or numbers; a longer one is of others.
const MAX_OWN: usize = 5;
/// Longest external id, in bytes.
const MAX_ID: usize = 128;

/// For whom a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owners {
    /// It is nobody's in particular: a product, a policy.
    Everyone,
    /// It is somebody's, and nobody knows whose: it is given to no customer.
    Unknown,
    /// It is these ones', sorted, each once: all of them name one customer.
    Of(Vec<Owner>),
}

impl Owners {
    /// The owners; none where it is everybody's or unknown whose.
    #[must_use]
    pub fn list(&self) -> &[Owner] {
        match self {
            Self::Of(owners) => owners,
            _ => &[],
        }
    }
}

/// What makes an E.164 number of a phone number as people write it.
pub(crate) type Phones<'p> = &'p dyn Fn(&str) -> Option<String>;

/// The fields that a link names.
pub(crate) struct Named {
    email: Vec<Pattern>,
    phone: Vec<Pattern>,
    external_id: Vec<Pattern>,
    is_public: bool,
    is_given: bool,
}

impl Named {
    pub(crate) fn new(shape: &Shape) -> Self {
        let fields = &shape.identity;
        Self {
            email: Pattern::all(&fields.email),
            phone: Pattern::all(&fields.phone),
            external_id: Pattern::all(&fields.external_id),
            is_public: fields.public,
            is_given: fields.is_given(),
        }
    }
}

/// What was found on the way.
#[derive(Default)]
struct Found {
    owners: Vec<Owner>,
    is_somebodys: bool,
}

impl Found {
    /// Notes a value that names somebody, whether it can be read or not.
    fn note(&mut self, identity: Identity, value: &str, phones: Phones<'_>) {
        self.is_somebodys = true;
        let owner = match identity {
            Identity::Email => email(value).map(Owner::Email),
            Identity::Phone => phones(value).map(Owner::Phone),
            Identity::External => external(value).map(Owner::External),
        };
        if let Some(owner) = owner
            && let Err(place) = self.owners.binary_search(&owner)
        {
            self.owners.insert(place, owner);
        }
    }

    fn has_external(&self) -> bool {
        self.owners
            .iter()
            .any(|owner| matches!(owner, Owner::External(_)))
    }
}

/// Whose a record is.
pub(crate) fn of(raw: &RawRecord, named: &Named, phones: Phones<'_>) -> Owners {
    if named.is_public {
        return Owners::Everyone;
    }
    let mut found = Found::default();
    if named.is_given {
        by_settings(&raw.value, named, phones, &mut found);
    } else {
        by_names(raw, phones, &mut found);
    }
    let owners = found.owners;
    if !owners.is_empty() {
        return Owners::Of(owners);
    }
    match found.is_somebodys || is_list_of_persons(&raw.path) || looks_personal(&raw.value, 0) {
        true => Owners::Unknown,
        false => Owners::Everyone,
    }
}

/// The fields that the link names, wherever they are.
fn by_settings(value: &Node, named: &Named, phones: Phones<'_>, found: &mut Found) {
    let mut leaves = Vec::new();
    crate::make::each_leaf(value, &mut Vec::new(), &mut |path, leaf| {
        let Some(text) = leaf.filled() else { return };
        for (patterns, identity) in [
            (&named.email, Identity::Email),
            (&named.phone, Identity::Phone),
            (&named.external_id, Identity::External),
        ] {
            if any(patterns, path) {
                leaves.push((identity, text.to_owned()));
            }
        }
    });
    found.is_somebodys |= !leaves.is_empty();
    // Whoever names a list of people has named no owner.
    let is_few = |identity: Identity| {
        leaves
            .iter()
            .filter(|(other, _)| *other == identity)
            .count()
            <= MAX_OWN
    };
    for (identity, text) in &leaves {
        if is_few(*identity) {
            found.note(*identity, text, phones);
        }
    }
}

/// Fields by well-known names: at the top and in what only holds the record's fields; in what stands for the customer;
/// and if these say nothing, in what stands for another person, the first that says something.
fn by_names(raw: &RawRecord, phones: Phones<'_>, found: &mut Found) {
    let mut own = vec![&raw.value];
    let mut persons = Vec::new();
    for (name, value) in raw
        .value
        .fields()
        .iter()
        .filter(|(_, value)| !value.is_blank())
    {
        let words = words_of_name(name);
        let person = names::person_of(&words, matches!(value, Node::Object(_)));
        match person {
            Some(person) => persons.push((person, value)),
            None if names::is_wrapper(&words) => own.push(value),
            None => {}
        }
    }
    let mut has_contact = false;
    for place in &own {
        has_contact |= by_fields(place, phones, found);
    }
    let is_anothers =
        found.has_external() || persons.iter().any(|(person, _)| *person != Person::Payer);
    for (person, value) in persons
        .iter()
        .filter(|(person, _)| *person != Person::Other)
    {
        by_person(value, *person, phones, found);
    }
    for (person, value) in persons
        .iter()
        .filter(|(person, _)| *person == Person::Other)
    {
        if !found.owners.is_empty() {
            break;
        }
        by_person(value, *person, phones, found);
    }
    let has_names = || own.iter().any(|place| names::has_persons_names(place));
    let is_said = || own.iter().any(|place| names::is_said_to_be_person(place));
    let is_person = is_list_of_persons(&raw.path)
        || (is_list_of_anything(&raw.path)
            && !is_anothers
            && (is_said() || (has_contact && has_names())));
    if is_person && let Some(id) = own_id(&raw.value) {
        found.note(Identity::External, id, phones);
    }
}

/// The fields of one object; whether one has an address or a number.
fn by_fields(place: &Node, phones: Phones<'_>, found: &mut Found) -> bool {
    let mut has_contact = false;
    for (name, value) in place.fields() {
        if let Some(identity) = identity_of(&words_of_name(name)) {
            for text in own_values(value, identity) {
                has_contact |= identity != Identity::External;
                found.note(identity, text, phones);
            }
        }
    }
    has_contact
}

/// What stands for a person: an object with an id and fields, or an id alone.
fn by_person(value: &Node, person: Person, phones: Phones<'_>, found: &mut Found) {
    if let Node::Object(_) = value {
        found.is_somebodys |= person != Person::Payer;
        by_fields(value, phones, found);
        let id = own_id(value).or_else(|| value.get("value")?.filled());
        if let Some(id) = id.filter(|_| person != Person::Payer) {
            found.note(Identity::External, id, phones);
        }
    } else if let Some(text) = value.filled() {
        found.note(Identity::External, text, phones);
    }
}

/// The values of a field of identity: its own, or those of a short list (`["a@x"]`, `[{"value": "a@x"}]`).
fn own_values(value: &Node, identity: Identity) -> Vec<&str> {
    match value {
        Node::List(items) if items.len() <= MAX_OWN => items.iter().filter_map(one_value).collect(),
        Node::List(_) => Vec::new(),
        Node::Object(_) if identity == Identity::External => Vec::new(),
        value => one_value(value).into_iter().collect(),
    }
}

/// A value, or that of an object around it.
fn one_value(node: &Node) -> Option<&str> {
    const AROUND: [&str; 6] = ["value", "email", "address", "number", "phone", "id"];
    match node {
        Node::Object(_) => AROUND.iter().find_map(|name| node.get(name)?.filled()),
        node => node.filled(),
    }
}

/// The id of an object.
fn own_id(value: &Node) -> Option<&str> {
    let id = ["id", "_id", "uuid", "gid"]
        .iter()
        .find_map(|name| value.get(name)?.filled());
    id.filter(|id| external(id).is_some())
}

/// The name of the list in which a record stands, in words.
fn list_name(path: &str) -> Vec<String> {
    let names = parts(path)
        .into_iter()
        .filter(|part| part.parse::<usize>().is_err());
    let names: Vec<_> = names
        .filter(|name| name != "*" && !matches!(name.as_str(), "node" | "edges" | "nodes"))
        .collect();
    names
        .last()
        .map(|name| words_of_name(name))
        .unwrap_or_default()
}

fn is_list_of_persons(path: &str) -> bool {
    names::is_person(&list_name(path))
}

/// Whether the list's name says nothing about what is in it.
fn is_list_of_anything(path: &str) -> bool {
    let name = list_name(path).concat();
    name.is_empty() || words::ANYTHING.contains(&name.as_str())
}

/// An address as it is compared. A name and brackets around it, and `mailto:`, are left out; two are none.
fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = match (text.rfind('<'), text.strip_suffix('>')) {
        (Some(open), Some(inner)) => inner.get(open + 1..)?,
        _ => text,
    };
    let inner = inner.strip_prefix("mailto:").unwrap_or(inner);
    let email = Email::parse(Cow::Borrowed(inner))?;
    Some(email.as_str().to_owned())
}

/// An id as it is compared: one word with a digit in it, or a number. A name is none.
fn external(text: &str) -> Option<String> {
    let text = text.trim();
    let is_word = !text.is_empty()
        && text.len() <= MAX_ID
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    (is_word && text != "0" && text.bytes().any(|byte| byte.is_ascii_digit()))
        .then(|| text.to_owned())
}
