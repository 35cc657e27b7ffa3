use crate::files::{FILES, VERSION};
use common::Context;
use common::http::{Error, Kind, Request, Response, Result};

/// `GET /embed/assets/<version>/<file>`: a file of the embedded inbox's page: 200, kept for ever under
/// its own version, and given but not kept under another; 404.
pub async fn handle(_: &Context<'_>, request: Request) -> Result<Response> {
    let path = request.id.as_deref().unwrap_or_default();
    let found = path.split_once('/').and_then(|(version, name)| {
        let file = FILES.iter().find(|file| file.name == name)?;
        Some((version, file))
    });
    let Some((version, file)) = found else {
        return Err(Error::new(Kind::NotFound, "There is no such file."));
    };
    let content_type = match file.name.ends_with(".css") {
        true => "text/css; charset=utf-8",
        false => "text/javascript; charset=utf-8",
    };
    let kept = match version == format!("{VERSION:016x}") {
        true => "public, max-age=31536000, immutable",
        false => "no-store",
    };
    Ok(Response::content(200, content_type, file.text)
        .with_header("cache-control", kept)
        .with_header("cross-origin-resource-policy", "same-origin"))
}
