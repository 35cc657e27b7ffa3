//! Lists of a CRM that the business is connected to, as `<connector>://<list>` (crm-links.md §7). They are read with the connection's key, by GET alone. The key and the host are those of the connection, so neither is
//! in the link.

pub mod sql;

use self::sql::CONNECTION_GET;
use super::{Place, Trouble};
use crate::link::{Auth, IdentityFields, LinkSecrets, LinkType, Paging, Settings};
use common::context::Context;
use common::db::Columns;
use common::http::{Error, Kind};
use common::json::raw;
use common::time::SECOND;
use connectors::LISTS;
use crm::lists::{Base, Lists};
use secrets::INTEGRATION_CREDENTIALS;

/// How long a page waits for the one before, in milliseconds: the connection has one budget for this and for what is
/// synchronised, of which some give 60 requests a minute (crm-links.md §7).
pub const PACE_MILLIS: u32 = 2000;
/// The longest label of a host, in bytes (RFC 1035).
const MAX_LABEL: usize = 63;

/// A list of a CRM.
struct Named {
    of: &'static Lists,
    /// Behind the API's base.
    path: String,
    identity: Option<(&'static str, &'static str)>,
    is_public: bool,
}

/// The list that a URL names; `None` where it names none, `Err` with the CRM's lists for one that there is not.
fn list_of(url: &str) -> Option<Result<Named, &'static str>> {
    let (connector, name) = url.split_once("://")?;
    let of = *LISTS.iter().find(|lists| lists.connector == connector)?;
    if let Some(list) = of.lists.iter().find(|list| list.name == name) {
        return Some(Ok(Named {
            of,
            path: list.path.to_owned(),
            identity: list.identity,
            is_public: list.is_public,
        }));
    }
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let path = of.named.as_ref().and_then(|named| {
        let name = name.strip_prefix(named.prefix)?;
        let is_name = (1..=named.most).contains(&name.len()) && name.bytes().all(is_plain);
        is_name.then(|| [named.path, name].concat())
    });
    Some(path.ok_or(of.told).map(|path| Named {
        of,
        path,
        identity: None,
        is_public: false,
    }))
}

/// Whether the records of a URL are of a CRM's people: one of which nobody knows whose it is is for no customer, however
/// little it has of a person.
#[must_use]
pub fn is_of_people(url: &str) -> bool {
    list_of(url).is_some_and(|list| list.is_ok_and(|list| !list.is_public))
}

/// Checks a new link to a list of a connected CRM; `false` for any other link.
///
/// # Errors
/// As [`check_settings`]; 409 where the business is not connected.
pub async fn check(
    cx: &Context<'_>,
    kind: LinkType,
    url: &str,
    settings: &Settings,
) -> Result<bool, Error> {
    check_settings(kind, url, settings)?;
    let Some(Ok(list)) = list_of(url) else {
        return Ok(false);
    };
    let get = CONNECTION_GET.bind(vec![cx.business_id().into(), list.of.connector.into()]);
    if cx.db.rows(get).await?.is_empty() {
        let error = Error::new(Kind::Conflict, not_connected(&list));
        return Err(error.with_detail("url", "connected"));
    }
    Ok(true)
}

/// Checks what is set of a link to a list of a connected CRM; of any other link nothing.
///
/// # Errors
/// 422 for a list that there is not, and for settings that are the connection's.
pub fn check_settings(kind: LinkType, url: &str, settings: &Settings) -> Result<(), Error> {
    match list_of(url) {
        None => return Ok(()),
        Some(Ok(_)) => {}
        Some(Err(lists)) => {
            let message = format!("There is no such list; there are {lists}.");
            return Err(Error::invalid("url", "known", message));
        }
    };
    if kind != LinkType::Api {
        let message = "A list of a connected CRM is an `api`.";
        return Err(Error::invalid("type", "fits_url", message));
    }
    let is_bare = !settings.has_api_key
        && settings.headers.is_empty()
        && settings.auth == Auth::Bearer
        && settings.query.is_none()
        && settings.body.is_none();
    if !is_bare {
        let message = "A list of a connected CRM is read with the connection's key, by GET: it has no `api_key`, \
                       `headers`, `auth`, `query` or `body`.";
        return Err(Error::invalid("url", "without_credentials", message));
    }
    Ok(())
}

fn not_connected(list: &Named) -> String {
    let name = list.of.connector;
    format!(
        "The business is not connected to `{name}`. Connect it in the settings of integrations first."
    )
}

/// What a link to a list of a connected CRM is asked by.
pub struct Connected {
    url: String,
    settings: Settings,
    secrets: LinkSecrets,
}

impl Connected {
    /// The place of a link's records.
    #[must_use]
    pub const fn place<'a>(&'a self, link: &Place<'a>) -> Place<'a> {
        Place {
            link: link.link,
            kind: link.kind,
            url: self.url.as_str(),
            settings: &self.settings,
            secrets: &self.secrets,
        }
    }
}

/// What a link is asked by; `None` for one that leads to no connected CRM.
///
/// # Errors
/// [`Trouble`] where the business is not connected, or the connection rests.
pub async fn connected(
    cx: &Context<'_>,
    url: &str,
    settings: &Settings,
) -> Result<Option<Connected>, Trouble> {
    let Some(Ok(list)) = list_of(url) else {
        return Ok(None);
    };
    let read = async {
        let get = CONNECTION_GET.bind(vec![cx.business_id().into(), list.of.connector.into()]);
        let rows = cx.db.rows(get).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut columns = Columns::of(row);
        let set = columns.text("settings")?;
        let context = INTEGRATION_CREDENTIALS.context(cx.business_id(), list.of.connector);
        let sealed = columns.text_or_null("credentials")?;
        let opened = sealed.map(|sealed| cx.ports.open(&context, &sealed));
        let broken_until = columns.integer_or_null("broken_until")?;
        Ok(Some((
            set,
            opened.transpose()?.unwrap_or_default(),
            broken_until,
        )))
    };
    let read: Result<_, Error> = read.await;
    let Ok(read) = read else {
        let message = "The connection could not be read just now. It is tried again.";
        return Err(Trouble::passing(message));
    };
    let Some((set, opened, broken_until)) = read else {
        return Err(Trouble::settings(not_connected(&list)));
    };
    let rest = broken_until.unwrap_or_default() - cx.time_now().micros();
    if rest > 0 {
        return Err(Trouble {
            retry_after: u32::try_from(rest / SECOND + 1).ok(),
            ..Trouble::passing("The connection rests after failures. It is tried again afterwards.")
        });
    }
    let (set, opened) = (raw::part(&set), raw::part(&opened));
    let key = opened.text(list.of.key).filter(|key| !key.is_empty());
    let base = match list.of.base {
        Base::Setting(setting) => set.text(setting),
        Base::Label {
            setting,
            host,
            variable,
        } => {
            let label = set.text(setting).filter(|label| is_label(label));
            let own = label.map(|label| ["https://", &*label, host].concat());
            let base = cx.ports.base_url(variable, &own.unwrap_or_default());
            Some(base).filter(|base| !base.is_empty())
        }
    };
    let (Some(base), Some(key)) = (base, key) else {
        return Err(Trouble::settings(
            "The connection has no key or no address of its own. Set both in the settings of integrations.",
        ));
    };
    let mut settings = settings.clone();
    if settings.next == Paging::Found && list.of.counts_pages {
        settings.next = Paging::Page;
    }
    settings.records_at.get_or_insert_with(|| "data".to_owned());
    settings.has_api_key = true;
    let secrets = LinkSecrets {
        api_key: Some(key),
        ..LinkSecrets::default()
    };
    Ok(Some(Connected {
        url: [&*base, &*list.path, list.of.query].concat(),
        settings,
        secrets,
    }))
}

/// A link's settings with what is known of a connected CRM's list, where they do not say it themselves: whose a record
/// is, and what of it tells nobody anything.
#[must_use]
pub fn with_known(url: &str, settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    let Some(Ok(list)) = list_of(url) else {
        return settings;
    };
    settings.records_at.get_or_insert_with(|| "data".to_owned());
    let identity = &mut settings.identity;
    let lists = [&identity.email, &identity.phone, &identity.external_id];
    if let Some((email, phone)) = list.identity
        && lists.iter().all(|list| list.is_empty())
    {
        *identity = IdentityFields {
            email: vec![email.to_owned()],
            phone: vec![phone.to_owned()],
            ..identity.clone()
        };
    }
    if settings.fields.exclude.is_empty() {
        let excluded = list.of.excluded.iter();
        settings.fields.exclude = excluded.map(|&path| path.to_owned()).collect();
    }
    settings
}

/// Whether a text is a label of a host, so that no setting leads the key elsewhere.
fn is_label(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=MAX_LABEL).contains(&text.len()) && text.bytes().all(is_plain)
}
