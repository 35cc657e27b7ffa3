use super::sql::{CONVERSATION_LINKED, CONVERSATION_ROW, CUSTOMER_ROW, NOTES_UNSENT, RATING_PUT};
use crate::{CrmClient, Failure, Link};
use common::db::Columns;
use common::db::Row;
use common::http::Error;
use common::ids::{ConversationId, CustomerId};
use common::json::raw;
use common::time::Timestamp;
use customer::CrmIds;

/// A customer, with the fields that a CRM gets.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns of `customers`")]
pub struct CustomerRow {
    pub id: CustomerId,
    pub external_id: Option<String>,
    pub external_system: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub whatsapp: Option<String>,
    pub address: Option<String>,
    pub notes: Option<String>,
    /// A JSON list of texts.
    pub tags: String,
    /// A JSON object.
    pub custom_fields: String,
    pub crm_ids: CrmIds,
    pub accounts: Vec<AccountIdentity>,
}

/// Who a customer is at an account of the business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountIdentity {
    /// The account's kind: `facebook`, `instagram`.
    pub kind: String,
    /// The customer's id there.
    pub id: String,
    /// The username, where there is one and it is known.
    pub handle: Option<String>,
    /// The account's own id at the provider.
    pub account: String,
}

impl AccountIdentity {
    /// Reads [[kind, id, handle, account], …].
    fn list(json: &str) -> Result<Vec<Self>, Error> {
        let one = |json: &str| {
            let parts = raw::list(json)?;
            let [kind, id, handle, account] = parts.as_slice() else {
                return None;
            };
            Some(Self {
                kind: raw::text(kind)?,
                id: raw::text(id)?,
                handle: raw::text(handle),
                account: raw::text(account)?,
            })
        };
        // DISTINCT makes a text of each.
        let unquoted = |json: &str| raw::text(json).unwrap_or_else(|| json.to_owned());
        let all = raw::list(json);
        let all = all.and_then(|all| all.into_iter().map(|json| one(&unquoted(json))).collect());
        all.ok_or_else(|| Error::internal("a customer's accounts are unreadable"))
    }
}

impl CustomerRow {
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            external_id: columns.text_or_null("external_id")?,
            external_system: columns.text_or_null("external_system")?,
            name: columns.text_or_null("name")?,
            email: columns.text_or_null("email")?,
            phone: columns.text_or_null("phone")?,
            whatsapp: columns.text_or_null("whatsapp_number")?,
            address: columns.text_or_null("address")?,
            notes: columns.text_or_null("notes")?,
            tags: columns.text("tags")?,
            custom_fields: columns.text("custom_fields")?,
            crm_ids: CrmIds::of_stored(columns.text_or_null("crm_ids")?.as_deref()),
            accounts: AccountIdentity::list(&columns.text("accounts")?)?,
        })
    }

    /// Whether it is known who this is: by name, number, address or by an id of the business's own.
    #[must_use]
    pub fn is_identifiable(&self) -> bool {
        let known = [&self.email, &self.external_id];
        self.number().is_some() || known.into_iter().any(Option::is_some)
    }

    /// Its tags, one by one.
    #[must_use]
    pub fn tag_list(&self) -> Vec<String> {
        tags_of(&self.tags)
    }

    /// Who they are at the business's one account of a kind where they have written; none where there
    /// are several, since nothing tells which id is of which.
    #[must_use]
    pub fn account(&self, kind: &str) -> Option<&AccountIdentity> {
        let mut of_kind = self.accounts.iter().filter(|one| one.kind == kind);
        let first = of_kind.next();
        of_kind.next().is_none().then_some(first).flatten()
    }

    /// By which number they are known: of WhatsApp where there is no other.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        self.phone.as_deref().or(self.whatsapp.as_deref())
    }
}

/// A conversation, with the fields that a CRM gets.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "columns of `conversations`")]
pub struct ConversationRow {
    pub id: ConversationId,
    pub customer_id: CustomerId,
    pub channel: String,
    pub state: ConversationState,
    /// Whether it was ever handed to people.
    pub is_escalated: bool,
}

/// The state of a conversation: the local one, or the one last agreed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "columns of `conversations`")]
pub struct ConversationState {
    pub status: String,
    pub priority: String,
    pub assignee: Option<String>,
    pub tags: Vec<String>,
}

impl ConversationState {
    /// As it is remembered beside a link.
    #[must_use]
    pub fn stored(&self) -> String {
        let state = (&self.status, &self.priority, &self.assignee, &self.tags);
        serde_json::to_string(&state).unwrap_or_default()
    }

    /// Reads what [`ConversationState::stored`] wrote.
    #[must_use]
    pub fn of_stored(stored: &str) -> Option<Self> {
        let parts = raw::list(stored)?;
        let [status, priority, assignee, tags] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            status: raw::text(status)?,
            priority: raw::text(priority)?,
            assignee: raw::text(assignee),
            tags: raw::list(tags)?.into_iter().filter_map(raw::text).collect(),
        })
    }
}

impl ConversationRow {
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.id("id")?,
            customer_id: columns.id("customer_id")?,
            channel: columns.text("channel")?,
            state: ConversationState {
                status: columns.text("status")?,
                priority: columns.text("priority")?,
                assignee: columns.text_or_null("assignee")?,
                tags: tags_of(&columns.text("tags")?),
            },
            is_escalated: columns.integer("is_escalated")? == 1,
        })
    }
}

/// A note that people of the business made.
#[derive(Debug)]
#[expect(missing_docs, reason = "columns of `conversation_notes`")]
pub struct NoteRow {
    pub id: String,
    pub author: String,
    pub content: String,
}

impl NoteRow {
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.text("id")?,
            author: columns.text("author")?,
            content: columns.text("content")?,
        })
    }
}

/// How content a customer was.
#[derive(Debug)]
pub struct Rating {
    /// From 0 to 1000.
    pub score: i64,
    /// What they said.
    pub comment: Option<String>,
    /// When.
    pub at: Timestamp,
}

fn tags_of(json: &str) -> Vec<String> {
    let tags = raw::list(json).unwrap_or_default();
    tags.into_iter().filter_map(raw::text).collect()
}

impl CrmClient<'_> {
    /// A customer of ours; none where they are gone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn customer(&self, id: &CustomerId) -> Result<Option<CustomerRow>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.rows(CUSTOMER_ROW.bind(params)).await?;
        Ok(rows.first().map(CustomerRow::of_row).transpose()?)
    }

    /// A conversation of ours; none where it is gone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversation(
        &self,
        id: &ConversationId,
    ) -> Result<Option<ConversationRow>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.rows(CONVERSATION_ROW.bind(params)).await?;
        Ok(rows.first().map(ConversationRow::of_row).transpose()?)
    }

    /// The linked conversation of a customer that was busy last; local and remote id alone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn linked_conversation(
        &self,
        customer: &CustomerId,
    ) -> Result<Option<Link>, Failure> {
        let rows = self.rows(CONVERSATION_LINKED.bind(self.named([customer.as_str()])));
        let rows = rows.await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut columns = Columns::of(row);
        Ok(Some(Link {
            local_id: columns.text("local_id")?,
            remote_id: columns.text("remote_id")?,
            ..Link::default()
        }))
    }

    /// Notes of a conversation that are not linked yet, the oldest first, so many at most.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn notes_unsent(
        &self,
        conversation_id: &ConversationId,
        max: i64,
    ) -> Result<Vec<NoteRow>, Failure> {
        let mut params = self.named([conversation_id.as_str()]);
        params.push(max.into());
        let rows = self.rows(NOTES_UNSENT.bind(params)).await?;
        Ok(rows.iter().map(NoteRow::of_row).collect::<Result<_, _>>()?)
    }

    /// Writes down how content the customer of a conversation was.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn rating_put(
        &self,
        conversation_id: &ConversationId,
        rating: &Rating,
    ) -> Result<(), Failure> {
        let params = vec![
            self.cx.business_id().into(),
            conversation_id.into(),
            rating.score.into(),
            rating.comment.as_deref().into(),
            rating.at.micros().into(),
        ];
        self.rows(RATING_PUT.bind(params)).await?;
        Ok(())
    }
}
