//! The way from the function that stores messages to the one that speaks to providers. Of its own,
//! since one of them reads phone numbers and the other has every provider's API: together they would
//! be larger than a Worker may be.

use super::answer::Standing;
use super::attempt::{Attempt, attempt};
use super::due::send_next;
use super::parts::Planned;
use super::read::{Account, Found};
use channels::outbound::Outbound;
use channels::{ChannelKind, MessageStatus};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::raw::{list, text};
use common::time::Timestamp;

/// The function that speaks to providers.
pub const DELIVERER: &str = "deliver-messages";

/// Has the messages of a request sent, which were just stored and the first of which is ours to
/// send. How each stands after it; those that nobody tells of are found by the cron.
pub(super) async fn deliver(
    cx: &Context<'_>,
    found: &Found,
    planned: &[Planned],
) -> Result<Vec<Standing>, Error> {
    let Some((first, rest)) = planned.split_first() else {
        return Err(Error::internal("a send without a message"));
    };
    let outbound = first.outbound.to_stored();
    let numbers = [
        found.last_inbound.map(|at| at.to_string()),
        Some(cx.now.micros().to_string()),
    ];
    let account = &found.account;
    let mut texts = vec![
        Some(cx.business_id()),
        Some(&first.message_id),
        Some(&outbound),
        Some(&account.id),
        Some(account.kind.as_str()),
        Some(&account.address),
        Some(&account.settings),
        account.credentials.as_deref(),
    ];
    texts.extend(numbers.iter().map(Option::as_deref));
    texts.extend(rest.iter().map(|part| Some(part.message_id.as_str())));
    let body = serde_json::to_vec(&texts).map_err(Error::internal)?;
    let answered = cx.outside.services.call(DELIVERER, "", &body).await;
    let told = match answered {
        Ok(answer) if answer.status == 200 => standings_of(&answer.body),
        Ok(answer) => {
            let note = format!("{DELIVERER} answered with status {}", answer.status);
            cx.note.replace(Some(note));
            None
        }
        Err(error) => {
            cx.note
                .replace(Some(format!("{DELIVERER}: {}", error.code())));
            None
        }
    };
    let mut told = told.unwrap_or_default().into_iter();
    let standing = |_: &Planned| told.next().unwrap_or_else(Standing::queued);
    Ok(planned.iter().map(standing).collect())
}

/// Sends what [`deliver`] asks for, in order; how each message stands after it. Later ones wait
/// where an earlier one has to.
///
/// # Errors
/// 400 for what is not of [`deliver`].
pub async fn delivery_run(cx: &Context<'_>, body: &[u8]) -> Result<String, Error> {
    let unreadable = || Error::new(Kind::MalformedJson, "What to deliver is unreadable.");
    let texts = std::str::from_utf8(body).ok().and_then(list);
    let mut texts = texts.ok_or_else(unreadable)?.into_iter().map(text);
    let mut next = || texts.next().flatten();
    let business_id = next().ok_or_else(unreadable)?;
    let message_id = next().ok_or_else(unreadable)?;
    let outbound = next().and_then(|stored| Outbound::from_stored(&stored));
    let outbound = outbound.ok_or_else(unreadable)?;
    let id = next().ok_or_else(unreadable)?;
    let kind = next().and_then(|kind| ChannelKind::parse(&kind));
    let account = Account {
        id,
        kind: kind.ok_or_else(unreadable)?,
        address: next().ok_or_else(unreadable)?,
        settings: next().ok_or_else(unreadable)?,
        credentials: next(),
    };
    let last_inbound = next().and_then(|at| at.parse().ok());
    let stored_at = next().and_then(|at| at.parse().ok());
    let business = cx.of_business(&business_id);
    let try_it = Attempt {
        message_id: &message_id,
        outbound: &outbound,
        account: &account,
        tries: 0,
        last_inbound,
        stored_at: Timestamp::from_micros(stored_at.ok_or_else(unreadable)?),
    };
    let mut standings = vec![attempt(&business, &try_it).await];
    for message_id in texts.flatten() {
        let goes_on = standings.last().is_some_and(Standing::lets_go_on);
        standings.push(if goes_on {
            send_next(&business, &message_id).await
        } else {
            Standing::queued()
        });
    }
    cx.wake_also(business.wakes.take());
    if let Some(note) = business.note.take() {
        cx.note.replace(Some(note));
    }
    let segments = |standing: &Standing| Some(standing.segments?.to_string());
    let segments: Vec<_> = standings.iter().map(segments).collect();
    let told = standings.iter().zip(&segments);
    let told: Vec<_> = told
        .map(|(standing, segments)| standing.to_texts(segments.as_deref()))
        .collect();
    serde_json::to_string(&told).map_err(Error::internal)
}

fn standings_of(body: &[u8]) -> Option<Vec<Standing>> {
    let told = list(std::str::from_utf8(body).ok()?)?;
    told.into_iter().map(Standing::from_texts).collect()
}

impl Standing {
    fn to_texts<'a>(&'a self, segments: Option<&'a str>) -> [Option<&'a str>; 5] {
        let error = self.error.as_ref();
        [
            Some(self.status.as_str()),
            self.provider_id.as_deref(),
            error.map(|error| error.code.as_str()),
            error.map(|error| error.message.as_str()),
            segments,
        ]
    }

    fn from_texts(json: &str) -> Option<Self> {
        let mut texts = list(json)?.into_iter().map(text);
        let mut next = || texts.next().flatten();
        let (status, provider_id) = (next()?, next());
        let (code, message) = (next(), next());
        let segments = next().and_then(|count| count.parse().ok());
        let standing = match MessageStatus::parse(&status)? {
            MessageStatus::Failed => Self::failed(code?, message?),
            MessageStatus::Uncertain => Self::uncertain(message?),
            MessageStatus::Queued => Self::queued(),
            _ => Self::sent(provider_id?),
        };
        Some(Self {
            segments,
            ..standing
        })
    }
}
