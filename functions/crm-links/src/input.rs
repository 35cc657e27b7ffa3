//! The requests that name a link by its place.

use common::http::Result;
use common::http::input::{Expected, Input, boolean};
use common::json::raw;
use knowledge::link::LinkChannel;
use knowledge::link::request::{channels, page_id, short_text};

/// Longest URL, in bytes; those of more are refused by the gate of URLs.
const MAX_URL: usize = 2048;

/// Names a link by its place, and the channels that are meant.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ChannelsRequest {
    /// The page.
    pub page_id: String,
    /// The link's URL.
    pub url: String,
    /// The channels; all of the link's where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "Vec<LinkChannel>"))]
    pub channels: Option<Vec<LinkChannel>>,
}

/// Turns a link on or off for channels.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct StatusRequest {
    /// The page.
    pub page_id: String,
    /// The link's URL.
    pub url: String,
    /// The channels; all of the link's where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "Vec<LinkChannel>"))]
    pub channels: Option<Vec<LinkChannel>>,
    /// Whether it is to be on.
    pub is_active: bool,
}

/// Asks for a fetch.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RefreshRequest {
    /// Whether to believe the source that it has less than half of what it had.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub accept_shrink: bool,
}

const TEXT: Expected = Expected::TEXT;

impl ChannelsRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["page_id", "url", "channels"])?;
        Self::of(&input)
    }

    fn of(input: &Input<'_>) -> Result<Self> {
        Ok(Self {
            page_id: page_id(input)?,
            url: short_text("url", &input.required("url", TEXT, raw::text)?, MAX_URL)?,
            channels: channels(input)?,
        })
    }
}

impl StatusRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// As [`ChannelsRequest::read`].
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["page_id", "url", "channels", "is_active"])?;
        let ChannelsRequest {
            page_id,
            url,
            channels,
        } = ChannelsRequest::of(&input)?;
        Ok(Self {
            page_id,
            url,
            channels,
            is_active: input.required("is_active", Expected::BOOLEAN, boolean)?,
        })
    }
}

impl RefreshRequest {
    /// Reads a request's body, which may be empty.
    ///
    /// # Errors
    /// As [`ChannelsRequest::read`].
    pub fn read(body: &str) -> Result<Self> {
        if body.trim().is_empty() {
            return Ok(Self::default());
        }
        let input = Input::read(body, &["accept_shrink"])?;
        let accept_shrink = input.optional("accept_shrink", Expected::BOOLEAN, boolean)?;
        Ok(Self {
            accept_shrink: accept_shrink.unwrap_or_default(),
        })
    }
}
