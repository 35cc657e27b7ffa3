//! Connecting a CRM, and looking after what is done for it.

use crate::entry::{Entry, JSON, Shape, deleted, json, ok, other};
use crate::shapes::{
    EnableAnswer, HandoffAnswer, HandoffPatch, IntegrationSchema, OneIntegration,
    integration_patch, integration_test, tested,
};
use common::http::Kind;
use dashboard_crm_jobs::backfill::{BackfillAnswer, BackfillRequest};
use dashboard_crm_jobs::jobs::{CrmJobList, CrmJobPatch, JobsRetried, OneCrmJob, RetryRequest};
use dashboard_integrations::list::IntegrationList;
use dashboard_integrations::status::IntegrationStatus;

const NO_CONNECTOR: (Kind, &str) = (Kind::NotFound, "There is no such connector.");
const NO_JOB: (Kind, &str) = (Kind::NotFound, "The business has no such job.");
const NOT_CONNECTED: (Kind, &str) = (Kind::Conflict, "There is no API key, or no subdomain.");
const BACKFILL: Shape = json::<BackfillAnswer>(
    "half_way",
    "Half way",
    include_str!("../examples/backfill.json"),
);
const JOB: Shape = json::<OneCrmJob>(
    "failed",
    "One that failed",
    include_str!("../examples/crm_job.json"),
);
const WAITING_JOB: Shape = json::<OneCrmJob>(
    "waiting",
    "Waiting",
    include_str!("../examples/crm_job.waiting.json"),
);

const HANDOFF: Shape = json::<HandoffAnswer>(
    "handoff",
    "Own words in English",
    include_str!("../examples/handoff.json"),
);

const fn optional(mut shape: Shape) -> Shape {
    shape.is_optional = true;
    shape
}

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "integration_list",
        summary: "List integrations",
        description: "Lists every CRM that can be connected, with the status of the business's \
                      connection.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The integrations.",
            &[json::<IntegrationList>(
                "integrations",
                "Kustomer is connected",
                include_str!("../examples/integration_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "integration_get",
        summary: "Read an integration's settings",
        description: "What is in force for the business, and in `source` where that comes from: the \
                      business, a variable of the deployment, or neither. Secrets are \
                      never shown.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The settings.",
            &[json::<OneIntegration>(
                "connected",
                "Connected",
                include_str!("../examples/kustomer.json"),
            )],
        )],
        errors: &[NO_CONNECTOR],
    },
    Entry {
        operation: "integration_schema",
        summary: "See what an integration's settings take",
        description: "The settings as fields of a form, in their order, and as the JSON schema of the \
                      `PUT`.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "What can be set.",
            &[json::<IntegrationSchema>(
                "schema",
                "One field",
                include_str!("../examples/integration_schema.json"),
            )],
        )],
        errors: &[NO_CONNECTOR],
    },
    Entry {
        operation: "integration_put",
        summary: "Change an integration's settings",
        description: "Changes what the request names. What is absent stays; null clears, so that the \
                      deployment's default holds again. `features`, `rollout` and `escalation` are \
                      changed field by field, lists and mappings as a whole. Test and enable again \
                      after changing the key.",
        sample_target: "",
        request: Some(other(
            JSON,
            "settings",
            "Key, subdomain and rollout",
            integration_patch,
            include_str!("../examples/kustomer.request.json"),
        )),
        answers: &[ok(
            "The updated settings.",
            &[json::<OneIntegration>(
                "changed",
                "Changed",
                include_str!("../examples/kustomer.json"),
            )],
        )],
        errors: &[
            NO_CONNECTOR,
            (
                Kind::Conflict,
                "It is enabled and would use the deployment's key, as another business does.",
            ),
        ],
    },
    Entry {
        operation: "integration_test",
        summary: "Test the connection to a CRM",
        description: "Asks the CRM whose the key is, what it may do, and which teams there are: by \
                      what is stored, or by what the body names, which is not kept. What the CRM \
                      refuses is told in the answer, which is 200 all the same.",
        sample_target: "",
        request: Some(optional(other(
            JSON,
            "new_key",
            "Another key",
            integration_test,
            include_str!("../examples/kustomer_test.request.json"),
        ))),
        answers: &[ok(
            "The result of the test.",
            &[other(
                JSON,
                "works",
                "The key works, and lacks a role",
                tested,
                include_str!("../examples/kustomer_test.json"),
            )],
        )],
        errors: &[NO_CONNECTOR, NOT_CONNECTED],
    },
    Entry {
        operation: "integration_enable",
        summary: "Enable an integration",
        description: "Tests the connection, switches it on, and makes the webhook by which the CRM \
                      calls us. Where the key lacks the role for that, or the CRM takes no more \
                      webhooks, it is enabled all the same, and `webhook` says how to make it by hand. \
                      Send no body. What was there before is not sent: see the backfill.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The connection is enabled.",
            &[json::<EnableAnswer>(
                "enabled",
                "Enabled",
                include_str!("../examples/kustomer_enable.json"),
            )],
        )],
        errors: &[
            NO_CONNECTOR,
            (
                Kind::Conflict,
                "There is no API key or no subdomain, or the connection would use the \
                 deployment's key, which another business uses.",
            ),
            (
                Kind::ProviderRejected,
                "The test found a problem; `details` has its code.",
            ),
        ],
    },
    Entry {
        operation: "integration_disable",
        summary: "Disable an integration",
        description: "Switches it off, at once. Jobs that wait go on waiting, for the day it is enabled \
                      again; chat goes on untouched. Send no body.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The connection is disabled.",
            &[json::<OneIntegration>(
                "settings",
                "The settings",
                include_str!("../examples/kustomer.json"),
            )],
        )],
        errors: &[NO_CONNECTOR],
    },
    Entry {
        operation: "integration_status",
        summary: "See how an integration fares",
        description: "`healthy`; `degraded` where something fails, waits for more than ten minutes, or \
                      the CRM does not call us; `down` where it does not answer or refuses the key; \
                      `disabled`. `reasons` says why. `chatwoot`, which is connected as channel \
                      accounts, has a status as well; its accounts say how their webhooks fare.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The status.",
            &[json::<IntegrationStatus>(
                "degraded",
                "Some jobs failed",
                include_str!("../examples/kustomer_status.json"),
            )],
        )],
        errors: &[NO_CONNECTOR],
    },
    Entry {
        operation: "crm_job_list",
        summary: "List jobs",
        description: "Lists the jobs that keep both sides in sync, newest first. Completed jobs \
                      are deleted after 30 days; failed jobs are kept.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "A page of jobs.",
            &[json::<CrmJobList>(
                "jobs",
                "One job",
                include_str!("../examples/crm_job_list.json"),
            )],
        )],
        errors: &[NO_CONNECTOR],
    },
    Entry {
        operation: "crm_job_get",
        summary: "Get a job",
        description: "Returns a job with its detail and its last ten attempts, each with its \
                      requests to the CRM.",
        sample_target: "$JOB_ID",
        request: None,
        answers: &[ok("The job.", &[JOB])],
        errors: &[NO_JOB],
    },
    Entry {
        operation: "crm_job_edit",
        summary: "Edit a job",
        description: "Changes the detail of a job that failed, or of one that waits and is not \
                      running. Most jobs have no detail: they name a record, not its state.",
        sample_target: "$JOB_ID",
        request: Some(json::<CrmJobPatch>(
            "detail",
            "Another event",
            include_str!("../examples/crm_job.request.json"),
        )),
        answers: &[ok("The updated job.", &[JOB])],
        errors: &[NO_JOB, (Kind::Conflict, "The job is done, or is running.")],
    },
    Entry {
        operation: "crm_job_retry",
        summary: "Retry a job",
        description: "Queues a job to run again at once, whatever its outcome was. Nothing is \
                      written twice. Send no body.",
        sample_target: "$JOB_ID",
        request: None,
        answers: &[ok("The job, waiting again.", &[WAITING_JOB])],
        errors: &[NO_JOB],
    },
    Entry {
        operation: "crm_job_dismiss",
        summary: "Dismiss a job",
        description: "Deletes a failed job.",
        sample_target: "$JOB_ID",
        request: None,
        answers: &[deleted("The job is deleted.")],
        errors: &[NO_JOB, (Kind::Conflict, "The job did not fail.")],
    },
    Entry {
        operation: "crm_jobs_retry_failed",
        summary: "Retry all failed jobs",
        description: "Queues all failed jobs again: all of them, those that failed since a time, \
                      or those that failed with a code.",
        sample_target: "",
        request: Some(optional(json::<RetryRequest>(
            "code",
            "Jobs that failed for a missing role",
            include_str!("../examples/retry_failed.request.json"),
        ))),
        answers: &[ok(
            "The number of jobs.",
            &[json::<JobsRetried>(
                "retried",
                "Three",
                include_str!("../examples/retry_failed.json"),
            )],
        )],
        errors: &[NO_CONNECTOR],
    },
    Entry {
        operation: "backfill_get",
        summary: "Get the progress of a backfill",
        description: "Returns how far the backfill of older messages has come; null if none was \
                      started.",
        sample_target: "",
        request: None,
        answers: &[ok("How far it has come.", &[BACKFILL])],
        errors: &[NO_CONNECTOR],
    },
    Entry {
        operation: "backfill_run",
        summary: "Start or continue a backfill",
        description: "Creates jobs for the next 500 older messages, oldest first, or starts with \
                      the first. Call it every few seconds until `finished`; while 2000 jobs \
                      wait, it creates no more. Live work takes precedence. `tieline kustomer \
                      backfill` does all of this.",
        sample_target: "",
        request: Some(optional(json::<BackfillRequest>(
            "since",
            "Of this year",
            include_str!("../examples/backfill.request.json"),
        ))),
        answers: &[ok("How far it has come.", &[BACKFILL])],
        errors: &[
            NO_CONNECTOR,
            (
                Kind::Conflict,
                "The integration is not enabled, or has no backfill; or there is a backfill from another time on.",
            ),
        ],
    },
    Entry {
        operation: "handoff_get",
        summary: "Read the hand-off settings",
        description: "Whether it is looked for customers who ask for a person, by which words, and what \
                      they are told. It needs no CRM.",
        sample_target: "",
        request: None,
        answers: &[ok("The settings.", &[HANDOFF])],
        errors: &[],
    },
    Entry {
        operation: "handoff_put",
        summary: "Change the hand-off settings",
        description: "Changes what the request names. What is absent stays; null clears. `triggers` is \
                      replaced as a whole. Messages from before it was switched on are not looked at.",
        sample_target: "",
        request: Some(json::<HandoffPatch>(
            "triggers",
            "Own words in English",
            include_str!("../examples/handoff.request.json"),
        )),
        answers: &[ok("The settings as they now are.", &[HANDOFF])],
        errors: &[],
    },
];
