use common::signatures::{equal, hmac_sha256, same_bytes};
use common::time::{SECOND, Timestamp};

/// How far the time of a signature may be from now. It is that of sending, so that waiting in a queue of
/// Chatwoot's does not count.
pub const TOLERANCE_SECONDS: i64 = 300;
/// The shortest token that stands for a signature, for servers that sign nothing.
pub const MIN_TOKEN_CHARS: usize = 32;

/// Why a delivery is not Chatwoot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It was signed too long ago, or by a clock that is ahead.
    Skewed,
    /// The secret that signed it is another, or what was signed is.
    Forged,
}

/// What the headers of a delivery say of its signature: `X-Chatwoot-Signature` and
/// `X-Chatwoot-Timestamp`, which are there from version 4.11.2 on (chatwoot.md §1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// As it was written, since that is what was signed.
    timestamp: String,
    seconds: i64,
    mac: [u8; 32],
}

impl Signature {
    /// Reads both headers; `None` where they have not the form of a signature, so that nobody needs to
    /// read the body.
    #[must_use]
    pub fn parse(signature: &str, timestamp: &str) -> Option<Self> {
        let mut mac = [0; 32];
        hex::decode_to_slice(signature.trim().strip_prefix("sha256=")?, &mut mac).ok()?;
        let timestamp = timestamp.trim();
        let is_time = (1..=12).contains(&timestamp.len())
            && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self {
            seconds: timestamp.parse().ok().filter(|_| is_time)?,
            timestamp: timestamp.to_owned(),
            mac,
        })
    }

    /// Whether this secret signed these bytes, not long ago.
    ///
    /// # Errors
    /// Why it is not to be believed; the time is looked at last, so that nobody without the secret learns
    /// anything of our clock.
    pub fn check(&self, secret: &str, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
        let mut signed = Vec::with_capacity(self.timestamp.len() + 1 + body.len());
        for part in [self.timestamp.as_bytes(), b".", body] {
            signed.extend_from_slice(part);
        }
        let expected = hmac_sha256(secret.as_bytes(), &signed);
        // An empty secret would be everybody's.
        if secret.is_empty() || !same_bytes(&expected, &self.mac) {
            return Err(Refusal::Forged);
        }
        let skew = now.micros().div_euclid(SECOND) - self.seconds;
        match skew.abs() <= TOLERANCE_SECONDS {
            true => Ok(()),
            false => Err(Refusal::Skewed),
        }
    }
}

/// Whether a token in the path is the account's. A short one is nobody's.
#[must_use]
pub fn is_token(known: &str, given: &str) -> bool {
    known.len() >= MIN_TOKEN_CHARS && equal(known, given)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "h4QPfHb7pYQ2ZkT9mN3sVw6x";
    const BODY: &[u8] = br#"{"event":"contact_created","id":46}"#;
    /// tests/fakes: signatureOf(SECRET, "1772359200", BODY).
    const SIGNED: &str = "sha256=adac6d734452a21b59f6e028a8ef69bbade5d12677cda5894d8d89130c001013";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * SECOND)
    }

    #[test]
    fn a_signature_covers_the_time_and_the_bytes() {
        let signature = Signature::parse(SIGNED, "1772359200").unwrap();
        let check = |secret: &str, body: &[u8], now| signature.check(secret, body, at(now));
        assert_eq!(check(SECRET, BODY, 1_772_359_200), Ok(()));
        for edge in [1_772_359_200 - 300, 1_772_359_200 + 300] {
            assert_eq!(check(SECRET, BODY, edge), Ok(()));
        }
        for late in [1_772_359_200 - 301, 1_772_359_200 + 301, 0] {
            assert_eq!(check(SECRET, BODY, late), Err(Refusal::Skewed));
        }
        for (secret, body) in [("other", BODY), ("", BODY), (SECRET, &b"{}"[..])] {
            assert_eq!(check(secret, body, 1_772_359_200), Err(Refusal::Forged));
        }
        let later = Signature::parse(SIGNED, "1772359201").unwrap();
        assert_eq!(
            later.check(SECRET, BODY, at(1_772_359_201)),
            Err(Refusal::Forged)
        );
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let mac = hmac_sha256(b"", &[b"1772359200.".as_slice(), BODY].concat());
        let header = format!("sha256={}", hex::encode(mac));
        let signature = Signature::parse(&header, "1772359200").unwrap();
        assert_eq!(
            signature.check("", BODY, at(1_772_359_200)),
            Err(Refusal::Forged)
        );
    }

    #[test]
    fn what_has_not_the_form_of_a_signature_is_none() {
        let hex = SIGNED.strip_prefix("sha256=").unwrap();
        let short = SIGNED.get(..70).unwrap();
        let longer = format!("{SIGNED}0");
        for (signature, timestamp) in [
            (hex, "1772359200"),
            (short, "1772359200"),
            (longer.as_str(), "1772359200"),
            ("sha256=zz", "1772359200"),
            ("", "1772359200"),
            (SIGNED, ""),
            (SIGNED, "soon"),
            (SIGNED, "-1772359200"),
            (SIGNED, "1772359200.5"),
            (SIGNED, "9999999999999"),
        ] {
            assert_eq!(
                Signature::parse(signature, timestamp),
                None,
                "{signature} {timestamp}"
            );
        }
    }

    #[test]
    fn a_token_is_long_and_equal() {
        let token = "a".repeat(32);
        assert!(is_token(&token, &token));
        assert!(!is_token(&token, &"b".repeat(32)) && !is_token(&token, ""));
        assert!(!is_token("", "") && !is_token("short", "short"));
    }
}
