use crate::identity::same_system;
use crate::model::{ExternalId, MAX_CUSTOM_FIELDS_BYTES};
use crate::record::{Patch, Record, RecordError, checks};
use crate::stored::Stored;
use crate::{CrmIds, Email, Phone};
use serde_json::{Map, Value};

/// Applies a record's patch to a customer (contract.md, Customers): absent keeps, null clears, tags
/// are replaced, custom fields merged key by key.
pub(super) fn patch(customer: &mut Stored, record: &Record<'_>) -> Result<(), RecordError> {
    let derived_name = full_name(customer);
    set(&mut customer.first_name, &record.first_name, |text| text);
    set(&mut customer.last_name, &record.last_name, |text| text);
    // A name that was made of first and last name goes on being made of them.
    if customer.name.is_none() || customer.name == derived_name {
        customer.name = full_name(customer).or(customer.name.take());
    }
    set(&mut customer.name, &record.name, |text| text);
    set(&mut customer.email, &record.email, Email::as_str);
    set(&mut customer.phone, &record.phone, Phone::as_str);
    set(
        &mut customer.whatsapp_number,
        &record.whatsapp_number,
        Phone::as_str,
    );
    set(&mut customer.address, &record.address, |text| text);
    set(&mut customer.notes, &record.notes, |text| text);
    match &record.tags {
        Patch::Absent => {}
        Patch::Null => customer.tags = "[]".into(),
        Patch::Value(tags) => customer.tags.clone_from(tags),
    }
    match &record.custom_fields {
        Patch::Absent => {}
        Patch::Null => customer.custom_fields = "{}".into(),
        Patch::Value(fields) => customer.custom_fields = merged(&customer.custom_fields, fields)?,
    }
    match &record.crm_ids {
        Patch::Absent => {}
        Patch::Null => customer.crm_ids = None,
        Patch::Value(sent) => {
            let mut ids = CrmIds::of_stored(customer.crm_ids.as_deref());
            ids.merge(&CrmIds::of_stored(Some(sent)));
            customer.crm_ids = Some(ids.to_string());
        }
    }
    external_id(customer, record);
    Ok(())
}

fn set<T>(field: &mut Option<String>, patch: &Patch<T>, text: impl Fn(&T) -> &str) {
    match patch {
        Patch::Absent => {}
        Patch::Null => *field = None,
        Patch::Value(value) => {
            if field.as_deref() != Some(text(value)) {
                *field = Some(text(value).to_owned());
            }
        }
    }
}

fn full_name(customer: &Stored) -> Option<String> {
    Some(format!(
        "{} {}",
        customer.first_name.as_ref()?,
        customer.last_name.as_ref()?
    ))
}

/// Gives the customer the record's id in its system. The same system has one id: adopting replaces
/// the one that was, and a named system takes over from an unnamed one.
fn external_id(customer: &mut Stored, record: &Record<'_>) {
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

fn merged(stored: &str, sent: &str) -> Result<String, RecordError> {
    let sent: Map<String, Value> =
        serde_json::from_str(sent).map_err(|_| RecordError::malformed())?;
    let mut fields: Map<String, Value> = serde_json::from_str(stored).unwrap_or_default();
    for (key, value) in sent {
        if value.is_null() {
            fields.remove(&key);
        } else {
            fields.insert(key, value);
        }
    }
    let json = serde_json::to_string(&fields).map_err(|_| RecordError::malformed())?;
    if json.len() > MAX_CUSTOM_FIELDS_BYTES {
        return Err(checks::too_many_custom_fields());
    }
    Ok(json)
}

/// Whether anything that is stored differs, the bookkeeping left aside.
pub(super) fn differs(a: &Stored, b: &Stored) -> bool {
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
