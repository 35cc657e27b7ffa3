use super::link_of;
use crate::shown::{AllLinks, LinkList, PageLinks, SavedLink, ShownLink};
use crate::sql::{BUSINESS_NAME, LINK_LIST, PAGE_NAMES};
use common::Context;
use common::db::{Columns, Value};
use common::http::{Error, Query, Result};
use knowledge::link::{Link, LinkChannel};
use std::collections::BTreeMap;

/// The links of a page, oldest first; of a channel, where the query names one.
///
/// # Errors
/// 422 without a page, and for a channel that there is not.
pub async fn link_list(cx: &Context<'_>, query: &Query) -> Result<LinkList> {
    let page_id = page_of(query)?;
    let channel = channel_of(query)?;
    let mut links = links_of(cx, Some(page_id)).await?;
    links.retain(|link| channel.is_none_or(|channel| link.channels.contains_key(&channel)));
    let active_count = links.iter().filter(|link| link.is_on(channel)).count();
    let shown = links
        .into_iter()
        .map(|link| ShownLink::of(cx, link, channel));
    let crm_links = shown.collect::<Result<Vec<_>>>()?;
    Ok(LinkList {
        page_id: page_id.to_owned(),
        channel,
        total: crm_links.len(),
        active_count,
        inactive_count: crm_links.len() - active_count,
        crm_links,
    })
}

/// The page that a query names.
///
/// # Errors
/// 422 where it names none.
pub fn page_of(query: &Query) -> Result<&str> {
    let page_id = query.get("page_id").filter(|page_id| !page_id.is_empty());
    let missing = || Error::invalid("query.page_id", "required", "Give a `page_id`.");
    page_id.ok_or_else(missing)
}

/// The channel that a query names.
///
/// # Errors
/// 422 for one that there is not.
pub fn channel_of(query: &Query) -> Result<Option<LinkChannel>> {
    let known = |name: &str| {
        let unknown = || {
            let names = LinkChannel::ALL.map(LinkChannel::as_str).join("`, `");
            let message = format!("`channel` must be one of `{names}`.");
            Error::invalid("query.channel", "known", message)
        };
        LinkChannel::parse(name).ok_or_else(unknown)
    };
    query.get("channel").map(known).transpose()
}

/// One link.
///
/// # Errors
/// 404.
pub async fn link_get(cx: &Context<'_>, id: &str) -> Result<SavedLink> {
    let crm_link = ShownLink::of(cx, link_of(cx, id).await?, None)?;
    Ok(SavedLink { crm_link })
}

/// The links of all pages.
///
/// # Errors
/// 503 when the database is away.
pub async fn link_all(cx: &Context<'_>) -> Result<AllLinks> {
    let links = links_of(cx, None).await?;
    let pages: Vec<_> = links.iter().map(|link| link.page_id.as_str()).collect();
    let pages = serde_json::to_string(&pages).map_err(Error::internal)?;
    let named = vec![
        PAGE_NAMES.bind(vec![cx.business_id().into(), pages.into()]),
        BUSINESS_NAME.bind(vec![cx.business_id().into()]),
    ];
    let mut results = cx.db.batch(named).await?.into_iter();
    let mut names = BTreeMap::new();
    for row in results.next().unwrap_or_default() {
        let mut columns = Columns::of(&row);
        let page_id = columns.text("page_id")?;
        names.insert(page_id, columns.text_or_null("page_name")?);
    }
    let business = results.next().unwrap_or_default().into_iter().flatten();
    let company_name = business.filter_map(Value::into_text).next();

    let (total, active) = (
        links.len(),
        links.iter().filter(|link| link.is_active).count(),
    );
    let mut by_page: BTreeMap<String, PageLinks> = BTreeMap::new();
    for link in links {
        let page = by_page.entry(link.page_id.clone()).or_default();
        let count = match link.is_active {
            true => &mut page.total_active,
            false => &mut page.total_inactive,
        };
        *count += 1;
        let lists = [
            (LinkChannel::Facebook, &mut page.facebook_crm_links),
            (LinkChannel::Messenger, &mut page.messenger_crm_links),
        ];
        let mut is_listed = false;
        for (channel, list) in lists {
            if link.channels.contains_key(&channel) {
                list.push(ShownLink::of(cx, link.clone(), Some(channel))?);
                is_listed = true;
            }
        }
        if !is_listed {
            page.other_crm_links.push(ShownLink::of(cx, link, None)?);
        }
    }
    let pages_data: Vec<_> = by_page
        .into_iter()
        .map(|(page_id, links)| PageLinks {
            page_name: names.remove(&page_id).flatten().unwrap_or_default(),
            page_id,
            ..links
        })
        .collect();
    Ok(AllLinks {
        company_id: cx.business_id().to_owned(),
        company_name: company_name.unwrap_or_default(),
        total_pages: pages_data.len(),
        pages_data,
        total_crm_links: total,
        total_active: active,
        total_inactive: total - active,
    })
}

/// The links of a page, or of all.
///
/// # Errors
/// 503 when the database is away.
pub async fn links_of(cx: &Context<'_>, page_id: Option<&str>) -> Result<Vec<Link>> {
    let list = LINK_LIST.bind(vec![cx.business_id().into(), page_id.into()]);
    let rows = cx.db.rows(list).await?;
    rows.iter().map(Link::of_row).collect()
}
