use serde::{Deserialize, Serialize};

/// How many fetches of a link are kept, the last one included.
pub const KEPT_FETCHES: usize = 10;

/// How a fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FetchStatus {
    /// What is searched is what the source has.
    Ok,
    /// The source says that nothing changed.
    NotModified,
    /// It failed; what was fetched before is searched on.
    Failed,
    /// It had less than half of the records of the one before, which are searched on. The next fetch is believed if it
    /// has about as many again, or who asks for one with `accept_shrink`.
    SuspectShrink,
}

/// One fetch of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fetch {
    /// When it ended.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub at: String,
    /// How.
    pub status: FetchStatus,
    /// The records that it found.
    pub records: u32,
    /// Those that are new or changed, which alone were embedded.
    pub changed: u32,
    /// Those that are gone.
    pub removed: u32,
    /// Values that were masked.
    #[serde(default)]
    pub masked: u32,
    /// Bytes that were read.
    pub bytes: u64,
    /// How long it took, waiting included.
    pub ms: u64,
    /// Why it failed, and what to do, or what is odd about what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
