use crate::account::Account;
use crate::sql::MESSAGES_KNOWN;
use crate::webhook::MessageEvent;
use channels::MessageStatus;
use common::context::Context;
use common::db::{Columns, json_arrays};
use common::http::Error;
use common::json::writer::quoted;
use std::collections::HashMap;

/// How messages stand here that Chatwoot says have changed: it says so of every change of a status, too, with the
/// text as it was.
#[derive(Default)]
pub(super) struct Known(HashMap<String, Before>);

/// A message as it is here.
pub(super) struct Before {
    content: String,
    /// Of one that went out.
    pub(super) status: Option<MessageStatus>,
    /// Whether it was taken back.
    pub(super) is_deleted: bool,
}

impl Before {
    /// Whether this is what it says already. Spaces around a text are lost on some channels.
    pub(super) fn says(&self, text: &str) -> bool {
        self.content.trim() == text.trim()
    }
}

impl Known {
    /// Reads them: no call of the database where all are new.
    pub(super) async fn read(
        cx: &Context<'_>,
        account: &Account<'_>,
        events: &[MessageEvent],
    ) -> Result<Self, Error> {
        let changed = events
            .iter()
            .filter(|event| !event.is_new || event.is_listed);
        let mut known = HashMap::new();
        for array in json_arrays(changed.map(|event| quoted(&event.message.provider_id))) {
            let params = vec![
                cx.business_id().into(),
                array.text.into(),
                account.channel_id.into(),
            ];
            for row in cx.db.rows(MESSAGES_KNOWN.bind(params)).await? {
                let mut columns = Columns::of(&row);
                let id = columns.text("provider_id")?;
                let before = Before {
                    content: columns.text("content")?,
                    status: MessageStatus::parse(columns.str("status")?),
                    is_deleted: columns.integer("is_deleted")? != 0,
                };
                known.insert(id, before);
            }
        }
        Ok(Self(known))
    }

    pub(super) fn get(&self, provider_id: &str) -> Option<&Before> {
        self.0.get(provider_id)
    }
}
