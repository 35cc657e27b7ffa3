//! Links by which attachments are downloaded.

use common::http::ledger::BASE_PATH;
use common::http::{Error, Kind};
use common::ids::AttachmentId;
use common::ports::Ports;
use common::signatures::{equal, hmac_sha256};
use common::time::{DAY, SECOND, Timestamp};

/// How long a download link lives (contract.md, Attachments).
pub const LINK_MICROS: i64 = 7 * DAY;

const PATH: &str = "/api/download-media";
/// What signs links (see [`Ports::key_for`]).
const PURPOSE: &str = "download link";

/// A link by which anyone may download an attachment until it expires: `expires` in Unix seconds,
/// `signature` the HMAC-SHA256 of `<id>.<expires>` in hexadecimal.
///
/// # Errors
/// 500 where the deployment lacks `PUBLIC_ORIGIN` or a master key.
pub fn download_url(ports: &Ports<'_>, id: &AttachmentId, now: Timestamp) -> Result<String, Error> {
    let expires = now
        .plus(LINK_MICROS)
        .micros()
        .div_euclid(SECOND)
        .to_string();
    let signature = signature_of(&ports.key_for(PURPOSE)?, id, &expires);
    let file_url = file_url(ports, id)?;
    Ok(format!(
        "{file_url}&expires={expires}&signature={signature}"
    ))
}

/// A permanent reference to an attachment, for `send-message`. It does not permit a download.
///
/// # Errors
/// 500 where the deployment lacks `PUBLIC_ORIGIN`.
pub fn file_url(ports: &Ports<'_>, id: &AttachmentId) -> Result<String, Error> {
    Ok(format!("{}{PATH}?id={id}", ports.public_origin()?))
}

/// The attachment that an id or one of our URLs names, signed or not; `None` for any other text.
#[must_use]
pub fn attachment_id_of(url_or_id: &str, public_origin: &str) -> Option<AttachmentId> {
    let text = url_or_id.trim();
    let id = match text.strip_prefix(public_origin) {
        None => text,
        Some(path) => {
            let path = path.strip_prefix(BASE_PATH).unwrap_or(path);
            let query = path.strip_prefix(PATH)?.strip_prefix('?')?;
            query.split('&').find_map(|pair| pair.strip_prefix("id="))?
        }
    };
    AttachmentId::parse(id)
}

/// Until when a link may be used, from its parts as they came.
///
/// # Errors
/// 403 `invalid_link` for a forged or altered link, 403 `expired_link`.
pub fn checked_expiry(
    ports: &Ports<'_>,
    id: &AttachmentId,
    expires: &str,
    signature: &str,
    now: Timestamp,
) -> Result<Timestamp, Error> {
    let keys = ports.keys_for(PURPOSE)?;
    let is_ours = keys
        .iter()
        .any(|key| equal(&signature_of(key, id, expires), signature));
    let seconds = expires.parse::<i64>().ok().filter(|_| is_ours);
    let seconds = seconds.ok_or_else(|| {
        let message = "This link is not valid. Take it whole, as it was given.";
        Error::new(Kind::InvalidLink, message)
    })?;
    let until = Timestamp::from_micros(seconds.saturating_mul(SECOND));
    if until <= now {
        let message = "This link has expired. Read the message again for a fresh one.";
        return Err(Error::new(Kind::ExpiredLink, message));
    }
    Ok(until)
}

fn signature_of(key: &[u8; 32], id: &AttachmentId, expires: &str) -> String {
    let signed = format!("{id}.{expires}");
    hex::encode(hmac_sha256(key, signed.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01920000-0000-7000-8000-000000000000";

    fn id() -> AttachmentId {
        AttachmentId::unchecked(ID)
    }

    fn variable(name: &str) -> Option<String> {
        let value = match name {
            "PUBLIC_ORIGIN" => "https://t.example/",
            "MASTER_KEY" => "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn ports() -> Ports<'static> {
        Ports {
            variable: &variable,
            ..Ports::NOTHING
        }
    }

    fn parts(url: &str) -> (String, String) {
        let (_, rest) = url.split_once("&expires=").unwrap();
        let (expires, signature) = rest.split_once("&signature=").unwrap();
        (expires.to_owned(), signature.to_owned())
    }

    #[test]
    fn a_link_is_good_for_seven_days_and_for_its_attachment_alone() {
        let now = Timestamp::from_micros(1_700_000_000_900_000);
        let url = download_url(&ports(), &id(), now).unwrap();
        let start = format!("https://t.example/api/download-media?id={ID}&expires=1700604800&");
        assert!(url.starts_with(&start), "{url}");
        let (expires, signature) = parts(&url);
        let check = |id: &str, expires: &str, signature: &str, now: Timestamp| {
            let id = AttachmentId::unchecked(id);
            let checked = checked_expiry(&ports(), &id, expires, signature, now);
            checked.map_err(|error| error.code())
        };
        let last = Timestamp::from_micros(1_700_604_799_999_999);
        assert!(check(ID, &expires, &signature, last).is_ok());
        let over = last.plus(1);
        assert_eq!(check(ID, &expires, &signature, over), Err("expired_link"));
        let other = ID.replace("7000", "7001");
        let upper = signature.to_uppercase();
        for (id, expires, signature) in [
            (other.as_str(), expires.as_str(), signature.as_str()),
            (ID, "1700604801", &signature),
            (ID, "01700604800", &signature),
            (ID, "", &signature),
            (ID, &expires, ""),
            (ID, &expires, &signature[1..]),
            (ID, &expires, &upper),
        ] {
            assert_eq!(check(id, expires, signature, now), Err("invalid_link"));
        }
    }

    #[test]
    fn an_attachment_is_named_by_its_id_or_by_any_url_of_ours() {
        let origin = "https://t.example";
        let named = |text: &str| attachment_id_of(text, origin);
        let signed = download_url(&ports(), &id(), Timestamp::from_micros(0)).unwrap();
        for text in [
            ID,
            &ID.to_uppercase(),
            &file_url(&ports(), &id()).unwrap(),
            &signed,
            &format!("{origin}/functions/v1/api/download-media?expires=1&id={ID}"),
        ] {
            assert_eq!(named(text), Some(id()), "{text}");
        }
        for text in [
            "",
            "receipt.pdf",
            "https://t.example",
            "https://t.example/api/download-media",
            "https://t.example/api/download-media?id=1",
            &format!("https://t.example.evil/api/download-media?id={ID}"),
            &format!("https://other.example/api/download-media?id={ID}"),
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
