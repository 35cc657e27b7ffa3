//! What a link would give, before it is added.

use common::Context;
use common::calls::call;
use common::http::{Error, Result};
use knowledge::link::request::{LinkRequest, checked_url};
use knowledge::link::{FILE_SCHEME, LinkSecrets, Settings};
use knowledge::preview::{Preview, PreviewLink};

/// Has one page of a link that is not added fetched. Nothing is stored.
///
/// # Errors
/// 422 for a link that could not be added either, and for one of which nothing is fetched; 503 where the function that
/// fetches does not answer.
pub(crate) async fn link_preview(cx: &Context<'_>, request: LinkRequest) -> Result<Preview> {
    let (mut settings, mut secrets) = (Settings::default(), LinkSecrets::default());
    request
        .given
        .apply(cx, request.kind, &mut settings, &mut secrets)?;
    let url = checked_url(cx, request.kind, &request.url, &settings).await?;
    let is_upload = url.starts_with(FILE_SCHEME);
    if !request.kind.is_fetched() || is_upload {
        let message = match is_upload {
            true => {
                "A file that is uploaded is not previewed: upload it, and search shows what is stored."
            }
            false => "Records are pushed to a link of type `webhook`; there is nothing to preview.",
        };
        return Err(Error::invalid("type", "previewable", message));
    }
    let asked = PreviewLink {
        business_id: cx.business_id().to_owned(),
        name: request.name,
        kind: request.kind,
        url,
        settings,
        secrets,
    };
    call(&cx.ports, &asked).await
}
