use crate::sql::{APP_SECRET_PAGE, VERIFY_TOKEN_FIND};
use channels::{credentials_context, verify_token_id};
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::json::raw;
use common::json::tolerant::text;
use common::signatures::{hmac_sha256, same_bytes};
use common::ttl_cache::Rereads;
use std::cell::RefCell;

/// Most app secrets that a delivery is tried with. Each trial reads the whole body.
const MAX_SECRETS: usize = 1000;

/// Which app secret signed a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy(pub String);

#[derive(Clone)]
struct AppSecret {
    id: String,
    secret: String,
}

thread_local! {
    /// The one that fitted last stands first; none before they were read.
    static SECRETS: RefCell<Option<Vec<AppSecret>>> = RefCell::default();
    static REREADS: RefCell<Rereads> = RefCell::default();
}

/// Finds the app secret that signed these bytes: `X-Hub-Signature-256: sha256=<hex>` is the
/// HMAC-SHA256 of the body as it came (channels.md §1.3). The secrets of all accounts are tried,
/// those that this isolate knows first; where none fits they are read again, since one may be new,
/// once in a few seconds.
///
/// # Errors
/// 503 when the database is away.
pub async fn signature_find(
    cx: &Context<'_>,
    header: Option<&str>,
    body: &[u8],
) -> Result<Option<SignedBy>, Error> {
    let Some(signature) = header.and_then(signature_of) else {
        return Ok(None);
    };
    if let Some(found) = try_known(&signature, body) {
        return Ok(Some(found));
    }
    let is_first = SECRETS.with_borrow(Option::is_none);
    if !is_first && !REREADS.with_borrow_mut(|rereads| rereads.may_reread("secrets", cx.now)) {
        return Ok(None);
    }
    let secrets = read(cx).await?;
    SECRETS.with_borrow_mut(|known| *known = Some(secrets));
    Ok(try_known(&signature, body))
}

/// The 32 bytes behind `sha256=`.
fn signature_of(header: &str) -> Option<[u8; 32]> {
    let mut signature = [0; 32];
    hex::decode_to_slice(header.strip_prefix("sha256=")?, &mut signature).ok()?;
    Some(signature)
}

fn try_known(signature: &[u8; 32], body: &[u8]) -> Option<SignedBy> {
    SECRETS.with_borrow_mut(|secrets| {
        let secrets = secrets.as_mut()?;
        let fits = |secret: &AppSecret| {
            same_bytes(&hmac_sha256(secret.secret.as_bytes(), body), signature)
        };
        let n = secrets.iter().position(fits)?;
        secrets.swap(0, n);
        secrets.first().map(|secret| SignedBy(secret.id.clone()))
    })
}

async fn read(cx: &Context<'_>) -> Result<Vec<AppSecret>, Error> {
    let mut secrets: Vec<AppSecret> = Vec::new();
    let mut after = (String::new(), String::new());
    while secrets.len() < MAX_SECRETS {
        let rows = cx
            .db
            .rows(APP_SECRET_PAGE.bind(vec![after.0.as_str().into(), after.1.as_str().into()]))
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let mut columns = Columns::of(&row);
            let ids = [
                columns.text("app_secret_id")?,
                columns.text("second_secret_id")?,
            ];
            let (business, channel) = (columns.str("business_id")?, columns.id("id")?);
            let context = credentials_context(business, &channel);
            let opened = cx.ports.open(&context, columns.str("credentials")?)?;
            let credentials = raw::object(&opened).unwrap_or_default();
            for (id, field) in ids.iter().zip(["app_secret", "instagram_app_secret"]) {
                if let Some(secret) = text(&credentials, field)
                    && !secrets.iter().any(|known| known.id == *id)
                {
                    let id = id.clone();
                    secrets.push(AppSecret { id, secret });
                }
            }
            after = ids.into();
        }
    }
    Ok(secrets)
}

/// Whether the token of a handshake is some account's (channels.md §1.2).
///
/// # Errors
/// 503 when the database is away.
pub async fn handshake_answers(cx: &Context<'_>, token: &str) -> Result<bool, Error> {
    let name = verify_token_id(cx, token).await?;
    let rows = cx
        .db
        .rows(VERIFY_TOKEN_FIND.bind(vec![name.into()]))
        .await?;
    Ok(!rows.is_empty())
}
