//! Mail that Cloudflare's Email Routing hands over as it was sent: its account, its content.

use crate::intake::MailAccount;
use crate::sql::{ACCOUNT_BY_EMAIL, ACCOUNTS_BY_REPLY_DOMAIN};
use channels::{AccountKind, parked_account_find};
use channels_email::{Mail, MailFile, ReplyAccount, Verifier, mail_of_mime, without_tag};
use common::context::Context;
use common::db::{Columns, Row, Sql};
use common::http::Error;
use common::ids::ChannelId;
use common::json::Fields;
use common::json::raw::texts;
use common::signatures::sha256_hex;

/// Among which accounts the one of an envelope is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accounts {
    /// Those that receive.
    Active,
    /// Those, and those that were disabled since their mail was taken.
    All,
}

/// An account as the envelope finds it.
pub(crate) struct EnvelopeAccount {
    pub(crate) business_id: String,
    pub(crate) channel_id: ChannelId,
    address: String,
    settings: Fields<String>,
}

impl EnvelopeAccount {
    /// The account, as mails are taken in for it.
    pub(crate) fn mail_account(&self) -> MailAccount<'_> {
        MailAccount {
            channel_id: &self.channel_id,
            address: &self.address,
            reply_domain: self.settings.get("reply_domain").map(String::as_str),
            verifier: Verifier::of("cloudflare", &self.settings),
        }
    }
}

/// The account of an address: that which has it, with or without its tag, or the one that signed it
/// below a domain of its own. Only accounts whose mail Cloudflare routes: the others would get it
/// twice.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn envelope_account(
    cx: &Context<'_>,
    to: &str,
    among: Accounts,
) -> Result<Option<EnvelopeAccount>, Error> {
    let to = to.trim().to_ascii_lowercase();
    let Some((_, domain)) = to.rsplit_once('@') else {
        return Ok(None);
    };
    let (bare, tag) = without_tag(&to);
    let with_disabled = i64::from(among == Accounts::All);
    let by = |statement: &'static Sql, value: &str| {
        statement.bind(vec![value.into(), with_disabled.into()])
    };
    let mut statements = vec![
        by(&ACCOUNT_BY_EMAIL, &to),
        by(&ACCOUNTS_BY_REPLY_DOMAIN, domain),
    ];
    if tag.is_some() {
        statements.insert(1, by(&ACCOUNT_BY_EMAIL, &bare));
    }
    let mut results = cx.db.batch(statements).await?;
    let by_domain = results.pop();
    let mut by_address = Vec::new();
    for row in results.iter().flatten() {
        by_address.extend(account_of(row)?);
    }
    // An address with a tag is that of the address without: what another business connected is not its.
    if let Some(owner) = by_address.last().map(|bare| bare.business_id.clone()) {
        let mut owners = by_address.into_iter();
        return Ok(owners.find(|account| account.business_id == owner));
    }
    for row in by_domain.iter().flatten() {
        let Some(account) = account_of(row)? else {
            continue;
        };
        let signed = ReplyAccount {
            business_id: &account.business_id,
            channel_id: &account.channel_id,
            address: &account.address,
            reply_domain: account.settings.get("reply_domain").map(String::as_str),
        };
        // An expired one too: its mail is not lost, it names no conversation any more.
        if signed.token_of(&cx.ports, &to, cx.now)?.is_some() {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

/// The account for which a mail was taken, whatever it is by now; `None` where it is gone.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn known_account(
    cx: &Context<'_>,
    channel_id: &str,
) -> Result<Option<EnvelopeAccount>, Error> {
    let account = parked_account_find(cx, AccountKind::Email, channel_id).await?;
    Ok(account.map(|account| EnvelopeAccount {
        business_id: account.business_id,
        channel_id: account.channel_id,
        address: account.address,
        settings: account.settings,
    }))
}

/// An account whose mails come by Cloudflare; `None` for any other.
fn account_of(row: &Row) -> Result<Option<EnvelopeAccount>, Error> {
    let mut columns = Columns::of(row);
    let business_id = columns.text("business_id")?;
    let channel_id = columns.id("id")?;
    let address = columns.text("address")?;
    let settings: Fields<String> = columns.parsed("settings", texts)?;
    let is_routed = settings
        .get("provider")
        .is_some_and(|by| by == "cloudflare");
    Ok(is_routed.then_some(EnvelopeAccount {
        business_id,
        channel_id,
        address,
        settings,
    }))
}

/// Reads a mail; of one that cannot be read, its envelope is all that is known.
pub(crate) fn mail_of(cx: &Context<'_>, from: &str, to: &str, raw: &[u8]) -> (Mail, Vec<MailFile>) {
    let (mut mail, files) = mail_of_mime(raw).unwrap_or_else(|| {
        let nothing = Mail {
            is_incomplete: true,
            ..Mail::default()
        };
        (nothing, Vec::new())
    });
    mail.provider_id = format!("sha256:{}", sha256_hex(raw));
    mail.envelope_from = Some(from.to_owned());
    mail.envelope_to = vec![to.to_ascii_lowercase()];
    mail.received_at = Some(cx.now);
    (mail, files)
}
