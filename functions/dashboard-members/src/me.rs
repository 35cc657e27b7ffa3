use crate::member::Member;
use crate::sql::{BUSINESS_NAME, MEMBER_GET};
use access::session::csrf_token;
use access::{Presented, SecretToken, TokenKind};
use common::Context;
use common::db::{Columns, next_rows};
use common::http::{Error, Result};
use serde::Serialize;

/// Who asks.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    /// The business.
    pub business: Named,
    /// Who signed in; null for a session that an admin key opened.
    pub member: Option<Member>,
    /// What the session may do: `viewer`, `agent`, `admin` or `owner`.
    #[cfg_attr(feature = "schema", schemars(with = "common::http::Role"))]
    pub role: String,
    /// What a page sends as `x-csrf-token` with everything that changes something, where a cookie has the session; else
    /// null.
    pub csrf_token: Option<String>,
}

/// What something is called.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Named {
    /// The id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// The name.
    pub name: String,
}

/// `GET me` (session)
///
/// 1. Answers with the business, the member and what they may do. 503 with the database away.
pub(crate) async fn me_get(cx: &Context<'_>) -> Result<Me> {
    // 1.
    let session = cx.caller.session.as_ref();
    let session = session.ok_or_else(|| Error::internal("a caller without a session"))?;
    let business = || cx.business_id().into();
    let member = session.member_id.as_ref().map_or("", |id| id.as_str());
    let statements = vec![
        BUSINESS_NAME.bind(vec![business()]),
        MEMBER_GET.bind(vec![business(), member.into()]),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let (named, members) = (next_rows(&mut results)?, next_rows(&mut results)?);
    let name = match named.first() {
        Some(row) => Columns::of(row).text("name")?,
        None => String::new(),
    };
    Ok(Me {
        business: Named {
            id: cx.business_id().to_owned(),
            name,
        },
        member: members.first().map(Member::of_row).transpose()?,
        role: session.role.name().to_owned(),
        csrf_token: csrf_of(cx),
    })
}

fn csrf_of(cx: &Context<'_>) -> Option<String> {
    match Presented::of(cx.header)? {
        Presented::Cookie(token, _) => {
            let token = SecretToken::parse(TokenKind::Session, &token)?;
            Some(csrf_token(&token))
        }
        Presented::Bearer(_) => None,
    }
}
