use crate::audit::audit_list;
use crate::business::{Business, CreatedBusiness, NewBusiness, checked_region};
use crate::keys::{CreatedKey, KeyList, KeyRequest, NewKey, key_insert, key_of};
use crate::parked::parked_list;
use crate::quotas::{QuotaChange, quotas_get, quotas_put};
use crate::sessions::{CreatedSession, session_end, session_list};
use crate::sql::{BUSINESS_INSERT, KEY_LIST, KEY_REVOKE, SESSION_INSERT, SESSION_PRUNE};
use access::name::checked_name;
use access::quota::{Quota, insert_within_quota, quota_check};
use access::session::SESSION_MICROS;
use access::{SecretToken, TokenKind};
use common::Context;
use common::db::Statement;
use common::http::{Error, Kind, Request, Response, Result, Scope, Scopes};

/// The settings, below `/api/dashboard`. Creating answers 201, deleting 204, the rest 200.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "business_create" => {
            let made = business_create(cx, NewBusiness::read(request.text()?)?).await?;
            Ok(Response::json(201, &made))
        }
        "parked_list" => {
            let page = parked_list(cx, &request.query).await?;
            Ok(Response::json(200, &page))
        }
        "audit_list" => audit_list(cx, &request.query).await,
        "quotas_get" => Ok(Response::json(200, &quotas_get(cx).await?)),
        "quotas_put" => {
            let change = QuotaChange::read(request.text()?)?;
            Ok(Response::json(200, &quotas_put(cx, &change).await?))
        }
        "session_create" => Ok(Response::json(201, &session_create(cx).await?)),
        "session_list" => Ok(Response::json(200, &session_list(cx).await?)),
        "session_end" => {
            session_end(cx, id).await?;
            Ok(Response::empty(204))
        }
        "key_list" => Ok(Response::json(200, &key_list(cx).await?)),
        "key_create" => {
            let made = key_create(cx, KeyRequest::read(request.text()?)?).await?;
            Ok(Response::json(201, &made))
        }
        "key_revoke" => {
            key_revoke(cx, id).await?;
            Ok(Response::empty(204))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// `POST businesses` (platform token)
///
/// 1. Checks name and region: 422.
/// 2. Makes two keys: one for the CRM with every scope but `admin`, one with `admin` alone.
/// 3. Stores the business and its keys in one transaction.
/// 4. Answers with the business and both keys, which are shown only here.
pub async fn business_create(cx: &Context<'_>, new: NewBusiness) -> Result<CreatedBusiness> {
    // 1.
    let business = Business {
        name: checked_name(&new.name)?,
        default_region: checked_region(&new.default_region)?,
        id: cx.ids.next(),
        created_at: cx.now,
    };

    // 2.
    let api_key = SecretToken::generate(TokenKind::ApiKey, cx.entropy);
    let admin_key = SecretToken::generate(TokenKind::ApiKey, cx.entropy);
    let scopes = Scopes::all_but_admin();
    let admin = [Scope::Admin].into_iter().collect();

    // 3.
    let key = first_key("First API key", scopes);
    let admin = first_key("First admin key", admin);
    let statements = vec![
        business_insert(cx, &business),
        key_insert(cx, &business.id, &api_key, &key),
        key_insert(cx, &business.id, &admin_key, &admin),
    ];
    cx.audits(&business.id);
    cx.db.batch(statements).await?;
    if let Some(places) = cx.ports.databases {
        let number = places.for_new();
        places.directory_put(&business.id, number).await;
    }

    // 4.
    Ok(CreatedBusiness {
        business,
        key: key.shown(cx, &api_key),
        api_key: api_key.reveal(),
        admin_key: admin_key.reveal(),
    })
}

fn business_insert(cx: &Context<'_>, business: &Business) -> Statement {
    BUSINESS_INSERT.bind(vec![
        business.id.as_str().into(),
        business.name.as_str().into(),
        business.default_region.as_str().into(),
        cx.now.micros().into(),
    ])
}

/// One of a business's first keys, which never expire.
fn first_key(name: &str, scopes: Scopes) -> NewKey {
    NewKey {
        name: name.to_owned(),
        scopes,
        expires_at: None,
    }
}

/// `POST sessions` (`x-api-key` with `admin`)
///
/// 1. Makes a token, which opens the settings for twelve hours.
/// 2. Drops the business's ended sessions and stores the new one, in one transaction.
/// 3. Answers with the token, which is shown only here, and when it expires.
pub async fn session_create(cx: &Context<'_>) -> Result<CreatedSession> {
    // 1.
    let token = SecretToken::generate(TokenKind::Session, cx.entropy);
    let expires_at = cx.now.plus(SESSION_MICROS);

    // 2.
    let business = cx.business_id();
    cx.audits(&token.id);
    cx.db
        .batch(vec![
            SESSION_PRUNE.bind(vec![business.into(), cx.now.micros().into()]),
            SESSION_INSERT.bind(vec![
                business.into(),
                token.id.as_str().into(),
                token.hash().into(),
                cx.caller.key_id.as_str().into(),
                expires_at.micros().into(),
                cx.now.micros().into(),
            ]),
        ])
        .await?;

    // 3.
    Ok(CreatedSession {
        token: token.reveal(),
        expires_at,
    })
}

/// `GET api-keys` (session)
///
/// 1. Answers with the business's keys, oldest first, never their secrets.
async fn key_list(cx: &Context<'_>) -> Result<KeyList> {
    // 1.
    let params = vec![cx.business_id().into()];
    let rows = cx.db.rows(KEY_LIST.bind(params)).await?;
    let keys = rows.iter().map(key_of).collect::<Result<_>>()?;
    Ok(KeyList { keys })
}

/// `POST api-keys` (session)
///
/// 1. Checks name, scopes and expiry: 422 for a bad name, unknown or no scopes, or an expiry that is no
///    future time; 403 where the quota of keys is used up.
/// 2. Makes the key and stores its row, with no more of its secret than the hash: 403 where others took what
///    the quota had meanwhile.
/// 3. Answers with the key, which is shown only here.
async fn key_create(cx: &Context<'_>, request: KeyRequest) -> Result<CreatedKey> {
    // 1.
    let new = NewKey::checked(request, cx.now)?;
    quota_check(cx, Quota::ApiKeys, 1).await?;

    // 2.
    let token = SecretToken::generate(TokenKind::ApiKey, cx.entropy);
    let insert = key_insert(cx, cx.business_id(), &token, &new);
    cx.audits(&token.id);
    insert_within_quota(cx, Quota::ApiKeys, 1, insert).await?;

    // 3.
    Ok(CreatedKey {
        key: new.shown(cx, &token),
        api_key: token.reveal(),
    })
}

/// `DELETE api-keys/{id}` (session)
///
/// 1. Revokes the key, which is dead everywhere within 60 s: 404 where the business has no such key.
async fn key_revoke(cx: &Context<'_>, id: &str) -> Result<()> {
    // 1.
    let params = vec![cx.business_id().into(), id.into(), cx.now.micros().into()];
    let rows = cx.db.rows(KEY_REVOKE.bind(params)).await?;
    if rows.is_empty() {
        return Err(Error::new(Kind::NotFound, "There is no such key."));
    }
    Ok(())
}
