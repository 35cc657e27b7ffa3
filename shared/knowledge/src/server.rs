//! What a business sets of an OpenAI-compatible server: where it is, its model, its key.

use common::Context;
use common::http::input::{Expected, Input, text_or_null};
use common::http::{Error, Result};
use common::json::raw;
use secrets::SealedColumn;

/// In the place of a key that is set.
const HIDDEN: &str = "***";
/// Longest name of a model, in characters.
pub const MAX_MODEL: usize = 200;
/// Longest key, in bytes.
pub const MAX_KEY: usize = 1_000;

/// What a request gives of a server.
#[derive(Debug)]
pub struct Given {
    /// Its base URL, without a slash at its end.
    pub base_url: String,
    /// The model.
    pub model: String,
    /// Its key: absent where the one that is set stays, null for none.
    pub api_key: Option<Option<String>>,
}

impl Given {
    /// Reads `base_url`, `model` and `api_key`; `path` is that of the operation, which may stand behind the base.
    ///
    /// # Errors
    /// 422 for what is missing or none.
    pub fn read(input: &Input<'_>, path: &str) -> Result<Self> {
        let given = input.required("base_url", Expected::TEXT, raw::text)?;
        let name = input.required("model", Expected::TEXT, raw::text)?;
        let key = input.optional("api_key", Expected::TEXT_OR_NULL, text_or_null)?;
        Ok(Self {
            base_url: base_url(&given, path)?,
            model: model(&name)?,
            api_key: api_key(key)?,
        })
    }
}

/// The key of a server that is set, sealed; or none, where it asks for none.
#[derive(Debug)]
pub struct ServerKey {
    column: &'static SealedColumn,
    id: String,
    sealed: String,
}

impl ServerKey {
    /// What a row has; `id` names the row to what seals.
    #[must_use]
    pub const fn of(column: &'static SealedColumn, id: String, sealed: String) -> Self {
        Self { column, id, sealed }
    }

    /// Seals a key for a new row of this id.
    ///
    /// # Errors
    /// 503 where the database is away.
    pub async fn seal(
        cx: &Context<'_>,
        column: &'static SealedColumn,
        id: String,
        key: Option<&str>,
    ) -> Result<Self> {
        let mut sealed = String::new();
        if let Some(key) = key {
            let context = column.context(cx.business_id(), &id);
            sealed = secrets::seal(cx, &context, key).await?;
        }
        Ok(Self::of(column, id, sealed))
    }

    /// The id of its row, and what the row has of it: empty for none.
    #[must_use]
    pub fn stored(&self) -> (&str, &str) {
        (&self.id, &self.sealed)
    }

    /// As it is shown.
    #[must_use]
    pub fn shown(&self) -> Option<&'static str> {
        (!self.sealed.is_empty()).then_some(HIDDEN)
    }

    /// The key itself.
    ///
    /// # Errors
    /// 500 where the deployment's ring lacks the key that sealed it.
    pub fn open(&self, cx: &Context<'_>) -> Result<Option<String>> {
        if self.sealed.is_empty() {
            return Ok(None);
        }
        let context = self.column.context(cx.business_id(), &self.id);
        cx.ports.open(&context, &self.sealed).map(Some)
    }

    /// The key where none is given: it stays for its server.
    ///
    /// # Errors
    /// 422 for another server than before: a key goes to the server that it was given for.
    pub fn kept(&self, cx: &Context<'_>, is_same_server: bool) -> Result<Option<String>> {
        if !self.sealed.is_empty() && !is_same_server {
            let message = "This is another server than before: give its `api_key`, or null where it needs none.";
            let rule = "required_for_another_server";
            return Err(Error::invalid("api_key", rule, message));
        }
        self.open(cx)
    }
}

/// The base of a server's URL, also where the path of an operation was given with it.
///
/// # Errors
/// 422 for one with a query or a fragment.
fn base_url(given: &str, path: &str) -> Result<String> {
    if given.contains(['?', '#']) {
        let message = "`base_url` must have no query and no fragment.";
        return Err(Error::invalid("base_url", "no_query", message));
    }
    let base = given.trim().trim_end_matches('/');
    let base = base.strip_suffix(path).unwrap_or(base);
    Ok(base.trim_end_matches('/').to_owned())
}

/// The name of a model.
///
/// # Errors
/// 422 for none, a long one, and one of several lines.
fn model(given: &str) -> Result<String> {
    let model = given.trim();
    let is_one = !model.is_empty()
        && model.chars().count() <= MAX_MODEL
        && !model.chars().any(char::is_control);
    let invalid = || {
        let message = "`model` must have 1 to 200 characters, on one line.";
        Error::invalid("model", "1_to_200_characters", message)
    };
    is_one.then(|| model.to_owned()).ok_or_else(invalid)
}

/// A key, which goes into a header and is one word there: `None` where the one that is set stays.
///
/// # Errors
/// 422 for what is no such word.
fn api_key(key: Option<Option<String>>) -> Result<Option<Option<String>>> {
    let is_one = |key: &str| {
        (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match key {
        Some(Some(key)) if key == HIDDEN => Ok(None),
        Some(Some(key)) if !is_one(&key) => {
            let message = "`api_key` must have 1 to 1000 visible ASCII characters, or be null.";
            Err(Error::invalid("api_key", "visible_ascii", message))
        }
        other => Ok(other),
    }
}
