//! What a business does with its links. Another business's link is not found.

mod change;
mod file;
mod read;

pub use change::{link_add, link_delete, link_refresh, link_status, link_update};
pub use file::{ShownFile, link_file_put};
pub use read::{link_all, link_get, link_list, links_of, page_of};

use crate::sql::{LINK_AT, LINK_GET};
use common::Context;
use common::db::Row;
use common::http::{Error, Kind, Result};
use common::ids::LinkId;
use knowledge::link::Link;

fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is no such CRM link.")
}

fn linked(row: Option<&Row>) -> Result<Link> {
    Link::of_row(row.ok_or_else(not_found)?)
}

async fn link_of(cx: &Context<'_>, id: &str) -> Result<Link> {
    let id = LinkId::parse(id).ok_or_else(not_found)?;
    let get = LINK_GET.bind(vec![cx.business_id().into(), id.into()]);
    linked(cx.db.rows(get).await?.first())
}

async fn link_at(cx: &Context<'_>, page_id: &str, url: &str) -> Result<Link> {
    let at = LINK_AT.bind(vec![cx.business_id().into(), page_id.into(), url.into()]);
    linked(cx.db.rows(at).await?.first())
}
