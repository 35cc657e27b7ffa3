//! What Twilio's error codes call for (channels.md §5.3). Twilio keeps splitting them, so that one
//! that is not known is judged by the HTTP status alone.

use super::api::TwilioError;
use channels::opt_outs::OPTED_OUT;
use channels::outbound::{FetchResult, SendOutcome};
use channels::outcomes::{SOON_SECONDS, again, refused, retry_after, unanswered, unclear};

/// How long a queue that is full is left alone, and a handset that cannot be reached.
const LATER_SECONDS: u32 = 60;

/// Attempt to send to a recipient who opted out.
const UNSUBSCRIBED: i64 = 21610;

/// What came of a request that did not succeed.
pub(super) fn failed(answered: &FetchResult) -> SendOutcome {
    let response = match answered {
        Ok(response) => response,
        Err(no_answer) => return unanswered(no_answer),
    };
    let wait = |seconds: u32| retry_after(response).unwrap_or_default().max(seconds);
    let error = TwilioError::parse(&response.body);
    let (code, message) = match &error {
        Some(error) => (error.code.to_string(), error.message.clone()),
        None => (
            format!("http_{}", response.status),
            format!("The provider answered with status {}.", response.status),
        ),
    };
    match (error.map(|error| error.code), response.status) {
        // Never processed, whatever the status.
        (Some(20429), _) | (_, 429) => again(wait(SOON_SECONDS), None, code, &message),
        (Some(30001 | 21611), 400..=499) => again(wait(LATER_SECONDS), None, code, &message),
        (_, 503) => again(wait(SOON_SECONDS), None, code, &message),
        (Some(UNSUBSCRIBED), 400..=499) => refused(OPTED_OUT, &message, false),
        (known, 300..=407 | 409..=499) => {
            let is_of_account = known.map_or(matches!(response.status, 401 | 403), is_of_account);
            refused(code, &message, is_of_account)
        }
        (_, status) => unclear(status),
    }
}

/// Whether a code is of the account or its sender, so that nothing more goes by it until a person
/// has looked at it.
const fn is_of_account(code: i64) -> bool {
    matches!(
        code,
        20003 | 20005 | 20404 | 21212 | 21603 | 21606 | 21609 | 21659 | 21660 | 21701..=21705
    )
}

/// Whether a status that failed for this says that the customer has opted out.
pub(super) fn is_opted_out(code: &str) -> bool {
    code.parse() == Ok(UNSUBSCRIBED)
}

/// What a code of a status means, where Twilio gives no sentence with it.
pub(super) fn meaning(code: &str) -> &'static str {
    match code {
        "21610" => "The customer has opted out.",
        "30001" => "The queue is full.",
        "30003" => "The handset cannot be reached: switched off, or without service.",
        "30004" => "The message was blocked.",
        "30005" => "The handset is unknown or no longer in use.",
        "30006" => "The number is a landline, or cannot be reached.",
        "30007" => "The carrier filtered the message out.",
        "30008" => "Unknown error of a carrier.",
        "30019" => "The media are too large.",
        "30034" => "The sender is not registered for A2P 10DLC.",
        _ => "The message was not delivered.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::ports::{FetchError, OutboundResponse};

    fn outcome(status: u16, body: &str) -> SendOutcome {
        failed(&Ok(OutboundResponse {
            status,
            body: body.as_bytes().to_vec(),
            ..OutboundResponse::default()
        }))
    }

    fn of_code(status: u16, code: i64) -> SendOutcome {
        outcome(
            status,
            &format!(r#"{{"code":{code},"message":"m","status":{status}}}"#),
        )
    }

    #[test]
    fn what_was_never_processed_goes_again() {
        for (status, code) in [(429, 20429), (400, 20429), (500, 20429), (429, 1)] {
            let outcome = of_code(status, code);
            assert!(matches!(outcome, SendOutcome::Again { .. }), "{code}");
        }
        for body in ["", "<html>"] {
            assert!(matches!(outcome(429, body), SendOutcome::Again { .. }));
            assert!(matches!(outcome(503, body), SendOutcome::Again { .. }));
        }
        let not_sent = failed(&Err(FetchError::NotSent("refused".into())));
        assert!(matches!(not_sent, SendOutcome::Again { .. }));
    }

    #[test]
    fn a_longer_retry_after_is_honoured() {
        let response = OutboundResponse {
            status: 429,
            headers: vec![("retry-after".into(), "120".into())],
            ..OutboundResponse::default()
        };
        let SendOutcome::Again { after_seconds, .. } = failed(&Ok(response)) else {
            panic!("429 goes again")
        };
        assert_eq!(after_seconds, 120);
    }

    #[test]
    fn a_failing_server_may_have_taken_the_message() {
        for status in [200, 408, 500, 502, 504] {
            let unsure = |outcome: SendOutcome| matches!(outcome, SendOutcome::Uncertain { .. });
            assert!(unsure(outcome(status, "<html>")), "{status}");
            assert!(unsure(of_code(status, 20500)), "{status}");
        }
        let unsure = failed(&Err(FetchError::Unsure("timeout".into())));
        assert!(matches!(unsure, SendOutcome::Uncertain { .. }));
    }

    #[test]
    fn refusals_are_of_the_message_or_of_the_account() {
        for code in [21211, 21408, 21612, 21614, 21617, 21620, 99999] {
            assert!(
                matches!(of_code(400, code), SendOutcome::Refused { is_of_account, .. } if !is_of_account),
                "{code}"
            );
        }
        for (status, code) in [(401, 20003), (400, 21606), (404, 21701), (404, 20404)] {
            assert!(
                matches!(of_code(status, code), SendOutcome::Refused { is_of_account, .. } if is_of_account),
                "{code}"
            );
        }
        assert!(matches!(
            outcome(401, ""),
            SendOutcome::Refused { is_of_account, .. } if is_of_account
        ));
        let SendOutcome::Refused { code, .. } = of_code(400, 21610) else {
            panic!("an opt-out is final")
        };
        assert_eq!(code, OPTED_OUT);
    }
}
