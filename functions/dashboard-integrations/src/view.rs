//! What is in force for a business, and where it comes from. Never a secret.

use common::context::Context;
use common::form::escape;
use common::http::Error;
use common::json::tolerant::quoted as maybe_quoted;
use common::json::writer::{JsonWriter, quoted};
use common::time::Timestamp;
use crm::table::{Draft, Field, Kind, Role, Source, Table};
use crm::{Integration, Setup};

/// Shorter keys show nothing of themselves.
const MIN_KEY_SHOWN: usize = 16;

/// A connection as it is shown, as JSON. `forwarded` is what is kept elsewhere.
///
/// # Errors
/// 500 where its secrets cannot be opened, or the deployment's own address is not known.
pub(super) fn integration_view(
    cx: &Context<'_>,
    connector: &dyn Setup,
    integration: &Integration,
    forwarded: &str,
) -> Result<String, Error> {
    let table = connector.settings();
    let draft = Draft::stored(cx, integration)?;
    let values = table.values(&cx.ports, &integration.settings);
    let shown = |field: &Field| match field.kind {
        Kind::Secret(secret) => {
            secret_shown(cx, table, secret.role, draft.secrets.get(secret.stored))
        }
        Kind::Forwarded(_) => forwarded.to_owned(),
        _ => values.json(field.path).0,
    };
    let status = if integration.is_active {
        "active"
    } else {
        "disabled"
    };
    let mut view = JsonWriter::default()
        .text("connector", connector.name())
        .text("status", status);
    let (secrets, settings): (Vec<_>, Vec<_>) = table
        .entries()
        .into_iter()
        .partition(|(_, fields)| fields.iter().any(|field| field.secret().is_some()));
    for (name, fields) in &settings {
        view = view.json(name, &entry(name, fields, &shown));
    }
    let mut sources = Vec::new();
    for field in table.fields {
        if field.variable.is_some() && field.secret().is_none() {
            let source = values.json(field.path).1.as_str();
            sources.push([&quoted(field.path), ":", &quoted(source)].concat());
        }
    }
    view = view.json("source", &["{", &sources.join(","), "}"].concat());
    for (name, fields) in &secrets {
        view = view.json(name, &entry(name, fields, &shown));
    }
    let org = Some(integration.remote_org.as_str()).filter(|org| !org.is_empty());
    let is_stored = integration.revision > 0;
    let updated_at = is_stored.then(|| Timestamp::from_micros(integration.updated_at).to_string());
    Ok(view
        .json("remote_organization_id", &maybe_quoted(org))
        .json(
            "remote_user_id",
            &maybe_quoted(integration.remote_user.as_deref()),
        )
        .text("webhook_url", &webhook_url(cx, connector, org)?)
        .json("updated_at", &maybe_quoted(updated_at.as_deref()))
        .finish())
}

/// Where the CRM is to call us. An organisation that stands in it is known once the connection was
/// tested.
pub(super) fn webhook_url(
    cx: &Context<'_>,
    connector: &dyn Setup,
    org: Option<&str>,
) -> Result<String, Error> {
    let origin = cx.ports.public_origin()?;
    let mut url = [&origin, "/api/webhooks/", connector.name()].concat();
    if let Some(org) = org.filter(|_| connector.has_path()) {
        url.push('/');
        escape(org, b"-_.~", "%20", &mut url);
    }
    Ok(url)
}

/// A field alone, or a group with its fields.
fn entry(name: &str, fields: &[&'static Field], shown: &dyn Fn(&Field) -> String) -> String {
    match fields {
        [field] if field.path == name => shown(field),
        group => {
            let mut written = JsonWriter::default();
            for field in group {
                written = written.json(field.parts().1, &shown(field));
            }
            written.finish()
        }
    }
}

fn secret_shown(cx: &Context<'_>, table: &Table, role: Role, own: Option<&String>) -> String {
    let set = |is_set: bool| {
        let is_set = if is_set { "true" } else { "false" };
        JsonWriter::default().json("set", is_set)
    };
    match (role, own) {
        (Role::Webhook, own) => set(own.is_some()).finish(),
        (Role::Key, None) => {
            let is_set = table.deployment_key(cx).is_some();
            let source = match is_set {
                true => Source::Deployment,
                false => Source::Default,
            };
            set(is_set)
                .text("source", source.as_str())
                .json("last_chars", "null")
                .finish()
        }
        (Role::Key, Some(key)) => {
            let end = key.len().checked_sub(4).and_then(|from| key.get(from..));
            let end = end.filter(|_| key.len() >= MIN_KEY_SHOWN);
            set(true)
                .text("source", Source::Business.as_str())
                .text("last_chars", &["…", end.unwrap_or_default()].concat())
                .finish()
        }
    }
}
