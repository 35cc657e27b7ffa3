//! By what names fields say whose a record is.

use crate::Node;
use crate::text::words_of_name;

/// What kind of identity a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    Email,
    Phone,
    External,
}

const EMAILS: [&str; 8] = [
    "email",
    "emails",
    "mail",
    "emailaddress",
    "mailadresse",
    "correo",
    "courriel",
    "epost",
];
const PHONES: [&str; 20] = [
    "phone",
    "phones",
    "mobile",
    "mobilephone",
    "telephone",
    "phonenumber",
    "cell",
    "cellphone",
    "whatsapp",
    "msisdn",
    "tel",
    "telefon",
    "telefono",
    "telefone",
    "handy",
    "mobil",
    "sms",
    "telefonnummer",
    "handynummer",
    "mobilnummer",
];
/// Who a record may be about.
const PERSONS: [&str; 32] = [
    "customer",
    "customers",
    "contact",
    "contacts",
    "client",
    "clients",
    "person",
    "persons",
    "people",
    "user",
    "users",
    "member",
    "members",
    "subscriber",
    "subscribers",
    "lead",
    "leads",
    "patient",
    "patients",
    "guest",
    "guests",
    "buyer",
    "buyers",
    "requester",
    "student",
    "students",
    "tenant",
    "shopper",
    "recipient",
    "kunde",
    "kunden",
    "cliente",
];
/// Those of them whose the record is first of all; another (whom a parcel goes to) only where none of these is known.
const FIRST_OF_ALL: [&str; 8] = [
    "customer",
    "client",
    "buyer",
    "requester",
    "patient",
    "subscriber",
    "member",
    "kunde",
];
/// Those of them that stand for a person by an id or a name. `guests: 2` does not.
const BY_NAME: [&str; 14] = [
    "customer",
    "client",
    "buyer",
    "requester",
    "patient",
    "subscriber",
    "member",
    "kunde",
    "cliente",
    "contact",
    "person",
    "recipient",
    "student",
    "tenant",
];
/// What holds the fields of a record in some systems.
const WRAPPERS: [&str; 7] = [
    "properties",
    "attributes",
    "fields",
    "node",
    "profile",
    "data",
    "record",
];
/// Names of lists that say nothing about what is in them.
pub(super) const ANYTHING: [&str; 10] = [
    "data", "results", "records", "value", "rows", "items", "entries", "list", "result", "record",
];
/// Words beside an identity's that leave it the person's own.
const OWN: [&str; 33] = [
    "address",
    "number",
    "no",
    "nr",
    "primary",
    "main",
    "work",
    "home",
    "personal",
    "private",
    "business",
    "billing",
    "other",
    "value",
    "field",
    "account",
    "holder",
    "e",
    "1",
    "2",
    "3",
    "first",
    "second",
    "secondary",
    "alternate",
    "alternative",
    "default",
    "current",
    "normalized",
    "verified",
    "formatted",
    "adresse",
    "nummer",
];
/// Fields that only a person has.
const PERSONAL: [&str; 15] = [
    "firstname",
    "lastname",
    "surname",
    "givenname",
    "familyname",
    "birthday",
    "birthdate",
    "dateofbirth",
    "dob",
    "ssn",
    "shippingaddress",
    "billingaddress",
    "homeaddress",
    "passport",
    "vorname",
];
const FIRST: [&str; 5] = ["firstname", "givenname", "vorname", "fname", "nombre"];
const LAST: [&str; 6] = [
    "lastname",
    "familyname",
    "surname",
    "nachname",
    "lname",
    "apellido",
];
const WHOLE: [&str; 4] = ["name", "fullname", "displayname", "customername"];
/// What an order, a ticket or a deal has and a person has not.
const THINGS: [&str; 28] = [
    "order",
    "orders",
    "total",
    "amount",
    "price",
    "subject",
    "line",
    "items",
    "invoice",
    "ticket",
    "stage",
    "deal",
    "due",
    "quantity",
    "sku",
    "tracking",
    "shipment",
    "shipping",
    "payment",
    "currency",
    "conversation",
    "message",
    "booking",
    "appointment",
    "product",
    "priority",
    "subscription",
    "description",
];

fn is(word: &str, known: &[&str]) -> bool {
    known.contains(&word)
}

/// The words of a name without a number at the end of one: `email2`.
fn bare(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// What identity of the record's own person a name means; `None` where it means none, or another's (`agent_email`).
pub(super) fn identity_of(words: &[String]) -> Option<Identity> {
    let kind = kind_of(words)?;
    let is_own = |word: &String| {
        let bare = bare(word);
        is(word, &OWN)
            || bare.is_empty()
            || is(bare, &PERSONS)
            || is(bare, &EMAILS)
            || is(bare, &PHONES)
            || bare == "id"
            || bare == "ids"
    };
    words.iter().all(is_own).then_some(kind)
}

/// Whether a name is that of somebody's address, number or id, the record's own person's or another's.
pub(super) fn is_contact(words: &[String]) -> bool {
    kind_of(words).is_some()
}

fn kind_of(words: &[String]) -> Option<Identity> {
    let last = words.last()?;
    let joined = words.concat();
    if matches!(last.as_str(), "id" | "uuid" | "gid") && words.len() > 1 {
        let is_persons = |word: &String| is(word, &PERSONS) || word == "account";
        return words.iter().any(is_persons).then_some(Identity::External);
    }
    // `customerid`, in lower case throughout.
    if joined
        .strip_suffix("id")
        .is_some_and(|person| is(person, &PERSONS))
    {
        return Some(Identity::External);
    }
    if is(&joined, &EMAILS) {
        return Some(Identity::Email);
    }
    if is(&joined, &PHONES) {
        return Some(Identity::Phone);
    }
    // What stands behind the word belongs to it: `email_address`, `phone2`, and not `phone_case`.
    let mut words = words
        .iter()
        .rev()
        .skip_while(|word| is(word, &OWN) && word.as_str() != "e");
    let (word, before) = (words.next()?, words.next());
    let is_parted = bare(word) == "mail" && before.is_some_and(|word| word == "e");
    match () {
        () if is(bare(word), &EMAILS) || is_parted => Some(Identity::Email),
        () if is(bare(word), &PHONES) => Some(Identity::Phone),
        () => None,
    }
}

/// Whether a name is that of a person or of a list of persons. `customer_service` is none.
pub(super) fn is_person(words: &[String]) -> bool {
    match words {
        [word] => is(word, &PERSONS),
        [first, second] => {
            is(second, &PERSONS)
                && matches!(
                    first.as_str(),
                    "crm" | "all" | "my" | "our" | "the" | "shop" | "sales"
                )
        }
        _ => false,
    }
}

/// Whether a record that has somebody by this name is that one's first of all.
pub(super) fn is_first_of_all(words: &[String]) -> bool {
    is(&words.concat(), &FIRST_OF_ALL)
}

/// Whether a single value by this name names somebody.
pub(super) fn is_by_name(words: &[String]) -> bool {
    is(&words.concat(), &BY_NAME)
}

/// Whether a name is that of an object that holds the record's own fields.
pub(super) fn is_wrapper(words: &[String]) -> bool {
    matches!(words, [word] if is(word, &WRAPPERS))
}

/// Whether only a person has a field of that name.
pub(super) fn is_persons_field(words: &[String]) -> bool {
    is(&words.concat(), &PERSONAL)
}

/// Whether an object has the names of a person and nothing of an order's or a ticket's.
pub(super) fn has_persons_names(value: &Node) -> bool {
    let (mut first, mut last, mut whole, mut thing) = (false, false, false, false);
    for (name, value) in value
        .fields()
        .iter()
        .filter(|(_, value)| value.filled().is_some())
    {
        let words = words_of_name(name);
        let joined = words.concat();
        let has_text = matches!(value, Node::Text(_));
        first |= has_text && is(&joined, &FIRST);
        last |= has_text && is(&joined, &LAST);
        whole |= has_text && is(&joined, &WHOLE);
        thing |= words.iter().any(|word| is(word, &THINGS));
    }
    (first || last || whole) && !thing
}
