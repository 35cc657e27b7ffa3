use access::name::checked_name;
use common::Context;
use common::db::{Columns, Row};
use common::email::Email;
use common::http::input::{Expected, Input};
use common::http::{Error, Kind, Result, Role};
use common::ids::MemberId;
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;
use std::borrow::Cow;

/// A person who signs in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Member {
    /// The id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: MemberId,
    /// The email address, in lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// What they may do: `viewer`, `agent`, `admin` or `owner`.
    #[cfg_attr(feature = "schema", schemars(with = "Role"))]
    pub role: String,
    /// When they were invited.
    pub created_at: Timestamp,
    /// When they signed in last; null for who has not come yet.
    pub signed_in_at: Option<Timestamp>,
}

impl Member {
    /// Reads a row of [`MEMBER_GET`](crate::sql::MEMBER_GET).
    pub(crate) fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            email: columns.text("email")?,
            name: columns.text("name")?,
            role: columns.text("role")?,
            created_at: columns.time("created_at")?,
            signed_in_at: columns.time_or_null("signed_in_at")?,
        })
    }

    /// The role; that of who may the least where it is none that is known.
    pub(crate) fn role(&self) -> Role {
        Role::named(&self.role).unwrap_or(Role::Viewer)
    }
}

/// A page of members, by their addresses.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberPage {
    /// The members.
    pub members: Vec<Member>,
    /// Whether more follow.
    pub has_more: bool,
    /// The `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// A link by which a member signs in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInLink {
    /// Whose it is.
    pub member: Member,
    /// The link, to be handed to them: good once, and for 15 minutes. Null where it was sent by email.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uri")))]
    pub sign_in_url: Option<String>,
    /// Why it could not be sent by email; null where it was, and where that was not tried.
    pub email_error: Option<String>,
}

/// Who is invited.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct NewMember {
    /// The email address. No other member of the business has it.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "email")))]
    pub email: String,
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl NewMember {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape, no address, and an unknown role.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["email", "name", "role"])?;
        let email = input.required("email", Expected::TEXT, raw::text)?;
        let name = input.required("name", Expected::TEXT, raw::text)?;
        let role = input.required("role", ROLE, role)?;
        let email = Email::parse(Cow::Owned(email)).ok_or_else(|| {
            let message = "`email` must be an address such as ann@example.com.";
            Error::invalid("email", "email", message)
        })?;
        Ok(Self {
            email: email.as_str().to_owned(),
            name: checked_name(&name)?,
            role,
        })
    }
}

/// What of a member is changed.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct MemberChange {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: Option<String>,
    /// What they may do.
    #[cfg_attr(feature = "schema", schemars(default, with = "Role"))]
    pub role: Option<Role>,
}

impl MemberChange {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape and an unknown role.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["name", "role"])?;
        let name = input.optional("name", Expected::TEXT, raw::text)?;
        Ok(Self {
            name: name.as_deref().map(checked_name).transpose()?,
            role: input.optional("role", ROLE, role)?,
        })
    }
}

const ROLE: Expected = Expected::new("role", "viewer, agent, admin or owner");

fn role(json: &str) -> Option<Role> {
    Role::named(&raw::text(json)?)
}

/// Who is no owner neither makes nor changes one.
pub(crate) fn may_make(cx: &Context<'_>, role: Role) -> Result<()> {
    match role {
        Role::Owner => cx.caller.require_role(Role::Owner),
        Role::Viewer | Role::Agent | Role::Admin => Ok(()),
    }
}

/// 409: the member is no longer what was read, or has to stay.
pub(crate) fn stays() -> Error {
    let message = "Somebody else has just changed this member, or they are the last owner. Make another owner first.";
    Error::new(Kind::Conflict, message)
}
