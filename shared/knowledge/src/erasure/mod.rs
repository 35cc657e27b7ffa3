//! What is erased of a customer in what CRM links have. The second database is not everybody's: who erases asks for it
//! and waits, and `refresh-crm-links` does it.

pub mod sql;

use crate::index::set_of;
use crate::owner::{of_email, of_identity, of_phone};
use common::Context;
use common::erasing::{Eraser, Erasing, Names, Progress};
use common::http::Error;
use common::ids::CustomerId;
use common::ports::{Async, Queue};
use sql::{ERASURE_ASK, ERASURE_RUNS};
use std::collections::BTreeSet;

/// Waits until nothing of a customer is searched. Behind all others, which need not wait.
pub const ERASER: Eraser = Eraser {
    name: "crm-link-records",
    slice: records,
};

/// What is asked for already.
const ASKED: &str = "asked";
/// What stands before the customer in a message that has their records erased.
const ERASE: &str = "erase:";

fn records<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    progress: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let waits = || Progress::Waits(ASKED.to_owned());
        let mut at = vec![cx.business_id().into(), (&of.customer_id).into()];
        if progress == ASKED {
            let runs = cx.db.rows(ERASURE_RUNS.bind(at)).await?;
            return Ok(if runs.is_empty() {
                Progress::Done
            } else {
                waits()
            });
        }
        at.push(cx.now.micros().into());
        if cx.db.rows(ERASURE_ASK.bind(at)).await?.is_empty() {
            return Ok(Progress::Done);
        }
        cx.wake(
            Queue::Links,
            erasure_message(cx.business_id(), &of.customer_id),
        );
        Ok(waits())
    })
}

/// The message that has a customer's records erased.
#[must_use]
pub fn erasure_message(business_id: &str, customer: &CustomerId) -> String {
    [business_id, " ", ERASE, customer.as_str()].concat()
}

/// The customer whose records a message has erased, of what stands behind its business.
#[must_use]
pub fn erased_customer(named: &str) -> Option<CustomerId> {
    CustomerId::parse(named.strip_prefix(ERASE)?)
}

/// The owners (see [`owner`](crate::owner)) that a customer was.
#[must_use]
pub fn owners_of(names: &Names) -> BTreeSet<String> {
    let identities = names.identities.iter();
    let known = identities.filter_map(|(kind, value, system)| of_identity(kind, value, system));
    let contacts = names.contacts.iter();
    let written = contacts.filter_map(|contact| match contact {
        contact if contact.starts_with('+') => Some(of_phone(contact)),
        contact if contact.contains('@') => Some(of_email(&contact.to_lowercase())),
        _ => None,
    });
    set_of(known.chain(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_was_the_owner_of_what_had_their_identities() {
        let of = |kind: &str, value: &str, system: &str| {
            (kind.to_owned(), value.to_owned(), system.to_owned())
        };
        let names = Names {
            contacts: vec!["+353861".into(), "Ann@example.com".into(), "PSID7".into()],
            external_ids: vec!["9".into()],
            identities: vec![
                of("phone", "+353862", ""),
                of("whatsapp", "+353862", ""),
                of("external_id", "9", "shop"),
                of("external_id", "10", ""),
                of("sms_sender", "Ann", ""),
            ],
        };
        let owners: Vec<String> = owners_of(&names).into_iter().collect();
        let expected = ["e:ann@example.com", "p:+353861", "p:+353862", "x:shop:9"];
        assert_eq!(owners, expected);
    }

    #[test]
    fn a_message_names_the_customer_and_no_link() {
        let customer = CustomerId::unchecked("01900000-0000-7000-8000-0000000000c1");
        let message = erasure_message("b", &customer);
        let (business, named) = message.split_once(' ').unwrap();
        assert_eq!((business, erased_customer(named)), ("b", Some(customer)));
        assert_eq!(
            erased_customer("01900000-0000-7000-8000-0000000000c1"),
            None
        );
    }
}
