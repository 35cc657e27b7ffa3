//! What a link that is not added would give. `crm-links` answers with it, and has it fetched where links are fetched.

use crate::link::request::PreviewFile;
use crate::link::{LinkSecrets, LinkType, Settings};
use common::calls::{Call, any_json};
use common::json::plain::Unreadable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The function that fetches.
pub const FETCHER: &str = "refresh-crm-links";

/// A link whose first page is to be fetched, while it is not added. What it is set to was checked as that of a link
/// that is.
#[derive(Serialize, Deserialize)]
pub struct PreviewLink {
    /// Whose it would be.
    pub business_id: String,
    /// Its name.
    pub name: String,
    /// What is there.
    pub kind: LinkType,
    /// Where it is.
    pub url: String,
    /// What else is set.
    pub settings: Settings,
    /// Its secrets, in the clear: a call does not leave the deployment.
    pub secrets: LinkSecrets,
    /// The file, where it is one that is to be uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PreviewFile>,
}

impl Call for PreviewLink {
    const FUNCTION: &'static str = FETCHER;
    const NAME: &'static str = "preview_link";
    const VERSION: u32 = 1;
    type Answer = Preview;

    fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Unreadable> {
        any_json(json)
    }
}

/// What a source gives, of its first page.
#[derive(Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preview {
    /// What the answer is: `json`, `json_lines`, `csv`, `tsv`, `xml`, `markdown`, `html` or `text`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The first records, as they would be stored.
    pub records: Vec<PreviewRecord>,
    /// How many records were looked at, at most 200.
    pub looked_at: usize,
    /// Whether the list goes on behind its first page.
    pub has_more_pages: bool,
    /// The fields of the records.
    pub fields: Vec<PreviewField>,
    /// How many values were masked.
    pub masked: u32,
    /// How many records are for everybody, how many somebody's, and how many are somebody's, nobody knows whose.
    pub owners: PreviewOwners,
    /// Why nothing can be fetched, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A record, as it would be stored.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewRecord {
    /// What names it.
    pub key: String,
    /// Where it stands.
    pub path: String,
    /// What it is shown by.
    pub title: String,
    /// Its fields, a line each.
    pub text: String,
    /// What is odd about it: `text_cut`, `fields_cut`, `key_missing`, `owner_unknown`.
    pub problems: Vec<String>,
}

/// A field of the records.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewField {
    /// Its path within a record.
    pub path: String,
    /// The first value, masked where it is.
    pub example: String,
    /// `text`, `number`, `boolean`, `mixed` or `empty`.
    pub kind: String,
    /// In how many records it has a value.
    pub filled: u32,
    /// How many values were masked.
    pub masked: u32,
    /// Whether it is stored.
    pub is_taken: bool,
}

/// Whose the records are.
#[derive(Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PreviewOwners {
    /// For everybody.
    pub everyone: u32,
    /// Somebody's, by an email address, a phone number or an id.
    pub known: u32,
    /// Somebody's, nobody knows whose: given to no customer.
    pub unknown: u32,
}
