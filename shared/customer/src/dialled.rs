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

/// Numbers to be read as they are dialled in a region, at most [`MAX_PHONES`].
#[derive(Debug, Serialize, Deserialize)]
pub struct NormalisePhones {
    /// The numbers, as somebody wrote them.
    pub phones: Vec<String>,
    /// The country in which they are dialled, as ISO 3166-1 has it.
    pub region: String,
}

/// The results.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhonesNormalised {
    /// Each in E.164, in order; nothing for what is no number.
    pub phones: Vec<Option<String>>,
}

impl Call for NormalisePhones {
    const FUNCTION: &'static str = APPLIER;
    const NAME: &'static str = "normalise_phones";
    const VERSION: u32 = 1;
    type Answer = PhonesNormalised;
}

/// Most numbers of one call.
pub const MAX_PHONES: usize = 2_000;

/// Numbers in E.164, as [`Phone::parse`] reads them in a region, in order; `None` for what is none.
///
/// # Errors
/// As [`phone_normalised`].
pub async fn phones_normalised(
    cx: &Context<'_>,
    region: &str,
    texts: &[String],
) -> Result<Vec<Option<String>>, Error> {
    let mut numbers = Vec::with_capacity(texts.len());
    for texts in texts.chunks(MAX_PHONES) {
        let short = |text: &String| match text.len() <= MAX_PHONE_CHARS {
            true => text.clone(),
            false => String::new(),
        };
        let asked = NormalisePhones {
            phones: texts.iter().map(short).collect(),
            region: region.to_owned(),
        };
        let answered = call(&cx.ports, &asked).await?.phones;
        if answered.len() != texts.len() {
            return Err(Error::unavailable(format!("{APPLIER} left numbers out")));
        }
        numbers.extend(answered);
    }
    Ok(numbers)
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
