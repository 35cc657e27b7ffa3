//! Who comes in, before anything else is asked: at the gateway, and at a function that a route reaches past it.

use super::limit::{RATE_LIMIT_SECONDS, RateLimiter, over};
use super::{Credential, Platform};
use common::context::Caller;
use common::http::Error;
use common::http::ledger::Found;
use common::sender_quota::network_of;
use common::time::{SECOND, Timestamp};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// The header in which the platform says who calls. It sets it itself: no caller can.
pub const ADDRESS_HEADER: &str = "cf-connecting-ip";
/// How long a credential is known after a function last took it.
const KNOWN_MICROS: i64 = 600 * SECOND;
/// Most credentials that an isolate remembers; beyond it starts anew.
const MAX_KNOWN: usize = 8192;

/// Most requests of an address that may wait for their answers before they are counted. Guesses that are made
/// at once get so many for nothing.
const MAX_UNANSWERED: u32 = 16;
/// Most addresses that an isolate remembers; beyond it starts anew.
const MAX_ADDRESSES: usize = 4096;
/// How long what an isolate remembers of an address holds.
const ADDRESS_MICROS: i64 = RATE_LIMIT_SECONDS as i64 * SECOND;

/// Limits by address the requests that nobody is known to answer for: those without a credential, and
/// those with one that no function took lately or takes now. Whoever calls with a key that is in use costs a
/// look at a map, and is not held up by what others at the same address do. A key that is not known yet is
/// counted once it was refused, and let through no more while its address is over the limit.
#[derive(Debug, Default)]
pub struct Gate {
    known: HashMap<u64, Timestamp>,
    addresses: HashMap<String, Waiting>,
}

/// What is remembered of an address, for a minute.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    since: Timestamp,
    /// Requests that are neither answered nor counted.
    unanswered: u32,
    is_over: bool,
}

/// A credential as the gate remembers it: not itself, and not to be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(u64);

/// A request that was let in.
#[derive(Debug)]
pub struct Entry {
    visit: Visit,
    /// What its address is counted under, where that is left until the answer.
    owes: Option<String>,
}

/// What a request costs its address.
enum Toll {
    Nothing,
    AtOnce,
    IfRefused,
    Over,
}

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
            Found::Route(route, _) => Credential::of(route, header),
            Found::WrongMethod(_) | Found::Nothing => Credential::None,
        };
        self.visit_with(&presented, now)
    }

    /// What a request is, by the credential that it presents.
    fn visit_with(&self, presented: &Credential, now: Timestamp) -> Visit {
        let text = presented.text();
        let Some(seen) = (!text.is_empty()).then(|| Seen::of(text)) else {
            return Visit::Unknown(None);
        };
        let since = self
            .known
            .get(&seen.0)
            .map(|since| now.micros() - since.micros());
        match since {
            Some(age) if (0..KNOWN_MICROS).contains(&age) => Visit::Known(Some(seen)),
            _ => Visit::Unknown(Some(seen)),
        }
    }

    fn toll(&mut self, visit: Visit, address: &str, now: Timestamp) -> Toll {
        match visit {
            Visit::Known(_) => return Toll::Nothing,
            Visit::Unknown(None) => return Toll::AtOnce,
            Visit::Unknown(Some(_)) => {}
        }
        let waiting = self.waiting(address, now);
        if waiting.is_over {
            return Toll::Over;
        }
        if waiting.unanswered >= MAX_UNANSWERED {
            return Toll::AtOnce;
        }
        waiting.unanswered += 1;
        Toll::IfRefused
    }

    fn waiting(&mut self, address: &str, now: Timestamp) -> &mut Waiting {
        if self.addresses.len() >= MAX_ADDRESSES && !self.addresses.contains_key(address) {
            self.addresses.clear();
        }
        let anew = Waiting {
            since: now,
            unanswered: 0,
            is_over: false,
        };
        let waiting = self.addresses.entry(address.to_owned()).or_insert(anew);
        let age = now.micros() - waiting.since.micros();
        if !(0..ADDRESS_MICROS).contains(&age) {
            *waiting = anew;
        }
        waiting
    }

    /// Takes note of the limiter's answer.
    fn counted(&mut self, address: &str, is_allowed: bool, now: Timestamp) {
        if !is_allowed {
            let waiting = self.waiting(address, now);
            (waiting.since, waiting.is_over) = (now, true);
        }
    }

    /// Takes note of what a function said of a credential, and says whether it took it: it is known from
    /// now on.
    fn takes(&mut self, visit: Visit, status: u16, now: Timestamp) -> bool {
        match (visit, status) {
            (Visit::Known(Some(seen)), 401) => {
                self.known.remove(&seen.0);
                false
            }
            // 429, 5xx and the like say nothing of who called.
            (Visit::Known(Some(seen)) | Visit::Unknown(Some(seen)), 200..=400 | 402..=428) => {
                if self.known.len() >= MAX_KNOWN && !self.known.contains_key(&seen.0) {
                    self.known.clear();
                }
                self.known.insert(seen.0, now);
                true
            }
            _ => false,
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

thread_local! {
    /// Of a function.
    static GATE: Rc<RefCell<Gate>> = Rc::default();
}

/// Checks a caller's credential, and counts the address of one whom that refuses. The gateway does the same before it, under
/// a limit of its own; requests that a route hands to the function have not passed that.
///
/// # Errors
/// 429 where an address makes too many; else those of `check`.
pub(crate) async fn checked(
    platform: &Platform<'_>,
    header: &dyn Fn(&str) -> Option<String>,
    presented: &Credential,
    check: impl Future<Output = Result<Caller, Error>>,
) -> Result<Caller, Error> {
    if matches!(presented, Credential::None) {
        return check.await;
    }
    let gate = GATE.with(Rc::clone);
    let visit = gate.borrow().visit_with(presented, platform.now);
    let address = match visit {
        Visit::Known(_) => None,
        Visit::Unknown(_) => header(ADDRESS_HEADER),
    };
    let (limiter, now) = (platform.limiter, platform.now);
    let entry = admit(&gate, limiter, visit, address.as_deref(), now).await?;
    let caller = check.await;
    let status = caller.as_ref().err().map_or(200, Error::status);
    answered(&gate, limiter, entry, status, now).await;
    caller
}

/// Lets a request in. One that nobody is known to answer for is counted: at once, or, where it presents a
/// credential, when that is refused ([`answered`]).
///
/// # Errors
/// 429 where its address makes too many.
pub async fn admit(
    gate: &RefCell<Gate>,
    limiter: &dyn RateLimiter,
    visit: Visit,
    address: Option<&str>,
    now: Timestamp,
) -> Result<Entry, Error> {
    let mut entry = Entry { visit, owes: None };
    let (Visit::Unknown(_), Some(address)) = (visit, address) else {
        return Ok(entry);
    };
    let address = key_of(address);
    let toll = gate.borrow_mut().toll(visit, &address, now);
    let is_allowed = match toll {
        Toll::Nothing => true,
        Toll::AtOnce => count(gate, limiter, &address, now).await,
        Toll::IfRefused => {
            entry.owes = Some(address);
            true
        }
        Toll::Over => false,
    };
    if is_allowed {
        return Ok(entry);
    }
    Err(over(
        "Too many requests without a valid key come from your address. Wait a moment, then go on \
         more slowly.",
    ))
}

/// Takes note of how a function answered a request, and counts it where it did not take its credential.
pub async fn answered(
    gate: &RefCell<Gate>,
    limiter: &dyn RateLimiter,
    entry: Entry,
    status: u16,
    now: Timestamp,
) {
    let is_taken = gate.borrow_mut().takes(entry.visit, status, now);
    let Some(address) = entry.owes else { return };
    if !is_taken {
        count(gate, limiter, &address, now).await;
    }
    let mut gate = gate.borrow_mut();
    let waiting = gate.waiting(&address, now);
    waiting.unanswered = waiting.unanswered.saturating_sub(1);
}

async fn count(
    gate: &RefCell<Gate>,
    limiter: &dyn RateLimiter,
    address: &str,
    now: Timestamp,
) -> bool {
    let is_allowed = limiter.allow(address, 1).await;
    gate.borrow_mut().counted(address, is_allowed, now);
    is_allowed
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
            let _known = gate.takes(ask(&gate, "good"), status, NOW);
            assert_eq!(matches!(ask(&gate, "good"), Visit::Known(_)), is_known);
        }
        assert!(matches!(ask(&gate, "other"), Visit::Unknown(Some(_))));
        let later = NOW.plus(KNOWN_MICROS);
        let header = |_: &str| Some("good".to_owned());
        let found = find("GET", "/api-customers");
        let then = gate.visit(&found, &header, later);
        assert!(matches!(then, Visit::Unknown(_)));
        // Each time that it is taken it is known for as long again.
        let between = NOW.plus(KNOWN_MICROS - 1);
        let visit = gate.visit(&found, &header, between);
        assert!(gate.takes(visit, 200, between));
        let then = gate.visit(&found, &header, later);
        assert!(matches!(then, Visit::Known(_)));
        // Revoked meanwhile.
        assert!(!gate.takes(ask(&gate, "good"), 401, NOW));
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
