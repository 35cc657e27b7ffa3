use crate::{
    Context, Env, Handler, Public, Reach, Request, Response, Result, convert, entropy, serve_with,
};
use common::http::ledger::{Found, find, is_embedded, service_binding};
use common::http::{Error, Kind};
use common::ids::RequestId;
use serve::{LogLine, with_common_headers};

/// Headers that a browser may send to us.
const ALLOWED_HEADERS: &str =
    "x-api-key, authorization, content-type, idempotency-key, range, if-none-match";
/// Seconds for which a browser may remember that.
const PREFLIGHT_SECONDS: &str = "86400";

/// Serves the one public origin: answers preflights, hands each request to its function, and serves
/// the gateway's own routes itself.
///
/// # Errors
/// None in practice: a failure is an answer. The type is the platform's.
pub async fn serve_gateway<H>(
    handler: H,
    request: Request,
    env: Env,
    ctx: Context,
) -> Result<Response>
where
    H: Handler,
{
    console_error_panic_hook::set_once();
    let method = request.inner().method();
    let path = request.path();
    match find(&method, &path) {
        Found::Route(route, _) if route.function == "gateway" => {
            const REACH: Reach = Reach::of("gateway");
            serve_with::<Public, H>("gateway", REACH, handler, request, env, ctx).await
        }
        Found::Route(route, _) => forward(route.function, &method, request, &env).await,
        Found::WrongMethod(methods) if method == "OPTIONS" && !is_embedded(&path) => {
            let methods: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
            convert::response_of(
                common::http::Response::empty(204)
                    .with_header("access-control-allow-origin", "*")
                    .with_header("access-control-allow-methods", methods.join(", "))
                    .with_header("access-control-allow-headers", ALLOWED_HEADERS)
                    .with_header("access-control-max-age", PREFLIGHT_SECONDS),
            )
        }
        Found::WrongMethod(methods) => refuse(
            &method,
            &Error::method_not_allowed(methods),
            !is_embedded(&path),
        ),
        Found::Nothing => {
            let message = "There is nothing at this path. The API is described at /docs.";
            refuse(&method, &Error::new(Kind::NotFound, message), true)
        }
    }
}

/// Hands the request over as it is, and the answer back as it is. A function that broke (a panic
/// ends its instance, the next request gets a new one) is answered for in the envelope.
async fn forward(function: &str, method: &str, request: Request, env: &Env) -> Result<Response> {
    let is_shared = !is_embedded(&request.path());
    let service = match env.service(&service_binding(function)) {
        Ok(service) => service,
        Err(error) => {
            let error = Error::unavailable(format!("{function}: {error}"));
            return refuse(method, &error, is_shared);
        }
    };
    match service.fetch_request(request).await {
        Ok(response) => Ok(response),
        Err(error) => refuse(
            method,
            &Error::internal(format!("{function} broke: {error}")),
            is_shared,
        ),
    }
}

fn refuse(method: &str, error: &Error, is_shared: bool) -> Result<Response> {
    let request_id = RequestId::new(entropy);
    let mut log = LogLine::new("gateway", &request_id, method);
    log.failed(error);
    let response = with_common_headers(error.to_response(&request_id), &request_id, is_shared);
    log.answered(&response);
    worker::console_log!("{}", log.to_json());
    convert::response_of(response)
}
