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
    "It waits",
    include_str!("../examples/crm_job.waiting.json"),
);

const fn optional(mut shape: Shape) -> Shape {
    shape.is_optional = true;
    shape
}

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "integration_list",
        summary: "List integrations",
        description: "Every CRM that can be connected, and how the business's connection stands.",
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
        summary: "Read Kustomer's settings",
        description: "What is in force for the business, and in `source` where that comes from: the \
                      business, a variable of the deployment (`KUSTOMER_…`), or neither. Secrets are \
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
        errors: &[],
    },
    Entry {
        operation: "kustomer_put",
        summary: "Change Kustomer's settings",
        description: "Changes what the request names. What is absent stays; null clears, so that the \
                      deployment's default holds again. `features`, `rollout` and `escalation` are \
                      changed field by field, lists and mappings as a whole. Test and enable again \
                      after changing the key.",
        sample_target: "",
        request: Some(json::<KustomerPatch>(
            "settings",
            "Key, subdomain, and whom it is for",
            include_str!("../examples/kustomer.request.json"),
        )),
        answers: &[ok(
            "The settings as they now are.",
            &[json::<OneIntegration>(
                "changed",
                "Changed",
                include_str!("../examples/kustomer.json"),
            )],
        )],
        errors: &[(
            Kind::Conflict,
            "It is enabled and would use the deployment's key, as another business does.",
        )],
    },
    Entry {
        operation: "kustomer_test",
        summary: "Test the connection to Kustomer",
        description: "Asks Kustomer whose the key is, what it may do, and which teams there are: by \
                      what is stored, or by what the body names, which is not kept. What Kustomer \
                      refuses is told in the answer, which is 200 all the same.",
        sample_target: "",
        request: Some(optional(json::<TestPatch>(
            "new_key",
            "Another key",
            include_str!("../examples/kustomer_test.request.json"),
        ))),
        answers: &[ok(
            "What came of it.",
            &[json::<Tested>(
                "works",
                "It works, and lacks a role",
                include_str!("../examples/kustomer_test.json"),
            )],
        )],
        errors: &[NOT_CONNECTED],
    },
    Entry {
        operation: "kustomer_enable",
        summary: "Enable Kustomer",
        description: "Tests the connection, switches it on, and makes the webhook by which Kustomer \
                      calls us. Where the key lacks the role for that, or the organisation has five \
                      webhooks, it is enabled all the same, and `webhook` says how to make it by hand. \
                      Send no body. What was there before is not sent: see the backfill.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "It is enabled.",
            &[json::<EnableAnswer>(
                "enabled",
                "Enabled",
                include_str!("../examples/kustomer_enable.json"),
            )],
        )],
        errors: &[
            (
                Kind::Conflict,
                "There is no API key, or no subdomain; or it would use the deployment's key, as \
                 another business does.",
            ),
            (
                Kind::ProviderRejected,
                "What the test finds wrong; `details` has its code.",
            ),
        ],
    },
    Entry {
        operation: "kustomer_disable",
        summary: "Disable Kustomer",
        description: "Switches it off, at once. Jobs that wait go on waiting, for the day it is enabled \
                      again; chat goes on untouched. Send no body.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "It is disabled.",
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
        summary: "See how Kustomer fares",
        description: "`healthy`; `degraded` where something fails, waits for more than ten minutes, or \
                      Kustomer does not call us; `down` where it does not answer or refuses the key; \
                      `disabled`. `reasons` says why.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "How it fares.",
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
        description: "What is done, or was, so that both sides are the same; newest first. What is done \
                      is forgotten after 30 days, what failed is not.",
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
        summary: "Read a job",
        description: "A job with its detail and its last ten tries, each with what was asked of the CRM.",
        sample_target: "$JOB_ID",
        request: None,
        answers: &[ok("The job.", &[JOB])],
        errors: &[NO_JOB],
    },
    Entry {
        operation: "crm_job_edit",
        summary: "Edit a job",
        description: "Changes the detail of a job that failed, or of one that waits while nobody is at \
                      it. Most jobs have none: they say what to look at, and not what is there.",
        sample_target: "$JOB_ID",
        request: Some(json::<CrmJobPatch>(
            "detail",
            "Another event",
            include_str!("../examples/crm_job.request.json"),
        )),
        answers: &[ok("The job as it now is.", &[JOB])],
        errors: &[
            NO_JOB,
            (Kind::Conflict, "The job is done, or somebody is at it."),
        ],
    },
    Entry {
        operation: "crm_job_retry",
        summary: "Do a job again",
        description: "Has a job done again, whatever became of it, and at once. Nothing is written \
                      twice by that. Send no body.",
        sample_target: "$JOB_ID",
        request: None,
        answers: &[ok("The job, which waits.", &[WAITING_JOB])],
        errors: &[NO_JOB],
    },
    Entry {
        operation: "crm_job_dismiss",
        summary: "Give up a job",
        description: "Forgets a job that failed.",
        sample_target: "$JOB_ID",
        request: None,
        answers: &[deleted("The job is forgotten.")],
        errors: &[NO_JOB, (Kind::Conflict, "The job did not fail.")],
    },
    Entry {
        operation: "crm_jobs_retry_failed",
        summary: "Do all failed jobs again",
        description: "Has all jobs done again that failed, those that failed since a time, or those \
                      that failed with a code.",
        sample_target: "",
        request: Some(optional(json::<RetryRequest>(
            "code",
            "Those of a role that was missing",
            include_str!("../examples/retry_failed.request.json"),
        ))),
        answers: &[ok(
            "How many.",
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
        summary: "See how far a backfill is",
        description: "How far sending what was there before has come; null where nobody began it.",
        sample_target: "",
        request: None,
        answers: &[ok("How far it has come.", &[BACKFILL])],
        errors: &[],
    },
    Entry {
        operation: "backfill_run",
        summary: "Go on with a backfill",
        description: "Makes jobs of the next 500 messages of before, oldest first, or begins with them. \
                      Call it until `finished`, every few seconds; while 2000 jobs wait it makes no \
                      more. What people wait for goes first. `tieline kustomer backfill` does all of \
                      this.",
        sample_target: "",
        request: Some(optional(json::<BackfillRequest>(
            "since",
            "Of this year",
            include_str!("../examples/backfill.request.json"),
        ))),
        answers: &[ok("How far it has come.", &[BACKFILL])],
        errors: &[(
            Kind::Conflict,
            "Kustomer is not enabled; or there is a backfill from another time on.",
        )],
    },
];
