use crate::files::FILES;
use common::Context;
use common::http::{Request, Response, Result};

/// The page, which has nothing of anyone; `{{…}}` stands for what is filled in.
const SHELL: &str = include_str!("shell.html");

/// The pages for the people of a business, and their files.
///
/// - `GET /dashboard`, `GET /dashboard/<path>`: 200 with the shell, the same for everyone and every path: its script
///   reads the path and asks the API. Nobody may frame it.
/// - `GET /dashboard/assets/<version>/<file>`: a file; see [`pages::Files::answer`].
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "dashboard_asset" => {
            let path = request.id.as_deref().unwrap_or_default();
            FILES.answer(cx, path).await
        }
        _ => {
            let shell = pages::filled(SHELL, &FILES, &[]);
            let page = pages::html(200, shell, "'none'", "'none'");
            Ok(page.with_header("cross-origin-opener-policy", "same-origin"))
        }
    }
}
