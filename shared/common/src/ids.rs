//! Ids: UUIDv7, made from the request's own clock and randomness.

mod row;

pub use row::{
    AlertId, AttachmentId, ChannelId, ConversationId, CustomerId, DeliveryId, DestinationId,
    EndpointId, JobId, LinkId, MemberId, MessageId, RowId,
};

use crate::signatures::sha256_hex;
use crate::time::Timestamp;
use std::cell::Cell;
use std::fmt;

/// Fills a buffer with random bytes; `edge` gives the platform's, tests give a counter.
pub type Entropy = fn(&mut [u8]);

/// Makes the ids of one request.
///
/// All of them share one random prefix and end in a counter, so a request's own rows are one range
/// of the primary key, which a later statement of the same batch can name without a list. 58
/// random bits beside the millisecond keep requests apart.
#[derive(Debug)]
pub struct Ids {
    prefix: [u8; 16],
    next: Cell<u16>,
}

/// A range of ids reserved for this request: the first and the last, inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdRange {
    /// The lowest id, counter 0.
    pub first: String,
    /// The highest id, counter 65535.
    pub last: String,
}

/// Most ids of one [`Ids`].
pub const MAX_IDS: u16 = u16::MAX;

impl Ids {
    /// A source whose ids carry this time.
    #[must_use]
    pub fn new(now: Timestamp, entropy: Entropy) -> Self {
        let mut random = [0; 10];
        entropy(&mut random);
        let millis = u64::try_from(now.millis()).unwrap_or_default();
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Self {
            prefix: uuid.into_bytes(),
            next: Cell::new(0),
        }
    }

    /// The next id.
    #[must_use]
    pub fn next(&self) -> String {
        let n = self.next.get();
        self.next.set(n.saturating_add(1));
        self.numbered(n)
    }

    /// All ids that this source can make.
    #[must_use]
    pub fn range(&self) -> IdRange {
        IdRange {
            first: self.numbered(0),
            last: self.numbered(MAX_IDS),
        }
    }

    /// What all of its ids begin with: all but the four digits of the counter.
    #[must_use]
    pub fn shared_prefix(&self) -> String {
        let mut first = self.numbered(0);
        first.truncate(32);
        first
    }

    fn numbered(&self, n: u16) -> String {
        let mut bytes = self.prefix;
        let [high, low] = n.to_be_bytes();
        bytes[14] = high;
        bytes[15] = low;
        uuid::Uuid::from_bytes(bytes).hyphenated().to_string()
    }
}

/// An id that is the same for the same texts, and for no others (UUIDv8): of what may come twice and
/// has to be stored once.
#[must_use]
pub fn derived_id(of: &[&str]) -> String {
    let lengths = of.iter().map(|text| format!("{} {text}", text.len()));
    let digest = sha256_hex(lengths.collect::<Vec<_>>().join("\n").as_bytes());
    let number = u128::from_str_radix(digest.get(..32).unwrap_or_default(), 16);
    let custom = uuid::Builder::from_custom_bytes(number.unwrap_or_default().to_be_bytes());
    custom.into_uuid().hyphenated().to_string()
}

/// What sorts before every id of this time or later, and behind all earlier ones: of rows whose ids
/// carry when they were made, a span is a range of the primary key. Ids know no less than a
/// millisecond.
#[must_use]
pub fn lowest_id(at: Timestamp) -> String {
    let digits = format!("{:012x}", at.millis().max(0));
    let (high, low) = digits.split_at_checked(8).unwrap_or_default();
    [high, "-", low].concat()
}

/// Whether a text is a hyphenated UUID of any version. Anything else is not one of our ids.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// The id of one request, on its answer and in its log line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RequestId(String);

impl RequestId {
    /// A new one.
    #[must_use]
    pub fn new(entropy: Entropy) -> Self {
        let mut random = [0; 12];
        entropy(&mut random);
        Self(format!("req_{}", hex::encode(random)))
    }

    /// As in the header `x-request-id`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Ids {
        Ids::new(Timestamp::from_micros(1_763_706_000_000_000), |b| {
            b.fill(0xab)
        })
    }

    #[test]
    fn ids_are_version_7_ascend_and_lie_within_their_range() {
        let ids = ids();
        let made: Vec<_> = (0..300).map(|_| ids.next()).collect();
        let range = ids.range();
        assert!(made.is_sorted() && made.windows(2).all(|w| w[0] != w[1]));
        assert!(
            made.iter()
                .all(|id| is_id(id) && *id >= range.first && *id <= range.last)
        );
        assert_eq!(
            uuid::Uuid::try_parse(&made[0]).unwrap().get_version_num(),
            7
        );
    }

    #[test]
    fn the_lowest_id_of_a_time_parts_earlier_ids_from_later_ones() {
        let id_at =
            |micros, byte: fn(&mut [u8])| Ids::new(Timestamp::from_micros(micros), byte).next();
        let midnight = 1_763_683_200_000_000;
        let lowest = lowest_id(Timestamp::from_micros(midnight));
        assert!(id_at(midnight - 1, |b| b.fill(0xff)) < lowest);
        assert!(id_at(midnight, |b| b.fill(0)) > lowest);
        assert_eq!(lowest_id(Timestamp::from_micros(0)), "00000000-0000");
    }

    #[test]
    fn an_id_is_derived_of_all_texts_and_their_borders() {
        let id = derived_id(&["a", "b"]);
        assert!(is_id(&id) && id == derived_id(&["a", "b"]));
        for other in [
            &["ab"][..],
            &["a", "c"],
            &["a\nb"],
            &["b", "a"],
            &["a", "b", ""],
        ] {
            assert_ne!(derived_id(other), id, "{other:?}");
        }
    }

    #[test]
    fn what_is_not_a_hyphenated_uuid_is_no_id() {
        for text in [
            "",
            "1",
            "CRM-12345",
            "019a9d8e1c2070000000000000000000",
            "g".repeat(36).as_str(),
        ] {
            assert!(!is_id(text), "{text}");
        }
    }
}
