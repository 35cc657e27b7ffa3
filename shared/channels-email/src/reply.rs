//! Reply addresses that name the conversation, so that a reply is matched whatever mail programs do to
//! its headers. Whoever got a copy of the mail has the address too: it opens the thread, and makes nobody
//! its customer.

use super::address::without_tag;
use common::http::Error;
use common::ids::{ChannelId, ConversationId};
use common::ports::Ports;
use common::signatures::{equal, hmac_sha256};
use common::time::{DAY, Timestamp};

/// For how many days a reply address names its conversation. Later the sender's own threads count.
pub const REPLY_DAYS: i64 = 90;
/// What signs them (see [`Ports::key_for`]).
const PURPOSE: &str = "email reply";
/// The bytes of the signature in an address: 64 bits, which cannot be guessed by sending mails.
const MAC_BYTES: usize = 8;
/// The bytes of the signature of an address as it was until it named a conversation.
const OLD_MAC_BYTES: usize = 10;
/// Longest local part of an address (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;
/// The local part below a domain of its own.
const LOCAL: &str = "reply";
/// Digits that survive mail programs which write addresses in capitals.
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What a reply address of the account says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyToken {
    /// Which conversation is answered.
    Conversation(ConversationId),
    /// It is ours, and names none any more.
    Expired,
}

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
    /// Where answers to a conversation are to go: `reply+<conversation and day>.<signature>@<reply
    /// domain>`, else the account's own address with such a tag. `None` where that would be too long for
    /// an address.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn address_for(
        &self,
        ports: &Ports<'_>,
        conversation_id: &ConversationId,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let last_day = now.micros() / DAY + REPLY_DAYS;
        let (Some(id), Ok(day)) = (bytes_of(conversation_id.as_str()), u16::try_from(last_day))
        else {
            return Ok(None);
        };
        let (local, domain) = match self.reply_domain {
            Some(domain) => (LOCAL, domain),
            None => self.address.split_once('@').unwrap_or_default(),
        };
        let token = digits(&[&id[..], &day.to_be_bytes()].concat());
        let names = [conversation_id.as_str(), &day.to_string()];
        let mac = self.mac(&ports.key_for(PURPOSE)?, &names);
        let mac = digits(mac.get(..MAC_BYTES).unwrap_or_default());
        let local = format!("{local}+{token}.{mac}");
        let fits = local.len() <= MAX_LOCAL_BYTES && !domain.is_empty();
        Ok(fits.then(|| format!("{local}@{domain}")))
    }

    /// What a recipient says, if it is a reply address of the account; `None` if it belongs to another
    /// account or is forged.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn token_of(
        &self,
        ports: &Ports<'_>,
        recipient: &str,
        now: Timestamp,
    ) -> Result<Option<ReplyToken>, Error> {
        let lower = recipient.to_ascii_lowercase();
        let (_, tag) = without_tag(&lower);
        // An account's address may have a tag of its own.
        let tag = tag.and_then(|tag| tag.rsplit('+').next());
        let Some((token, mac)) = tag.and_then(|tag| tag.split_once('.')) else {
            return Ok(None);
        };
        let bytes = bytes_of_digits(token).unwrap_or_default();
        let (id, day) = bytes.split_at(bytes.len().min(16));
        let Some(id) = id_of(id) else {
            return Ok(None);
        };
        let keys = ports.keys_for(PURPOSE)?;
        let is_signed = |names: &[&str], length: usize| {
            keys.iter().any(|key| {
                let expected = self.mac(key, names);
                equal(mac, &digits(expected.get(..length).unwrap_or_default()))
            })
        };
        let Ok(day) = <[u8; 2]>::try_from(day) else {
            // Those in mails of before name a customer, for ever.
            let is_old = day.is_empty() && is_signed(&[&id], OLD_MAC_BYTES);
            return Ok(is_old.then_some(ReplyToken::Expired));
        };
        let day = u16::from_be_bytes(day);
        if !is_signed(&[&id, &day.to_string()], MAC_BYTES) {
            return Ok(None);
        }
        let is_over = now.micros() / DAY > i64::from(day);
        Ok(Some(match is_over {
            true => ReplyToken::Expired,
            false => ReplyToken::Conversation(ConversationId::unchecked(id)),
        }))
    }

    fn mac(&self, key: &[u8; 32], names: &[&str]) -> [u8; 32] {
        let account = [self.business_id, self.channel_id.as_str()];
        let signed = [&account, names].concat().join("\n");
        hmac_sha256(key, signed.as_bytes())
    }
}

/// The bytes of an id.
fn bytes_of(id: &str) -> Option<[u8; 16]> {
    uuid::Uuid::try_parse(id).ok().map(uuid::Uuid::into_bytes)
}

/// The id of these bytes.
fn id_of(bytes: &[u8]) -> Option<String> {
    let id = uuid::Uuid::from_slice(bytes).ok()?;
    Some(id.hyphenated().to_string())
}

/// The bytes that digits stand for; no other digits stand for them.
fn bytes_of_digits(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::with_capacity(18));
    for byte in text.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        bits = (bits << 5 | u32::try_from(digit).ok()?) & 0xffff;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    (digits(&bytes) == text).then_some(bytes)
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

    const CONVERSATION: &str = "019a9d8e-1c20-7000-8000-0000000000c1";
    const NOW: Timestamp = Timestamp::from_micros(1_767_322_980_000_000);

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

    fn conversation_id() -> ConversationId {
        ConversationId::unchecked(CONVERSATION)
    }

    fn address_of(account: &ReplyAccount<'_>) -> Option<String> {
        account
            .address_for(&ports(), &conversation_id(), NOW)
            .unwrap()
    }

    fn token(account: &ReplyAccount<'_>, to: &str, days: i64) -> Option<ReplyToken> {
        let at = NOW.plus(days * DAY);
        account.token_of(&ports(), to, at).unwrap()
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
    fn an_answers_address_names_its_conversation_in_either_case() {
        let elsewhere = ReplyAccount {
            reply_domain: Some("in.acme.example"),
            ..account()
        };
        let named = Some(ReplyToken::Conversation(conversation_id()));
        let address = address_of(&account()).unwrap();
        assert!(address.starts_with("support+") && address.ends_with("@acme.example"));
        assert_eq!(token(&account(), &address, 0), named);
        assert_eq!(token(&account(), &address.to_uppercase(), 0), named);
        let address = address_of(&elsewhere).unwrap();
        assert!(address.starts_with("reply+") && address.ends_with("@in.acme.example"));
        assert_eq!(token(&account(), &address, 0), named);
    }

    #[test]
    fn an_address_names_its_conversation_for_ninety_days_and_is_ours_for_ever() {
        let address = address_of(&account()).unwrap();
        let named = Some(ReplyToken::Conversation(conversation_id()));
        assert_eq!(token(&account(), &address, REPLY_DAYS), named);
        for days in [REPLY_DAYS + 1, 10 * REPLY_DAYS] {
            assert_eq!(token(&account(), &address, days), Some(ReplyToken::Expired));
        }
        // Nobody moves the day on.
        let (id, day) = (bytes_of(CONVERSATION).unwrap(), u16::MAX.to_be_bytes());
        let later = digits(&[&id[..], &day].concat());
        let (_, mac) = address.split_once('.').unwrap();
        let later = format!("support+{later}.{mac}");
        assert_eq!(token(&account(), &later, 0), None);
    }

    #[test]
    fn an_address_that_names_a_customer_is_ours_and_expired() {
        let id = "019a9d8e-1c20-7000-8000-0000000000c2";
        let mac = account().mac(&ports().key_for(PURPOSE).unwrap(), &[id]);
        let (id, mac) = (
            digits(&bytes_of(id).unwrap()),
            digits(&mac[..OLD_MAC_BYTES]),
        );
        let old = format!("support+{id}.{mac}@acme.example");
        assert_eq!(token(&account(), &old, 0), Some(ReplyToken::Expired));
        let short = digits(&[0; MAC_BYTES]);
        assert_eq!(
            token(&account(), &format!("support+{id}.{short}@a.example"), 0),
            None
        );
    }

    #[test]
    fn an_address_of_an_older_master_key_still_names_its_conversation() {
        let address = address_of(&account()).unwrap();
        let first = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let second = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
        let named = |ring: String| {
            let ports = Ports {
                variable: &|name| (name == "MASTER_KEYS").then(|| ring.clone()),
                ..Ports::NOTHING
            };
            account().token_of(&ports, &address, NOW).unwrap()
        };
        let expected = Some(ReplyToken::Conversation(conversation_id()));
        assert_eq!(named(format!("{second},{first}")), expected);
        assert_eq!(named(second.to_owned()), None);
    }

    #[test]
    fn a_forged_or_foreign_address_names_nobody() {
        let address = address_of(&account()).unwrap();
        let (local, domain) = address.split_once('@').unwrap();
        let last = if local.ends_with('a') { 'q' } else { 'a' };
        let altered = format!("{}{last}@{domain}", &local[..local.len() - 1]);
        let cut = format!("{}@{domain}", &local[..local.len() - 1]);
        let other = bytes_of("019a9d8e-1c20-7000-8000-0000000000c2").unwrap();
        let (named, mac) = local.rsplit_once('.').unwrap();
        let day = &bytes_of_digits(named.strip_prefix("support+").unwrap()).unwrap()[16..];
        let other = digits(&[&other[..], day].concat());
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
            assert_eq!(token(&account(), forged, 0), None, "{forged}");
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
            assert_eq!(token(&foreign, &address, 0), None);
        }
    }

    #[test]
    fn what_would_be_too_long_for_an_address_is_none() {
        let of = |address| ReplyAccount {
            address,
            ..account()
        };
        let longest = of("twenty-letters-of-it@acme.example");
        let address = address_of(&longest).unwrap();
        assert_eq!(address.find('@'), Some(MAX_LOCAL_BYTES));
        assert_eq!(address_of(&of("twenty-letters-of-it1@acme.example")), None);
        let no_id = ConversationId::unchecked("no id");
        let none = account().address_for(&ports(), &no_id, NOW).unwrap();
        assert_eq!(none, None);
        let tagged = of("help+shop@acme.example");
        let address = address_of(&tagged).unwrap();
        let named = Some(ReplyToken::Conversation(conversation_id()));
        assert_eq!(token(&tagged, &address, 0), named);
    }
}
