//! Reply addresses that name the customer, so that a reply is matched whoever sends it and whatever mail
//! programs do to its headers.

use super::address::without_tag;
use common::http::Error;
use common::ids::{ChannelId, CustomerId};
use common::ports::Ports;
use common::signatures::{equal, hmac_sha256};

/// What signs them (see [`Ports::key_for`]).
const PURPOSE: &str = "email reply";
/// The bytes of the signature in an address: 80 bits, which cannot be guessed by sending mails.
const MAC_BYTES: usize = 10;
/// Longest local part of an address (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;
/// The local part below a domain of its own.
const LOCAL: &str = "reply";
/// Digits that survive mail programs which write addresses in capitals.
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The account that is answered to.
#[derive(Debug, Clone, Copy)]
pub struct ReplyAccount<'a> {
    /// Whose it is.
    pub business_id: &'a str,
    /// Its id here.
    pub channel_id: &'a ChannelId,
    /// Its address.
    pub address: &'a str,
    /// A domain, all of whose mail comes to the account, where there is one.
    pub reply_domain: Option<&'a str>,
}

impl ReplyAccount<'_> {
    /// Where a customer's answers are to go: `reply+<customer>.<signature>@<reply domain>`, else the
    /// account's own address with such a tag. `None` where that would be too long for an address.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn address_for(
        &self,
        ports: &Ports<'_>,
        customer_id: &CustomerId,
    ) -> Result<Option<String>, Error> {
        let Some(bytes) = bytes_of(customer_id.as_str()) else {
            return Ok(None);
        };
        let (local, domain) = match self.reply_domain {
            Some(domain) => (LOCAL, domain),
            None => self.address.split_once('@').unwrap_or_default(),
        };
        let mac = self.mac(&ports.key_for(PURPOSE)?, customer_id);
        let local = format!("{local}+{}.{mac}", digits(&bytes));
        let fits = local.len() <= MAX_LOCAL_BYTES && !domain.is_empty();
        Ok(fits.then(|| format!("{local}@{domain}")))
    }

    /// The customer of a signed reply address; `None` if the address belongs to another account or is
    /// forged.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn customer_of(
        &self,
        ports: &Ports<'_>,
        recipient: &str,
    ) -> Result<Option<CustomerId>, Error> {
        let lower = recipient.to_ascii_lowercase();
        let (_, tag) = without_tag(&lower);
        // An account's address may have a tag of its own.
        let tag = tag.and_then(|tag| tag.rsplit('+').next());
        let Some((customer, mac)) = tag.and_then(|tag| tag.split_once('.')) else {
            return Ok(None);
        };
        let Some(customer_id) = id_of(customer).map(CustomerId::unchecked) else {
            return Ok(None);
        };
        let keys = ports.keys_for(PURPOSE)?;
        let is_ours = keys
            .iter()
            .any(|key| equal(mac, &self.mac(key, &customer_id)));
        Ok(is_ours.then_some(customer_id))
    }

    fn mac(&self, key: &[u8; 32], customer_id: &CustomerId) -> String {
        let named = [
            self.business_id,
            self.channel_id.as_str(),
            customer_id.as_str(),
        ];
        let signed = named.join("\n");
        let mac = hmac_sha256(key, signed.as_bytes());
        digits(mac.get(..MAC_BYTES).unwrap_or_default())
    }
}

/// The bytes of an id.
fn bytes_of(id: &str) -> Option<[u8; 16]> {
    uuid::Uuid::try_parse(id).ok().map(uuid::Uuid::into_bytes)
}

/// The id that digits stand for; no other digits stand for it.
fn id_of(text: &str) -> Option<String> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::with_capacity(16));
    for byte in text.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        bits = (bits << 5 | u32::try_from(digit).ok()?) & 0xffff;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    let id = uuid::Uuid::from_bytes(bytes);
    (digits(&bytes) == text).then(|| id.hyphenated().to_string())
}

/// Bytes in base 32 (RFC 4648 §6, in lower case and without padding).
fn digits(bytes: &[u8]) -> String {
    let (mut bits, mut held, mut text) = (0_u32, 0_u32, String::new());
    let mut push = |n: u32| {
        let digit = usize::try_from(n & 31).ok().and_then(|n| DIGITS.get(n));
        text.extend(digit.map(|digit| char::from(*digit)));
    };
    for byte in bytes {
        bits = (bits << 8 | u32::from(*byte)) & 0xffff;
        held += 8;
        while held >= 5 {
            held -= 5;
            push(bits >> held);
        }
    }
    if held > 0 {
        push(bits << (5 - held));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    const CUSTOMER: &str = "019a9d8e-1c20-7000-8000-0000000000c1";

    fn ports() -> Ports<'static> {
        Ports {
            variable: &|name| {
                (name == "MASTER_KEY")
                    .then(|| "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".into())
            },
            ..Ports::NOTHING
        }
    }

    static CHANNEL: LazyLock<ChannelId> = LazyLock::new(|| ChannelId::unchecked("channel"));
    static ANOTHER: LazyLock<ChannelId> = LazyLock::new(|| ChannelId::unchecked("another"));

    fn customer_id() -> CustomerId {
        CustomerId::unchecked(CUSTOMER)
    }

    fn account() -> ReplyAccount<'static> {
        ReplyAccount {
            business_id: "business",
            channel_id: &CHANNEL,
            address: "support@acme.example",
            reply_domain: None,
        }
    }

    #[test]
    fn base_32_is_that_of_the_published_vectors() {
        for (text, expected) in [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(digits(text.as_bytes()), expected);
        }
    }

    #[test]
    fn an_answers_address_names_its_customer() {
        let address = account()
            .address_for(&ports(), &customer_id())
            .unwrap()
            .unwrap();
        assert!(address.starts_with("support+") && address.ends_with("@acme.example"));
        let customer = |to: &str| account().customer_of(&ports(), to).unwrap();
        assert_eq!(customer(&address), Some(customer_id()));
        assert_eq!(customer(&address.to_uppercase()), Some(customer_id()));
        let elsewhere = ReplyAccount {
            reply_domain: Some("in.acme.example"),
            ..account()
        };
        let address = elsewhere
            .address_for(&ports(), &customer_id())
            .unwrap()
            .unwrap();
        assert!(address.starts_with("reply+") && address.ends_with("@in.acme.example"));
        assert_eq!(customer(&address), Some(customer_id()));
    }

    #[test]
    fn an_address_of_an_older_master_key_still_names_its_customer() {
        let address = account().address_for(&ports(), &customer_id());
        let address = address.unwrap().unwrap();
        let first = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let second = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
        let customer = |ring: String| {
            let ports = Ports {
                variable: &|name| (name == "MASTER_KEYS").then(|| ring.clone()),
                ..Ports::NOTHING
            };
            account().customer_of(&ports, &address).unwrap()
        };
        assert_eq!(customer(format!("{second},{first}")), Some(customer_id()));
        assert_eq!(customer(second.to_owned()), None);
    }

    #[test]
    fn a_forged_or_foreign_address_names_nobody() {
        let address = account()
            .address_for(&ports(), &customer_id())
            .unwrap()
            .unwrap();
        let (local, domain) = address.split_once('@').unwrap();
        let last = if local.ends_with('a') { 'b' } else { 'a' };
        let altered = format!("{}{last}@{domain}", &local[..local.len() - 1]);
        let cut = format!("{}@{domain}", &local[..local.len() - 1]);
        let other = digits(&bytes_of("019a9d8e-1c20-7000-8000-0000000000c2").unwrap());
        let (_, mac) = local.rsplit_once('.').unwrap();
        let swapped = format!("support+{other}.{mac}@{domain}");
        for forged in [
            altered.as_str(),
            &cut,
            &swapped,
            "support@acme.example",
            "support+x@y.example",
            "support+.@y.example",
            "support+a.b@y.example",
            "",
        ] {
            assert_eq!(
                account().customer_of(&ports(), forged).unwrap(),
                None,
                "{forged}"
            );
        }
        for foreign in [
            ReplyAccount {
                channel_id: &ANOTHER,
                ..account()
            },
            ReplyAccount {
                business_id: "another",
                ..account()
            },
        ] {
            assert_eq!(foreign.customer_of(&ports(), &address).unwrap(), None);
        }
    }

    #[test]
    fn what_would_be_too_long_for_an_address_is_none() {
        let long = ReplyAccount {
            address: "a-very-long-name-of-a-mailbox@acme.example",
            ..account()
        };
        assert_eq!(long.address_for(&ports(), &customer_id()).unwrap(), None);
        let no_id = CustomerId::unchecked("no id");
        assert_eq!(account().address_for(&ports(), &no_id).unwrap(), None);
        let tagged = ReplyAccount {
            address: "help+shop@acme.example",
            ..account()
        };
        let address = tagged
            .address_for(&ports(), &customer_id())
            .unwrap()
            .unwrap();
        assert_eq!(
            tagged.customer_of(&ports(), &address).unwrap(),
            Some(customer_id())
        );
    }
}
