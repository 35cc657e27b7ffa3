use super::path;
use common::json::raw;
use common::json::tolerant;
use common::json::tolerant::{Object, child};
use common::time::Timestamp;

/// Longest id that is taken; Kustomer's have 24 or 36 characters.
const MAX_ID_BYTES: usize = 128;

/// One of Kustomer's records. Every attribute may be missing, and be of any type (kustomer.md §3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resource {
    /// Its id.
    pub id: String,
    /// What it is, in the singular: `customer`, `conversation`, `message`.
    pub kind: String,
    /// Which revision this is.
    pub rev: Option<i64>,
    /// A JSON object.
    pub attributes: String,
    /// A JSON object.
    pub relationships: String,
    /// Where more of it is: of an attachment its bytes.
    pub link: Option<String>,
}

impl Resource {
    /// Reads a record that is part of what has been found to be JSON; `None` without an id.
    pub(super) fn read(json: &str) -> Option<Self> {
        let data = raw::part(json);
        let id = tolerant::text(&data, "id").filter(|id| id.len() <= MAX_ID_BYTES)?;
        let object = |field: &str| {
            let value = data.get(field).filter(|value| value.starts_with('{'));
            value.map_or_else(|| "{}".to_owned(), |value| (*value).to_owned())
        };
        let attributes = object("attributes");
        Some(Self {
            id,
            kind: singular(&tolerant::text(&data, "type").unwrap_or_default()),
            rev: path::at(&attributes, "rev").and_then(whole),
            attributes,
            relationships: object("relationships"),
            link: link_of(&data),
        })
    }

    /// The JSON at a path below `attributes`, such as `lastMessageIn.sentAt` or `emails[0].email`;
    /// `None` if it is missing or null.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&str> {
        path::at(&self.attributes, path)
    }

    /// A text, or a number as it is written; `None` where it is empty or neither.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        text_of(self.at(path)?)
    }

    /// A whole number, also where it came with a fraction of zero.
    #[must_use]
    pub fn integer(&self, path: &str) -> Option<i64> {
        whole(self.at(path)?)
    }

    /// Whether a truth value is there, and true.
    #[must_use]
    pub fn is_true(&self, path: &str) -> bool {
        self.at(path) == Some("true")
    }

    /// A time.
    #[must_use]
    pub fn time(&self, path: &str) -> Option<Timestamp> {
        Timestamp::parse(&self.text(path)?)
    }

    /// The items of a list, as JSON; none where there is no list.
    #[must_use]
    pub fn list(&self, path: &str) -> Vec<&str> {
        self.at(path).map(raw::items).unwrap_or_default()
    }

    /// The texts of a list; what is none is left out.
    #[must_use]
    pub fn texts(&self, path: &str) -> Vec<String> {
        self.list(path).into_iter().filter_map(text_of).collect()
    }

    /// The ids of a relationship, be it to one or to many.
    #[must_use]
    pub fn related_all(&self, name: &str) -> Vec<String> {
        let relationships = raw::part(&self.relationships);
        let relation = child(&relationships, name);
        let data = relation.get("data").copied().unwrap_or_default();
        let ids = match data.starts_with('[') {
            true => raw::items(data),
            false => vec![data],
        };
        let id = |one: &str| tolerant::text(&raw::part(one), "id");
        let is_id = |id: &String| id.len() <= MAX_ID_BYTES;
        ids.into_iter().filter_map(id).filter(is_id).collect()
    }

    /// The id of a relationship to one.
    #[must_use]
    pub fn related(&self, name: &str) -> Option<String> {
        self.related_all(name).into_iter().next()
    }

    /// What a relationship to one leads to, in the singular.
    #[must_use]
    pub fn related_kind(&self, name: &str) -> Option<String> {
        let relationships = raw::part(&self.relationships);
        let data = child(&child(&relationships, name), "data");
        tolerant::text(&data, "type").map(|kind| singular(&kind))
    }
}

/// `links.related`, which is a text or an object with one (JSON:API).
pub(super) fn link_of(object: &Object<'_>) -> Option<String> {
    let links = child(object, "links");
    tolerant::text(&links, "related").or_else(|| tolerant::text(&child(&links, "related"), "href"))
}

/// The text of some JSON; a number as it is written.
pub(super) fn text_of(json: &str) -> Option<String> {
    match json.starts_with('"') {
        true => raw::text(json).filter(|text| !text.is_empty()),
        false => tolerant::is_number(json).then(|| json.to_owned()),
    }
}

/// A whole number; one with a fraction of zero is one (kustomer.md §3).
pub(super) fn whole(json: &str) -> Option<i64> {
    let (digits, fraction) = json.split_once('.').unwrap_or((json, ""));
    let is_whole = fraction.bytes().all(|b| b == b'0');
    raw::integer(digits).filter(|_| is_whole)?.parse().ok()
}

/// Relationships say `customer` and `customers` alike (kustomer.md §3).
fn singular(kind: &str) -> String {
    match kind {
        "customers" | "conversations" | "messages" | "notes" | "users" | "teams" | "orgs"
        | "companies" => match kind.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => kind.trim_end_matches('s').to_owned(),
        },
        _ => kind.to_owned(),
    }
}
