//! Connecting a CRM, and looking after what is done for it.

use crate::entry::{Entry, Shape, deleted, json, ok};
use common::http::Kind;
use crm::settings::{
    BackfillAnswer, BackfillRequest, CrmJobList, CrmJobPatch, IntegrationList, IntegrationStatus,
    JobsRetried, OneCrmJob, RetryRequest,
};
use crm_kustomer::setup::{EnableAnswer, KustomerPatch, OneIntegration, TestPatch, Tested};

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

const fn optional(mut shape: Shape) -> Shape {
    shape.is_optional = true;
    shape
}

pub(super) static ENTRIES: &[Entry] = &[
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
        operation: "kustomer_get",
        summary: "Get Kustomer's settings",
        description: "Returns the effective settings, and in `source` where each comes from: the \
                      business, a variable of the deployment (`KUSTOMER_…`), or neither. Secrets \
                      are never shown.",
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
        errors: &[],
    },
    Entry {
        operation: "kustomer_put",
        summary: "Update Kustomer's settings",
        description: "Changes the fields that the request names. Absent fields stay as they are; \
                      null clears a field, so that the deployment's default applies again. \
                      `features`, `rollout` and `escalation` are merged field by field; lists and \
                      mappings are replaced. After changing the key, test and enable again.",
        sample_target: "",
        request: Some(json::<KustomerPatch>(
            "settings",
            "Key, subdomain and rollout",
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
        errors: &[(
            Kind::Conflict,
            "The connection is enabled and would use the deployment's key, which another business \
             uses.",
        )],
    },
    Entry {
        operation: "kustomer_test",
        summary: "Test the connection to Kustomer",
        description: "Asks Kustomer whose the key is, which roles it has, and which teams exist. \
                      It tests the stored settings, or those of the body, which are not stored. \
                      The response is 200 even if Kustomer refuses; its body has the reason.",
        sample_target: "",
        request: Some(optional(json::<TestPatch>(
            "new_key",
            "Another key",
            include_str!("../examples/kustomer_test.request.json"),
        ))),
        answers: &[ok(
            "The result of the test.",
            &[json::<Tested>(
                "works",
                "The key works, and lacks a role",
                include_str!("../examples/kustomer_test.json"),
            )],
        )],
        errors: &[NOT_CONNECTED],
    },
    Entry {
        operation: "kustomer_enable",
        summary: "Enable Kustomer",
        description: "Tests the connection, enables it, and creates the webhook through which \
                      Kustomer calls us. If the key lacks the role for that, or the organisation \
                      already has five webhooks, the connection is enabled anyway, and `webhook` \
                      explains how to create the webhook by hand. Send no body. Older messages \
                      are not sent: see the backfill.",
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
        operation: "kustomer_disable",
        summary: "Disable Kustomer",
        description: "Disables the connection at once. Waiting jobs stay until it is enabled \
                      again; chat continues unaffected. Send no body.",
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
        errors: &[],
    },
    Entry {
        operation: "kustomer_status",
        summary: "Get the status of Kustomer",
        description: "Returns `healthy`; `degraded` if something fails, a job has waited for more \
                      than ten minutes, or Kustomer does not call us; `down` if Kustomer does not \
                      respond or refuses the key; or `disabled`. `reasons` has the causes.",
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
        errors: &[],
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
        errors: &[],
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
        errors: &[],
    },
    Entry {
        operation: "backfill_get",
        summary: "Get the progress of a backfill",
        description: "Returns how far the backfill of older messages has come; null if none was \
                      started.",
        sample_target: "",
        request: None,
        answers: &[ok("The progress.", &[BACKFILL])],
        errors: &[],
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
        answers: &[ok("The progress.", &[BACKFILL])],
        errors: &[(
            Kind::Conflict,
            "Kustomer is not enabled, or there is a backfill with another start.",
        )],
    },
];
