//! Which of the CRM's teams gets a conversation.

use super::rollout::MAX_TAG;
use crate::table::rules::{id, unknown, words, wrong};
use crate::table::{Custom, Field, Kind, Values};
use channels::ChannelKind;
use common::http::Error;
use common::json::raw::{items, part, text};
use common::json::tolerant::text as tolerant_text;
use common::json::writer::{JsonWriter, quoted};

/// Most rules.
const MAX_RULES: usize = 50;

/// The setting of the rules.
pub const RULES: Field = Field::new(
    "team_routing",
    Kind::Custom(Custom {
        check: rules,
        json_type: "array",
        schema: r#""maxItems":50,"items":{"type":"object","additionalProperties":false,"required":["team_id"],"properties":{"channel":{"type":"string","description":"Those of this channel."},"tag":{"type":"string","description":"Those with this tag, of the conversation or of its customer."},"team_id":{"type":"string","description":"The team's id."}}}"#,
        input: "list",
    }),
    "Which team gets what; the first rule that fits.",
)
.or("[]");

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

/// To which team conversations go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamRouting {
    /// The first that fits.
    pub rules: Vec<TeamRule>,
    /// Where none fits.
    pub default_team_id: Option<String>,
}

impl TeamRouting {
    /// The rules of the settings.
    #[must_use]
    pub fn of(values: &Values<'_>, default_team_id: Option<String>) -> Self {
        let stored = values.json(RULES.path).0;
        let rule = |rule: &str| {
            let rule = part(rule);
            Some(TeamRule {
                channel: tolerant_text(&rule, "channel"),
                tag: tolerant_text(&rule, "tag"),
                team_id: tolerant_text(&rule, "team_id")?,
            })
        };
        Self {
            rules: items(&stored).into_iter().filter_map(rule).collect(),
            default_team_id,
        }
    }

    /// The team that a conversation goes to.
    #[must_use]
    pub fn team_of(&self, channel: &str, tags: &[String]) -> Option<&str> {
        let fits = |rule: &&TeamRule| {
            rule.channel.as_deref().is_none_or(|of| of == channel)
                && rule.tag.as_ref().is_none_or(|tag| tags.contains(tag))
        };
        let rule = self.rules.iter().find(fits);
        rule.map(|rule| rule.team_id.as_str())
            .or(self.default_team_id.as_deref())
    }
}

fn rules(path: &str, value: &str) -> Result<String, Error> {
    if !value.starts_with('[') {
        return Err(wrong(path, "array", "must be a list"));
    }
    let rules = items(value);
    if rules.len() > MAX_RULES {
        return Err(wrong(path, "at_most_50", "must have at most 50 rules"));
    }
    let rules = rules.into_iter().enumerate();
    let rules = rules.map(|(n, rule)| checked(&format!("{path}[{n}]"), rule));
    let rules = rules.collect::<Result<Vec<_>, _>>()?;
    Ok(["[", &rules.join(","), "]"].concat())
}

fn checked(path: &str, rule: &str) -> Result<String, Error> {
    if !rule.starts_with('{') {
        return Err(wrong(path, "object", "must be an object"));
    }
    let (mut written, mut has_team) = (JsonWriter::default(), false);
    for (name, value) in part(rule).iter() {
        let at = [path, ".", name].concat();
        written = match (name, *value) {
            ("channel" | "tag", "null") => written,
            ("channel", value) => written.json("channel", &channel(&at, value)?),
            ("tag", value) => written.text("tag", &words(&at, value, MAX_TAG)?),
            ("team_id", value) => {
                has_team = true;
                written.json("team_id", &id(&at, value)?)
            }
            _ => return Err(unknown(&at)),
        };
    }
    match has_team {
        true => Ok(written.finish()),
        false => Err(wrong(
            &[path, ".team_id"].concat(),
            "required",
            "is missing",
        )),
    }
}

fn channel(path: &str, value: &str) -> Result<String, Error> {
    let kind = text(value).and_then(|name| ChannelKind::parse(&name));
    kind.map(|kind| quoted(kind.as_str())).ok_or_else(|| {
        let known = ChannelKind::names();
        wrong(path, "known_kind", &["must be one of: ", &known].concat())
    })
}
