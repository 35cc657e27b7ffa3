use crate::enable::setup_enable;
use crate::list::integration_list;
use crate::status::integration_status;
use crate::store::{integration_disable, integration_or_unset, key_check, rewrite};
use crate::view::integration_view;
use common::Context;
use common::http::{Error, Request, Response, Result};
use common::json::writer::JsonWriter;
use common::ports::Queue;
use crm::table::Draft;
use crm::{CrmClient, Integration, Setup, connector_of};
use messaging::conversations::handoff::{HandoffChange, Names, handoff_get, handoff_put};

/// What the hand-off settings are called in a connector's, where older clients look for them.
const HANDOFF_NAMES: Names = Names {
    enabled: "phrases_on",
    triggers: "phrases",
    message: "message",
};

/// The connections of a business to its CRMs, at `/api/dashboard/integrations` (session). Secrets go
/// in and never come out.
///
/// 1. `GET integrations`: 200 with `{integrations}`: every connector there is, and how it stands.
/// 2. Else finds the connector: 404.
/// 3. Does what the request asks for:
///    - `GET integrations/{connector}`: 200 with `{integration}`: what is in force, and where it comes
///      from.
///    - `GET integrations/{connector}/schema`: 200 with what can be set: fields for a form, and the
///      JSON schema of the `PUT`.
///    - `PUT integrations/{connector}`: see `put`.
///    - `POST integrations/{connector}/test`: see `test`.
///    - `POST integrations/{connector}/enable`: see `enable`.
///    - `POST integrations/{connector}/disable`: see `disable`.
///    - `GET integrations/{connector}/status`: 200 with how it fares; also of a source of conversations,
///      which is set up as an account and has nothing else here.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    handle_with(connectors::SETUP, cx, request).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn Setup],
    cx: &Context<'_>,
    request: Request,
) -> Result<Response> {
    // 1.
    if request.route.operation == "integration_list" {
        return ok(&integration_list(cx, connectors).await?);
    }

    // 2.
    let name = request.connector.as_deref();
    if request.route.operation == "integration_status" {
        let setup = connector_of(connectors, name).ok();
        let connector = match setup {
            Some(setup) => setup,
            None => connector_of(connectors::CONNECTORS, name)?,
        };
        return ok(&integration_status(cx, connector, setup).await?);
    }
    let connector = connector_of(connectors, name)?;

    // 3.
    match request.route.operation {
        "integration_get" => {
            let integration = integration_or_unset(cx, connector).await?;
            shown(cx, connector, &integration).await
        }
        "integration_schema" => Ok(schema(connector)),
        "integration_put" => put(cx, connector, request.text()?).await,
        "integration_test" => test(cx, connector, request.text()?).await,
        "integration_enable" => enable(cx, connector).await,
        "integration_disable" => disable(cx, connector).await,
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// Changes what a business set: absent keeps, null clears, so that the deployment's default holds again.
///
/// 1. Reads the change: 422 for a field that is unknown or wrong.
/// 2. Writes it: 409 where the connection is active and would use the deployment's key, as another
///    business does already. What a wrong key held up goes on.
/// 3. Writes what is the business's own rather than the connection's: the hand-off settings.
/// 4. Answers 200 with `{integration}`.
async fn put(cx: &Context<'_>, connector: &dyn Setup, body: &str) -> Result<Response> {
    // 1.
    let change = connector.settings().change(body)?;
    let handoff = change.forwarded();
    let handoff = handoff.map(|(name, group)| HandoffChange::of_group(name, &HANDOFF_NAMES, group));
    let handoff = handoff.transpose()?;

    // 2.
    let integration = rewrite(cx, connector, None, |draft| draft.changed(&change)).await?;
    if integration.is_active {
        cx.wake(Queue::Crm, cx.business_id());
    }

    // 3.
    if let Some(handoff) = handoff {
        handoff_put(cx, &handoff).await?;
    }

    // 4.
    shown(cx, connector, &integration).await
}

/// Asks the CRM whether a connection works.
///
/// 1. Reads what is to be tested in place of what is stored: 422 for a field that is unknown or wrong.
/// 2. Refuses the deployment's key to whoever is not the business that is connected by it: 409.
/// 3. Asks the CRM: 409 where something is not set that it needs. 200 with what came of it.
async fn test(cx: &Context<'_>, connector: &dyn Setup, body: &str) -> Result<Response> {
    // 1.
    let change = connector.settings().test_change(body)?;
    let integration = integration_or_unset(cx, connector).await?;
    let draft = Draft::stored(cx, &integration)?.changed(&change);

    // 2.
    key_check(cx, connector, &draft.secrets).await?;

    // 3.
    let client = CrmClient::new(cx, connector, &integration);
    let tested = connector.test(&client, &draft).await?;
    Ok(Response::json_text(200, tested.json))
}

/// Tests the connection, switches it on, and has the CRM call us.
///
/// 1. Does so: see [`setup_enable`].
/// 2. Answers 200 with `{integration, test, webhook}`.
async fn enable(cx: &Context<'_>, connector: &dyn Setup) -> Result<Response> {
    // 1.
    let (integration, tested, enabled) = setup_enable(cx, connector).await?;

    // 2.
    let answer = JsonWriter::default()
        .json("integration", &view(cx, connector, &integration).await?)
        .json("test", &tested.json)
        .json("webhook", &enabled.json);
    Ok(Response::json_text(200, answer.finish()))
}

/// Switches the connection off. What waits goes on waiting.
///
/// 1. Switches it off, at once: whoever is at its jobs looks before the next.
/// 2. Takes away at the CRM what should not stay there.
/// 3. Answers 200 with `{integration}`, also where there was none.
async fn disable(cx: &Context<'_>, connector: &dyn Setup) -> Result<Response> {
    // 1.
    let disabled = integration_disable(cx, connector).await?;

    // 2.
    if let Some(disabled) = &disabled {
        let client = CrmClient::new(cx, connector, disabled);
        connector.disable(&client).await?;
    }

    // 3.
    let unset = || Integration::unset(connector.name());
    shown(cx, connector, &disabled.unwrap_or_else(unset)).await
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
    let answer = JsonWriter::default().json("integration", &view).finish();
    Ok(Response::json_text(200, answer))
}

fn schema(connector: &dyn Setup) -> Response {
    let table = connector.settings();
    let answer = JsonWriter::default()
        .text("connector", connector.name())
        .json("fields", &table.form())
        .json("groups", &table.form_groups())
        .json("schema", &table.request_schema());
    Response::json_text(200, answer.finish())
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}
