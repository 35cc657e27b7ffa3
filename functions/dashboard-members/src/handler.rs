use crate::invite::member_invite;
use crate::me::me_get;
use crate::member::{Member, MemberChange, MemberPage, NewMember, SignInLink, may_make, stays};
use crate::provider::{provider_delete, provider_get, provider_put};
use crate::provider_request::ProviderRequest;
use crate::sql::{
    MEMBER_DELETE, MEMBER_GET, MEMBER_LINKS_END, MEMBER_LIST, MEMBER_REMOVED, MEMBER_SESSIONS_END,
    MEMBER_UPDATE,
};
use access::sign_in::sign_in_link;
use common::Context;
use common::db::next_rows;
use common::email::Email;
use common::http::{
    Error, Kind, Query, Request, Response, Result, Role, decode_cursor, encode_cursor,
};
use common::ids::MemberId;
use common::signatures::sha256_hex;
use std::borrow::Cow;

const PAGE_MAX: u32 = 200;
const PAGE_DEFAULT: u32 = 50;

/// The people of a business, below `/api/dashboard`, with a session.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "me_get" => Ok(Response::json(200, &me_get(cx).await?)),
        "member_list" => Ok(Response::json(200, &member_list(cx, &request.query).await?)),
        "member_invite" => {
            let made = member_invite(cx, NewMember::read(request.text()?)?).await?;
            Ok(Response::json(201, &made))
        }
        "member_update" => {
            let change = MemberChange::read(request.text()?)?;
            Ok(Response::json(200, &member_update(cx, id, change).await?))
        }
        "member_remove" => {
            member_remove(cx, id).await?;
            Ok(Response::empty(204))
        }
        "member_sign_in_link" => Ok(Response::json(200, &member_link(cx, id).await?)),
        "sign_in_provider_get" => Ok(Response::json(200, &provider_get(cx).await?)),
        "sign_in_provider_put" => {
            let wanted = ProviderRequest::read(request.text()?)?;
            Ok(Response::json(200, &provider_put(cx, wanted).await?))
        }
        "sign_in_provider_delete" => {
            provider_delete(cx).await?;
            Ok(Response::empty(204))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// `GET members` (viewer): by their addresses, at most 200 on a page. 422 for another limit or cursor.
async fn member_list(cx: &Context<'_>, query: &Query) -> Result<MemberPage> {
    let limit = query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?;
    let address = |text: &str| {
        let email = Email::parse(Cow::Borrowed(text))?;
        Some(email.as_str().to_owned())
    };
    let cursor = query
        .get("cursor")
        .map(|cursor| decode_cursor(cursor, address));
    let after = cursor.transpose()?.unwrap_or_default();
    let params = vec![
        cx.business_id().into(),
        after.into(),
        (i64::from(limit) + 1).into(),
    ];
    let rows = cx.db.rows(MEMBER_LIST.bind(params)).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let members: Vec<_> = rows
        .iter()
        .take(limit)
        .map(Member::of_row)
        .collect::<Result<_>>()?;
    let has_more = rows.len() > limit;
    let last = members.last().filter(|_| has_more);
    Ok(MemberPage {
        next_cursor: last.map(|last| encode_cursor(&last.email)),
        has_more,
        members,
    })
}

/// `POST members/{id}/sign-in-link` (admin; an owner, for an owner): another link, in the place of the one before.
///
/// # Errors
/// 403 and 404.
async fn member_link(cx: &Context<'_>, id: &str) -> Result<SignInLink> {
    let member = member_of(cx, id).await?;
    may_make(cx, member.role())?;
    let (url, link) = sign_in_link(cx, &member.id)?;
    cx.db.batch(link).await?;
    Ok(SignInLink {
        member,
        sign_in_url: Some(url),
        email_error: None,
    })
}

/// `PATCH members/{id}` (admin; an owner, for one who is or becomes an owner)
///
/// 1. Reads the member: 404. Checks who may change them: 403.
/// 2. Changes them: 409 where they were changed meanwhile, and for the last owner, who stays one.
async fn member_update(cx: &Context<'_>, id: &str, change: MemberChange) -> Result<Member> {
    // 1.
    let member = member_of(cx, id).await?;
    may_make(cx, member.role())?;
    may_make(cx, change.role.unwrap_or(Role::Viewer))?;

    // 2.
    let update = MEMBER_UPDATE.bind(vec![
        cx.business_id().into(),
        (&member.id).into(),
        change.name.into(),
        change.role.map(Role::name).into(),
        member.role.as_str().into(),
    ]);
    let rows = cx.db.rows(update).await?;
    rows.first()
        .map(Member::of_row)
        .unwrap_or_else(|| Err(stays()))
}

/// `DELETE members/{id}` (admin; an owner, for an owner)
///
/// 1. Reads the member: 404. Checks who may remove them: 403.
/// 2. Removes them with their sessions and links, at once: 409 for the last owner. What they did stays in the audit log,
///    and what they wrote in its conversations. A digest of their address stays, by which no allowed domain makes them a
///    member again.
async fn member_remove(cx: &Context<'_>, id: &str) -> Result<()> {
    // 1.
    let member = member_of(cx, id).await?;
    may_make(cx, member.role())?;

    // 2.
    let named = || vec![cx.business_id().into(), (&member.id).into()];
    let mut delete = named();
    delete.push(member.role.as_str().into());
    let statements = vec![
        MEMBER_DELETE.bind(delete),
        MEMBER_SESSIONS_END.bind(named()),
        MEMBER_LINKS_END.bind(named()),
        MEMBER_REMOVED.bind(vec![
            cx.business_id().into(),
            (&member.id).into(),
            sha256_hex(member.email.as_bytes()).into(),
            cx.now.micros().into(),
        ]),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    match next_rows(&mut results)?.is_empty() {
        true => Err(stays()),
        false => Ok(()),
    }
}

async fn member_of(cx: &Context<'_>, id: &str) -> Result<Member> {
    let missing = || Error::new(Kind::NotFound, "There is no such member.");
    let id = MemberId::parse(id).ok_or_else(missing)?;
    cx.audits(id.as_str());
    let get = MEMBER_GET.bind(vec![cx.business_id().into(), (&id).into()]);
    let rows = cx.db.rows(get).await?;
    rows.first()
        .map(Member::of_row)
        .unwrap_or_else(|| Err(missing()))
}
