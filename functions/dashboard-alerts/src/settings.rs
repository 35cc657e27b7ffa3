use crate::cause::{Cause, Severity, Unit};
use crate::quiet::QuietHours;
use crate::sql::{ALERT_SETTINGS_GET, ALERT_SETTINGS_PUT};
use common::Context;
use common::db::Columns;
use common::http::input::{Expected, Input, boolean, number_or_null};
use common::http::rules::{unknown, wrong};
use common::http::{Error, Result};
use common::json::raw::{Object, object, part};
use common::json::writer::JsonWriter;
use common::time::Timestamp;
use serde::Serialize;
#[cfg(feature = "schema")]
use std::collections::BTreeMap;

/// What is watched, and when people are left alone.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertSettings {
    /// A rule for every cause.
    pub rules: Vec<AlertRule>,
    /// When nothing is sent; null: at no time.
    pub quiet_hours: Option<QuietHours>,
    /// When that was changed last; null where nothing was ever set.
    pub updated_at: Option<Timestamp>,
}

/// Whether and when an alert is raised for a cause.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertRule {
    /// The cause.
    pub cause: Cause,
    /// What the rule says.
    pub description: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it is watched for.
    pub enabled: bool,
    /// From which value on; null where it counts at once.
    pub threshold: Option<i64>,
    /// In what that is counted.
    pub unit: Option<Unit>,
    /// The value where none is set.
    pub default_threshold: Option<i64>,
}

/// What is changed of the settings; what is absent stays.
#[cfg(feature = "schema")]
#[derive(Debug, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AlertSettingsPatch {
    /// Rules by their causes; null restores the defaults of one.
    #[schemars(default, with = "BTreeMap<String, Option<AlertRulePatch>>")]
    pub rules: Option<BTreeMap<String, Option<AlertRulePatch>>>,
    /// When nothing is sent; null: at no time.
    #[schemars(default)]
    pub quiet_hours: Option<crate::quiet::NewQuietHours>,
}

/// What is changed of a rule; what is absent stays.
#[cfg(feature = "schema")]
#[derive(Debug, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AlertRulePatch {
    /// Whether it is watched for.
    #[schemars(default, with = "bool")]
    pub enabled: Option<bool>,
    /// From which value on; null restores the default.
    #[schemars(default)]
    pub threshold: Option<i64>,
}

/// The rules of a business, with the defaults where nothing is set.
#[derive(Debug)]
pub(crate) struct Rules(Vec<(Cause, bool, Option<i64>)>);

impl Rules {
    /// Reads what is stored.
    pub(crate) fn of_stored(json: &str) -> Self {
        let stored = part(json);
        let of = |cause: Cause| {
            let rule = stored.get(cause.as_str()).map(|rule| part(rule));
            let rule = rule.unwrap_or_default();
            let enabled = rule.get("enabled").copied().and_then(boolean);
            let set = rule.get("threshold").copied().and_then(number_or_null);
            let default = cause.threshold().map(|threshold| threshold.default);
            (cause, enabled.unwrap_or(true), set.flatten().or(default))
        };
        Self(Cause::ALL.into_iter().map(of).collect())
    }

    /// From which value on an alert is raised for a cause: 0 where it has none; `None` where it is not watched for.
    pub(crate) fn threshold(&self, cause: Cause) -> Option<i64> {
        let rule = self.0.iter().find(|(of, ..)| *of == cause);
        let (_, _, threshold) = rule.filter(|(_, enabled, _)| *enabled)?;
        Some(threshold.unwrap_or_default())
    }
}

/// What a request changes, as it is stored.
#[derive(Debug)]
pub(crate) struct SettingsChange {
    /// A merge patch (RFC 7396) of the rules.
    rules: String,
    /// Quiet hours, where the request names them.
    quiet_hours: Option<Option<String>>,
}

impl SettingsChange {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 that names the first field which is unknown or wrong.
    pub(crate) fn read(cx: &Context<'_>, body: &str) -> Result<Self> {
        let input = Input::read(body, &["rules", "quiet_hours"])?;
        let an_object = Expected::new("object", "an object");
        let rules = input.optional("rules", an_object, |json| Some(json.to_owned()))?;
        let given = input.optional("quiet_hours", an_object, |json| Some(json == "null"))?;
        let known = ["time_zone", "from", "to", "critical_passes"];
        let quiet = input.object_or_null("quiet_hours.", &known)?;
        let quiet = quiet
            .map(|input| QuietHours::read(cx, &input))
            .transpose()?;
        Ok(Self {
            rules: rules
                .as_deref()
                .map_or_else(|| Ok("{}".to_owned()), rules_patch)?,
            quiet_hours: given.map(|_| quiet.map(|quiet| quiet.stored())),
        })
    }
}

/// Checks a merge patch of rules.
fn rules_patch(json: &str) -> Result<String> {
    let rules = object(json).ok_or_else(|| wrong("rules", "object", "must be an object"))?;
    let mut patch = JsonWriter::default();
    let mut seen = Vec::new();
    for (name, rule) in rules.iter() {
        let path = ["rules.", name].concat();
        let cause = Cause::named(name).ok_or_else(|| unknown(&path))?;
        if seen.contains(&cause) {
            return Err(wrong(&path, "once", "must be there once"));
        }
        seen.push(cause);
        patch = match *rule {
            "null" => patch.json(cause.as_str(), "null"),
            rule => {
                let fields = object(rule);
                let fields =
                    fields.ok_or_else(|| wrong(&path, "object", "must be an object or null"))?;
                patch.json(cause.as_str(), &rule_patch(cause, &path, &fields)?)
            }
        };
    }
    Ok(patch.finish())
}

fn rule_patch(cause: Cause, path: &str, fields: &Object<'_>) -> Result<String> {
    let mut patch = JsonWriter::default();
    for (name, value) in fields.iter() {
        let path = [path, ".", name].concat();
        patch = match name {
            "enabled" if boolean(value).is_some() => patch.json("enabled", value),
            "enabled" => return Err(wrong(&path, "boolean", "must be true or false")),
            "threshold" => {
                let set = threshold(cause, &path, value)?;
                let set = set.map_or_else(|| "null".to_owned(), |set| set.to_string());
                patch.json("threshold", &set)
            }
            _ => return Err(unknown(&path)),
        };
    }
    Ok(patch.finish())
}

fn threshold(cause: Cause, path: &str, value: &str) -> Result<Option<i64>> {
    let Some(bounds) = cause.threshold() else {
        return match value {
            "null" => Ok(None),
            _ => Err(wrong(path, "null", "must be null: this counts at once")),
        };
    };
    let set = number_or_null(value);
    let set = set.filter(|set| set.is_none_or(|n| (bounds.min..=bounds.max).contains(&n)));
    set.ok_or_else(|| {
        let (min, max) = (bounds.min, bounds.max);
        let sentence = format!("must be a whole number from {min} to {max}, or null");
        wrong(path, &format!("{min}_to_{max}"), &sentence)
    })
}

/// The settings of the caller's business.
pub(crate) async fn settings_get(cx: &Context<'_>) -> Result<AlertSettings> {
    let get = ALERT_SETTINGS_GET.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(get).await?;
    let Some(row) = rows.first() else {
        return Ok(shown(&Rules::of_stored("{}"), None, None));
    };
    let mut columns = Columns::of(row);
    let rules = Rules::of_stored(columns.str("rules")?);
    let quiet = columns.parsed_or_null("quiet_hours", QuietHours::of_stored)?;
    Ok(shown(&rules, quiet, Some(columns.time("updated_at")?)))
}

/// Changes what the request names.
pub(crate) async fn settings_put(
    cx: &Context<'_>,
    change: SettingsChange,
) -> Result<AlertSettings> {
    let put = ALERT_SETTINGS_PUT.bind(vec![
        cx.business_id().into(),
        cx.now.micros().into(),
        change.rules.into(),
        i64::from(change.quiet_hours.is_some()).into(),
        change.quiet_hours.flatten().into(),
    ]);
    let rows = cx.db.rows(put).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| Error::internal("settings were not stored"))?;
    let mut columns = Columns::of(row);
    let rules = Rules::of_stored(columns.str("rules")?);
    let quiet = columns.parsed_or_null("quiet_hours", QuietHours::of_stored)?;
    Ok(shown(&rules, quiet, Some(columns.time("updated_at")?)))
}

fn shown(
    rules: &Rules,
    quiet_hours: Option<QuietHours>,
    updated_at: Option<Timestamp>,
) -> AlertSettings {
    let rule = |(cause, enabled, threshold): &(Cause, bool, Option<i64>)| AlertRule {
        cause: *cause,
        description: cause.description(),
        severity: cause.severity(),
        enabled: *enabled,
        threshold: *threshold,
        unit: cause.threshold().map(|threshold| threshold.unit),
        default_threshold: cause.threshold().map(|threshold| threshold.default),
    };
    AlertSettings {
        rules: rules.0.iter().map(rule).collect(),
        quiet_hours,
        updated_at,
    }
}
