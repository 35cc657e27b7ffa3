//! Making a token.

use crate::sql::{SSO_AGENT_SEEN, SSO_CUSTOMER};
use access::sso::jwt::{Grant, sign};
use access::sso::{
    DEFAULT_SECONDS, MAX_SECONDS, MIN_SECONDS, SCOPE_ALL, SCOPE_CUSTOMER, key_of, key_statements,
};
use common::context::{Agent, Context};
use common::db::{Columns, Rows, Value, next_rows};
use common::http::input::{Expected, Input, number, text_or_null};
use common::http::{Error, Kind};
use common::ids::CustomerId;
use common::json::raw::text;
use common::time::{SECOND, Timestamp};
use serde::Serialize;

/// Longest name of a customer or an agent, in characters.
const MAX_NAME_CHARS: usize = 200;
/// Longest id of the CRM's that is looked up, in characters.
const MAX_ID_CHARS: usize = 512;
/// Longest address, in characters.
const MAX_EMAIL_CHARS: usize = 320;

/// The request of `POST /api-sso-generate-token`.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct TokenRequest {
    /// The customer, by our id or by the CRM's; none for the scope `inbox:all`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_ID_CHARS)))]
    pub customer_id: Option<String>,
    /// What the token opens: `inbox`, by default, or `inbox:all`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["inbox", "inbox:all"])))]
    pub scope: Option<String>,
    /// The lifetime in seconds, 60 to 86400; by default 15 minutes. The token also ends with the API key.
    #[cfg_attr(feature = "schema", schemars(range(min = MIN_SECONDS, max = MAX_SECONDS)))]
    pub expires_in: Option<i64>,
    /// The agent who uses the inbox; their messages and notes carry this name.
    pub agent: Option<Agent>,
}

impl TokenRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["customer_id", "scope", "expires_in", "agent"])?;
        let agent = input.object_or_null("agent.", &["id", "name", "email"])?;
        let agent = agent.map(|agent| {
            Ok::<_, Error>(Agent {
                id: agent.required("id", Expected::TEXT, text)?,
                name: agent.required("name", Expected::TEXT, text)?,
                email: agent
                    .optional("email", Expected::TEXT_OR_NULL, text_or_null)?
                    .flatten(),
            })
        });
        let words = |name| {
            input
                .optional(name, Expected::TEXT_OR_NULL, text_or_null)
                .map(Option::flatten)
        };
        Ok(Self {
            customer_id: words("customer_id")?,
            scope: words("scope")?,
            expires_in: input.optional("expires_in", Expected::INTEGER, number)?,
            agent: agent.transpose()?,
        })
    }
}

/// A new token, shown only here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedToken {
    /// The token.
    pub token: String,
    /// The id with which to revoke it.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub token_id: String,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The URL for an iframe, with the token in its fragment.
    pub embed_url: String,
}

/// Makes a token for the embedded inbox.
///
/// # Errors
/// 404 for a customer that the business does not have, 409 for an external id of two customers, 422
/// for another scope, one customer of the whole inbox or none without it, a life out of bounds, or an
/// agent without a name.
pub async fn sso_token_create(
    cx: &Context<'_>,
    request: TokenRequest,
) -> Result<CreatedToken, Error> {
    let seconds = checked(&request)?;
    let scope = request.scope.unwrap_or_else(|| SCOPE_CUSTOMER.to_owned());
    let agent = request.agent.map(checked_agent).transpose()?;
    check_scope(&scope, request.customer_id.is_some())?;
    let business = || Value::from(cx.business_id());
    let named = request.customer_id.as_deref().map(str::trim);
    let ours = named.and_then(CustomerId::parse);
    let mut statements = key_statements(cx).to_vec();
    statements.push(SSO_CUSTOMER.bind(vec![business(), ours.into(), named.into()]));
    if let Some(agent) = &agent {
        let params = vec![
            business(),
            agent.id.as_str().into(),
            agent.name.as_str().into(),
        ];
        statements.push(SSO_AGENT_SEEN.bind(params));
    }
    let mut results = cx.db.batch(statements).await?.into_iter().skip(1);
    let (key, customers) = (next_rows(&mut results)?, next_rows(&mut results)?);
    let key_id = key_of(&key)?;
    let customer_id = match named {
        Some(_) => Some(one_customer(&customers)?),
        None => None,
    };
    let token_id = cx.ids.next();
    // JWT times are whole seconds.
    let expires_at =
        Timestamp::from_micros((cx.now.micros().div_euclid(SECOND) + i64::from(seconds)) * SECOND);
    let grant = Grant {
        business_id: cx.business_id().to_owned(),
        scope,
        customer_id,
        agent,
        jti: token_id.clone(),
        api_key_id: Some(cx.caller.key_id.clone()).filter(|id| !id.is_empty()),
        channel_id: None,
        member: None,
    };
    let token = sign(&cx.ports, &key_id, grant, cx.now, expires_at)?;
    // The id makes it another address than that of the token before: a browser that is given an address
    // with nothing but another fragment stays on the page that it has.
    let origin = cx.ports.public_origin()?;
    let embed_url = format!("{origin}/embed/inbox?id={token_id}#token={token}");
    Ok(CreatedToken {
        token,
        token_id,
        expires_at,
        embed_url,
    })
}

fn checked(request: &TokenRequest) -> Result<u32, Error> {
    let scope = request.scope.as_deref();
    if scope.is_some_and(|scope| !matches!(scope, SCOPE_CUSTOMER | SCOPE_ALL)) {
        let message = "`scope` must be inbox or inbox:all.";
        return Err(Error::invalid("scope", "inbox_or_inbox:all", message));
    }
    let named = request.customer_id.as_deref().map(str::trim);
    if named.is_some_and(|id| !(1..=MAX_ID_CHARS).contains(&id.chars().count())) {
        let message = format!("`customer_id` must have 1 to {MAX_ID_CHARS} characters.");
        return Err(Error::invalid(
            "customer_id",
            "1_to_512_characters",
            message,
        ));
    }
    let seconds = match request.expires_in {
        None => Some(DEFAULT_SECONDS),
        Some(seconds) => u32::try_from(seconds).ok(),
    };
    let seconds = seconds.filter(|seconds| (MIN_SECONDS..=MAX_SECONDS).contains(seconds));
    seconds.ok_or_else(|| {
        let message = format!("`expires_in` must be {MIN_SECONDS} to {MAX_SECONDS} seconds.");
        Error::invalid("expires_in", "60_to_86400", message)
    })
}

/// The whole inbox is asked for by its scope, and one customer by their id.
fn check_scope(scope: &str, has_customer: bool) -> Result<(), Error> {
    let (rule, message) = match (scope, has_customer) {
        (SCOPE_ALL, true) => (
            "none_with_inbox:all",
            "`customer_id` and the scope inbox:all exclude each other: for one customer, say inbox.",
        ),
        (SCOPE_ALL, false) | (_, true) => return Ok(()),
        (_, false) => (
            "required",
            "`customer_id` is missing. For the whole inbox, ask for the scope inbox:all.",
        ),
    };
    Err(Error::invalid("customer_id", rule, message))
}

fn checked_agent(agent: Agent) -> Result<Agent, Error> {
    let within = |text: &str, max: usize| (1..=max).contains(&text.chars().count());
    let agent = Agent {
        id: agent.id.trim().to_owned(),
        name: agent.name.trim().to_owned(),
        email: agent.email.map(|email| email.trim().to_owned()),
    };
    for (path, text) in [("agent.id", &agent.id), ("agent.name", &agent.name)] {
        if !within(text, MAX_NAME_CHARS) {
            let message = format!("`{path}` must have 1 to {MAX_NAME_CHARS} characters.");
            return Err(Error::invalid(path, "1_to_200_characters", message));
        }
    }
    let email = agent.email.as_deref();
    if email.is_some_and(|email| !within(email, MAX_EMAIL_CHARS)) {
        let message = format!("`agent.email` must have 1 to {MAX_EMAIL_CHARS} characters.");
        return Err(Error::invalid(
            "agent.email",
            "1_to_320_characters",
            message,
        ));
    }
    Ok(agent)
}

fn one_customer(rows: &Rows) -> Result<CustomerId, Error> {
    match rows.as_slice() {
        [] => {
            let error = Error::new(Kind::NotFound, "There is no such customer.");
            Err(error.with_detail("customer_id", "known"))
        }
        [row] => Columns::of(row).id("id"),
        _ => {
            let message = "This external_id belongs to different customers in different systems. \
                           Name the customer by our id.";
            Err(Error::new(Kind::AmbiguousExternalId, message))
        }
    }
}
