//! A connection's row, read and written.

use crate::sql::{
    DEPLOYMENT_KEY_USER, INTEGRATION_DISABLE, INTEGRATION_ENABLE, INTEGRATION_PUT, JOBS_REVIVE,
    OTHER_BUSINESS,
};
use common::context::Context;
use common::db::{DbError, Rows, Statement};
use common::events::pass_unheard;
use common::http::{Error, Kind};
use common::json::Fields;
use crm::table::{Draft, Role};
use crm::trouble::troubles_forget;
use crm::{Integration, Setup, credentials_context, integration_get};

/// How often a change is tried that others come before.
const TRIES: u32 = 4;
/// Most jobs that a new key has tried again at once.
const MAX_REVIVED: i64 = 2000;

/// The business's connection; one without anything where nothing was ever set.
///
/// # Errors
/// 503 when the database is away.
pub(super) async fn integration_or_unset(
    cx: &Context<'_>,
    connector: &dyn Setup,
) -> Result<Integration, Error> {
    let stored = integration_get(cx, connector.name()).await?;
    Ok(stored.unwrap_or_else(|| Integration::unset(connector.name())))
}

/// Writes settings and secrets, made of what is stored; again where another wrote first. `org` is the
/// organisation at the CRM, where that is known anew.
///
/// # Errors
/// 409 where it is active and would use the deployment's key, as another business does already or could
/// as well.
pub(super) async fn rewrite(
    cx: &Context<'_>,
    connector: &dyn Setup,
    org: Option<&str>,
    write: impl Fn(Draft) -> Draft,
) -> Result<Integration, Error> {
    for _ in 0..TRIES {
        let before = integration_or_unset(cx, connector).await?;
        let stored = Draft::stored(cx, &before)?;
        let key = connector.settings().secret(Role::Key);
        let key_of = |draft: &Draft| draft.secrets.get(key?.1.stored).cloned();
        let key_before = key_of(&stored);
        let draft = write(stored);
        let gives_up_its_key = key_before.is_some() && key_of(&draft).is_none();
        if before.is_active && gives_up_its_key {
            key_check(cx, connector, &draft.secrets).await?;
        }
        let org = org.unwrap_or(&before.remote_org);
        let mut statements = vec![put(cx, connector, &before, org, &draft).await?];
        statements.push(troubles_forget(cx, connector.name()));
        if key_of(&draft) != key_before {
            statements.push(JOBS_REVIVE.bind(vec![
                cx.business_id().into(),
                connector.name().into(),
                cx.now.micros().into(),
                MAX_REVIVED.into(),
            ]));
        }
        if let Some(after) = first(connector, cx.db.batch(statements).await)? {
            return Ok(after);
        }
    }
    Err(Error::unavailable("an integration changes all the time"))
}

/// The statement that writes settings and secrets, unless another did since `before` was read.
async fn put(
    cx: &Context<'_>,
    connector: &dyn Setup,
    before: &Integration,
    remote_org: &str,
    draft: &Draft,
) -> Result<Statement, Error> {
    let sealed = match draft.secrets.iter().next() {
        None => None,
        Some(_) => {
            let context = credentials_context(cx.business_id(), &before.connector);
            let json = serde_json::to_string(&draft.secrets).map_err(Error::internal)?;
            Some(secrets::seal(cx, &context, &json).await?)
        }
    };
    Ok(INTEGRATION_PUT.bind(vec![
        cx.business_id().into(),
        before.connector.as_str().into(),
        remote_org.into(),
        draft.settings.as_str().into(),
        sealed.into(),
        before.revision.into(),
        cx.now.micros().into(),
        i64::from(connector.settings().lacks_key(&draft.secrets)).into(),
    ]))
}

/// Switches a connection on. `user` is who we are there, `webhook` what calls us, where that is new.
///
/// # Errors
/// 409 where it uses the deployment's key, as another business does already.
pub(super) async fn integration_enable(
    cx: &Context<'_>,
    connector: &dyn Setup,
    user: &str,
    webhook: Option<&str>,
) -> Result<Option<Integration>, Error> {
    let enable = INTEGRATION_ENABLE.bind(vec![
        cx.business_id().into(),
        connector.name().into(),
        user.into(),
        webhook.into(),
        cx.now.micros().into(),
    ]);
    let results = cx.db.batch(vec![pass_unheard(cx), enable]).await;
    let results = results.map(|results| results.into_iter().skip(1).collect());
    first(connector, results)
}

/// Switches a connection off, at once: whoever is at its jobs looks before the next. `None` where
/// there is none.
///
/// # Errors
/// 503 when the database is away.
pub(super) async fn integration_disable(
    cx: &Context<'_>,
    connector: &dyn Setup,
) -> Result<Option<Integration>, Error> {
    let params = vec![
        cx.business_id().into(),
        connector.name().into(),
        cx.now.micros().into(),
    ];
    first(
        connector,
        cx.db.batch(vec![INTEGRATION_DISABLE.bind(params)]).await,
    )
}

/// Refuses the deployment's key to whoever is not the business that is connected by it, and to all where
/// it could be anybody's.
///
/// # Errors
/// 409 `deployment_key_in_use`, `deployment_key_without_owner`.
pub(super) async fn key_check(
    cx: &Context<'_>,
    connector: &dyn Setup,
    secrets: &Fields<String>,
) -> Result<(), Error> {
    if !connector.settings().lacks_key(secrets) {
        return Ok(());
    }
    let params = vec![connector.name().into(), cx.business_id().into()];
    let others = cx.db.rows(DEPLOYMENT_KEY_USER.bind(params)).await?;
    match others.is_empty() {
        true => owner_check(cx, connector).await,
        false => Err(key_in_use(connector)),
    }
}

/// Refuses the deployment's key where there are several businesses and nothing says whose it is: whoever
/// came first would read what is another's.
///
/// # Errors
/// 409 `deployment_key_without_owner`.
async fn owner_check(cx: &Context<'_>, connector: &dyn Setup) -> Result<(), Error> {
    let Some(owner) = connector.settings().unset_owner(cx) else {
        return Ok(());
    };
    let params = vec![cx.business_id().into()];
    if cx.db.rows(OTHER_BUSINESS.bind(params)).await?.is_empty() {
        return Ok(());
    }
    let message = format!(
        "This deployment has several businesses and does not say whose its key is. Give this \
         business a key of its own, or set {owner}."
    );
    Err(Error::new(Kind::Conflict, message)
        .with_detail(key_path(connector), "deployment_key_without_owner"))
}

/// The connection that was written; none where there was none to write.
fn first(
    connector: &dyn Setup,
    results: Result<Vec<Rows>, DbError>,
) -> Result<Option<Integration>, Error> {
    let results = results.map_err(|error| match error.is_race() {
        true => key_in_use(connector),
        false => error.into(),
    })?;
    let row = results.first().and_then(|rows| rows.first());
    row.map(Integration::of_row).transpose()
}

fn key_in_use(connector: &dyn Setup) -> Error {
    let message =
        "Another business is connected by the deployment's key. Give this one a key of its own.";
    Error::new(Kind::Conflict, message).with_detail(key_path(connector), "deployment_key_in_use")
}

fn key_path(connector: &dyn Setup) -> &'static str {
    let key = connector.settings().secret(Role::Key);
    key.map_or("credentials", |(field, _)| field.path)
}
