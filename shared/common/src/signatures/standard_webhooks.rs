use super::equal;
use super::webhook::standard_mac;
use crate::time::{SECOND, Timestamp};

/// How far the sender's clock may be from ours, in seconds, before or behind (Standard Webhooks,
/// "Verifying webhook authenticity").
pub const STANDARD_WEBHOOK_TOLERANCE_SECONDS: i64 = 300;

/// What stands in the headers of a delivery by Standard Webhooks, whether they are called
/// `webhook-…` or `svix-…` (channels.md §6.5).
#[derive(Debug, Clone, Copy)]
pub struct StandardWebhook<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`: seconds since 1970.
    pub timestamp: &'a str,
    /// `webhook-signature`: signatures divided by spaces, each `v1,` and base64.
    pub signatures: &'a str,
}

impl StandardWebhook<'_> {
    /// Whether it says that it was signed lately.
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        let Some(at) = self.timestamp.parse::<i64>().ok() else {
            return false;
        };
        let age = now.micros().div_euclid(SECOND).saturating_sub(at);
        (-STANDARD_WEBHOOK_TOLERANCE_SECONDS..=STANDARD_WEBHOOK_TOLERANCE_SECONDS).contains(&age)
    }

    /// Whether one of the signatures is made by this secret over these bytes, and lately. Versions
    /// other than `v1` are passed over; a secret that is no base64 signs nothing.
    #[must_use]
    pub fn is_signed_by(&self, secret: &str, body: &[u8], now: Timestamp) -> bool {
        if !self.is_recent(now) {
            return false;
        }
        let Some(expected) = standard_mac(secret, self.id, self.timestamp, body) else {
            return false;
        };
        let mut given = self
            .signatures
            .split(' ')
            .filter_map(|one| one.strip_prefix("v1,"));
        given.any(|given| equal(given, &expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const BODY: &str = r#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
    const AT: i64 = 1_649_367_553;

    fn is_signed(secret: &str, signatures: &str, body: &str, late_by: i64) -> bool {
        let delivery = StandardWebhook {
            id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            timestamp: "1649367553",
            signatures,
        };
        let now = Timestamp::from_micros((AT + late_by) * SECOND);
        delivery.is_signed_by(secret, body.as_bytes(), now)
    }

    #[test]
    fn the_published_vector_verifies() {
        assert!(is_signed(SECRET, SIGNATURE, BODY, 0));
        let bare = SECRET.trim_start_matches("whsec_");
        assert!(is_signed(bare, SIGNATURE, BODY, 0));
    }

    #[test]
    fn one_of_several_signatures_is_enough_and_other_versions_do_not_count() {
        let rotated = format!("v1a,AAAA v1,AAAA {SIGNATURE} v2,x");
        assert!(is_signed(SECRET, &rotated, BODY, 0));
        let other = SIGNATURE.replace("v1,", "v1a,");
        for signatures in ["", " ", "v1,", "v1", &other, &SIGNATURE[3..]] {
            assert!(!is_signed(SECRET, signatures, BODY, 0), "{signatures}");
        }
    }

    #[test]
    fn five_minutes_are_allowed_both_ways_and_no_more() {
        for (late_by, expected) in [(300, true), (301, false), (-300, true), (-301, false)] {
            assert_eq!(is_signed(SECRET, SIGNATURE, BODY, late_by), expected);
        }
        let never = StandardWebhook {
            id: "msg",
            timestamp: "yesterday",
            signatures: SIGNATURE,
        };
        assert!(!never.is_signed_by(SECRET, BODY.as_bytes(), Timestamp::from_micros(0)));
    }

    #[test]
    fn another_body_or_secret_is_refused_and_so_is_a_secret_that_is_none() {
        assert!(!is_signed(SECRET, SIGNATURE, "{}", 0));
        let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(!is_signed(other, SIGNATURE, BODY, 0));
        for none in ["", "whsec_", "whsec_%%%"] {
            assert!(!is_signed(none, SIGNATURE, BODY, 0));
        }
    }
}
