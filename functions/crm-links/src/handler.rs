use crate::input::{ChannelsRequest, RefreshRequest, StatusRequest};
use crate::search::SearchRequest;
use crate::{documents, health, preview, search, settings};
use common::Context;
use common::http::{Error, Request, Response, Result};
use knowledge::link::request::{LinkPatch, LinkRequest, PreviewRequest};

/// CRM links, below `/api/dashboard`, with a session. Adding answers 201, a refresh 202, the rest 200. A link of
/// another business is 404.
///
/// - `GET crm-links`: those of a page, and of a channel where one is named.
/// - `POST crm-links`: adds one, which is fetched at once if it is on; 409 for a URL that the page has.
/// - `PUT crm-links/status`: turns one on or off, for some of its channels or for all.
/// - `DELETE crm-links`: deletes one, for some of its channels or for all.
/// - `GET crm-links/all`: those of all pages.
/// - `GET crm-links/health`: how each is doing.
/// - `POST crm-links/preview`: fetches a page of a link that is not added, and shows what would be stored of it; 422 for a
///   link that could not be added either. A source that fails is an answer of 200 that says why.
/// - `GET crm-links/{id}`, `PATCH crm-links/{id}`: one, and changes of it.
/// - `PUT crm-links/{id}/file`: uploads the file of a link whose URL is `file:<name>`; 413 above 16 MiB, 415 for what is no
///   text, 422 for an empty one.
/// - `POST crm-links/{id}/refresh`: fetches it now, or makes again what was pushed to it.
/// - `GET rag/documents/details`: what is searched, chunk by chunk.
/// - `POST rag/search`: a search of all that the business has.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "crm_link_list" => ok(&settings::link_list(cx, &request.query).await?),
        "crm_link_add" => {
            let added = settings::link_add(cx, LinkRequest::read(request.text()?)?).await?;
            Ok(Response::json(201, &added))
        }
        "crm_link_status" => {
            let wanted = StatusRequest::read(request.text()?)?;
            ok(&settings::link_status(cx, wanted).await?)
        }
        "crm_link_delete" => {
            let which = ChannelsRequest::read(request.text()?)?;
            ok(&settings::link_delete(cx, which).await?)
        }
        "crm_link_all" => ok(&settings::link_all(cx).await?),
        "crm_link_health" => ok(&health::link_health(cx).await?),
        "crm_link_preview" => {
            let wanted = PreviewRequest::read(request.text()?)?;
            ok(&preview::link_preview(cx, wanted).await?)
        }
        "crm_link_get" => ok(&settings::link_get(cx, id).await?),
        "crm_link_update" => {
            let patch = LinkPatch::read(request.text()?)?;
            ok(&settings::link_update(cx, id, patch).await?)
        }
        "crm_link_refresh" => {
            let wanted = RefreshRequest::read(request.text()?)?;
            Ok(Response::json(
                202,
                &settings::link_refresh(cx, id, &wanted).await?,
            ))
        }
        "crm_link_file_put" => ok(&settings::link_file_put(cx, id, &request).await?),
        "document_list" => ok(&documents::document_list(cx, &request.query).await?),
        "knowledge_search" => {
            let question = SearchRequest::read(request.text()?)?;
            ok(&search::knowledge_search(cx, &question).await?)
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}
