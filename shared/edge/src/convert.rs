use worker::{Headers, Request, Response, ResponseBody, Result};

/// What stands behind the `?`, still encoded. Without parsing the URL, which costs more than the
/// rest of the routing.
pub(crate) fn query_of(request: &Request) -> String {
    let url = request.inner().url();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('#').next().unwrap_or_default().to_owned()
}

pub(crate) fn response_of(response: common::http::Response) -> Result<Response> {
    let headers = Headers::new();
    for (name, value) in response.headers() {
        headers.set(name, value)?;
    }
    let status = response.status();
    let body = match response.into_body() {
        body if body.is_empty() => {
            // Else workerd, run locally, calls nothing gzip, at which some clients stumble.
            headers.set("content-encoding", "identity")?;
            ResponseBody::Empty
        }
        body => ResponseBody::Body(body),
    };
    Ok(Response::from_body(body)?
        .with_status(status)
        .with_headers(headers))
}
