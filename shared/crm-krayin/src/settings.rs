//! What a business can set for Krayin, and what holds (docs/krayin.md).

use super::api::{Api, StageRules, base_of, lead_value};
use common::context::Context;
use common::http::{Error, Kind as ErrorKind};
use common::json::raw::{self, integer, part, text};
use common::json::writer::quoted;
use common::ports::{Ports, PublicUrl};
use crm::Integration;
use crm::local::{Rollout, rollout};
use crm::table::rules::wrong;
use crm::table::{Custom, Draft, Field, Kind, Role, Secret, Table, Values};

/// For whom persons and leads are made.
const CREATE_FOR: &[&str] = &["conversations", "all"];
/// The name under which the token is sealed.
const API_TOKEN: &str = "api_token";
/// The name under which the secret in the webhook's URL is sealed.
pub(super) const WEBHOOK_SECRET: &str = "webhook_secret";
/// Longest name of a time zone.
const MAX_ZONE: usize = 64;
/// Longest template of a URL.
const MAX_URL: usize = 400;

/// An id of Krayin's, which is a number.
const NUMBER: Kind = Kind::Number(1, 9_007_199_254_740_991);

const fn own(
    check: fn(&str, &str) -> Result<String, Error>,
    json_type: &'static str,
    input: &'static str,
) -> Kind {
    let schema = match json_type.as_bytes() {
        b"object" => r#""additionalProperties":{"type":["string","integer"]}"#,
        _ => "",
    };
    Kind::Custom(Custom {
        check,
        json_type,
        schema,
        input,
    })
}

/// What a business can set.
pub static TABLE: Table = Table {
    fields: &[
        Field::new(
            "api_url",
            own(api_url, "string", "text"),
            "Where Krayin is, with or without `/api/admin` or `/api/v1`.",
        )
        .variable("KRAYIN_API_URL")
        .in_test(),
        Field::new(
            "sync_conversations",
            Kind::Switch,
            "Each conversation is an activity there.",
        )
        .or("false")
        .variable("KRAYIN_SYNC_CONVERSATIONS"),
        Field::new(
            "sync_messages",
            Kind::Switch,
            "Each message is an activity there.",
        )
        .or("false")
        .variable("KRAYIN_SYNC_MESSAGES"),
        Field::new(
            "sync_to_organizations",
            Kind::Switch,
            "Organisations are made of `custom_fields.company_name`.",
        )
        .or("false")
        .variable("KRAYIN_SYNC_TO_ORGANIZATIONS"),
        Field::new(
            "rolling_transcript",
            Kind::Switch,
            "The activity of a conversation has all that was said.",
        )
        .or("false"),
        Field::new(
            "create_for",
            Kind::Choice(CREATE_FOR),
            "For whom leads are made.",
        )
        .or("\"conversations\""),
        Field::new(
            "stage_progression.enabled",
            Kind::Switch,
            "Leads are moved as their conversations go on.",
        )
        .or("false"),
        Field::new(
            "stage_progression.on_conversation_created",
            NUMBER,
            "The stage when a conversation began.",
        ),
        Field::new(
            "stage_progression.on_first_response",
            NUMBER,
            "The stage when a person answered first.",
        ),
        Field::new(
            "stage_progression.on_conversation_resolved",
            NUMBER,
            "The stage when the conversation was closed.",
        ),
        Field::new(
            "stage_progression.reopen",
            Kind::Switch,
            "A lead goes back whose conversation is opened again.",
        )
        .or("false"),
        Field::new("lead_pipeline_id", NUMBER, "The pipeline of leads.")
            .variable("KRAYIN_LEAD_PIPELINE_ID"),
        Field::new("lead_pipeline_stage_id", NUMBER, "The stage of a new lead.")
            .variable("KRAYIN_LEAD_PIPELINE_STAGE_ID"),
        Field::new("lead_source_id", NUMBER, "The source of leads.")
            .variable("KRAYIN_LEAD_SOURCE_ID")
            .in_test(),
        Field::new(
            "lead_source_by_channel",
            own(channels, "object", "map"),
            "The source by channel, such as `whatsapp`.",
        )
        .or("{}"),
        Field::new("lead_type_id", NUMBER, "The type of leads.")
            .variable("KRAYIN_LEAD_TYPE_ID")
            .in_test(),
        Field::new(
            "lead_value",
            own(value, "string", "text"),
            "What a lead is worth without `custom_fields.lead_value`.",
        )
        .or("\"0\""),
        Field::new(
            "new_lead_after_close",
            Kind::Switch,
            "A later conversation makes a new lead.",
        )
        .or("true"),
        Field::new(
            "owner.by_agent_email",
            Kind::Switch,
            "What is made belongs to the user with the assignee's address.",
        )
        .or("true"),
        Field::new(
            "owner.default_user_id",
            NUMBER,
            "The user whose it is else.",
        ),
        Field::new(
            "invented_email.enabled",
            Kind::Switch,
            "Customers without an address get one that leads nowhere.",
        )
        .or("true"),
        Field::new(
            "invented_email.domain",
            own(domain, "string", "text"),
            "The domain of such addresses.",
        )
        .or("\"no-email.invalid\""),
        Field::new(
            "time_zone",
            own(zone, "string", "text"),
            "The time zone that Krayin is set to, such as `Asia/Kolkata`.",
        )
        .or("\"UTC\"")
        .variable("KRAYIN_TIME_ZONE")
        .in_test(),
        Field::new(
            "field_mapping",
            own(mapping, "object", "map"),
            "Our field and the attribute there: `person.code` or `lead.code`.",
        )
        .or("{}"),
        Field::new(
            "conversation_url",
            own(url_template, "string", "text"),
            "Where a conversation can be read: a URL with `{conversation_id}`.",
        ),
        rollout::PERCENT,
        rollout::TAG,
        Field::new(
            "debug",
            Kind::Switch,
            "Each request is logged, without keys and without what names a person.",
        )
        .or("false")
        .variable("KRAYIN_DEBUG"),
        Field::new(
            "credentials.api_token",
            Kind::Secret(Secret {
                stored: API_TOKEN,
                role: Role::Key,
            }),
            "The token of a user there who sees everything.",
        )
        .variable("KRAYIN_API_TOKEN")
        .in_test(),
        Field::new(
            "credentials.webhook_secret",
            Kind::Secret(Secret {
                stored: WEBHOOK_SECRET,
                role: Role::Webhook,
            }),
            "The end of the URL that workflows call.",
        ),
    ],
    groups: &[
        ("stage_progression", "When leads are moved, and where to."),
        ("owner", "Whose persons and leads are."),
        ("invented_email", "Addresses of those who have none."),
        ("rollout", "For which customers it is."),
        ("credentials", "Secrets, which are never shown again."),
    ],
    deployment_business: Some("KRAYIN_BUSINESS_ID"),
    variable_prefix: None,
};

/// What holds for a business.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of the table")]
pub struct Settings {
    pub api_url: Option<String>,
    pub sync_conversations: bool,
    pub sync_messages: bool,
    pub sync_to_organizations: bool,
    pub rolling_transcript: bool,
    pub creates_for_all: bool,
    /// The stages; none where leads are not moved.
    pub stages: Option<StageRules>,
    pub pipeline: Option<String>,
    pub stage: Option<String>,
    pub source: Option<String>,
    pub sources: Vec<(String, String)>,
    pub lead_type: Option<String>,
    pub lead_value: String,
    pub new_lead_after_close: bool,
    pub owner_by_email: bool,
    pub owner: Option<String>,
    /// The domain of addresses that are invented; none where none are.
    pub invented_domain: Option<String>,
    pub time_zone: String,
    /// Our field → `person.code` or `lead.code`.
    pub mapping: Vec<(String, String)>,
    pub conversation_url: Option<String>,
    pub rollout: Rollout,
    pub debug: bool,
}

impl Settings {
    /// What holds for a business: `settings` is what it set, as JSON.
    #[must_use]
    pub fn of(ports: &Ports<'_>, settings: &str) -> Self {
        let values = TABLE.values(ports, settings);
        let rules = StageRules {
            on_conversation_created: id(&values, "stage_progression.on_conversation_created"),
            on_first_response: id(&values, "stage_progression.on_first_response"),
            on_conversation_resolved: id(&values, "stage_progression.on_conversation_resolved"),
            reopens: values.is_on("stage_progression.reopen"),
        };
        let domain = values.text("invented_email.domain");
        Self {
            api_url: values.text("api_url").and_then(|url| base_of(&url)),
            sync_conversations: values.is_on("sync_conversations"),
            sync_messages: values.is_on("sync_messages"),
            sync_to_organizations: values.is_on("sync_to_organizations"),
            rolling_transcript: values.is_on("rolling_transcript"),
            creates_for_all: values.text("create_for").as_deref() == Some("all"),
            stages: values.is_on("stage_progression.enabled").then_some(rules),
            pipeline: id(&values, "lead_pipeline_id"),
            stage: id(&values, "lead_pipeline_stage_id"),
            source: id(&values, "lead_source_id"),
            sources: pairs(&values.json("lead_source_by_channel").0),
            lead_type: id(&values, "lead_type_id"),
            lead_value: values.text("lead_value").unwrap_or_else(|| "0".to_owned()),
            new_lead_after_close: values.is_on("new_lead_after_close"),
            owner_by_email: values.is_on("owner.by_agent_email"),
            owner: id(&values, "owner.default_user_id"),
            invented_domain: domain.filter(|_| values.is_on("invented_email.enabled")),
            time_zone: values.text("time_zone").unwrap_or_else(|| "UTC".to_owned()),
            mapping: pairs(&values.json("field_mapping").0),
            conversation_url: values.text("conversation_url"),
            rollout: Rollout::of(&values),
            debug: values.is_on("debug"),
        }
    }

    /// The source of a lead whose customer writes by this channel.
    #[must_use]
    pub fn source_of(&self, channel: Option<&str>) -> Option<&str> {
        let mut sources = self.sources.iter();
        let own = sources.find(|(known, _)| Some(known.as_str()) == channel);
        own.map(|(_, source)| source.as_str())
            .or(self.source.as_deref())
    }
}

/// An id, as number or as text: variables are texts.
fn id(values: &Values<'_>, path: &str) -> Option<String> {
    id_of(&values.json(path).0)
}

fn id_of(json: &str) -> Option<String> {
    let bare = text(json).unwrap_or_else(|| json.to_owned());
    let digits = integer(bare.trim()).filter(|digits| digits.len() <= 18);
    let number: Option<u64> = digits?.parse().ok();
    number.filter(|number| *number > 0).map(|n| n.to_string())
}

fn pairs(json: &str) -> Vec<(String, String)> {
    let value = |(name, value): (&str, &&str)| {
        let value = text(value).or_else(|| id_of(value))?;
        Some((name.to_owned(), value))
    };
    part(json).iter().filter_map(value).collect()
}

fn api_url(path: &str, value: &str) -> Result<String, Error> {
    let base = text(value).and_then(|url| base_of(&url));
    let sentence = "must be a URL such as https://crm.example.com/api/admin";
    base.map(|base| quoted(&base))
        .ok_or_else(|| wrong(path, "url", sentence))
}

fn value(path: &str, value: &str) -> Result<String, Error> {
    let written = text(value).unwrap_or_else(|| value.to_owned());
    let sentence = "must be a number that is not negative, with four places at most";
    lead_value(&written)
        .map(|value| quoted(&value))
        .ok_or_else(|| wrong(path, "value", sentence))
}

/// Whether there is such a zone, the test tells.
fn zone(path: &str, value: &str) -> Result<String, Error> {
    let is_zone = |zone: &String| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+');
        (1..=MAX_ZONE).contains(&zone.len()) && zone.bytes().all(plain)
    };
    let zone = text(value).map(|zone| zone.trim().to_owned());
    zone.filter(is_zone)
        .map(|zone| quoted(&zone))
        .ok_or_else(|| {
            wrong(
                path,
                "time_zone",
                "must be a time zone such as Europe/Berlin",
            )
        })
}

fn domain(path: &str, value: &str) -> Result<String, Error> {
    let is_domain = |domain: &String| {
        let plain =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
        (3..=100).contains(&domain.len())
            && domain.bytes().all(plain)
            && domain.contains('.')
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with(['.', '-'])
            && !domain.contains("..")
    };
    let domain = text(value).map(|domain| domain.trim().to_ascii_lowercase());
    domain
        .filter(is_domain)
        .map(|domain| quoted(&domain))
        .ok_or_else(|| wrong(path, "domain", "must be a domain such as no-email.invalid"))
}

fn url_template(path: &str, value: &str) -> Result<String, Error> {
    let is_url = |url: &String| {
        url.len() <= MAX_URL
            && url.starts_with("https://")
            && url.bytes().all(|b| b.is_ascii_graphic())
    };
    let url = text(value).map(|url| url.trim().to_owned());
    url.filter(is_url)
        .map(|url| quoted(&url))
        .ok_or_else(|| wrong(path, "url", "must be a URL that begins with https://"))
}

fn channels(path: &str, value: &str) -> Result<String, Error> {
    map(path, value, |at, value| {
        id_of(value).ok_or_else(|| wrong(at, "id", "must be the id of a source"))
    })
}

fn mapping(path: &str, value: &str) -> Result<String, Error> {
    map(path, value, |at, value| {
        let target = text(value).filter(|target| {
            let code = ["person.", "lead."]
                .iter()
                .find_map(|record| target.strip_prefix(record));
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            code.is_some_and(|code| !code.is_empty() && code.bytes().all(plain))
        });
        let sentence = "must be `person.code` or `lead.code`, with the code of an attribute";
        target
            .map(|target| quoted(&target))
            .ok_or_else(|| wrong(at, "attribute", sentence))
    })
}

fn map(
    path: &str,
    value: &str,
    read: impl Fn(&str, &str) -> Result<String, Error>,
) -> Result<String, Error> {
    if !value.starts_with('{') {
        return Err(wrong(path, "object", "must be an object"));
    }
    let mut fields = Vec::new();
    for (name, value) in part(value).iter() {
        let shown: String = name.chars().take(64).collect();
        let value = read(&[path, ".", &shown].concat(), value)?;
        fields.push([&quoted(name), ":", &value].concat());
    }
    Ok(["{", &fields.join(","), "}"].concat())
}

/// The token that speaks for a business at Krayin: its own, else the deployment's.
///
/// # Errors
/// 409 where there is none.
pub(super) fn api_token(cx: &Context<'_>, secrets: &raw::Fields<String>) -> Result<String, Error> {
    let own = secrets.get(API_TOKEN).cloned();
    let token = own.or_else(|| TABLE.deployment_key(cx));
    token
        .filter(|token| !token.is_empty())
        .ok_or_else(|| not_connected("api_token", "There is no API token for Krayin."))
}

/// The way to a business's Krayin.
///
/// # Errors
/// 409 where token or URL are not set, or the URL leads to no public host; 500 where the token cannot be
/// opened.
pub fn api_of(cx: &Context<'_>, integration: &Integration) -> Result<Api, Error> {
    api_by(cx, &Draft::stored(cx, integration)?)
}

/// As [`api_of`], by settings that are not stored.
pub(super) fn api_by(cx: &Context<'_>, draft: &Draft) -> Result<Api, Error> {
    let settings = Settings::of(&cx.ports, &draft.settings);
    let token = api_token(cx, &draft.secrets)?;
    let message = "There is no URL of Krayin.";
    let base = settings
        .api_url
        .ok_or_else(|| not_connected("api_url", message))?;
    let message = "The URL of Krayin must be one of a public host, with https.";
    let url = PublicUrl::parse(&cx.ports, "api_url", &base);
    let url = url.map_err(|_| not_connected("api_url", message))?;
    Ok(Api::new(url.as_str().to_owned(), &token))
}

fn not_connected(field: &'static str, message: &'static str) -> Error {
    Error::new(ErrorKind::Conflict, message).with_detail(field, "set")
}
