use crate::settings::{links_of, page_of};
use crate::sql::DOCUMENT_LIST;
use common::Context;
use common::db::Columns;
use common::http::{Error, Query, Result};
use common::ids::LinkId;
use serde::Serialize;

/// Documents on a page of the list where the query does not say how many, and at most.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// What is searched of a page's links.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DocumentList {
    /// The documents, a part of a record each, in the order in which they were stored.
    pub documents: Vec<Document>,
    /// The page.
    pub page_id: String,
    /// Always `crm`.
    pub source: &'static str,
    /// How many documents the links have in all.
    pub total: i64,
    /// For the next page of the list; null at its end.
    pub next_cursor: Option<String>,
}

/// A part of a record that is searched.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Document {
    /// Its id.
    pub id: String,
    /// The link that it is from.
    pub link_id: String,
    /// Its name.
    pub link_name: String,
    /// Its URL.
    pub url: String,
    /// What names the record within the link.
    pub record_key: String,
    /// Where the record stood when it was stored.
    pub path: String,
    /// The fields, a line each.
    pub content: String,
    /// Whether it is somebody's own, and so given for them alone.
    pub is_owned: bool,
    /// Always `searchable`: what is being fetched is listed once it is searched.
    pub status: &'static str,
    /// When it was fetched.
    pub fetched_at: String,
    /// Changes with its content.
    pub hash: String,
}

/// What is searched of the links of a page.
///
/// # Errors
/// 422 without a page, for another source, and for a cursor that is none of ours.
pub async fn document_list(cx: &Context<'_>, query: &Query) -> Result<DocumentList> {
    let page_id = page_of(query)?;
    if query.get("source").is_some_and(|source| source != "crm") {
        return Err(Error::invalid(
            "query.source",
            "crm",
            "`source` must be `crm`.",
        ));
    }
    let is_searchable = query
        .get("status")
        .is_none_or(|status| status == "searchable");
    if !is_searchable {
        let message = "`status` must be `searchable`.";
        return Err(Error::invalid("query.status", "searchable", message));
    }
    let wanted = query.get("link_id").map(|id| {
        let unknown = || Error::invalid("query.link_id", "id", "`link_id` must be an id.");
        LinkId::parse(id).ok_or_else(unknown)
    });
    let wanted = wanted.transpose()?;
    let limit = query.number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT)?;
    let after = query.get("cursor").map_or(Ok(0), |cursor| {
        let wrong = |_| Error::invalid("query.cursor", "cursor", "This is no cursor of this list.");
        cursor.parse::<i64>().map_err(wrong)
    })?;

    let mut links = links_of(cx, Some(page_id)).await?;
    links.retain(|link| wanted.as_ref().is_none_or(|wanted| link.id == *wanted));
    let ids: Vec<&str> = links.iter().map(|link| link.id.as_str()).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let list = DOCUMENT_LIST.bind(vec![
        cx.business_id().into(),
        ids.into(),
        after.into(),
        i64::from(limit).into(),
    ]);
    let mut documents = Vec::new();
    let (mut total, mut last) = (0, None);
    for row in cx.ports.search.rows(list).await? {
        let mut columns = Columns::of(&row);
        let id = columns.integer("id")?;
        let link_id: LinkId = columns.id("link_id")?;
        let link = links.iter().find(|link| link.id == link_id);
        documents.push(Document {
            id: id.to_string(),
            link_name: link.map_or_else(String::new, |link| link.name.clone()),
            url: link.map_or_else(String::new, |link| link.url.clone()),
            link_id: link_id.as_str().to_owned(),
            record_key: columns.text("record_key")?,
            path: columns.text("path")?,
            content: columns.text("text")?,
            is_owned: columns.integer("is_owned")? != 0,
            fetched_at: columns.time("fetched_at")?.to_string(),
            hash: columns.text("hash")?,
            status: "searchable",
        });
        total = columns.integer("total")?;
        last = Some(id);
    }
    let is_full = u32::try_from(documents.len()) == Ok(limit);
    Ok(DocumentList {
        documents,
        page_id: page_id.to_owned(),
        source: "crm",
        total,
        next_cursor: last.filter(|_| is_full).map(|id| id.to_string()),
    })
}
