//! A connector as small as one can be that has every part: jobs, settings, test, enabling, webhook,
//! reconciling, backfill, history. It shows what a connector has to bring, and tests show by it that
//! nothing else says a connector's name.

use channels::outbound::FetchResult;
use common::Context;
use common::events::CRM_LEAD_STAGE_CHANGED;
use common::http::{Error, Kind as ErrorKind, Request, Response};
use common::ids::{CustomerId, MessageId};
use common::json::writer::JsonWriter;
use common::ports::{Async, OutboundRequest, Queue};
use common::signatures::hmac_sha256_hex;
use common::time::SECOND;
use crm::history::{ConversationHistory, History, HistoryConversation};
use crm::table::{Draft, Field, Kind, Role, Secret, Table};
use crm::{
    ANONYMOUS, Connector, CrmClient, Done, Enabled, EventJob, Failure, Job, Limits, Link, NewJob,
    Problem, Receive, Setup, Sync, Tested, integrations_of_org, jobs_add,
};

/// The connector.
pub struct Example;

static LIMITS: Limits = Limits {
    per_second: 5,
    per_minute: 60,
    per_day: None,
    per_customer: 60,
    quick_retries: &[2 * SECOND, 4 * SECOND, 8 * SECOND],
    share_percent: 100,
    refusal: Limits::record,
    read: Limits::unreported,
};

static TABLE: Table = Table {
    fields: &[
        Field::new("base_url", Kind::Words(200), "Where the CRM is.")
            .or("\"https://crm.example\"")
            .variable("EXAMPLE_BASE_URL")
            .in_test(),
        Field::new("features.notes", Kind::Switch, "Notes are written, too.").or("false"),
        Field::new(
            "credentials.token",
            Kind::Secret(Secret {
                stored: "token",
                role: Role::Key,
            }),
            "The token of a user there.",
        )
        .variable("EXAMPLE_TOKEN")
        .in_test(),
        Field::new(
            "credentials.webhook_secret",
            Kind::Secret(Secret {
                stored: "secret",
                role: Role::Webhook,
            }),
            "What the CRM signs by.",
        ),
    ],
    groups: &[("features", "What is on."), ("credentials", "Secrets.")],
    deployment_business: None,
    variable_prefix: None,
};

impl Connector for Example {
    fn name(&self) -> &'static str {
        "example"
    }

    fn has_path(&self) -> bool {
        true
    }

    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn jobs_of(&self, event: &str) -> &'static [EventJob] {
        match event {
            "customer.updated" => const { &[EventJob::of_record("customer")] },
            "message.received" | "message.sent" => {
                const { &[EventJob::of_record("message"), EventJob::of_event("count")] }
            }
            _ => &[],
        }
    }

    fn backfill(&self) -> Option<&'static str> {
        Some("message")
    }
}

/// Makes a request of the CRM with the business's token; gives the id that it answers.
async fn ask(
    client: &CrmClient<'_>,
    draft: &Draft,
    what: &'static str,
    body: String,
) -> Result<String, Failure> {
    let values = TABLE.values(&client.cx.ports, &draft.settings);
    let base = values.text("base_url").unwrap_or_default();
    let token = draft.secrets.get("token").cloned();
    let token = token.or_else(|| TABLE.deployment_key(client.cx));
    let request = OutboundRequest {
        method: "POST",
        url: [&base, "/", what].concat(),
        headers: vec![("authorization", token.unwrap_or_default())],
        body: Some(body.into_bytes()),
        timeout_ms: 5000,
        max_bytes: 10_000,
        ..OutboundRequest::default()
    };
    let answered = client.ask(what, request).await?;
    if answered.as_ref().is_ok_and(|answer| answer.status == 503) {
        let until = client.now() + 60 * SECOND;
        client.block(until).await?;
        return Err(Failure::Throttled {
            until: Some(until),
            message: "The example CRM says too much in its own way.".to_owned(),
        });
    }
    answered_id(answered)
}

/// A person there for each customer, with a lead that is at its first stage.
async fn person(client: &CrmClient<'_>, draft: &Draft, job: &Job) -> Result<Done, Failure> {
    let id = CustomerId::unchecked(job.subject.as_str());
    let Some(customer) = client.customer(&id).await? else {
        return Ok(Done::Skipped("The customer is gone."));
    };
    if !customer.is_identifiable() {
        return Ok(Done::Skipped(ANONYMOUS));
    }
    client.identified(&id);
    if customer.crm_ids.get("example", "person").is_some() {
        return Ok(Done::Skipped("The customer is there."));
    }
    let made = ask(client, draft, "people", String::new()).await?;
    let stage = r#"{"connector":"example","lead_id":"7","stage":"new"}"#;
    let statements = vec![
        client.event(CRM_LEAD_STAGE_CHANGED, &id, stage),
        client.cursors_put(&[("people", &made)]),
    ];
    client.batch(statements).await?;
    client
        .crm_ids_put(&customer, &[("person", Some(&made)), ("lead", Some("7"))])
        .await?;
    Ok(Done::Done)
}

fn answered_id(answered: FetchResult) -> Result<String, Failure> {
    let message = "The example CRM does not answer as it should.".to_owned();
    match answered {
        Ok(answer) if answer.status == 200 => Ok(String::from_utf8_lossy(&answer.body).into()),
        Ok(answer) if answer.status == 401 => Err(Failure::Auth {
            code: "bad_key",
            message,
        }),
        Ok(answer) if answer.status == 500 => Err(Failure::Faulted { message }),
        Ok(answer) if answer.status == 429 => Err(Failure::Throttled {
            until: None,
            message,
        }),
        Ok(_) => Err(Failure::Unclear { message }),
        Err(_) => Err(Failure::Unreached { message }),
    }
}

impl Sync for Example {
    fn run<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        job: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move {
            let draft = Draft::stored(client.cx, client.integration)?;
            if job.kind == "customer" {
                return person(client, &draft, job).await;
            }
            let id = MessageId::unchecked(job.subject.as_str());
            let Some(message) = client.message(&id).await? else {
                return Ok(Done::Skipped("It is no message of ours."));
            };
            if client.link("message", message.id.as_str()).await?.is_some() {
                return Ok(Done::Skipped("The message is there."));
            }
            let link = Link {
                local_id: message.id.to_string(),
                remote_id: ask(client, &draft, "messages", message.shown()).await?,
                ..Link::default()
            };
            client
                .batch(vec![client.link_put("message", &link)])
                .await?;
            Ok(Done::Done)
        })
    }

    fn reconcile<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        _: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move {
            let draft = Draft::stored(client.cx, client.integration)?;
            ask(client, &draft, "changes", String::new()).await?;
            Ok(Done::Done)
        })
    }
}

impl Setup for Example {
    fn settings(&self) -> &'static Table {
        &TABLE
    }

    fn test<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
    ) -> Async<'a, Result<Tested, Error>> {
        Box::pin(async move {
            let answered = ask(client, draft, "whoami", String::new()).await;
            let problem = answered.as_ref().err().map(|failure| Problem {
                field: (failure.code() == "bad_key").then_some("credentials.token"),
                code: failure.code().to_owned(),
                message: failure.message().to_owned(),
            });
            let success = if answered.is_ok() { "true" } else { "false" };
            Ok(Tested {
                remote_org: answered.unwrap_or_default(),
                remote_user: "user".to_owned(),
                problem,
                json: JsonWriter::default().json("success", success).finish(),
            })
        })
    }

    fn enable<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
        url: &'a str,
    ) -> Async<'a, Result<Enabled, Error>> {
        Box::pin(async move {
            let made = ask(client, draft, "webhooks", url.to_owned()).await.ok();
            Ok(Enabled {
                webhook_secret: made.clone().map(|id| ["secret of ", &id].concat()),
                webhook_id: made,
                json: JsonWriter::default().text("url", url).finish(),
            })
        })
    }

    fn disable<'a>(&'a self, client: &'a CrmClient<'a>) -> Async<'a, Result<(), Error>> {
        Box::pin(async move {
            let draft = Draft::stored(client.cx, client.integration)?;
            drop(ask(client, &draft, "goodbye", String::new()).await);
            Ok(())
        })
    }
}

impl Receive for Example {
    fn receive<'a>(
        &'a self,
        cx: &'a Context<'a>,
        request: &'a Request,
    ) -> Async<'a, Result<Response, Error>> {
        Box::pin(async move {
            let signature = (cx.header)("x-example-signature").unwrap_or_default();
            let org = request.id.as_deref().or(request.query.get("org"));
            let org = org.unwrap_or_default();
            for (business_id, integration) in integrations_of_org(cx, self.name(), org).await? {
                let own = cx.of_business(&business_id);
                let draft = Draft::stored(&own, &integration)?;
                let secret = draft.secrets.get("secret").cloned().unwrap_or_default();
                if hmac_sha256_hex(secret.as_bytes(), &request.body) != signature {
                    continue;
                }
                let job = NewJob {
                    kind: "remote",
                    subject: request.text()?.to_owned(),
                    stream: "remote".to_owned(),
                    ordered_at: cx.now.micros(),
                    ..NewJob::default()
                };
                cx.db.batch(jobs_add(&own, self.name(), &[job])?).await?;
                cx.wake(Queue::Crm, &business_id);
                return Ok(Response::empty(204));
            }
            Err(Error::new(ErrorKind::InvalidSignature, "Who is that?"))
        })
    }
}

impl History for Example {
    fn has_history(&self) -> bool {
        true
    }

    fn conversations<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        customer_id: &'a CustomerId,
    ) -> Async<'a, Result<ConversationHistory, Failure>> {
        Box::pin(async move {
            let draft = Draft::stored(client.cx, client.integration)?;
            let id = ask(client, &draft, "history", customer_id.to_string()).await?;
            let conversations = vec![HistoryConversation {
                id,
                ..HistoryConversation::default()
            }];
            Ok(ConversationHistory {
                conversations,
                ..ConversationHistory::default()
            })
        })
    }
}
