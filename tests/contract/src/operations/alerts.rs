//! What is wrong, and who is told.

use crate::entry::{Entry, Shape, created, deleted, json, ok};
use common::http::Kind;
use dashboard_alerts::TestResult;
use dashboard_alerts::alert::{AlertPage, OneAlert};
use dashboard_alerts::destination::{DestinationList, NewDestination, OneDestination};
use dashboard_alerts::settings::{AlertSettings, AlertSettingsPatch};
use dashboard_alerts::status::Status;

const NO_DESTINATION: (Kind, &str) = (Kind::NotFound, "The business has no such destination.");
const SETTINGS: Shape = json::<AlertSettings>(
    "settings",
    "A rule, and quiet nights",
    include_str!("../examples/alert_settings.json"),
);

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "status_get",
        summary: "Get the status",
        description: "Returns how integrations, queues, accounts and endpoints fare, and what needs attention. Figures \
                      are of 1 hour, 24 hours and 30 days and held against targets. Requests and jobs are counted \
                      in whole hours, the begun ones included, so that the first hour of a span counts as a whole. \
                      Uptime is the share of minutes in which the CRM was not left alone because it did not answer \
                      or refused the key.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The status.",
            &[json::<Status>(
                "status",
                "A CRM with too many errors",
                include_str!("../examples/status.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "alert_list",
        summary: "List alerts",
        description: "Lists alerts, newest first, with who was told of each and who could not be. Alerts that are \
                      over are kept for 90 days.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "A page of alerts.",
            &[json::<AlertPage>(
                "alerts",
                "An endpoint that fails",
                include_str!("../examples/alert_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "alert_acknowledge",
        summary: "Acknowledge an alert",
        description: "Notes that somebody takes care of an alert. Whoever did so first stays. Send no body.",
        sample_target: "$ALERT_ID",
        request: None,
        answers: &[ok(
            "The alert.",
            &[json::<OneAlert>(
                "acknowledged",
                "Acknowledged",
                include_str!("../examples/alert.json"),
            )],
        )],
        errors: &[(Kind::NotFound, "The business has no such alert.")],
    },
    Entry {
        operation: "alert_settings_get",
        summary: "Read the alert settings",
        description: "Returns the rule of every cause, the defaults included, and the quiet hours.",
        sample_target: "",
        request: None,
        answers: &[ok("The settings.", &[SETTINGS])],
        errors: &[],
    },
    Entry {
        operation: "alert_settings_put",
        summary: "Change the alert settings",
        description: "Changes what the request names; what is absent stays. Null restores the default of a rule or \
                      of a threshold, and ends quiet hours.",
        sample_target: "",
        request: Some(json::<AlertSettingsPatch>(
            "settings",
            "More patience, and quiet nights",
            include_str!("../examples/alert_settings.request.json"),
        )),
        answers: &[ok("The settings as they now are.", &[SETTINGS])],
        errors: &[],
    },
    Entry {
        operation: "alert_destination_list",
        summary: "List destinations",
        description: "Lists who is told of alerts, oldest first. Of a URL, only the host is shown.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The destinations.",
            &[json::<DestinationList>(
                "destinations",
                "A channel at Slack",
                include_str!("../examples/alert_destination_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "alert_destination_create",
        summary: "Add a destination",
        description: "Sends alerts that are raised from now on to an address of email, by the business's own email \
                      account, or to a URL that takes what Slack's incoming webhooks take. A business has at most \
                      20 destinations.",
        sample_target: "",
        request: Some(json::<NewDestination>(
            "slack",
            "A channel at Slack",
            include_str!("../examples/alert_destination.request.json"),
        )),
        answers: &[created(
            "The destination.",
            &[json::<OneDestination>(
                "created",
                "Created",
                include_str!("../examples/alert_destination.json"),
            )],
        )],
        errors: &[
            (Kind::QuotaExceeded, "The business has 20 destinations."),
            (Kind::UnsafeUrl, ""),
        ],
    },
    Entry {
        operation: "alert_destination_delete",
        summary: "Delete a destination",
        description: "Deletes a destination. What was not sent to it yet is not.",
        sample_target: "$DESTINATION_ID",
        request: None,
        answers: &[deleted("It is deleted.")],
        errors: &[NO_DESTINATION],
    },
    Entry {
        operation: "alert_destination_test",
        summary: "Test a destination",
        description: "Sends a sample at once and returns what the other side answered. Send no body.",
        sample_target: "$DESTINATION_ID",
        request: None,
        answers: &[ok(
            "What came of it, also where it was not taken.",
            &[json::<TestResult>(
                "tested",
                "It was taken",
                include_str!("../examples/alert_destination_test.json"),
            )],
        )],
        errors: &[NO_DESTINATION],
    },
];
