use super::Phrases;
use super::sql::{PHRASES_ADVANCE, PHRASES_PAGE, PHRASES_SETTINGS};
use crate::conversations::change::Priority;
use crate::conversations::escalate::{Escalating, Notice, Source, escalate_and, notice_give};
use common::context::Context;
use common::db::{Row, Statement, Value};
use common::http::Error;
use common::time::{SECOND, Timestamp};

/// Messages that are looked at together.
const PAGE_ROWS: i64 = 200;
/// Most such pages of one look.
const MOST_PAGES: usize = 5;
/// Most conversations that one look escalates: each is a transaction and a message.
const MOST_ESCALATIONS: usize = 20;
/// What was asked longer ago is past: looking began, or was switched on, only now.
const LOOK_BACK_MICROS: i64 = 3600 * SECOND;

/// Looks through what customers wrote since it was last looked, a thousand messages at most, and
/// escalates the conversations in which they ask for a person, where the business has this on. Gives
/// how many were escalated.
///
/// # Errors
/// 503 when the database is away; looking again goes on where this ended, and does nothing twice.
pub async fn phrases_look(cx: &Context<'_>, connector: &str) -> Result<usize, Error> {
    let target = vec![cx.business_id().into(), connector.into()];
    let settings = cx.db.rows(PHRASES_SETTINGS.bind(target)).await?;
    let Some((phrases, looked_to)) = settings.first().and_then(settings_of) else {
        return Ok(0);
    };
    let mut look = Look {
        cx,
        connector,
        phrases,
        untold: None,
        seen: Vec::new(),
        escalated: 0,
    };
    let mut after = looked_to.max(cx.now.plus(-LOOK_BACK_MICROS).micros());
    for _ in 0..MOST_PAGES {
        let params = vec![cx.business_id().into(), after.into(), PAGE_ROWS.into()];
        let page = cx.db.rows(PHRASES_PAGE.bind(params)).await?;
        let Some(end) = look.page(&page).await? else {
            break;
        };
        cx.db.batch(vec![look.advance(end)]).await?;
        after = end;
        if page.len() < usize::try_from(PAGE_ROWS).unwrap_or_default() || look.is_full() {
            break;
        }
    }
    Ok(look.escalated)
}

fn settings_of(row: &Row) -> Option<(Phrases, i64)> {
    let phrases = Phrases::of(row.first()?.as_text()?)?;
    Some((phrases, row.get(1)?.as_integer()?))
}

struct Look<'l> {
    cx: &'l Context<'l>,
    connector: &'l str,
    phrases: Phrases,
    /// The first message whose customer could not be told for now: the next look begins there.
    untold: Option<i64>,
    /// Conversations that were escalated, or had been.
    seen: Vec<String>,
    escalated: usize,
}

impl Look<'_> {
    fn is_full(&self) -> bool {
        self.seen.len() >= MOST_ESCALATIONS
    }

    /// Up to where it looked; `None` where there was nothing.
    async fn page(&mut self, rows: &[Row]) -> Result<Option<i64>, Error> {
        let mut end = None;
        for row in rows {
            let Some(at) = row.first().and_then(Value::as_integer) else {
                continue;
            };
            let text = |n: usize| row.get(n).and_then(Value::as_text);
            let asked = text(2).and_then(|message| self.phrases.asked(message));
            if let (Some(conversation), Some(phrase)) = (text(1), asked)
                && !self.seen.iter().any(|seen| seen == conversation)
            {
                if self.is_full() {
                    break;
                }
                let phrase = phrase.to_owned();
                self.escalate(conversation, phrase, at).await?;
            }
            end = Some(at);
        }
        Ok(end)
    }

    /// The message stays ahead of what was looked at until its customer is told: should we not live
    /// to do so, the next look finds it again, and the escalation with it.
    async fn escalate(&mut self, conversation: &str, phrase: String, at: i64) -> Result<(), Error> {
        self.seen.push(conversation.to_owned());
        let asked = Escalating {
            conversation_id: conversation.to_owned(),
            reason: Some(phrase),
            priority: Priority::High,
            team_id: None,
            note: None,
            notify: true,
        };
        let source = Source::Phrase(Timestamp::from_micros(at));
        let before = self.advance(at - 1);
        match escalate_and(self.cx, &asked, source, Some(before)).await {
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
            Err(error) if error.status() < 500 => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn note(&self, code: &str) {
        let note = format!("a customer was not told: {code}");
        self.cx.note.replace(Some(note));
    }

    fn advance(&self, to: i64) -> Statement {
        let to = self.untold.map_or(to, |at| to.min(at - 1));
        let business = Value::from(self.cx.business_id());
        PHRASES_ADVANCE.bind(vec![business, self.connector.into(), to.into()])
    }
}
