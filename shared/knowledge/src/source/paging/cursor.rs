use super::super::{Page, Trouble};
use common::signatures::sha256_hex;
use serde::{Deserialize, Serialize};

/// How many places of pages are remembered, the last ones; a longer loop is found by the one that is kept for long.
const MAX_SEEN: usize = 200;
/// The most pages of a list.
const MAX_PAGES: u32 = 10_000;
/// The most pages in a row without a record.
const MAX_EMPTY: u32 = 20;

/// Where the next page of a list is, and what tells that it was there before. JSON, some 4 KB and its URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    target: Target,
    /// How many pages came before it.
    pages: u32,
    /// How many of them, the last ones, had no record.
    #[serde(default)]
    empty: u32,
    /// Hashes of the places of pages, the oldest first.
    #[serde(default)]
    seen: Vec<u64>,
    /// The hash of the place that the page had whose number is the last power of two, by which a loop of any length
    /// is found (Brent's algorithm).
    #[serde(default)]
    mark: u64,
    /// The hash of what the last page had; 0 where it had no record.
    #[serde(default)]
    content: u64,
}

/// Where a page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum Target {
    /// At a URL.
    Url(String),
    /// At the link's URL, with this in what is posted: a variable of the document, or a field of the body.
    Field {
        /// Its name.
        name: String,
        /// Its value, in JSON.
        value: String,
    },
}

impl Target {
    fn hash(&self) -> u64 {
        match self {
            Self::Url(url) => hash(url.as_bytes()),
            Self::Field { name, value } => hash([name, "\n", value].concat().as_bytes()),
        }
    }
}

impl Cursor {
    /// How many pages came before the one that it leads to.
    #[must_use]
    pub fn pages(&self) -> u32 {
        self.pages
    }

    pub(in super::super) fn target(&self) -> &Target {
        &self.target
    }

    /// The cursor to what is behind a page; `content` is what it has, where that is any record.
    pub(super) fn behind(
        at: Option<&Self>,
        page: &Page,
        content: Option<&[u8]>,
        target: Target,
    ) -> Result<Self, Trouble> {
        let first = || hash(page.url.as_bytes());
        let mut cursor = match at {
            Some(at) => at.clone(),
            None => Self {
                target: target.clone(),
                pages: 0,
                empty: 0,
                seen: vec![first()],
                mark: first(),
                content: 0,
            },
        };
        let place = target.hash();
        if cursor.seen.contains(&place) || cursor.mark == place {
            return Err(Trouble::settings(format!(
                "The list goes in a circle: the page behind page {} was fetched before. Set `next` to how its pages \
                 go on, or to `none`.",
                cursor.pages + 1
            )));
        }
        let content = content.map_or(0, hash);
        if content != 0 && content == cursor.content {
            return Err(Trouble::settings(format!(
                "Page {} has the same records as the page before it: the endpoint does not know what leads to its \
                 next page. Set `next` to how its pages go on, or to `none`.",
                cursor.pages + 1
            )));
        }
        cursor.content = content;
        cursor.pages += 1;
        cursor.empty = if content == 0 { cursor.empty + 1 } else { 0 };
        if cursor.empty >= MAX_EMPTY || cursor.pages >= MAX_PAGES {
            return Err(Trouble::settings(format!(
                "The list does not end: {} pages were fetched, the last {} of them without a record. Set `next` to how \
                 its pages go on, or to `none`.",
                cursor.pages, cursor.empty
            )));
        }
        if cursor.seen.len() >= MAX_SEEN {
            cursor.seen.remove(0);
        }
        cursor.seen.push(place);
        if cursor.pages.is_power_of_two() {
            cursor.mark = place;
        }
        cursor.target = target;
        Ok(cursor)
    }
}

/// 48 bits of SHA-256, which are the same number in JavaScript.
fn hash(bytes: &[u8]) -> u64 {
    let hex = sha256_hex(bytes);
    let beginning = hex.get(..12).unwrap_or_default();
    u64::from_str_radix(beginning, 16).unwrap_or_default()
}
