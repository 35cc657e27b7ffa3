//! Tokens of the inbox as JWTs.

use super::{SCOPE_ALL, SCOPE_CARD, SCOPE_CUSTOMER};
use chrono::DateTime;
use common::context::Agent;
use common::http::Error;
use common::ids::{ChannelId, CustomerId, MemberId, is_id};
use common::ports::Ports;
use common::time::{SECOND, Timestamp};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, Header, UntrustedToken};
use serde::{Deserialize, Serialize};

/// What a token says beside when it was made and when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whose inbox.
    pub business_id: String,
    /// What it opens: `inbox` for one customer, `inbox:all` for all of them, `crm_card` for the CRM card of an
    /// account's contacts.
    pub scope: String,
    /// The one customer, or null for the whole inbox.
    pub customer_id: Option<CustomerId>,
    /// The agent.
    pub agent: Option<Agent>,
    /// The token's id; ascends with time.
    pub jti: String,
    /// The API key that asked for it, with which it ends. Tokens of before this was noted have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_id: Option<String>,
    /// The account of a CRM card, with which it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    /// The member of the business whose session asked for it: it ends with them, and with their role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberGrant>,
}

/// The member who uses the inbox, as they were when the token was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberGrant {
    /// The member.
    pub id: MemberId,
    /// The name of their role.
    pub role: String,
}

impl Grant {
    /// Whether it opens a CRM card, and so nothing of the inbox.
    #[must_use]
    pub fn is_card(&self) -> bool {
        self.scope == SCOPE_CARD
    }

    /// Whether what it opens and whose it is belong together.
    fn is_whole(&self) -> bool {
        if self.member.is_some() && (self.scope != SCOPE_ALL || self.agent.is_none()) {
            return false;
        }
        if self.is_card() || self.channel_id.is_some() {
            let is_of_an_account = self.channel_id.is_some() && self.is_card();
            return is_of_an_account && self.customer_id.is_none() && self.agent.is_none();
        }
        match (self.scope.as_str(), &self.customer_id) {
            (SCOPE_CUSTOMER, Some(_)) | (SCOPE_ALL, None) => true,
            // So the whole inbox was called before it had a scope of its own, a day's tokens at most.
            (SCOPE_CUSTOMER, None) => self.api_key_id.is_none(),
            _ => false,
        }
    }
}

/// A token that one of our keys signed; whether it may be used is still to be seen.
pub struct Signed {
    /// The key that signed.
    pub key_id: String,
    /// What it grants.
    pub grant: Grant,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What the key of this id is for. Both parts are ids, so that no two names are the same text.
fn purpose_of(business_id: &str, key_id: &str) -> String {
    format!("sso {business_id} {key_id}")
}

/// Signs a token.
///
/// # Errors
/// 500 where the deployment has no master key.
pub fn sign(
    ports: &Ports<'_>,
    key_id: &str,
    grant: Grant,
    issued_at: Timestamp,
    expires_at: Timestamp,
) -> Result<String, Error> {
    let key = Hs256Key::new(ports.key_for(&purpose_of(&grant.business_id, key_id))?);
    let named = format!("{}.{key_id}", grant.business_id);
    let header = Header::empty().with_token_type("JWT").with_key_id(named);
    let mut claims = Claims::new(grant);
    let seconds = |time: Timestamp| DateTime::from_timestamp(time.micros().div_euclid(SECOND), 0);
    claims.issued_at = seconds(issued_at);
    claims.expiration = seconds(expires_at);
    Hs256
        .token(&header, &claims, &key)
        .map_err(|_| Error::internal("a token could not be signed"))
}

/// Reads a token: `None` unless one of our keys signed it, by HS256 and nothing else, for the inbox
/// of the key's business. What nobody signed costs no call of the database.
///
/// # Errors
/// 500 where the deployment has no master key.
pub fn read(ports: &Ports<'_>, token: &str) -> Result<Option<Signed>, Error> {
    let Ok(untrusted) = UntrustedToken::new(token) else {
        return Ok(None);
    };
    let named = untrusted.header().key_id.as_deref();
    let Some((business_id, key_id)) = named.and_then(|named| named.split_once('.')) else {
        return Ok(None);
    };
    if !is_id(business_id) || !is_id(key_id) {
        return Ok(None);
    }
    let mut keys = ports
        .keys_for(&purpose_of(business_id, key_id))?
        .into_iter();
    let token = keys.find_map(|key| {
        let key = Hs256Key::new(key);
        Hs256.validator::<Grant>(&key).validate(&untrusted).ok()
    });
    let Some(token) = token else {
        return Ok(None);
    };
    let claims = token.claims();
    let is_ours = claims.custom.business_id == business_id && claims.custom.is_whole();
    let Some(expiry) = claims.expiration.filter(|_| is_ours) else {
        return Ok(None);
    };
    Ok(Some(Signed {
        key_id: key_id.to_owned(),
        grant: claims.custom.clone(),
        expires_at: Timestamp::from_micros(expiry.timestamp().saturating_mul(SECOND)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

    const BUSINESS: &str = "01920000-0000-7000-8000-00000000000a";
    const KEY: &str = "01920000-0000-7000-8000-00000000000b";

    fn variable(name: &str) -> Option<String> {
        (name == "MASTER_KEY").then(|| "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=".to_owned())
    }

    fn ports() -> Ports<'static> {
        Ports {
            variable: &variable,
            ..Ports::NOTHING
        }
    }

    fn grant(business_id: &str, scope: &str) -> Grant {
        Grant {
            business_id: business_id.into(),
            scope: scope.into(),
            customer_id: None,
            agent: Some(Agent {
                id: "7".into(),
                name: "Áine \"A\" O'Neill".into(),
                email: None,
            }),
            jti: "01920000-0000-7000-8000-00000000000c".into(),
            api_key_id: None,
            channel_id: None,
            member: None,
        }
    }

    fn signed(grant: Grant) -> String {
        let at = |seconds: i64| Timestamp::from_micros(seconds * SECOND + 999_999);
        sign(&ports(), KEY, grant, at(1000), at(4600)).unwrap()
    }

    fn is_read(token: &str) -> bool {
        read(&ports(), token).unwrap().is_some()
    }

    /// As any other library would sign it.
    fn forged(header: &str, claims: &str, key: &[u8]) -> String {
        let body = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let mac = common::signatures::hmac_sha256(key, body.as_bytes());
        format!("{body}.{}", BASE64.encode(mac))
    }

    #[test]
    fn a_token_is_read_as_it_was_signed() {
        let token = signed(grant(BUSINESS, "inbox"));
        let read = read(&ports(), &token).unwrap().unwrap();
        assert_eq!(read.grant, grant(BUSINESS, "inbox"));
        assert_eq!(read.key_id, KEY);
        assert_eq!(read.expires_at, Timestamp::from_micros(4600 * SECOND));
        let part = |n: usize| BASE64.decode(token.split('.').nth(n).unwrap()).unwrap();
        let header: serde_json::Value = serde_json::from_slice(&part(0)).unwrap();
        assert_eq!(
            header,
            serde_json::json!({"alg": "HS256", "typ": "JWT", "kid": format!("{BUSINESS}.{KEY}")})
        );
        let claims: serde_json::Value = serde_json::from_slice(&part(1)).unwrap();
        assert_eq!(
            (&claims["iat"], &claims["exp"]),
            (&1000.into(), &4600.into())
        );
    }

    #[test]
    fn a_token_of_another_library_with_the_same_key_is_read_too() {
        let header = format!(r#"{{"alg":"HS256","kid":"{BUSINESS}.{KEY}"}}"#);
        let claims = |business: &str, scope: &str| {
            format!(
                r#"{{"business_id":"{business}","scope":"{scope}","customer_id":null,"agent":null,"jti":"x","exp":9}}"#
            )
        };
        let key = ports().key_for(&format!("sso {BUSINESS} {KEY}")).unwrap();
        assert!(is_read(&forged(&header, &claims(BUSINESS, "inbox"), &key)));
        assert!(!is_read(&forged(&header, &claims(KEY, "inbox"), &key)));
        assert!(!is_read(&forged(&header, &claims(BUSINESS, "admin"), &key)));
        assert!(!is_read(&forged(&header, &claims(BUSINESS, "inbox"), b"x")));
        let forever = claims(BUSINESS, "inbox").replace(",\"exp\":9", "");
        assert!(!is_read(&forged(&header, &forever, &key)));
    }

    #[test]
    fn the_whole_inbox_needs_its_own_scope() {
        let customer = CustomerId::parse("01920000-0000-7000-8000-00000000000d");
        for (scope, of_customer, is_good) in [
            ("inbox:all", false, true),
            ("inbox:all", true, false),
            ("inbox", true, true),
            ("inbox", false, false),
        ] {
            let customer_id = customer.clone().filter(|_| of_customer);
            let token = signed(Grant {
                customer_id,
                api_key_id: Some("k".into()),
                ..grant(BUSINESS, scope)
            });
            assert_eq!(is_read(&token), is_good, "{scope} {of_customer}");
        }
    }

    #[test]
    fn a_card_is_of_one_account_and_of_no_customer() {
        let channel = || Some(ChannelId::unchecked("01920000-0000-7000-8000-00000000000e"));
        let customer = || CustomerId::parse("01920000-0000-7000-8000-00000000000d");
        let card = || Grant {
            agent: None,
            channel_id: channel(),
            ..grant(BUSINESS, "crm_card")
        };
        let with_agent = Grant {
            agent: grant(BUSINESS, "").agent,
            ..card()
        };
        let without_account = Grant {
            channel_id: None,
            ..card()
        };
        let of_a_customer = Grant {
            customer_id: customer(),
            ..card()
        };
        let inbox = Grant {
            channel_id: channel(),
            ..grant(BUSINESS, "inbox:all")
        };
        assert!(is_read(&signed(card())));
        for other in [with_agent, without_account, of_a_customer, inbox] {
            assert!(!is_read(&signed(other)));
        }
    }

    #[test]
    fn a_members_token_opens_the_whole_inbox_in_their_name() {
        let member = || Grant {
            member: Some(MemberGrant {
                id: MemberId::unchecked("01920000-0000-7000-8000-00000000000f"),
                role: "viewer".into(),
            }),
            ..grant(BUSINESS, "inbox:all")
        };
        assert!(is_read(&signed(member())));
        let nameless = Grant {
            agent: None,
            ..member()
        };
        let of_a_customer = Grant {
            scope: "inbox".into(),
            customer_id: CustomerId::parse("01920000-0000-7000-8000-00000000000d"),
            ..member()
        };
        for other in [nameless, of_a_customer] {
            assert!(!is_read(&signed(other)));
        }
    }

    #[test]
    fn a_token_of_any_master_key_of_the_ring_is_read() {
        let token = signed(grant(BUSINESS, "inbox"));
        let first = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let second = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
        let is_read = |ring: String| {
            let ports = Ports {
                variable: &|name| (name == "MASTER_KEYS").then(|| ring.clone()),
                ..Ports::NOTHING
            };
            read(&ports, &token).unwrap().is_some()
        };
        assert!(is_read(format!("{second},{first}")));
        assert!(!is_read(second.to_owned()));
    }

    #[test]
    fn another_algorithm_another_key_and_altered_parts_are_refused() {
        let token = signed(grant(BUSINESS, "inbox"));
        let parts: Vec<&str> = token.split('.').collect();
        let claims = String::from_utf8(BASE64.decode(parts[1]).unwrap()).unwrap();
        let header = |alg: &str, kid: &str| {
            BASE64.encode(format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"{kid}"}}"#))
        };
        let ours = format!("{BUSINESS}.{KEY}");
        let altered = BASE64.encode(claims.replace("\"7\"", "\"8\""));
        let key = ports().key_for(&format!("sso {BUSINESS} {KEY}")).unwrap();
        let as_none = format!(r#"{{"alg":"none","kid":"{ours}"}}"#);
        for token in [
            format!("{}.{}.", header("none", &ours), parts[1]),
            format!("{}.{}.{}", header("none", &ours), parts[1], parts[2]),
            forged(&as_none, &claims, &key),
            format!("{}.{}.{}", header("HS512", &ours), parts[1], parts[2]),
            format!(
                "{}.{}.{}",
                header("HS256", &format!("{BUSINESS}.{BUSINESS}")),
                parts[1],
                parts[2]
            ),
            format!("{}.{}.{}", header("HS256", KEY), parts[1], parts[2]),
            format!("{}.{altered}.{}", parts[0], parts[2]),
            format!("{}.{}.{}", parts[0], parts[1], &parts[2][1..]),
            format!("{}.{}", parts[0], parts[1]),
            format!("{token}.x"),
            String::new(),
            "a.b.c".into(),
        ] {
            assert!(!is_read(&token), "{token}");
        }
    }
}
