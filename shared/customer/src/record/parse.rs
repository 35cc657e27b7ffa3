use super::{Patch, RecordError};
use crate::fingerprint::{Fields, Fingerprint};
use crate::model::MAX_SYSTEM_CHARS;
use common::json::raw::plain_text;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A value of a text field, of whatever type was sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sent<'a> {
    Null,
    Text(Cow<'a, str>),
    Whole(i128),
    Other,
}

impl<'a> Sent<'a> {
    /// Reads a value.
    ///
    /// # Errors
    /// [`RecordError::malformed`].
    pub(super) fn read(json: &'a str) -> Result<Self, RecordError> {
        match plain_text(json) {
            Some(text) => Ok(Self::Text(Cow::Borrowed(text))),
            None => serde_json::from_str(json).map_err(|_| RecordError::malformed()),
        }
    }
}

/// A record as sent: its fields as JSON, not yet read. Anything that is JSON becomes one, so that a record of the wrong
/// shape fails alone.
#[derive(Debug, Clone, Default)]
pub struct RawRecord<'a> {
    pub(super) is_object: bool,
    pub(super) external_id: Patch<&'a str>,
    pub(super) external_system: Patch<&'a str>,
    pub(super) name: Patch<&'a str>,
    pub(super) first_name: Patch<&'a str>,
    pub(super) last_name: Patch<&'a str>,
    pub(super) email: Patch<&'a str>,
    pub(super) phone: Patch<&'a str>,
    pub(super) whatsapp_number: Patch<&'a str>,
    pub(super) address: Patch<&'a str>,
    pub(super) notes: Patch<&'a str>,
    pub(super) crm_ids: Patch<&'a str>,
    pub(super) tags: Patch<&'a str>,
    pub(super) custom_fields: Patch<&'a str>,
    /// Fields that a record does not have. They are reported, since a misspelt field would else be
    /// lost without a word.
    pub(super) ignored: Vec<String>,
}

/// Most ignored fields that are named in an answer.
const MAX_IGNORED: usize = 20;

impl<'a> RawRecord<'a> {
    /// The external id as sent, for the answer, which names a failed record by it.
    #[must_use]
    pub fn sent_external_id(&self) -> Option<Cow<'a, str>> {
        match Sent::read(self.external_id.value()?).ok()? {
            Sent::Text(text) => Some(text),
            Sent::Whole(n) => Some(Cow::Owned(n.to_string())),
            Sent::Null | Sent::Other => None,
        }
    }

    /// The external id and its system, empty where there is none, if both are texts that need no second look.
    pub(crate) fn plain_external_id(&self) -> Option<(&'a str, &'a str)> {
        let plain =
            |json| plain_text(json).filter(|text| text.len() <= MAX_PLAIN && is_trimmed(text));
        let id = plain(self.external_id.value()?)?;
        let system = match &self.external_system {
            Patch::Absent | Patch::Null => "",
            Patch::Value(json) => plain(json)?,
        };
        Some((id, system))
    }

    /// The names of the fields that a record does not have.
    pub(crate) fn ignored_fields(&self) -> &[String] {
        &self.ignored
    }

    /// Equal for records whose fields are written the same, whatever their order: in one region they would do the same to
    /// any customer.
    pub(crate) fn fingerprint(&self, sent: &mut Fields) -> Fingerprint {
        let fields = [
            &self.external_id,
            &self.external_system,
            &self.name,
            &self.first_name,
            &self.last_name,
            &self.email,
            &self.phone,
            &self.whatsapp_number,
            &self.address,
            &self.notes,
            &self.crm_ids,
            &self.tags,
            &self.custom_fields,
        ];
        for (number, patch) in (0..).zip(fields) {
            match patch {
                Patch::Absent => {}
                Patch::Null => sent.add(number, "null"),
                Patch::Value(json) => sent.add(number, json),
            }
        }
        sent.take()
    }
}

/// Longest text that cannot be over any limit of its field, in bytes.
const MAX_PLAIN: usize = MAX_SYSTEM_CHARS;

/// Whether a text is not empty, and its first and last byte are no white space of any kind.
fn is_trimmed(text: &str) -> bool {
    let is_visible = |byte: &u8| byte.is_ascii_graphic();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_visible) && bytes.last().is_some_and(is_visible)
}

impl<'de> Deserialize<'de> for RawRecord<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RecordVisitor)
    }
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = RawRecord<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut record = RawRecord {
            is_object: true,
            ..RawRecord::default()
        };
        while let Some(Key(key)) = map.next_key()? {
            let field = match &*key {
                "external_id" => &mut record.external_id,
                "external_system" => &mut record.external_system,
                "name" => &mut record.name,
                "first_name" => &mut record.first_name,
                "last_name" => &mut record.last_name,
                "email" => &mut record.email,
                "phone" => &mut record.phone,
                "whatsapp_number" => &mut record.whatsapp_number,
                "address" => &mut record.address,
                "notes" => &mut record.notes,
                "crm_ids" => &mut record.crm_ids,
                "tags" => &mut record.tags,
                "custom_fields" => &mut record.custom_fields,
                _ => {
                    // Read as a value, which checks its numbers and its escapes as the rest.
                    map.next_value::<serde_json::Value>()?;
                    if record.ignored.len() < MAX_IGNORED {
                        record.ignored.push(key.chars().take(64).collect());
                    }
                    continue;
                }
            };
            *field = json(map.next_value()?);
        }
        Ok(record)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<serde_json::Value>()?.is_some() {}
        Ok(RawRecord::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(RawRecord::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(RawRecord::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(RawRecord::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(RawRecord::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(RawRecord::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(RawRecord::default())
    }
}

fn json(raw: &RawValue) -> Patch<&str> {
    match raw.get() {
        "null" => Patch::Null,
        text => Patch::Value(text),
    }
}

/// A key, borrowed unless it has escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(SentVisitor)? {
            Sent::Text(text) => Ok(Self(text)),
            _ => Ok(Self(Cow::Borrowed(""))),
        }
    }
}

impl<'de> Deserialize<'de> for Sent<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SentVisitor)
    }
}

struct SentVisitor;

impl<'de> Visitor<'de> for SentVisitor {
    type Value = Sent<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Sent::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Sent::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Sent::Null)
    }

    fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
        Ok(Sent::Whole(n.into()))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
        Ok(Sent::Whole(n.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Sent::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Sent::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<serde_json::Value>()?.is_some() {}
        Ok(Sent::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, serde_json::Value>()?.is_some() {}
        Ok(Sent::Other)
    }
}
