use knowledge::index::Staged;
use knowledge::source::{Cursor, Validators};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A fetch that goes on in another invocation.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The revision of the link's settings that is fetched.
    pub(crate) revision: i64,
    /// What the generation is called that is staged: the time at which the fetch began, in microseconds.
    pub(crate) generation: i64,
    /// The page to be read next; the first, where there is none.
    pub(crate) at: Option<Cursor>,
    /// How far that page was read before, and by what it is known to be the same.
    #[serde(default)]
    pub(crate) within: Option<Within>,
    /// Of the first page.
    pub(crate) validators: Option<Validators>,
    /// Ids of the chunks that the generation has.
    pub(crate) there: BTreeSet<i64>,
    /// Ids of those whose place was taken.
    pub(crate) gone: Vec<i64>,
    /// Whether anything was staged.
    pub(crate) is_written: bool,
    pub(crate) pages: u32,
    pub(crate) tally: Tally,
}

/// A place within a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Within {
    /// The reader's position.
    pub(crate) position: String,
    /// The hash of the body.
    pub(crate) hash: String,
}

/// What a fetch found.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) records: u32,
    pub(crate) changed: u32,
    pub(crate) masked: u32,
    pub(crate) bytes: u64,
    /// Records that were left out: too long, or with the key of another.
    pub(crate) too_long: u32,
    pub(crate) repeated: u32,
    /// Records that are somebody's, nobody knows whose.
    pub(crate) unknown_owner: u32,
    /// Records of customers who were erased, which were left out.
    #[serde(default)]
    pub(crate) erased: u32,
}

impl Progress {
    /// What was staged, as the index takes it.
    pub(crate) fn staged(&mut self) -> Staged {
        Staged {
            there: std::mem::take(&mut self.there),
            gone: std::mem::take(&mut self.gone),
            is_written: self.is_written,
        }
    }
}

impl Tally {
    /// What is odd about what was found, for whoever set the link up.
    pub(crate) fn oddities(&self) -> Option<String> {
        let mut told = Vec::new();
        let mut tell = |count: u32, what: &str| {
            if count > 0 {
                told.push(format!("{count} {what}"));
            }
        };
        tell(
            self.too_long,
            "records are longer than 256 KiB and were left out",
        );
        tell(
            self.repeated,
            "records have the key of another and were left out; set `key` to the field that names a record",
        );
        tell(
            self.unknown_owner,
            "records are somebody's, nobody knows whose, and are given to no customer; set `identity`",
        );
        tell(
            self.erased,
            "records are of customers who were erased, and were left out",
        );
        (!told.is_empty()).then(|| format!("{}.", told.join("; ")))
    }
}
