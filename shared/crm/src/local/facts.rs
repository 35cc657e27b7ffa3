//! What is so of a customer and a conversation, beside their own rows.

use crate::{CrmClient, Failure, Link};
use common::db::Binding::Business;
use common::db::Columns;
use common::ids::{ConversationId, CustomerId};
use common::statements;

statements! {
    /// ?1 business, ?2 conversation. Templates are sent by machines, and so are greetings, what bots write, and the
    /// notice that people take over.
    CONVERSATION_FACTS, Business,
        "SELECT v.created_at,
           EXISTS (SELECT 1 FROM messages m INDEXED BY messages_by_conversation
             WHERE m.business_id = ?1 AND m.conversation_id = v.id AND m.direction = 'outbound'
               AND m.type <> 'template' AND m.status <> 'failed' AND m.detail ->> 'automatic' IS NULL
               AND NOT EXISTS (SELECT 1 FROM sends s WHERE s.business_id = ?1 AND s.message_id = m.id
                 AND s.idempotency_key GLOB 'said escalation:*')) AS has_reply,
           EXISTS (SELECT 1 FROM conversations o INDEXED BY conversations_by_customer
             WHERE o.business_id = ?1 AND o.customer_id = v.customer_id AND o.id <> v.id
               AND o.status <> 'closed') AS is_other_open,
           NOT EXISTS (SELECT 1 FROM conversations o INDEXED BY conversations_by_customer
             WHERE o.business_id = ?1 AND o.customer_id = v.customer_id
               AND o.created_at > v.created_at) AS is_newest
         FROM conversations v WHERE v.business_id = ?1 AND v.id = ?2";
    /// ?1 business, ?2 customer.
    CUSTOMER_NEWEST, Business,
        "SELECT v.id FROM conversations v INDEXED BY conversations_by_customer
         WHERE v.business_id = ?1 AND v.customer_id = ?2 ORDER BY v.last_message_at DESC LIMIT 1";
    /// ?1 business, ?2 connector, ?3 kind of link of a customer, ?4 how many: whose open conversations were
    /// busy last, and their record there.
    CUSTOMERS_BUSY, Business,
        "SELECT l.local_id, l.remote_id
         FROM conversations v INDEXED BY conversations_by_status
         CROSS JOIN crm_links l ON l.business_id = ?1 AND l.connector = ?2 AND l.kind = ?3
           AND l.local_id = v.customer_id
         WHERE v.business_id = ?1 AND v.status = 'open'
         ORDER BY v.last_message_at DESC LIMIT ?4";
}

/// What is so of a conversation now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConversationFacts {
    /// When it began, in microseconds.
    pub created_at: i64,
    /// Whether a person has answered in it.
    pub has_reply: bool,
    /// Whether another one of the customer's is not closed.
    pub is_other_open: bool,
    /// Whether none of the customer's began later.
    pub is_newest: bool,
}

impl CrmClient<'_> {
    /// What is so of a conversation; none where it is gone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversation_facts(
        &self,
        id: &ConversationId,
    ) -> Result<Option<ConversationFacts>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.rows(CONVERSATION_FACTS.bind(params)).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut columns = Columns::of(row);
        Ok(Some(ConversationFacts {
            created_at: columns.integer("created_at")?,
            has_reply: columns.integer("has_reply")? == 1,
            is_other_open: columns.integer("is_other_open")? == 1,
            is_newest: columns.integer("is_newest")? == 1,
        }))
    }

    /// The conversation of a customer that was busy last.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn conversation_newest(
        &self,
        id: &CustomerId,
    ) -> Result<Option<ConversationId>, Failure> {
        let params = vec![self.cx.business_id().into(), id.into()];
        let rows = self.rows(CUSTOMER_NEWEST.bind(params)).await?;
        let row = rows.first();
        Ok(row.map(|row| Columns::of(row).id("id")).transpose()?)
    }

    /// Whose open conversations were busy last, each with their record of a kind there: local and remote
    /// id alone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn busy(&self, kind: &str, max: i64) -> Result<Vec<Link>, Failure> {
        let mut params = self.named([kind]);
        params.push(max.into());
        let rows = self.rows(CUSTOMERS_BUSY.bind(params)).await?;
        let mut links: Vec<Link> = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut columns = Columns::of(row);
            let link = Link {
                local_id: columns.text("local_id")?,
                remote_id: columns.text("remote_id")?,
                ..Link::default()
            };
            // A customer may have several.
            if !links.contains(&link) {
                links.push(link);
            }
        }
        Ok(links)
    }
}
