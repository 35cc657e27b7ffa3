use super::custom_fields;
use crate::identity::{is_source, same_system};
use crate::model::ExternalId;
use crate::record::{Patch, Record, RecordError};
use crate::stored::Stored;
use crate::{CrmIds, Email, Phone};
use std::borrow::Cow;

/// Applies a record's patch to a customer (contract.md, Customers): absent keeps, null clears, tags
/// are replaced, custom fields merged key by key.
pub(super) fn patch<'a>(
    customer: &mut Stored<'a>,
    record: &'a Record<'_>,
) -> Result<(), RecordError> {
    // A name that was made of first and last name goes on being made of them.
    let is_derived = record.name == Patch::Absent
        && (customer.name.is_none() || customer.name == full_name(customer));
    set(&mut customer.first_name, &record.first_name, AsRef::as_ref);
    set(&mut customer.last_name, &record.last_name, AsRef::as_ref);
    if is_derived {
        customer.name = full_name(customer).or(customer.name.take());
    }
    set(&mut customer.name, &record.name, AsRef::as_ref);
    set(&mut customer.email, &record.email, Email::as_str);
    set(&mut customer.phone, &record.phone, Phone::as_str);
    set(
        &mut customer.whatsapp_number,
        &record.whatsapp_number,
        Phone::as_str,
    );
    set(&mut customer.address, &record.address, AsRef::as_ref);
    set(&mut customer.notes, &record.notes, AsRef::as_ref);
    match &record.tags {
        Patch::Absent => {}
        Patch::Null => customer.tags = Cow::Borrowed("[]"),
        Patch::Value(tags) => customer.tags = Cow::Borrowed(tags),
    }
    match &record.custom_fields {
        Patch::Absent => {}
        Patch::Null => customer.custom_fields = Cow::Borrowed("{}"),
        Patch::Value(sent) => {
            customer.custom_fields = custom_fields::merged(&customer.custom_fields, sent)?;
        }
    }
    match &record.crm_ids {
        Patch::Absent => {}
        Patch::Null => customer.crm_ids = None,
        Patch::Value(sent) => {
            let mut ids = CrmIds::of_stored(customer.crm_ids.as_deref());
            ids.merge(&CrmIds::of_stored(Some(sent)));
            customer.crm_ids = Some(Cow::Owned(ids.to_string()));
        }
    }
    external_id(customer, record);
    Ok(())
}

fn set<'a, T>(
    field: &mut Option<Cow<'a, str>>,
    patch: &'a Patch<T>,
    text: impl Fn(&'a T) -> &'a str,
) {
    match patch {
        Patch::Absent => {}
        Patch::Null => *field = None,
        Patch::Value(value) => *field = Some(Cow::Borrowed(text(value))),
    }
}

fn full_name<'a>(customer: &Stored<'a>) -> Option<Cow<'a, str>> {
    let (first, last) = (
        customer.first_name.as_deref()?,
        customer.last_name.as_deref()?,
    );
    Some(Cow::Owned([first, " ", last].concat()))
}

/// Gives the customer the record's id in its system. The same system has one id: adopting replaces
/// the one that was, and a named system takes over from an unnamed one.
fn external_id<'a>(customer: &mut Stored<'a>, record: &'a Record<'_>) {
    let system = record.external_system.as_ref();
    let id = match &record.external_id {
        Patch::Absent => return,
        Patch::Null => None,
        Patch::Value(id) => Some(id.as_ref()),
    };
    let known = |(known, in_system): (&str, &str)| {
        Some(known) == id && (in_system == system || system.is_empty())
    };
    if customer.external_ids().any(known) {
        return;
    }
    // As of nearly every new customer: nothing is kept, and nothing need be copied.
    let has_none = customer.external_ids().next().is_none();
    if has_none && !is_source(system) {
        customer.external_id = id.map(Cow::Borrowed);
        customer.external_system = Cow::Borrowed(id.map_or("", |_| system));
        return;
    }
    let kept = customer
        .external_ids()
        .filter(|(_, in_system)| !same_system(in_system, system))
        .map(|(id, system)| ExternalId {
            external_id: id.into(),
            external_system: system.into(),
        });
    let mut ids: Vec<_> = kept.collect();
    ids.extend(id.map(|id| ExternalId {
        external_id: id.into(),
        external_system: system.into(),
    }));
    customer.set_external_ids(ids);
}

/// Whether anything that is stored differs, the bookkeeping left aside.
pub(super) fn differs(a: &Stored<'_>, b: &Stored<'_>) -> bool {
    a.name != b.name
        || a.first_name != b.first_name
        || a.last_name != b.last_name
        || a.email != b.email
        || a.phone != b.phone
        || a.whatsapp_number != b.whatsapp_number
        || a.address != b.address
        || a.notes != b.notes
        || a.tags != b.tags
        || a.custom_fields != b.custom_fields
        || a.crm_ids != b.crm_ids
        || a.external_id != b.external_id
        || a.external_system != b.external_system
        || a.other_external_ids != b.other_external_ids
}
