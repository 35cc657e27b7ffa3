use super::LinkRequest;
use crate::link::{FILE_SCHEME, LinkType};
use crate::source::Page;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::http::input::{Expected, Input};
use common::http::{Error, Result};
use common::json::raw;

/// Most of a file that is previewed, in bytes.
pub const MAX_CONTENT: usize = 1024 * 1024;

/// The link to preview.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct PreviewRequest {
    /// The link.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub link: LinkRequest,
    /// What the file has, as a text, where the `url` is `file:<name>`: at most 1 MiB.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub content: Option<String>,
    /// The same as base64, for a file that is not UTF-8.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub content_base64: Option<Vec<u8>>,
}

impl PreviewRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// As [`LinkRequest::read`].
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &LinkRequest::known(&["content", "content_base64"]))?;
        let base64 = Expected::new("base64", "base64, with its padding");
        let bytes = |json: &str| STANDARD.decode(raw::text(json)?).ok();
        Ok(Self {
            content: input.optional("content", Expected::TEXT, raw::text)?,
            content_base64: input.optional("content_base64", base64, bytes)?,
            link: LinkRequest::of(&input)?,
        })
    }

    /// The file that is given, as the one page of a source; `None` for a link that is fetched. `url` is the link's, as it
    /// was checked.
    ///
    /// # Errors
    /// 422 for a file whose content is not given, is given twice, is empty or larger than 1 MiB, and for content of a
    /// link that has none.
    pub fn page(&mut self, url: &str) -> Result<Option<Page>> {
        let name = url.strip_prefix(FILE_SCHEME);
        let name = name.filter(|_| self.link.kind == LinkType::File);
        let content = self.content.take().map(String::into_bytes);
        let given = (content, self.content_base64.take());
        let refused = |rule: &'static str, message: &'static str| {
            Err(Error::invalid("content", rule, message))
        };
        let Some(name) = name else {
            return match given {
                (None, None) => Ok(None),
                _ => refused(
                    "fits_type",
                    "Only a `file` whose `url` is `file:<name>` has `content`.",
                ),
            };
        };
        let body = match given {
            (Some(_), Some(_)) => {
                return refused("once", "Give `content` or `content_base64`, not both.");
            }
            (Some(body), None) | (None, Some(body)) => body,
            (None, None) => {
                let message = "Give what the file has as `content`, or as `content_base64`.";
                return refused("required", message);
            }
        };
        match body.len() {
            0 => refused("required", "The file is empty."),
            1..=MAX_CONTENT => Ok(Some(Page {
                body,
                url: name.to_owned(),
                ..Page::default()
            })),
            _ => refused(
                "at_most_1_mib",
                "A preview takes at most 1 MiB of a file: its first records show as much.",
            ),
        }
    }
}
