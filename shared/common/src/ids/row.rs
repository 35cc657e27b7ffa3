//! Ids of rows, each a type of its own, so that two cannot be swapped. Each is the text of a UUID in
//! lower case, as JSON and the database have it.
//!
//! What comes from outside is parsed; what comes from a row is taken as it is
//! ([`Columns::id`](crate::db::Columns::id)).

use super::{Ids, is_id};
use crate::db::Value;
use std::fmt;

/// The id of a row, of whichever table.
pub trait RowId: Sized {
    /// As it stands in the row.
    fn of_row(text: String) -> Self;
}

macro_rules! row_ids {
    ($( $(#[$doc:meta])* $name:ident; )+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// A new one.
            #[must_use]
            pub fn new(ids: &Ids) -> Self {
                Self(ids.next())
            }

            /// Reads an id in either case; `None` for what can be none of ours.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                is_id(text).then(|| Self(text.to_ascii_lowercase()))
            }

            /// Takes a text as it is: of what we wrote ourselves, or gave to a provider that gives it
            /// back. One that is no id finds no row.
            #[must_use]
            pub fn unchecked(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl RowId for $name {
            fn of_row(text: String) -> Self {
                Self(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text).ok_or("an id")
            }
        }

        impl From<&$name> for Value {
            fn from(id: &$name) -> Self {
                Self::Text(id.0.clone())
            }
        }

        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Text(id.0)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": "uuid" })
            }
        }
    )+ };
}

row_ids! {
    /// Of a customer.
    CustomerId;
    /// Of a conversation: a thread of one customer on one channel account.
    ConversationId;
    /// Of a message.
    MessageId;
    /// Of a channel account of the business.
    ChannelId;
    /// Of a file, of a message or still of none.
    AttachmentId;
    /// Of a job for a CRM.
    JobId;
    /// Of an endpoint that webhooks are posted to.
    EndpointId;
    /// Of the delivery of an event to an endpoint.
    DeliveryId;
    /// Of a place from which records are taken.
    LinkId;
    /// Of a person who signs in for a business.
    MemberId;
    /// Of an alert.
    AlertId;
    /// Of an address or URL that alerts are sent to.
    DestinationId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Columns;

    const TEXT: &str = "019a9d8e-1c20-7000-8000-00000000abcd";

    #[test]
    fn an_id_is_read_in_either_case_and_kept_in_lower_case() {
        let id = EndpointId::parse(&TEXT.to_ascii_uppercase()).unwrap();
        assert_eq!(id.as_str(), TEXT);
        assert_eq!(Value::from(&id), TEXT.into());
        assert_eq!(Value::from(Some(id)), TEXT.into());
        assert_eq!(EndpointId::parse("CRM-12345"), None);
    }

    #[test]
    fn an_id_of_a_row_is_taken_as_it_stands_there() {
        let row = [Value::from("A-1"), Value::Null, 7.into()];
        let mut columns = Columns::of(&row);
        assert_eq!(columns.id::<CustomerId>("id").unwrap().as_str(), "A-1");
        assert_eq!(columns.id_or_null::<MessageId>("message_id").unwrap(), None);
        assert!(columns.id::<JobId>("job_id").is_err());
        assert!(columns.id_or_null::<JobId>("missing").is_err());
    }

    #[test]
    fn an_id_is_a_text_in_json_and_nothing_else_is_one() {
        let json = format!("\"{TEXT}\"");
        let id: EndpointId = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), json);
        for other in ["\"\"", "\"x\"", "1", "null"] {
            assert!(
                serde_json::from_str::<EndpointId>(other).is_err(),
                "{other}"
            );
        }
    }
}
