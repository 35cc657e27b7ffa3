//! What Kustomer posts to us (kustomer.md §12).

use super::resource::Resource;
use common::json::raw;
use common::json::tolerant;
use common::json::tolerant::text;
use common::signatures::{hmac_sha256, same_bytes};

/// Longest id that is taken.
const MAX_ID_BYTES: usize = 128;

/// By which of the tokens a body is signed: `X-Kustomer-Webhook-Signature` is the HMAC-SHA256 of the
/// bytes as they came, in hexadecimal, keyed by the token's text. Empty tokens sign nothing.
#[must_use]
pub fn verified(signature: Option<&str>, body: &[u8], tokens: &[&str]) -> Option<usize> {
    let mut given = [0; 32];
    hex::decode_to_slice(signature?.trim(), &mut given).ok()?;
    let signs = |token: &&str| {
        !token.is_empty() && same_bytes(&hmac_sha256(token.as_bytes(), body), &given)
    };
    tokens.iter().position(signs)
}

/// The organisation that an event claims, which decides whose tokens to try. Nothing is verified yet.
#[must_use]
pub fn org_of(body: &[u8]) -> Option<String> {
    let body = tolerant::checked(body)?;
    id(&raw::part(&body), "org")
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Its id, the same however often it comes.
    pub id: String,
    /// What happened: `kustomer.message.create`.
    pub name: String,
    /// The organisation.
    pub org: String,
    /// The record as it then was.
    pub data: Resource,
}

impl Envelope {
    /// Reads an event; `None` for what is none.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body = tolerant::checked(body)?;
        let event = raw::part(&body);
        let name = id(&event, "name")?;
        let mut data = Resource::read(event.get("data")?)?;
        if data.kind.is_empty() {
            data.kind = name.split('.').nth(1).unwrap_or_default().to_owned();
        }
        Some(Self {
            id: id(&event, "id")?,
            org: id(&event, "org")?,
            data,
            name,
        })
    }

    /// Whether the record is new.
    #[must_use]
    pub fn is_created(&self) -> bool {
        self.name.ends_with(".create")
    }
}

fn id(object: &tolerant::Object<'_>, field: &str) -> Option<String> {
    text(object, field).filter(|id| id.len() <= MAX_ID_BYTES)
}
