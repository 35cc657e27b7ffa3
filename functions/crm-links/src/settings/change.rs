use super::{link_at, link_of, linked, not_found};
use crate::input::{ChannelsRequest, RefreshRequest, StatusRequest};
use crate::shown::{LinkAdded, LinkDeleted, SavedLink, ShownLink, StatusUpdated};
use crate::sql::{LINK_DELETE, LINK_INSERT, LINK_REFRESH, LINK_UPDATE};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::Context;
use common::http::{Error, Kind, Result};
use common::ids::LinkId;
use common::ports::Queue;
use common::signatures::WEBHOOK_SECRET_PREFIX;
use common::time::SECOND;
use knowledge::link::request::{LinkPatch, LinkRequest, checked_url};
use knowledge::link::{
    ACCEPTED, FILE_SCHEME, Link, LinkChannel, LinkSecrets, LinkType, Settings, link_message, seal,
};
use knowledge::source::connected::check_settings;
use knowledge::source::oauth::sql::TOKENS_FORGET;
use std::collections::BTreeMap;

/// Most links of a business.
pub const MAX_LINKS: u32 = 100;

/// Adds a link. One that is on is fetched at once.
///
/// # Errors
/// 409 where the page has a link to that URL; 422 for what cannot be fetched so.
pub async fn link_add(cx: &Context<'_>, request: LinkRequest) -> Result<LinkAdded> {
    let id = LinkId::new(&cx.ids);
    cx.audits(id.as_str());
    let mut settings = Settings::default();
    let mut secrets = LinkSecrets::default();
    request
        .given
        .apply(cx, request.kind, &mut settings, &mut secrets)?;
    let url = checked_url(cx, request.kind, &request.url, &settings).await?;
    if request.kind == LinkType::Webhook {
        secrets.signing = Some(signing_secret(cx));
    }
    let is_on = request.is_active;
    let channels: BTreeMap<_, _> = request.channels.iter().map(|one| (*one, is_on)).collect();
    let is_upload = url.starts_with(FILE_SCHEME);
    // What a person has to authorize is fetched once they have.
    let is_due = is_on && request.kind.is_fetched() && !is_upload && !settings.needs_consent();
    let json = |value: serde_json::Result<String>| value.map_err(Error::internal);
    let insert = LINK_INSERT.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        request.page_id.as_str().into(),
        url.as_str().into(),
        request.kind.as_str().into(),
        request.name.into(),
        request.given.description.unwrap_or_default().into(),
        json(serde_json::to_string(&channels))?.into(),
        i64::from(is_on).into(),
        json(serde_json::to_string(&settings))?.into(),
        seal(cx, &id, &secrets).await?.into(),
        is_due.then(|| cx.now.micros()).into(),
        cx.now.micros().into(),
        i64::from(MAX_LINKS).into(),
    ]);
    let Some(row) = cx.db.rows(insert).await?.into_iter().next() else {
        return Err(match link_at(cx, &request.page_id, &url).await {
            Ok(_) => {
                let message =
                    "The page has a CRM link to this URL. Change that one, or delete it first.";
                Error::new(Kind::Conflict, message).with_detail("url", "once_on_a_page")
            }
            Err(_) => {
                let message = format!("A business has at most {MAX_LINKS} CRM links.");
                Error::invalid("crm_links", "at_most_100", message)
            }
        });
    };
    let link = Link::of_row(&row)?;
    wake(cx, &link);
    Ok(LinkAdded {
        message: "CRM link added successfully",
        channels: request.channels,
        page_id: request.page_id,
        signing_secret: secrets.signing,
        crm_link: ShownLink::of(cx, link, None)?,
    })
}

/// Changes a link. Where what is fetched changes, it is fetched anew at once.
///
/// # Errors
/// 404; 409 where somebody else changes it just now; 422 as [`link_add`].
pub async fn link_update(cx: &Context<'_>, id: &str, patch: LinkPatch) -> Result<SavedLink> {
    let mut link = link_of(cx, id).await?;
    let mut secrets = link.open(cx)?;
    let mut before = (link.settings.clone(), secrets.clone());
    patch
        .given
        .apply(cx, link.kind, &mut link.settings, &mut secrets)?;
    check_settings(link.kind, &link.url, &link.settings)?;
    // When it is fetched is not what is fetched.
    let schedule = link.settings.schedule_minutes;
    let before_schedule = std::mem::replace(&mut before.0.schedule_minutes, schedule);
    let is_new = before != (link.settings.clone(), secrets.clone());
    let latest = (before_schedule != schedule)
        .then(|| cx.now.micros() + i64::from(link.settings.minutes()) * 60 * SECOND);
    if let Some(name) = patch.name {
        link.name = name;
    }
    if let Some(description) = patch.given.description {
        link.description = description;
    }
    if let Some(channels) = patch.channels {
        let on = |channel: LinkChannel| {
            link.channels
                .get(&channel)
                .copied()
                .unwrap_or(link.is_active)
        };
        link.channels = channels.into_iter().map(|one| (one, on(one))).collect();
    }
    if let Some(is_active) = patch.is_active {
        link.channels
            .values_mut()
            .for_each(|is_on| *is_on = is_active);
    }
    let link = save(cx, link, &secrets, is_new, latest).await?;
    let crm_link = ShownLink::of(cx, link, None)?;
    Ok(SavedLink { crm_link })
}

/// Turns a link on or off for some of its channels.
///
/// # Errors
/// 404 for a link, or a channel of it, that there is not.
pub async fn link_status(cx: &Context<'_>, request: StatusRequest) -> Result<StatusUpdated> {
    let mut link = link_at(cx, &request.page_id, &request.url).await?;
    cx.audits(link.id.as_str());
    let channels = channels_of(&link, request.channels)?;
    for channel in &channels {
        link.channels.insert(*channel, request.is_active);
    }
    let secrets = link.open(cx)?;
    save(cx, link, &secrets, false, None).await?;
    Ok(StatusUpdated {
        message: "CRM link status updated successfully",
        updated_count: channels.len(),
        url: request.url,
        channels,
        is_active: request.is_active,
    })
}

/// Deletes a link for some of its channels. One that is for none any more is gone, and at once what was searched of it.
///
/// # Errors
/// As [`link_status`].
pub async fn link_delete(cx: &Context<'_>, request: ChannelsRequest) -> Result<LinkDeleted> {
    let mut link = link_at(cx, &request.page_id, &request.url).await?;
    cx.audits(link.id.as_str());
    let channels = channels_of(&link, request.channels)?;
    link.channels
        .retain(|channel, _| !channels.contains(channel));
    if link.channels.is_empty() {
        let delete = LINK_DELETE.bind(vec![
            cx.business_id().into(),
            (&link.id).into(),
            cx.now.micros().into(),
        ]);
        let forget = TOKENS_FORGET.bind(vec![cx.business_id().into(), (&link.id).into()]);
        let deleted = cx.db.batch(vec![delete, forget]).await?;
        if deleted.first().is_none_or(Vec::is_empty) {
            return Err(not_found());
        }
        cx.wake(Queue::Links, link_message(cx.business_id(), &link.id));
    } else {
        let secrets = link.open(cx)?;
        save(cx, link, &secrets, false, None).await?;
    }
    Ok(LinkDeleted {
        message: "CRM link deleted successfully",
        deleted_count: channels.len(),
        url: request.url,
        channels,
    })
}

/// Fetches a link now, however long it would wait. What was pushed to one is made again from what is kept of it.
///
/// # Errors
/// 404; 409 for one that is off.
pub async fn link_refresh(
    cx: &Context<'_>,
    id: &str,
    request: &RefreshRequest,
) -> Result<SavedLink> {
    let link = link_of(cx, id).await?;
    let is_empty = link.upload().is_some() && link.file.is_none();
    if !link.is_active || is_empty {
        let message = match link.is_active {
            false => "The CRM link is off. Turn it on first.",
            true => "No file was uploaded for this CRM link yet.",
        };
        return Err(Error::new(Kind::Conflict, message));
    }
    let believed = request.accept_shrink.then_some(ACCEPTED);
    let refresh = LINK_REFRESH.bind(vec![
        cx.business_id().into(),
        (&link.id).into(),
        cx.now.micros().into(),
        believed.into(),
    ]);
    let link = linked(cx.db.rows(refresh).await?.first())?;
    wake(cx, &link);
    let crm_link = ShownLink::of(cx, link, None)?;
    Ok(SavedLink { crm_link })
}

/// The channels that a request means: those that it names, or all of the link's.
fn channels_of(link: &Link, named: Option<Vec<LinkChannel>>) -> Result<Vec<LinkChannel>> {
    let Some(named) = named else {
        return Ok(link.channels.keys().copied().collect());
    };
    match named.iter().find(|one| !link.channels.contains_key(one)) {
        None => Ok(named),
        Some(other) => {
            let message = format!("This CRM link is not for `{}`.", other.as_str());
            Err(Error::new(Kind::NotFound, message).with_detail("channels", "of_the_link"))
        }
    }
}

/// Stores a link that was changed. `is_new` where what is fetched is not what it was; it is fetched at the `latest` then,
/// where it has another schedule.
async fn save(
    cx: &Context<'_>,
    link: Link,
    secrets: &LinkSecrets,
    is_new: bool,
    latest: Option<i64>,
) -> Result<Link> {
    let is_active = link.channels.values().any(|is_on| *is_on);
    let json = |value: serde_json::Result<String>| value.map_err(Error::internal);
    let update = LINK_UPDATE.bind(vec![
        cx.business_id().into(),
        (&link.id).into(),
        link.name.as_str().into(),
        link.description.as_str().into(),
        json(serde_json::to_string(&link.channels))?.into(),
        i64::from(is_active).into(),
        json(serde_json::to_string(&link.settings))?.into(),
        seal(cx, &link.id, secrets).await?.into(),
        latest.into(),
        cx.now.micros().into(),
        link.updated_at.micros().into(),
        i64::from(is_new).into(),
        i64::from(link.is_fetched()).into(),
    ]);
    let mut rows = cx.db.batch(vec![update]).await?.into_iter().flatten();
    let Some(row) = rows.next() else {
        let message =
            "Somebody else changes this CRM link just now. Read it again, then change it.";
        return Err(Error::new(Kind::Conflict, message));
    };
    let saved = Link::of_row(&row)?;
    wake(cx, &saved);
    Ok(saved)
}

/// Has a link fetched that is due.
pub(super) fn wake(cx: &Context<'_>, link: &Link) {
    if link.fetch_at.is_some_and(|at| at <= cx.now) {
        cx.wake(Queue::Links, link_message(cx.business_id(), &link.id));
    }
}

fn signing_secret(cx: &Context<'_>) -> String {
    let mut bytes = [0; 32];
    (cx.entropy)(&mut bytes);
    [WEBHOOK_SECRET_PREFIX, &STANDARD.encode(bytes)].concat()
}
