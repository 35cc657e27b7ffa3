//! By what names fields say whose a record is.

use super::words::{
    BY_NAME, EMAILS, FIRST, FIRST_OF_ALL, LAST, OWN, PAYERS, PERSONAL, PERSONS, PHONES, THINGS,
    WHOLE, WRAPPERS,
};
use crate::Node;
use crate::text::words_of_name;

/// What kind of identity a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    Email,
    Phone,
    External,
}

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

/// Whom a field of a record stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Person {
    /// Whose the record is first of all.
    First,
    /// Who pays; the object's id is that of an address.
    Payer,
    /// Somebody else, whose it is only if nobody else is known.
    Other,
}

/// Whom a field stands for by its name. `guests: 2` and `plan.users: 5` stand for nobody.
pub(super) fn person_of(words: &[String], is_object: bool) -> Option<Person> {
    // `person_id: {"value": 3, "email": …}`
    let words = match words.split_last() {
        Some((last, rest)) if is_object && last == "id" && !rest.is_empty() => rest,
        _ => words,
    };
    let joined = words.concat();
    if is_object && is(&joined, &PAYERS) {
        return Some(Person::Payer);
    }
    let is_one = is_person(words) && (is_object || is(&joined, &BY_NAME));
    is_one.then(|| match is(&joined, &FIRST_OF_ALL) {
        true => Person::First,
        false => Person::Other,
    })
}

/// Whether an object says that it is a person: `"object": "customer"`, `"type": "Contact"`.
pub(super) fn is_said_to_be_person(value: &Node) -> bool {
    let kinds = ["object", "type", "kind", "record_type"].iter();
    let mut said = kinds.filter_map(|name| value.get(name)?.filled());
    said.any(|kind| is_person(&words_of_name(kind)))
}

/// Whether a name is that of an object that holds the record's own fields.
pub(super) fn is_wrapper(words: &[String]) -> bool {
    matches!(words, [word] if is(word, &WRAPPERS))
}

/// Whether only a person has a field of that name.
pub(super) fn is_persons_field(words: &[String]) -> bool {
    is(&words.concat(), &PERSONAL)
}

/// Whether an object has a field of what an order or a ticket has.
pub(crate) fn is_thing(value: &Node) -> bool {
    let mut fields = value.fields().iter().filter(|(_, value)| !value.is_blank());
    fields.any(|(name, _)| words_of_name(name).iter().any(|word| is(word, &THINGS)))
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
