//! Who comes in at the gateway, before anything else is asked.

use super::limit::{RateLimiter, over};
use common::http::ledger::Found;
use common::http::{Access, Error};
use common::sender_quota::network_of;
use common::time::{SECOND, Timestamp};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The header in which the platform says who calls. It sets it itself: no caller can.
pub const ADDRESS_HEADER: &str = "cf-connecting-ip";
/// How long a credential that a function took is known.
const KNOWN_MICROS: i64 = 600 * SECOND;
/// Most credentials that an isolate remembers; beyond it starts anew.
const MAX_KNOWN: usize = 8192;

/// Limits by address the requests that nobody is known to answer for: those without a credential, and
/// those with one that no function has taken lately. Whoever calls with a key that is in use costs a
/// look at a map, and is not held up by what others at the same address do.
#[derive(Debug, Default)]
pub struct Gate(HashMap<u64, Timestamp>);

/// A credential as the gate remembers it: not itself, and not to be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(u64);

/// A request at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Its caller is known, or proves itself by a signature that the function checks.
    Known(Option<Seen>),
    /// To be counted by its address, with the credential that it presents.
    Unknown(Option<Seen>),
}

impl Gate {
    /// What a request is, by what the ledger says of it and the credential it presents.
    #[must_use]
    pub fn visit(
        &self,
        found: &Found<'_>,
        header: &dyn Fn(&str) -> Option<String>,
        now: Timestamp,
    ) -> Visit {
        let presented = match found {
            Found::Route(route, _) if route.weight.any == 0 => return Visit::Known(None),
            Found::Route(route, _) => match route.access {
                Access::Key(_) => header("x-api-key"),
                Access::Session | Access::Platform | Access::Inbox => header("authorization"),
                Access::Public | Access::Provider => None,
            },
            Found::WrongMethod(_) | Found::Nothing => None,
        };
        let Some(seen) = presented.map(|text| Seen::of(&text)) else {
            return Visit::Unknown(None);
        };
        let since = self
            .0
            .get(&seen.0)
            .map(|since| now.micros() - since.micros());
        match since {
            Some(age) if (0..KNOWN_MICROS).contains(&age) => Visit::Known(Some(seen)),
            _ => Visit::Unknown(Some(seen)),
        }
    }

    /// Takes note of what a function said of a credential: one that it took is known from now on.
    pub fn answered(&mut self, visit: Visit, status: u16, now: Timestamp) {
        match (visit, status) {
            (Visit::Known(Some(seen)), 401) => {
                self.0.remove(&seen.0);
            }
            // 429, 5xx and the like say nothing of who called.
            (Visit::Unknown(Some(seen)), 200..=400 | 402..=428) => {
                if self.0.len() >= MAX_KNOWN {
                    self.0.clear();
                }
                self.0.insert(seen.0, now);
            }
            _ => {}
        }
    }
}

impl Seen {
    fn of(credential: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        credential.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Counts a request that nobody is known to answer for.
///
/// # Errors
/// 429 where its address makes too many.
pub async fn admit(
    limiter: &dyn RateLimiter,
    visit: Visit,
    address: Option<&str>,
) -> Result<(), Error> {
    let (Visit::Unknown(_), Some(address)) = (visit, address) else {
        return Ok(());
    };
    if limiter.allow(&key_of(address), 1).await {
        return Ok(());
    }
    Err(over(
        "Too many requests without a valid key come from your address. Wait a moment, then go on \
         more slowly.",
    ))
}

/// What an address is counted under.
fn key_of(address: &str) -> String {
    ["address ", &network_of(address)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::http::ledger::find;

    const NOW: Timestamp = Timestamp::from_micros(0);

    fn visit(gate: &Gate, method: &str, path: &str, credential: Option<&str>) -> Visit {
        let header = |_: &str| credential.map(str::to_owned);
        gate.visit(&find(method, path), &header, NOW)
    }

    #[test]
    fn a_credential_is_known_once_a_function_took_it_and_no_longer_than_that() {
        let mut gate = Gate::default();
        let ask = |gate: &Gate, key| visit(gate, "GET", "/api-customers", Some(key));
        for (status, is_known) in [(401, false), (429, false), (503, false), (404, true)] {
            gate.answered(ask(&gate, "good"), status, NOW);
            assert_eq!(matches!(ask(&gate, "good"), Visit::Known(_)), is_known);
        }
        assert!(matches!(ask(&gate, "other"), Visit::Unknown(Some(_))));
        let later = NOW.plus(KNOWN_MICROS);
        let header = |_: &str| Some("good".to_owned());
        let found = find("GET", "/api-customers");
        let then = gate.visit(&found, &header, later);
        assert!(matches!(then, Visit::Unknown(_)));
        // Revoked meanwhile.
        gate.answered(ask(&gate, "good"), 401, NOW);
        assert!(matches!(ask(&gate, "good"), Visit::Unknown(_)));
    }

    #[test]
    fn who_presents_nothing_is_counted_and_who_is_checked_by_a_signature_is_not() {
        let gate = Gate::default();
        for path in [
            "/docs",
            "/nothing",
            "/api-customers",
            "/api/dashboard/channels",
        ] {
            assert_eq!(
                visit(&gate, "GET", path, None),
                Visit::Unknown(None),
                "{path}"
            );
        }
        for (method, path) in [("POST", "/webhook-meta"), ("GET", "/api/download-media")] {
            let visit = visit(&gate, method, path, Some("any"));
            assert_eq!(visit, Visit::Known(None), "{path}");
        }
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller() {
        assert_eq!(key_of("2001:db8:1:2::3"), key_of("2001:db8:1:2:ffff::9"));
        assert_ne!(key_of("2001:db8:1:2::3"), key_of("2001:db8:1:3::3"));
        assert_eq!(key_of("192.0.2.7"), "address 192.0.2.7");
    }
}
