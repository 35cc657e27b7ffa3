//! Inviting somebody.

use crate::member::{Member, NewMember, SignInLink, may_make};
use crate::sql::{BUSINESS_NAME, MEMBER_BACK, MEMBER_BY_EMAIL, MEMBER_INSERT};
use access::sign_in::{MAX_MEMBERS, sign_in_link};
use common::Context;
use common::db::Columns;
use common::http::{Error, Kind, Result};
use common::ids::MemberId;
use common::signatures::sha256_hex;
use mail::{Letter, Outcome, deployment_account, send};

/// `POST members` (admin; an owner, for an owner)
///
/// 1. Checks who may make such a member: 403.
/// 2. Stores the member, with a link by which they sign in: 409 where the address is a member's, 403 where there are
///    [`MAX_MEMBERS`].
/// 3. Sends it by email, where the deployment has an account for that, and else answers with it, which is shown only here.
pub(crate) async fn member_invite(cx: &Context<'_>, new: NewMember) -> Result<SignInLink> {
    // 1.
    may_make(cx, new.role)?;

    // 2.
    let id = MemberId::new(&cx.ids);
    cx.audits(id.as_str());
    let (url, link) = sign_in_link(cx, &id)?;
    let insert = MEMBER_INSERT.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        new.email.as_str().into(),
        new.name.into(),
        new.role.name().into(),
        cx.now.micros().into(),
        MAX_MEMBERS.into(),
    ]);
    let back = MEMBER_BACK.bind(vec![
        cx.business_id().into(),
        sha256_hex(new.email.as_bytes()).into(),
    ]);
    let known = MEMBER_BY_EMAIL.bind(vec![cx.business_id().into(), new.email.into()]);
    let statements = [insert].into_iter().chain(link).chain([back, known]);
    let statements = statements.collect();
    let results = cx.db.batch(statements).await?;
    let Some(row) = results.first().and_then(|rows| rows.first()) else {
        let is_known = results.last().is_some_and(|rows| !rows.is_empty());
        return Err(match is_known {
            true => Error::new(Kind::Conflict, "A member of the business has this address."),
            false => Error::new(
                Kind::QuotaExceeded,
                "The business has 1,000 members, which is the most.",
            ),
        });
    };

    // 3.
    let member = Member::of_row(row)?;
    let sent = mailed(cx, &member, &url).await;
    Ok(SignInLink {
        sign_in_url: (sent != LinkMail::Sent).then_some(url),
        email_error: sent.error(),
        member,
    })
}

/// What came of a mail with a link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LinkMail {
    /// It was taken.
    Sent,
    /// The deployment has no account of email.
    NotTried,
    /// Why it was not taken.
    Failed(String),
}

impl LinkMail {
    /// Why it could not be sent.
    pub(crate) fn error(self) -> Option<String> {
        match self {
            Self::Failed(why) => Some(why),
            Self::Sent | Self::NotTried => None,
        }
    }
}

/// Sends a new member their link. They are a member by now, so that nothing which fails here is the request's failure.
pub(crate) async fn mailed(cx: &Context<'_>, member: &Member, url: &str) -> LinkMail {
    match try_mail(cx, member, url).await {
        Ok(sent) => sent,
        Err(error) => {
            cx.note(error.cause().unwrap_or_default());
            LinkMail::Failed("The mail could not be made.".to_owned())
        }
    }
}

async fn try_mail(cx: &Context<'_>, member: &Member, url: &str) -> Result<LinkMail> {
    let Some(account) = deployment_account(cx).await? else {
        return Ok(LinkMail::NotTried);
    };
    let name = BUSINESS_NAME.bind(vec![cx.business_id().into()]);
    let business = match cx.db.rows(name).await?.first() {
        Some(row) => Columns::of(row).text("name")?,
        None => String::new(),
    };
    let page = [&*cx.ports.public_origin()?, "/dashboard/sign-in"].concat();
    let text = [
        "You are invited to ",
        &business,
        " at Tieline, as ",
        &member.role,
        ". Sign in by this link, which is good once, for 15 minutes:\n\n",
        url,
        "\n\nWhen it is over, ask for another one at\n",
        &page,
        "\n",
    ];
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    let subject: String = ["You are invited to ", &business].concat();
    let subject: String = subject.chars().map(one_line).collect();
    let letter = Letter {
        to: &member.email,
        subject: &subject,
        text: &text.concat(),
        key: member.id.as_str(),
    };
    let told = send(cx, &account, &letter).await;
    Ok(match told.outcome {
        Outcome::Sent => LinkMail::Sent,
        Outcome::Again(_) | Outcome::Failed => {
            cx.note("the invitation was not sent");
            LinkMail::Failed(told.answer)
        }
    })
}
