//! Customers who ask for a person are handed to one.

use crate::sql::{DUE_SCANS, SCAN_ADVANCE, SCAN_PAGE};
use common::context::Context;
use common::db::{Columns, Row, Statement, Value, text_of};
use common::http::Error;
use common::ids::ConversationId;
use common::ports::Queue;
use common::time::{SECOND, Timestamp};
use messaging::conversations::Priority;
use messaging::conversations::escalate::{
    EscalationRequest, Notice, Source, escalate_and, notice_give,
};
use messaging::conversations::handoff::{Triggers, handoff_get};

/// Messages that are looked at together.
const PAGE_ROWS: i64 = 200;
/// Most such pages of one scan.
const MAX_PAGES: usize = 5;
/// Most conversations that one look escalates: each is a transaction and a message.
const MAX_ESCALATIONS: usize = 20;
/// Statements of an escalation, and calls of other Workers to tell the customer.
const ESCALATION: (usize, usize) = (24, 2);
/// Most businesses that one cron wakes.
const MAX_DUE: i64 = 500;
/// Older messages are not scanned: triggers were enabled only now.
const LOOK_BACK_MICROS: i64 = 3600 * SECOND;

/// Looks through what customers wrote since it was last looked, a thousand messages at most, and
/// escalates the conversations in which they ask for a person, where the business has this on. Gives
/// how many were escalated.
///
/// # Errors
/// 503 when the database is away; looking again goes on where this ended, and does nothing twice.
pub async fn handoff_scan(cx: &Context<'_>) -> Result<usize, Error> {
    let settings = handoff_get(cx).await?;
    if !settings.is_enabled {
        return Ok(0);
    }
    let mut scan = Scan {
        cx,
        triggers: Triggers::of(&settings.triggers),
        untold: None,
        seen: Vec::new(),
        escalated: 0,
        is_cut: false,
    };
    let mut after = settings
        .scanned_to
        .max(cx.now.plus(-LOOK_BACK_MICROS).micros());
    for _ in 0..MAX_PAGES {
        let params = vec![cx.business_id().into(), after.into(), PAGE_ROWS.into()];
        let page = cx.db.rows(SCAN_PAGE.bind(params)).await?;
        let Some(end) = scan.page(&page).await? else {
            break;
        };
        cx.db.batch(vec![scan.advance(end)]).await?;
        after = end;
        if page.len() < usize::try_from(PAGE_ROWS).unwrap_or_default() || scan.is_full() {
            break;
        }
    }
    Ok(scan.escalated)
}

/// Wakes the businesses that have messages to scan, since their queue message may have been lost.
///
/// # Errors
/// 503 when the database is away.
pub async fn wake_unscanned(cx: &Context<'_>) -> Result<(), Error> {
    let since = cx.now.plus(-LOOK_BACK_MICROS).micros();
    let due = DUE_SCANS.bind(vec![since.into(), MAX_DUE.into()]);
    for row in cx.db.rows(due).await? {
        cx.wake(Queue::Crm, text_of(row, "business_id")?);
    }
    Ok(())
}

struct Scan<'l> {
    cx: &'l Context<'l>,
    triggers: Triggers,
    /// The first message whose customer could not be notified yet: the next scan begins there.
    untold: Option<i64>,
    /// Conversations that were escalated, or had been.
    seen: Vec<ConversationId>,
    escalated: usize,
    /// Whether the rest is left to another invocation.
    is_cut: bool,
}

impl Scan<'_> {
    fn is_full(&self) -> bool {
        self.is_cut || self.seen.len() >= MAX_ESCALATIONS
    }

    /// Whether the invocation may not ask as much of the platform as another escalation takes.
    fn is_short(&self) -> bool {
        !self.cx.allowance.has(ESCALATION.0, ESCALATION.1)
    }

    /// Up to where it looked; `None` where there was nothing.
    async fn page(&mut self, rows: &[Row]) -> Result<Option<i64>, Error> {
        let mut end = None;
        for row in rows {
            let mut columns = Columns::of(row);
            let at = columns.integer("created_at")?;
            let conversation: ConversationId = columns.id("conversation_id")?;
            let message = columns.str_or_null("content")?;
            let matched = message.and_then(|message| self.triggers.matched(message));
            if let Some(trigger) = matched
                && !self.seen.contains(&conversation)
            {
                if self.is_short() {
                    // Here, and not by the cron, since people wait.
                    self.cx.wake(Queue::Crm, self.cx.business_id());
                    self.is_cut = true;
                }
                if self.is_full() {
                    break;
                }
                let trigger = trigger.to_owned();
                self.escalate(conversation, trigger, at).await?;
            }
            end = Some(at);
        }
        Ok(end)
    }

    /// The scan position stays before the message until its customer is notified: after a crash the next
    /// scan finds it again, and the escalation with it.
    async fn escalate(
        &mut self,
        conversation: ConversationId,
        trigger: String,
        at: i64,
    ) -> Result<(), Error> {
        self.seen.push(conversation.clone());
        let matched = EscalationRequest {
            conversation_id: conversation,
            reason: Some(trigger),
            priority: Priority::High,
            team_id: None,
            note: None,
            notify: true,
        };
        let source = Source::Trigger(Timestamp::from_micros(at));
        let before = self.advance(at - 1);
        match escalate_and(self.cx, &matched, source, Some(before)).await {
            Ok(escalated) => {
                self.escalated += usize::from(!escalated.is_repeated);
                match notice_give(self.cx, &escalated).await {
                    Notice::Given => {}
                    Notice::Refused(code, _) => self.note(&code),
                    Notice::Failed(error) => {
                        self.note(error.code());
                        self.untold.get_or_insert(at);
                    }
                }
                Ok(())
            }
            // Somebody has seen to it, and closed the conversation.
            Err(error) if error.class().is_refusal() => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn note(&self, code: &str) {
        let note = format!("a customer was not told: {code}");
        self.cx.note(note);
    }

    fn advance(&self, to: i64) -> Statement {
        let to = self.untold.map_or(to, |at| to.min(at - 1));
        let business = Value::from(self.cx.business_id());
        SCAN_ADVANCE.bind(vec![business, to.into()])
    }
}
