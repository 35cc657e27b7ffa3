//! What a business set for Kustomer, with the deployment's variables where it set nothing
//! (docs/kustomer.md §2).

use super::api::mapping::Mapping;
use super::api::{Api, base_of};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::lenient::{Object, child, objects, text};
use common::json::raw;
use common::json::raw::{Fields, part};
use common::outside::Outside;
use common::signatures::hmac_sha256;
use crm::Integration;

/// What is switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The organisation's id.
    pub organization_id: Option<String>,
    /// What stands before `.kustomerapp.com`.
    pub subdomain: Option<String>,
    /// Who gets what no rule sends elsewhere.
    pub default_team_id: Option<String>,
    /// `low`, `medium`, `high`, `urgent`.
    pub default_priority: String,
    /// Whether conversations are made there for escalations.
    pub ticket_creation: bool,
    /// Whether customers are looked for before they are made.
    pub customer_lookup: bool,
    /// Whether every conversation is kept there, not only escalated ones.
    pub conversation_sync: bool,
    /// Whether conversations are assigned to teams.
    pub auto_assignment: bool,
    /// To which: the first that fits.
    pub team_routing: Vec<TeamRule>,
    /// The customers it is for, in percent.
    pub rollout_percent: u8,
    /// The tag whose customers it is for, beside them.
    pub rollout_tag: Option<String>,
    /// Our field → the path of theirs.
    pub field_mapping: Mapping,
    /// Whether each request is logged.
    pub debug: bool,
}

/// Which conversations a team gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamRule {
    /// Of this channel.
    pub channel: Option<String>,
    /// With this tag, of the conversation or of its customer.
    pub tag: Option<String>,
    /// The team's id.
    pub team_id: String,
}

impl Settings {
    /// What holds for a business: `settings` is what it set, as JSON.
    #[must_use]
    pub fn of(outside: &Outside<'_>, settings: &str) -> Self {
        let set = part(settings);
        let features = child(&set, "features");
        let rollout = child(&set, "rollout");
        let variable = |name: &str| (outside.variable)(name).filter(|value| !value.is_empty());
        let or_variable = |field: &str, name: &str| text(&set, field).or_else(|| variable(name));
        let is_on = |object: &Object<'_>, field: &str, default: bool| match object.get(field) {
            Some(&"true") => true,
            Some(&"false") => false,
            _ => default,
        };
        let sync = variable("KUSTOMER_ENABLE_SYNC").is_none_or(|on| on != "false" && on != "0");
        let percent = text(&rollout, "percent").and_then(|percent| percent.parse().ok());
        Self {
            organization_id: or_variable("organization_id", "KUSTOMER_ORGANIZATION_ID"),
            subdomain: or_variable("subdomain", "KUSTOMER_SUBDOMAIN"),
            default_team_id: or_variable("default_team_id", "KUSTOMER_DEFAULT_TEAM_ID"),
            default_priority: or_variable("default_priority", "KUSTOMER_DEFAULT_PRIORITY")
                .unwrap_or_else(|| "medium".into()),
            ticket_creation: is_on(&features, "ticket_creation", true),
            customer_lookup: is_on(&features, "customer_lookup", true),
            conversation_sync: is_on(&features, "conversation_sync", sync),
            auto_assignment: is_on(&features, "auto_assignment", false),
            team_routing: objects(&set, "team_routing")
                .iter()
                .filter_map(TeamRule::read)
                .collect(),
            rollout_percent: percent.unwrap_or(100),
            rollout_tag: text(&rollout, "tag"),
            field_mapping: mapping_of(&child(&set, "field_mapping")),
            debug: is_on(&set, "debug", outside.is_on("KUSTOMER_DEBUG")),
        }
    }

    /// Whether a customer is one of those it was rolled out to: always the same ones for the same
    /// percentage, and they stay when it rises.
    #[must_use]
    pub fn includes(&self, customer_id: &str, tags: &[String]) -> bool {
        if let Some(tag) = &self.rollout_tag
            && tags.contains(tag)
        {
            return true;
        }
        if self.rollout_tag.is_some() && self.rollout_percent == 100 {
            return false;
        }
        let [high, low, ..] = hmac_sha256(b"rollout", customer_id.as_bytes());
        u16::from_be_bytes([high, low]) % 100 < u16::from(self.rollout_percent)
    }

    /// The team that a conversation goes to.
    #[must_use]
    pub fn team_of(&self, channel: &str, tags: &[String]) -> Option<&str> {
        if !self.auto_assignment {
            return None;
        }
        let fits = |rule: &&TeamRule| {
            rule.channel.as_deref().is_none_or(|of| of == channel)
                && rule.tag.as_ref().is_none_or(|tag| tags.contains(tag))
        };
        let rule = self.team_routing.iter().find(fits);
        rule.map(|rule| rule.team_id.as_str())
            .or(self.default_team_id.as_deref())
    }
}

impl TeamRule {
    fn read(rule: &Object<'_>) -> Option<Self> {
        Some(Self {
            channel: text(rule, "channel"),
            tag: text(rule, "tag"),
            team_id: text(rule, "team_id")?,
        })
    }
}

/// What the spec maps, where a business set nothing.
fn mapping_of(set: &Object<'_>) -> Mapping {
    let path = |(name, path): (&str, &&str)| Some((name.to_owned(), raw::text(path)?));
    let set: Vec<_> = set.iter().filter_map(path).collect();
    let pairs = set
        .iter()
        .map(|(name, path)| (name.as_str(), path.as_str()));
    match set.is_empty() {
        true => Mapping::usual(),
        false => Mapping::parse(pairs).unwrap_or_else(|_| Mapping::usual()),
    }
}

/// What speaks for a business at Kustomer.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The key of its machine user.
    pub api_key: String,
    /// The token that its webhook is signed by.
    pub webhook_token: Option<String>,
}

impl Credentials {
    /// The business's, else the deployment's.
    ///
    /// # Errors
    /// 409 where there is none; 500 where it cannot be opened.
    pub fn of(cx: &Context<'_>, integration: &Integration) -> Result<Self, Error> {
        let own = integration.opened(cx)?;
        let own: Fields<String> = own.as_deref().and_then(raw::texts).unwrap_or_default();
        let api_key = own.get("api_key").cloned();
        let api_key = api_key.or_else(|| deployment_key(cx));
        Ok(Self {
            api_key: api_key
                .filter(|key| !key.is_empty())
                .ok_or_else(|| not_connected("api_key", "There is no API key for Kustomer."))?,
            webhook_token: own.get("webhook_token").cloned(),
        })
    }
}

/// The deployment's key, which speaks for one business: the one that `KUSTOMER_BUSINESS_ID` names, where
/// it names one.
pub(super) fn deployment_key(cx: &Context<'_>) -> Option<String> {
    let variable = |name: &str| (cx.outside.variable)(name).filter(|value| !value.is_empty());
    let only = variable("KUSTOMER_BUSINESS_ID");
    let may_use = only.is_none_or(|only| only == cx.business_id());
    variable("KUSTOMER_API_KEY").filter(|_| may_use)
}

/// The way to a business's Kustomer.
///
/// # Errors
/// 409 where key or subdomain are not set; 500 where the key cannot be opened.
pub fn api_of(cx: &Context<'_>, integration: &Integration) -> Result<Api, Error> {
    let settings = Settings::of(&cx.outside, &integration.settings);
    let credentials = Credentials::of(cx, integration)?;
    let base = base_of(
        &cx.outside,
        settings.subdomain.as_deref().unwrap_or_default(),
    );
    let base =
        base.ok_or_else(|| not_connected("subdomain", "There is no subdomain for Kustomer."))?;
    Ok(Api::new(base, &credentials.api_key))
}

pub(super) fn not_connected(field: &'static str, message: &'static str) -> Error {
    Error::new(Kind::Conflict, message).with_detail(field, "set")
}
