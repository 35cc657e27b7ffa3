//! What a business can set for Krayin, and what holds (docs/krayin.md).

mod checks;

use super::api::{Api, StageRules, base_of};
use checks::{api_url, channels, domain, id_of, mapping, pairs, url_template, value, zone};
use common::context::Context;
use common::http::{Error, Kind as ErrorKind};
use common::json::raw;
use common::ports::{Ports, PublicUrl};
use crm::Integration;
use crm::local::{Rollout, rollout};
use crm::table::{Custom, Draft, Field, Kind, Role, Secret, Table, Values};

/// For whom persons and leads are made.
const CREATE_FOR: &[&str] = &["conversations", "all"];
/// The name under which the token is sealed.
const API_TOKEN: &str = "api_token";
/// The name under which the secret in the webhook's URL is sealed.
pub(super) const WEBHOOK_SECRET: &str = "webhook_secret";

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
        .or("{}")
        .of_customers(&[
            ("external_id", &["external_id"]),
            ("tags", &["tags"]),
            ("custom_fields.*", &["custom_fields.*"]),
            ("*", &["custom_fields.*"]),
        ]),
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
