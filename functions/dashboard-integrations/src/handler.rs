use common::Context;
use common::http::{Error, Request, Response, Result};
use common::json::written::Written;
use crm::settings::{integration_list, integration_status};
use crm::setup::{
    integration_or_unset, integration_view, setup_change, setup_disable, setup_enable, setup_test,
};
use crm::{Integration, Setup, connector_of};
use messaging::conversations::handoff::{HandoffChange, Names, handoff_get, handoff_put};

/// What the hand-off settings are called in a connector's, where older clients look for them.
const HANDOFF_NAMES: Names = Names {
    enabled: "phrases_on",
    triggers: "phrases",
    message: "message",
};

/// The connections of a business to its CRMs, at `/api/dashboard/integrations` (session). Secrets go
/// in and never come out. A connector that there is not is 404.
///
/// - `GET integrations`: 200 with `{integrations}`: every connector there is, and how it stands.
/// - `GET integrations/{connector}`: 200 with `{integration}`: what is in force, and where it comes from.
/// - `GET integrations/{connector}/schema`: 200 with what can be set: fields for a form, and the JSON
///   schema of the `PUT`.
/// - `PUT integrations/{connector}`: changes what the request names; null clears. 200 with
///   `{integration}`; 422 for a field that is unknown or wrong; 409 where it is active and would use
///   the deployment's key, as another business does.
/// - `POST integrations/{connector}/test`: asks the CRM, by what is stored or what the body says: 200
///   with what came of it; 409 where something is not set that it needs.
/// - `POST integrations/{connector}/enable`: tests, switches it on, and has the CRM call us: 200 with
///   `{integration, test, webhook}`; 409 as for both above; 422 with what the test finds wrong; 503
///   where the CRM does not answer.
/// - `POST integrations/{connector}/disable`: switches it off, at once: 200 with `{integration}`.
/// - `GET integrations/{connector}/status`: 200 with how it fares.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    handle_with(connectors::SETUP, cx, request).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn Setup],
    cx: &Context<'_>,
    request: Request,
) -> Result<Response> {
    if request.route.operation == "integration_list" {
        return ok(&integration_list(cx, connectors).await?);
    }
    let connector = connector_of(connectors, request.connector.as_deref())?;
    match request.route.operation {
        "integration_get" => {
            let integration = integration_or_unset(cx, connector).await?;
            shown(cx, connector, &integration).await
        }
        "integration_schema" => Ok(schema(connector)),
        "integration_put" => put(cx, connector, request.text()?).await,
        "integration_test" => {
            let change = connector.settings().test_change(request.text()?)?;
            let tested = setup_test(cx, connector, &change).await?;
            Ok(Response::json_text(200, tested))
        }
        "integration_enable" => enable(cx, connector).await,
        "integration_disable" => {
            let integration = setup_disable(cx, connector).await?;
            shown(cx, connector, &integration).await
        }
        "integration_status" => ok(&integration_status(cx, connector).await?),
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

async fn put(cx: &Context<'_>, connector: &dyn Setup, body: &str) -> Result<Response> {
    let change = connector.settings().change(body)?;
    let handoff = change.forwarded();
    let handoff = handoff.map(|(name, group)| HandoffChange::of_group(name, &HANDOFF_NAMES, group));
    let handoff = handoff.transpose()?;
    let integration = setup_change(cx, connector, &change).await?;
    if let Some(handoff) = handoff {
        handoff_put(cx, &handoff).await?;
    }
    shown(cx, connector, &integration).await
}

async fn enable(cx: &Context<'_>, connector: &dyn Setup) -> Result<Response> {
    let (integration, tested, enabled) = setup_enable(cx, connector).await?;
    let answer = Written::default()
        .json("integration", &view(cx, connector, &integration).await?)
        .json("test", &tested.json)
        .json("webhook", &enabled.json);
    Ok(Response::json_text(200, answer.finish()))
}

async fn view(
    cx: &Context<'_>,
    connector: &dyn Setup,
    integration: &Integration,
) -> Result<String> {
    let handoff = match connector.settings().forwards() {
        true => handoff_get(cx).await?.shown(&HANDOFF_NAMES),
        false => String::new(),
    };
    integration_view(cx, connector, integration, &handoff)
}

async fn shown(
    cx: &Context<'_>,
    connector: &dyn Setup,
    integration: &Integration,
) -> Result<Response> {
    let view = view(cx, connector, integration).await?;
    let answer = Written::default().json("integration", &view).finish();
    Ok(Response::json_text(200, answer))
}

fn schema(connector: &dyn Setup) -> Response {
    let table = connector.settings();
    let answer = Written::default()
        .text("connector", connector.name())
        .json("fields", &table.form())
        .json("groups", &table.form_groups())
        .json("schema", &table.request_schema());
    Response::json_text(200, answer.finish())
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}
