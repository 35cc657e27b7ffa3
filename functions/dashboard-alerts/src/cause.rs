use serde::Serialize;

/// What an alert is raised for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Cause {
    /// A CRM does not answer as it should, or refuses the key.
    IntegrationDown,
    /// Many jobs for a CRM fail for good.
    IntegrationErrors,
    /// Jobs, deliveries or messages wait for longer than they should.
    QueueSlow,
    /// A webhook endpoint fails, or was disabled because it failed.
    WebhookFailing,
    /// A channel's provider refuses the account: its token is dead, or the account is restricted. Or its token ends
    /// soon.
    ChannelRefused,
    /// The requests that a CRM allows in a day are nearly used up.
    CrmBudget,
    /// The deployment's database is nearly full.
    DatabaseFull,
    /// Nobody has written to an account for longer than is usual.
    ChannelSilent,
    /// A CRM link cannot be fetched, or has suspiciously few records.
    CrmLinkFailing,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Severity {
    /// Messages or events are not coming through.
    Critical,
    /// Something needs a look.
    Warning,
}

/// In what a threshold is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Unit {
    /// Per cent.
    Percent,
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Messages.
    Messages,
}

/// From which value on an alert is raised.
#[derive(Debug, Clone, Copy)]
pub struct Threshold {
    /// In what it is counted.
    pub unit: Unit,
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
    /// Where a business sets none.
    pub default: i64,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::IntegrationDown,
        Self::IntegrationErrors,
        Self::QueueSlow,
        Self::WebhookFailing,
        Self::ChannelRefused,
        Self::CrmBudget,
        Self::DatabaseFull,
        Self::ChannelSilent,
        Self::CrmLinkFailing,
    ];

    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IntegrationDown => "integration_down",
            Self::IntegrationErrors => "integration_errors",
            Self::QueueSlow => "queue_slow",
            Self::WebhookFailing => "webhook_failing",
            Self::ChannelRefused => "channel_refused",
            Self::CrmBudget => "crm_budget",
            Self::DatabaseFull => "database_full",
            Self::ChannelSilent => "channel_silent",
            Self::CrmLinkFailing => "crm_link_failing",
        }
    }

    /// The cause of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::IntegrationDown
            | Self::WebhookFailing
            | Self::ChannelRefused
            | Self::DatabaseFull => Severity::Critical,
            Self::IntegrationErrors
            | Self::QueueSlow
            | Self::CrmBudget
            | Self::ChannelSilent
            | Self::CrmLinkFailing => Severity::Warning,
        }
    }

    /// From which value on it counts; none where it counts at once.
    #[must_use]
    pub const fn threshold(self) -> Option<Threshold> {
        let (unit, min, max, default) = match self {
            Self::IntegrationDown => return None,
            Self::IntegrationErrors => (Unit::Percent, 1, 100, 5),
            Self::QueueSlow => (Unit::Minutes, 1, 1440, 5),
            Self::WebhookFailing => (Unit::Minutes, 1, 1440, 5),
            Self::ChannelRefused => (Unit::Days, 1, 60, 7),
            Self::CrmBudget => (Unit::Percent, 1, 100, 80),
            Self::DatabaseFull => (Unit::Percent, 1, 100, 70),
            Self::ChannelSilent => (Unit::Messages, 3, 1000, 5),
            Self::CrmLinkFailing => (Unit::Minutes, 1, 10_080, 15),
        };
        Some(Threshold {
            unit,
            min,
            max,
            default,
        })
    }

    /// What the rule says, for people.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::IntegrationDown => "A CRM does not answer as it should, or refuses the key.",
            Self::IntegrationErrors => {
                "Of an hour's jobs for a CRM, of which there are 20 at least, this share failed for good."
            }
            Self::QueueSlow => {
                "Jobs for a CRM, deliveries of webhooks, or messages wait for longer than this."
            }
            Self::WebhookFailing => {
                "Every delivery to a webhook endpoint has failed for this long, or it was disabled for that."
            }
            Self::ChannelRefused => {
                "A channel's provider refuses the account: its token is dead, or the account is restricted. Or the \
                 token ends within so many days, where the provider tells."
            }
            Self::CrmBudget => {
                "This share of the requests that a CRM allows in a day is used. They count from midnight UTC."
            }
            Self::DatabaseFull => {
                "The deployment's database is full by this share. Only the operator's business is told."
            }
            Self::ChannelSilent => {
                "Nobody writes to an account, though at the same hours of each of the last weeks at least so many \
                 messages came."
            }
            Self::CrmLinkFailing => {
                "A CRM link cannot be fetched for this long, or has suspiciously few records."
            }
        }
    }
}

impl Severity {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
        }
    }

    /// The severity of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = [Self::Critical, Self::Warning];
        known.into_iter().find(|one| one.as_str() == name)
    }
}
