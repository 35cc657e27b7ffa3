//! Reads the records of a request, leniently: what is no record fails alone, later.

use super::record::RawRecord;
use common::http::{Error, Kind, Request, json_error, shape_error};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Most records of one request (contract.md, Customers).
pub const MAX_RECORDS: usize = 1000;

/// The records of a request.
#[derive(Debug)]
pub struct Batch<'a>(pub(super) Vec<RawRecord<'a>>);

/// Reads `{"customers": […]}`.
///
/// # Errors
/// 400 for invalid JSON, 422 for another shape, no records, or too many.
pub fn parse_batch(request: &Request) -> Result<Batch<'_>, Error> {
    batch_of(request.text()?)
}

/// Reads the same of a text, for records that no request carries.
///
/// # Errors
/// As [`parse_batch`].
pub fn batch_of(text: &str) -> Result<Batch<'_>, Error> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow, default)]
        customers: Sent<'a>,
    }
    let body: Body<'_> = serde_json::from_str(text).map_err(|error| body_error(&error))?;
    let refused = |rule, message: String| Err(Error::invalid("customers", rule, message));
    match body.customers {
        Sent::Missing => refused(
            "required",
            "`customers` is missing: send {\"customers\": […]}.".into(),
        ),
        Sent::NoArray => refused("array", "`customers` must be an array of records.".into()),
        Sent::Records(_, 0) => refused(
            "at_least_1",
            "`customers` is empty: there is nothing to do.".into(),
        ),
        Sent::Records(_, sent) if sent > MAX_RECORDS => {
            let message = format!(
                "A request takes at most {MAX_RECORDS} records, and this one has {sent}. Send them \
                 in batches."
            );
            Err(Error::new(Kind::TooManyRecords, message).with_detail("customers", "at_most_1000"))
        }
        Sent::Records(records, _) => Ok(Batch(records)),
    }
}

/// What is wrong with a body: it is no JSON, no object, or has its one field twice.
fn body_error(error: &serde_json::Error) -> Error {
    match error.is_data() && error.to_string().starts_with("duplicate field") {
        true => shape_error("customers", "once", error),
        false => json_error(error),
    }
}

/// What came as `customers`.
#[derive(Default)]
enum Sent<'a> {
    #[default]
    Missing,
    NoArray,
    /// The records, of which no more than allowed are kept, and how many were sent.
    Records(Vec<RawRecord<'a>>, usize),
}

impl<'de: 'a, 'a> Deserialize<'de> for Sent<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SentVisitor)
    }
}

struct SentVisitor;

impl<'de> Visitor<'de> for SentVisitor {
    type Value = Sent<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut records = Vec::new();
        while records.len() < MAX_RECORDS {
            match seq.next_element()? {
                Some(record) => records.push(record),
                None => break,
            }
        }
        let mut sent = records.len();
        while seq.next_element::<IgnoredAny>()?.is_some() {
            sent += 1;
        }
        Ok(Sent::Records(records, sent))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Sent::NoArray)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Sent::NoArray)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Sent::NoArray)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Sent::NoArray)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Sent::NoArray)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Sent::NoArray)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Sent::NoArray)
    }
}
