//! Mail, by the business's own account of email.

use crate::notify::words::Words;
use common::Context;
use common::http::Result;
use mail::{Letter, Told};

pub(super) async fn send(cx: &Context<'_>, to: &str, key: &str, words: &Words) -> Result<Told> {
    let Some(account) = mail::account(cx).await? else {
        let why = "The business has no email account that can send mail.";
        return Ok(Told::failed(why));
    };
    let letter = Letter {
        to,
        subject: &words.subject,
        text: &words.text,
        key,
    };
    Ok(mail::send(cx, &account, &letter).await)
}
