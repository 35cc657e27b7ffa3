//! What the operator of the deployment sees and does.

use crate::entry::{Entry, Shape, created, json, ok, other};
use crate::shapes::plain;
use common::http::Kind;
use operator::business::OperatedBusiness;
use operator::change::BusinessChange;
use operator::list::BusinessPage;
use operator::overview::Overview;
use operator::support::{SupportRequest, SupportSession};

const ACTIVE: Shape = json::<OperatedBusiness>(
    "business",
    "A business",
    include_str!("../examples/operated_business.json"),
);

const NO_BUSINESS: (Kind, &str) = (Kind::NotFound, "There is no such business.");

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "operator_business_list",
        summary: "List businesses",
        description: "Lists the businesses of the deployment by their names, with what each has of what it may have. \
                      Up to 1,000 customers of each are counted.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "A page of businesses.",
            &[json::<BusinessPage>(
                "businesses",
                "One business",
                include_str!("../examples/operated_business_page.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "operator_business_get",
        summary: "Get a business",
        description: "A business, with what it has of what it may have. Up to 10,000 customers are counted.",
        sample_target: "$BUSINESS_ID",
        request: None,
        answers: &[ok("The business.", &[ACTIVE])],
        errors: &[NO_BUSINESS],
    },
    Entry {
        operation: "operator_business_update",
        summary: "Rename, suspend or resume a business",
        description: "Within 60 seconds the keys, sessions and tokens of a suspended business are refused with 403 \
                      `business_suspended`. Nothing is lost: what providers send is stored, what the business sends \
                      waits until it is resumed. The business's audit log shows the reason.",
        sample_target: "$BUSINESS_ID",
        request: Some(json::<BusinessChange>(
            "change",
            "Suspend a business",
            r#"{"suspended": true, "reason": "Unpaid since September; told by mail on 2026-11-02."}"#,
        )),
        answers: &[ok(
            "The business.",
            &[json::<OperatedBusiness>(
                "business",
                "A suspended business",
                include_str!("../examples/operated_business.suspended.json"),
            )],
        )],
        errors: &[NO_BUSINESS],
    },
    Entry {
        operation: "support_session_create",
        summary: "Open a session as support",
        description: "A session in a business, as a viewer, an agent or an admin, for at most an hour. The business's audit \
                      log shows the reason, and each change that is made in the session. The token is shown only in \
                      this response; with `cookie` the response also sets it as the dashboard's cookie.",
        sample_target: "$BUSINESS_ID",
        request: Some(json::<SupportRequest>(
            "support",
            "Half an hour as an admin",
            include_str!("../examples/support_session.request.json"),
        )),
        answers: &[created(
            "The session.",
            &[json::<SupportSession>(
                "session",
                "Opened",
                include_str!("../examples/support_session.json"),
            )],
        )],
        errors: &[NO_BUSINESS],
    },
    Entry {
        operation: "operator_overview",
        summary: "See how the deployment stands",
        description: "How full the databases are, and what is due but not yet done, with its age.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "How it stands.",
            &[json::<Overview>(
                "overview",
                "Little waits",
                include_str!("../examples/operator_overview.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "metrics_get",
        summary: "Scrape metrics",
        description: "Figures of the whole deployment in the text format of Prometheus: requests by operation with \
                      their times, connections by CRM, alerts, queues and databases. No label names a business or a \
                      person. Counters never fall.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The metrics.",
            &[other(
                "text/plain",
                "metrics",
                "Some of them",
                plain,
                include_str!("../examples/metrics.txt"),
            )],
        )],
        errors: &[],
    },
];
