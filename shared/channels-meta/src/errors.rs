use super::graph::GraphError;
use channels::outbound::{FetchResult, SendOutcome};
use channels::outcomes;
use channels::outcomes::{
    SOON_SECONDS, again, refused, retry_after, unanswered, uncertain, unclear,
};
use common::ports::OutboundResponse;

/// How long one recipient is left alone after too many messages (channels.md §2.8: at least 6 s).
const PAIR_SECONDS: u32 = 6;

/// What an error code of Graph's calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The same again later, so many seconds at the soonest, so often at most.
    Again(u32, Option<i64>),
    /// Never the same again.
    Message,
    /// Nothing more by this account, until a person has looked at it.
    Account,
    /// Not in Meta's list.
    Unknown,
}

/// The classes of channels.md §2.8 and the limits of §1.5, which do not promise HTTP 429.
const fn class_of(code: i64) -> Class {
    match code {
        1 => Class::Again(SOON_SECONDS, Some(2)),
        2 | 4 | 17 | 32 | 613 | 80002 | 80007 | 130_429 | 131_000 | 131_016 | 131_057 | 133_004 => {
            Class::Again(SOON_SECONDS, None)
        }
        131_056 => Class::Again(PAIR_SECONDS, None),
        0
        | 190
        | 3
        | 10
        | 200..=299
        | 131_005
        | 33
        | 368
        | 131_031
        | 131_037
        | 131_042
        | 131_045
        | 133_010
        | 131_048
        | 131_064 => Class::Account,
        131_047
        | 131_026
        | 131_049
        | 131_050
        | 130_472
        | 131_051..=131_053
        | 131_021
        | 131_030
        | 130_403
        | 100
        | 131_008
        | 131_009
        | 131_062
        | 132_000..=132_099 => Class::Message,
        _ => Class::Unknown,
    }
}

/// What came of a request that did not succeed, be it an upload or a message.
pub(super) fn failed(answered: &FetchResult) -> SendOutcome {
    let response = match answered {
        Ok(response) => response,
        Err(no_answer) => return unanswered(no_answer),
    };
    // 0 is a code of Meta's too, of a token; but where a server fails it only means that none came.
    match GraphError::parse(&response.body) {
        Some(error) if error.code != 0 || response.status < 500 => of_graph(&error, response),
        _ => of_status(response),
    }
}

/// As [`failed`], for a message of Messenger or Instagram, whose subcodes say more than the codes
/// (channels.md §3.4, §4.3).
pub(super) fn failed_in_messaging(answered: &FetchResult) -> SendOutcome {
    let error = answered.as_ref().ok();
    let Some(error) = error.and_then(|response| GraphError::parse(&response.body)) else {
        return failed(answered);
    };
    let refused = |code: &str, is_of_account: bool| {
        let subcode = error.subcode.unwrap_or_default().to_string();
        let codes = [" (", &error.code.to_string(), "/", &subcode, ")"].concat();
        let message = [sentence(&error), codes].concat();
        refused(code, &message, is_of_account)
    };
    match (error.code, error.subcode) {
        (10, Some(2_018_278 | 2_534_022)) => refused("outside_window", false),
        // The person blocked the account, or is gone.
        (551 | 200, Some(1_545_041)) => refused("551", false),
        // Meta gives this code for messages that it sent.
        (1_357_046, _) => {
            uncertain("The provider reported an error that it gives for sent messages, too.")
        }
        (1200, _) => again(SOON_SECONDS, None, "1200", &sentence(&error)),
        (2, _) => match failed(answered) {
            // Also said where the customer blocked the account.
            SendOutcome::Again {
                after_seconds,
                code,
                message,
                ..
            } => again(after_seconds, Some(5), code, &message),
            other => other,
        },
        _ => failed(answered),
    }
}

fn of_graph(error: &GraphError, response: &OutboundResponse) -> SendOutcome {
    let (code, message) = (error.code.to_string(), sentence(error));
    let wait = |seconds: u32| retry_after(response).unwrap_or_default().max(seconds);
    match class_of(error.code) {
        Class::Again(seconds, max) => again(wait(seconds), max, code, &message),
        Class::Message => refused(code, &message, false),
        Class::Account => refused(code, &message, true),
        Class::Unknown => {
            let may_pass = error.is_transient || response.status >= 500 || response.status == 429;
            if may_pass {
                again(wait(SOON_SECONDS), None, code, &message)
            } else {
                refused(code, &message, false)
            }
        }
    }
}

/// An answer that is not Graph's own: of something between, or of nothing we know.
fn of_status(response: &OutboundResponse) -> SendOutcome {
    let code = format!("http_{}", response.status);
    let message = format!("The provider answered with status {}.", response.status);
    match response.status {
        429 | 503 => {
            let seconds = retry_after(response).unwrap_or(SOON_SECONDS);
            again(seconds.max(SOON_SECONDS), None, code, &message)
        }
        300..=407 | 409..=499 => refused(code, &message, false),
        status => unclear(status),
    }
}

/// Meta's longer sentence where it gave one.
fn sentence(error: &GraphError) -> String {
    outcomes::sentence(error.details.as_deref().unwrap_or(&error.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::ports::FetchError;

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
            &format!(r#"{{"error":{{"message":"m","code":{code}}}}}"#),
        )
    }

    #[test]
    fn a_rate_limit_is_one_whatever_the_status() {
        for code in [4, 17, 32, 613, 80002, 80007, 130_429] {
            for status in [200, 400, 429, 500] {
                assert!(
                    matches!(of_code(status, code), SendOutcome::Again { .. }),
                    "{code}"
                );
            }
        }
    }

    #[test]
    fn codes_are_classed_as_meta_lists_them() {
        for code in [
            2, 131_000, 131_016, 131_056, 131_057, 133_004, 130_429, 80007,
        ] {
            assert!(
                matches!(of_code(500, code), SendOutcome::Again { .. }),
                "{code}"
            );
        }
        for code in [
            131_047, 131_026, 131_049, 130_472, 131_053, 100, 132_001, 999_999,
        ] {
            let refused = matches!(of_code(400, code), SendOutcome::Refused { is_of_account, .. } if !is_of_account);
            assert!(refused, "{code}");
        }
        for code in [0, 190, 3, 10, 200, 299, 368, 131_031, 131_042, 133_010] {
            let refused = matches!(of_code(401, code), SendOutcome::Refused { is_of_account, .. } if is_of_account);
            assert!(refused, "{code}");
        }
        let SendOutcome::Again {
            after_seconds: 6, ..
        } = of_code(400, 131_056)
        else {
            panic!("one recipient is left alone for 6 s")
        };
        let once = of_code(500, 1);
        assert!(matches!(
            once,
            SendOutcome::Again {
                max_tries: Some(2),
                ..
            }
        ));
    }

    #[test]
    fn a_transient_error_may_pass_and_another_does_not() {
        let transient = r#"{"error":{"message":"m","code":77,"is_transient":true}}"#;
        assert!(matches!(outcome(400, transient), SendOutcome::Again { .. }));
        assert!(matches!(of_code(500, 77), SendOutcome::Again { .. }));
        assert!(matches!(of_code(400, 77), SendOutcome::Refused { .. }));
    }

    #[test]
    fn without_an_answer_of_the_provider_only_what_never_left_goes_again() {
        let not_sent = failed(&Err(FetchError::NotSent("refused".into())));
        assert!(matches!(not_sent, SendOutcome::Again { .. }));
        let unsure = failed(&Err(FetchError::Unsure("timeout".into())));
        assert!(matches!(unsure, SendOutcome::Uncertain { .. }));
        assert!(matches!(outcome(503, "<html>"), SendOutcome::Again { .. }));
        for status in [200, 204, 408, 500, 502, 504] {
            assert!(
                matches!(outcome(status, "<html>"), SendOutcome::Uncertain { .. }),
                "{status}"
            );
        }
        for status in [301, 400, 404, 413] {
            assert!(
                matches!(outcome(status, ""), SendOutcome::Refused { .. }),
                "{status}"
            );
        }
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
}
