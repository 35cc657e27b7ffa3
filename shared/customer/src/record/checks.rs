use super::parse::{RawRecord, Sent};
use super::{Patch, Record, RecordError};
use crate::model::{
    MAX_ADDRESS_CHARS, MAX_CRM_IDS_BYTES, MAX_CUSTOM_FIELDS_BYTES, MAX_EXTERNAL_ID_CHARS,
    MAX_NAME_CHARS, MAX_NOTES_CHARS, MAX_SYSTEM_CHARS, MAX_TAG_CHARS, MAX_TAGS,
};
use crate::{CrmIds, Email, Phone};
use common::text::trimmed;
use std::borrow::Cow;

pub(super) fn check<'a>(raw: RawRecord<'a>, region: &str) -> Result<Record<'a>, RecordError> {
    let record = check_fields(raw, region)?;
    if record.identities().next().is_none() {
        let message =
            "A record needs an external_id, email, phone or whatsapp_number, or it names nobody.";
        return Err(RecordError::invalid(message));
    }
    Ok(record)
}

pub(super) fn check_fields<'a>(
    raw: RawRecord<'a>,
    region: &str,
) -> Result<Record<'a>, RecordError> {
    if !raw.is_object {
        return Err(RecordError::invalid("A record must be a JSON object."));
    }
    // All are read before any is looked at: one that is no JSON makes the whole body none.
    let read = |json: Patch<&'a str>| json.try_map(Sent::read);
    let (external_id, external_system) = (read(raw.external_id)?, read(raw.external_system)?);
    let (name, first_name, last_name) =
        (read(raw.name)?, read(raw.first_name)?, read(raw.last_name)?);
    let (email, number, whatsapp_number) = (
        read(raw.email)?,
        read(raw.phone)?,
        read(raw.whatsapp_number)?,
    );
    let (address, notes, crm_ids) = (read(raw.address)?, read(raw.notes)?, read(raw.crm_ids)?);
    let external_id = match external_id {
        // Many CRMs number their records; the number is the id's text.
        Patch::Value(Sent::Whole(n)) => Patch::Value(Sent::Text(Cow::Owned(n.to_string()))),
        sent => sent,
    };
    let external_system = text("external_system", external_system, MAX_SYSTEM_CHARS)?;
    Ok(Record {
        external_id: text("external_id", external_id, MAX_EXTERNAL_ID_CHARS)?,
        external_system: match external_system {
            Patch::Value(system) => system,
            Patch::Absent | Patch::Null => Cow::Borrowed(""),
        },
        name: text("name", name, MAX_NAME_CHARS)?,
        first_name: text("first_name", first_name, MAX_NAME_CHARS)?,
        last_name: text("last_name", last_name, MAX_NAME_CHARS)?,
        email: text("email", email, MAX_NAME_CHARS * 2)?.try_map(|email| {
            Email::parse(email)
                .ok_or_else(|| RecordError::invalid("`email` must be an email address."))
        })?,
        phone: phone("phone", number, region)?,
        whatsapp_number: phone("whatsapp_number", whatsapp_number, region)?,
        address: text("address", address, MAX_ADDRESS_CHARS)?,
        notes: text("notes", notes, MAX_NOTES_CHARS)?,
        tags: raw.tags.try_map(tags)?,
        custom_fields: raw.custom_fields.try_map(custom_fields)?,
        crm_ids: text("crm_ids", crm_ids, MAX_CRM_IDS_BYTES)?.try_map(|ids| {
            let ids = CrmIds::parse(&ids).map(|ids| ids.to_string());
            ids.ok_or_else(|| {
                let message = "`crm_ids` must be ids of records as they are shown, such as \
                               `example:person:1|example:lead:2`.";
                RecordError::invalid(message)
            })
        })?,
    })
}

/// A text within its length. An empty one counts as null: the CRM says that the field is empty.
fn text<'a>(
    field: &str,
    sent: Patch<Sent<'a>>,
    max_chars: usize,
) -> Result<Patch<Cow<'a, str>>, RecordError> {
    let text = match sent {
        Patch::Absent => return Ok(Patch::Absent),
        Patch::Null | Patch::Value(Sent::Null) => return Ok(Patch::Null),
        Patch::Value(Sent::Text(text)) => trimmed(text),
        Patch::Value(Sent::Whole(_) | Sent::Other) => {
            return Err(RecordError::invalid(format!("`{field}` must be a text.")));
        }
    };
    if text.is_empty() {
        return Ok(Patch::Null);
    }
    if text.len() > max_chars && text.chars().count() > max_chars {
        let message = format!("`{field}` must have at most {max_chars} characters.");
        return Err(RecordError::invalid(message));
    }
    // SQLite's text functions end at a NUL.
    if text.contains('\0') {
        return Err(RecordError::invalid(format!(
            "`{field}` must not contain U+0000."
        )));
    }
    Ok(Patch::Value(text))
}

fn phone<'a>(
    field: &str,
    sent: Patch<Sent<'a>>,
    region: &str,
) -> Result<Patch<Phone<'a>>, RecordError> {
    text(field, sent, MAX_NAME_CHARS)?.try_map(|number| {
        Phone::parse(number, region).ok_or_else(|| {
            RecordError::invalid(format!(
                "`{field}` must be a phone number: international, such as +353871234567, or as \
                 dialled in {region}."
            ))
        })
    })
}

fn tags(json: &str) -> Result<Cow<'_, str>, RecordError> {
    // Texts without escapes are borrowed, any others decoded.
    if let Ok(plain) = serde_json::from_str::<Vec<&str>>(json) {
        let tags = distinct(plain.iter().copied())?;
        // `"tag"` each, and a comma or a bracket after it.
        let bytes = tags.iter().map(|tag| tag.len() + 3).sum::<usize>();
        if 1 + bytes.max(1) == json.len() {
            return Ok(Cow::Borrowed(json));
        }
        return as_json(&tags);
    }
    let sent: Vec<String> = serde_json::from_str(json).map_err(|error| {
        if error.is_data() {
            refused_tags()
        } else {
            RecordError::malformed()
        }
    })?;
    as_json(&distinct(sent.iter().map(String::as_str))?)
}

fn as_json<'a>(tags: &[&str]) -> Result<Cow<'a, str>, RecordError> {
    let json = serde_json::to_string(tags).map_err(|_| refused_tags())?;
    Ok(Cow::Owned(json))
}

fn refused_tags() -> RecordError {
    RecordError::invalid("`tags` must be an array of texts.")
}

/// The tags, each once.
fn distinct<'t>(sent: impl Iterator<Item = &'t str>) -> Result<Vec<&'t str>, RecordError> {
    let mut tags: Vec<&str> = Vec::new();
    for tag in sent {
        let tag = tag.trim();
        if tag.chars().count() > MAX_TAG_CHARS {
            let message = format!("A tag must have at most {MAX_TAG_CHARS} characters.");
            return Err(RecordError::invalid(message));
        }
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
        if tags.len() > MAX_TAGS {
            let message = format!("A customer has at most {MAX_TAGS} tags.");
            return Err(RecordError::invalid(message));
        }
    }
    Ok(tags)
}

/// Looks at the kind and the size alone: what it holds is read when it is merged.
fn custom_fields(json: &str) -> Result<&str, RecordError> {
    if !json.starts_with('{') {
        return Err(RecordError::invalid("`custom_fields` must be an object."));
    }
    if json.len() > 4 * MAX_CUSTOM_FIELDS_BYTES {
        return Err(too_many_custom_fields());
    }
    Ok(json)
}

pub(crate) fn too_many_custom_fields() -> RecordError {
    RecordError::invalid(format!(
        "`custom_fields` must have at most {MAX_CUSTOM_FIELDS_BYTES} bytes of JSON for a customer."
    ))
}
