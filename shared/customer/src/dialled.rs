//! Numbers as people write them, for functions that do not carry every country's metadata, which weighs
//! more than all else that reads a number.

use crate::apply::APPLIER;
use crate::phone::{MAX_PHONE_CHARS, Phone};
use common::calls::{Call, call};
use common::context::Context;
use common::http::Error;
use serde::{Deserialize, Serialize};

/// A number to be read as it is dialled in a region.
#[derive(Debug, Serialize, Deserialize)]
pub struct NormalisePhone {
    /// The number, as somebody wrote it.
    pub phone: String,
    /// The country in which it is dialled, as ISO 3166-1 has it.
    pub region: String,
}

/// The result.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneNormalised {
    /// In E.164; nothing for what is no number.
    #[serde(default)]
    pub phone: Option<String>,
}

impl Call for NormalisePhone {
    const FUNCTION: &'static str = APPLIER;
    const NAME: &'static str = "normalise_phone";
    const VERSION: u32 = 1;
    type Answer = PhoneNormalised;
}

/// A phone number in E.164, as [`Phone::parse`] reads it in the caller's region; `None` for what is none.
/// What is E.164 already costs no call.
///
/// # Errors
/// 503 where the function that reads national numbers does not answer, or refuses the call.
pub async fn phone_normalised(cx: &Context<'_>, text: &str) -> Result<Option<String>, Error> {
    if let Some(number) = Phone::international(text) {
        return Ok(Some(number));
    }
    if text.trim().len() > MAX_PHONE_CHARS {
        return Ok(None);
    }
    let number = NormalisePhone {
        phone: text.to_owned(),
        region: cx.caller.default_region.clone(),
    };
    Ok(call(&cx.ports, &number).await?.phone)
}
