//! Hand-off triggers: which messages escalate a conversation automatically, and the notice that
//! customers get. A feature of the business, independent of any CRM.

mod change;
pub mod sql;
pub mod triggers;

pub use change::{HandoffChange, Names, OWN_NAMES};
pub use triggers::Triggers;

use common::context::Context;
use common::db::{Columns, Row};
use common::http::Error;
use common::json::tolerant;
use common::json::writer::JsonWriter;
use common::time::Timestamp;
use sql::{HANDOFF_GET, HANDOFF_PUT};

/// How often a change is tried that others come before.
const TRIES: u32 = 4;

/// A business's hand-off settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffSettings {
    /// Whether it is looked for triggers in what customers write.
    pub is_enabled: bool,
    /// JSON: lists of triggers by language, which replace the defaults of that language.
    pub triggers: String,
    /// The notice to customers; the default where there is none.
    pub message: Option<String>,
    /// Up to when messages were looked at, in microseconds since 1970.
    pub scanned_to: i64,
    /// Rises with each change; 0 where nothing was ever set.
    revision: i64,
    updated_at: i64,
}

impl Default for HandoffSettings {
    fn default() -> Self {
        Self {
            is_enabled: false,
            triggers: "{}".to_owned(),
            message: None,
            scanned_to: 0,
            revision: 0,
            updated_at: 0,
        }
    }
}

impl HandoffSettings {
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            is_enabled: columns.flag("enabled")?,
            triggers: columns.text("triggers")?,
            message: columns.text_or_null("message")?,
            scanned_to: columns.integer("scanned_to")?,
            revision: columns.integer("revision")?,
            updated_at: columns.integer("updated_at")?,
        })
    }

    /// As it is shown, by these names, as JSON.
    #[must_use]
    pub fn shown(&self, names: &Names) -> String {
        self.fields(names).finish()
    }

    fn fields(&self, names: &Names) -> JsonWriter {
        let enabled = if self.is_enabled { "true" } else { "false" };
        JsonWriter::default()
            .json(names.enabled, enabled)
            .json(names.triggers, &self.triggers)
            .json(names.message, &tolerant::quoted(self.message.as_deref()))
    }

    /// What `GET` and `PUT` answer, as JSON.
    #[must_use]
    pub fn answer(&self) -> String {
        let at = (self.revision > 0).then(|| Timestamp::from_micros(self.updated_at).to_string());
        let handoff = self
            .fields(&OWN_NAMES)
            .json("updated_at", &tolerant::quoted(at.as_deref()))
            .finish();
        JsonWriter::default().json("handoff", &handoff).finish()
    }
}

fn settings_of(row: Option<&Row>) -> Result<Option<HandoffSettings>, Error> {
    row.map(HandoffSettings::of_row).transpose()
}

/// The business's settings; the defaults where nothing was ever set.
///
/// # Errors
/// 503 when the database is away.
pub async fn handoff_get(cx: &Context<'_>) -> Result<HandoffSettings, Error> {
    let rows = cx
        .db
        .rows(HANDOFF_GET.bind(vec![cx.business_id().into()]))
        .await?;
    Ok(settings_of(rows.first())?.unwrap_or_default())
}

/// Changes what the request names.
///
/// # Errors
/// 503 when the database is away, or the settings change all the time.
pub async fn handoff_put(
    cx: &Context<'_>,
    change: &HandoffChange,
) -> Result<HandoffSettings, Error> {
    for _ in 0..TRIES {
        let before = handoff_get(cx).await?;
        let revision = before.revision;
        let after = change.applied(before);
        let put = HANDOFF_PUT.bind(vec![
            cx.business_id().into(),
            i64::from(after.is_enabled).into(),
            after.triggers.into(),
            after.message.into(),
            revision.into(),
            cx.now.micros().into(),
        ]);
        let results = cx.db.batch(vec![put]).await?;
        let row = results.first().and_then(|rows| rows.first());
        if let Some(after) = settings_of(row)? {
            return Ok(after);
        }
    }
    Err(Error::unavailable("hand-off settings change all the time"))
}
