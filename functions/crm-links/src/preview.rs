//! What a link would give, before it is added.

use common::Context;
use common::calls::call;
use common::http::{Error, Result};
use knowledge::link::request::{PreviewRequest, checked_url};
use knowledge::link::{LinkSecrets, Settings};
use knowledge::preview::{Preview, PreviewLink};

/// Has one page of a link that is not added fetched, or the file read that is given. Nothing is stored.
///
/// # Errors
/// 422 for a link that could not be added either, for one of which nothing is fetched, and as [`PreviewRequest::file`]; 503
/// where the function that fetches does not answer.
pub(crate) async fn link_preview(cx: &Context<'_>, mut wanted: PreviewRequest) -> Result<Preview> {
    let request = &wanted.link;
    let (mut settings, mut secrets) = (Settings::default(), LinkSecrets::default());
    request
        .given
        .apply(cx, request.kind, &mut settings, &mut secrets)?;
    let url = checked_url(cx, request.kind, &request.url, &settings).await?;
    if !request.kind.is_fetched() {
        let message =
            "Records are pushed to a link of type `webhook`; there is nothing to preview.";
        return Err(Error::invalid("type", "previewable", message));
    }
    let file = wanted.file(&url)?;
    let asked = PreviewLink {
        business_id: cx.business_id().to_owned(),
        name: wanted.link.name,
        kind: wanted.link.kind,
        url,
        settings,
        secrets,
        file,
    };
    call(&cx.ports, &asked).await
}
