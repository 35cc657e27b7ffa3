//! What is to be done for a CRM.

use super::connector::{Connector, Subject};
use super::sql::{JOB_AGAIN, JOB_INSERT, JOBS_OF_EVENTS, STREAM_OF_REMOTE};
use common::context::Context;
use common::db::Columns;
use common::db::{Sql, Statement, json_arrays};
use common::events::{
    CONVERSATION_ASSIGNED, CONVERSATION_CREATED, CONVERSATION_ESCALATED,
    CONVERSATION_STATUS_CHANGED, CRM_LEAD_STAGE_CHANGED, CUSTOMER_CREATED, CUSTOMER_ERASED,
    CUSTOMER_UPDATED, EventName, INBOX_CHANGED, MESSAGE_RECEIVED, MESSAGE_SENT,
    MESSAGE_STATUS_CHANGED, MESSAGE_UPDATED,
};
use common::http::Error;
use common::ids::{Ids, JobId};
use common::json::raw::{Object, part};

/// The events of which jobs may be made.
const HEARD: [EventName; 13] = [
    CUSTOMER_CREATED,
    CUSTOMER_UPDATED,
    CUSTOMER_ERASED,
    MESSAGE_RECEIVED,
    MESSAGE_SENT,
    MESSAGE_UPDATED,
    MESSAGE_STATUS_CHANGED,
    CONVERSATION_CREATED,
    CONVERSATION_ASSIGNED,
    CONVERSATION_STATUS_CHANGED,
    CONVERSATION_ESCALATED,
    INBOX_CHANGED,
    CRM_LEAD_STAGE_CHANGED,
];

/// A claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What it makes the same: unique in its business and connector.
    pub key: String,
    /// Its id for people.
    pub id: JobId,
    /// Of what kind it is: what stands before the first colon of the key.
    pub kind: String,
    /// The id of the thing.
    pub subject: String,
    /// JSON: what the thing's own row does not say.
    pub detail: Option<String>,
    /// 0 live, 1 what was there before.
    pub priority: i64,
    /// Rises with each new request for the same job.
    pub generation: i64,
    /// How often it was begun before: what it creates may be there already.
    pub tries: i64,
    /// How often it failed since it was last wanted.
    pub failures: i64,
    /// When the change happened.
    pub ordered_at: i64,
}

impl Default for Job {
    /// No job: of what is done while somebody waits for it.
    fn default() -> Self {
        Self {
            key: String::new(),
            id: JobId::unchecked(""),
            kind: String::new(),
            subject: String::new(),
            detail: None,
            priority: 0,
            generation: 0,
            tries: 0,
            failures: 0,
            ordered_at: 0,
        }
    }
}

impl Job {
    /// Details that are not in the record's own row; empty if there are none.
    #[must_use]
    pub fn detail_object(&self) -> Object<'_> {
        part(self.detail.as_deref().unwrap_or("{}"))
    }

    /// Whether what it creates may be there already, by an earlier try whose answer was lost.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        self.tries > 0 || self.priority > 0
    }
}

/// A job to be made.
#[derive(Debug, Clone, Default)]
pub struct NewJob {
    /// See [`Job::kind`].
    pub kind: &'static str,
    /// See [`Job::subject`]; with the kind it is the key.
    pub subject: String,
    /// What it is in order with.
    pub stream: String,
    /// See [`Job::detail`].
    pub detail: Option<String>,
    /// See [`Job::priority`].
    pub priority: i64,
    /// See [`Job::ordered_at`].
    pub ordered_at: i64,
}

/// The statements that make jobs; each gives a row for every one that was not there yet.
///
/// # Errors
/// 500 for what is no JSON.
pub fn jobs_add(
    cx: &Context<'_>,
    connector: &str,
    jobs: &[NewJob],
) -> Result<Vec<Statement>, Error> {
    jobs_by(cx, &JOB_INSERT, connector, jobs)
}

/// As [`jobs_add`], and a job that is there already is wanted anew: the record has changed since it was begun.
/// Gives no rows.
///
/// # Errors
/// 500 for what is no JSON.
pub fn jobs_again(
    cx: &Context<'_>,
    connector: &str,
    jobs: &[NewJob],
) -> Result<Vec<Statement>, Error> {
    jobs_by(cx, &JOB_AGAIN, connector, jobs)
}

fn jobs_by(
    cx: &Context<'_>,
    sql: &'static Sql,
    connector: &str,
    jobs: &[NewJob],
) -> Result<Vec<Statement>, Error> {
    let row = |job: &NewJob| {
        let key = [job.kind, ":", &job.subject].concat();
        serde_json::to_string(&(
            key,
            JobId::new(&cx.ids),
            &job.stream,
            job.kind,
            &job.subject,
            &job.detail,
            job.priority,
            job.ordered_at,
        ))
    };
    let rows = jobs.iter().map(row).collect::<Result<Vec<_>, _>>();
    let rows = rows.map_err(Error::internal)?;
    let insert = |array: common::db::JsonArray| {
        sql.bind(vec![
            cx.business_id().into(),
            connector.into(),
            array.text.into(),
            cx.now.micros().into(),
        ])
    };
    Ok(json_arrays(rows).into_iter().map(insert).collect())
}

/// The statement that makes jobs of the events between two sequences, of which the first is done.
///
/// # Errors
/// 500 for what is no JSON.
pub fn jobs_of_events(
    cx: &Context<'_>,
    connectors: &[&dyn Connector],
    after: i64,
    up_to: i64,
) -> Result<Statement, Error> {
    let mut rules = Vec::new();
    for connector in connectors {
        for event in HEARD {
            let of_event = connector.jobs_of(event.as_str()).iter();
            rules.extend(of_event.map(|job| {
                let is_event = i64::from(job.subject == Subject::Event);
                let name = connector.name();
                (
                    name,
                    event.as_str(),
                    job.kind,
                    is_event,
                    job.condition.as_str(),
                )
            }));
        }
    }
    let rules = serde_json::to_string(&rules).map_err(Error::internal)?;
    let ids = Ids::new(cx.now, cx.entropy);
    Ok(JOBS_OF_EVENTS.bind(vec![
        cx.business_id().into(),
        after.into(),
        up_to.into(),
        cx.now.micros().into(),
        rules.into(),
        ids.shared_prefix().into(),
    ]))
}

/// The stream of a remote record: our customer, or a name made from the remote customer.
///
/// # Errors
/// 503 when the database is away.
pub async fn stream_of_remote(
    cx: &Context<'_>,
    connector: &str,
    conversation: Option<&str>,
    customer: Option<&str>,
) -> Result<String, Error> {
    let params = vec![
        cx.business_id().into(),
        connector.into(),
        conversation.into(),
        customer.into(),
    ];
    let rows = cx.db.rows(STREAM_OF_REMOTE.bind(params)).await?;
    let ours = match rows.first() {
        Some(row) => Columns::of(row).text_or_null("customer_id")?,
        None => None,
    };
    let theirs = || ["remote:", customer.or(conversation).unwrap_or_default()].concat();
    Ok(ours.unwrap_or_else(theirs))
}
