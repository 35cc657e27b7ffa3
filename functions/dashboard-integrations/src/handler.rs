use common::Context;
use common::http::{Error, Request, Response, Result};
use crm::settings::{integration_list, integration_status};
use crm_kustomer::NAME;
use crm_kustomer::setup::{
    TestRequest, kustomer_disable, kustomer_enable, kustomer_get, kustomer_put, kustomer_test,
};

/// The connections of a business to its CRMs, at `/api/dashboard/integrations` (session). Secrets go
/// in and never come out.
///
/// - `GET integrations`: 200 with `{integrations}`: every connector there is, and how it stands.
/// - `GET integrations/kustomer`: 200 with `{integration}`: what is in force, and where it comes from.
/// - `PUT integrations/kustomer`: changes what the request names; null clears. 200 with
///   `{integration}`; 422 for a field that is unknown or wrong; 409 where it is active and would use
///   the deployment's key, as another business does.
/// - `POST integrations/kustomer/test`: asks Kustomer, by what is stored or what the body says: 200
///   with what came of it; 409 where there is no key or no subdomain.
/// - `POST integrations/kustomer/enable`: tests, switches it on, and has Kustomer call us: 200 with
///   `{integration, test, webhook}`; 409 as for both above; 422 with what the test finds wrong; 503
///   where Kustomer does not answer.
/// - `POST integrations/kustomer/disable`: switches it off, at once: 200 with `{integration}`.
/// - `GET integrations/kustomer/status`: 200 with how it fares.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "integration_list" => ok(&integration_list(cx, &[NAME]).await?),
        "kustomer_get" => ok(&kustomer_get(cx).await?),
        "kustomer_put" => ok(&kustomer_put(cx, request.text()?).await?),
        "kustomer_test" => {
            let wanted = TestRequest::parse(request.text()?)?;
            ok(&kustomer_test(cx, wanted).await?)
        }
        "kustomer_enable" => ok(&kustomer_enable(cx).await?),
        "kustomer_disable" => ok(&kustomer_disable(cx).await?),
        "kustomer_status" => ok(&integration_status(cx, NAME).await?),
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}
