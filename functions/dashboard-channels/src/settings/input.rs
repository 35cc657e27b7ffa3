use super::fields::{Field, KindFields};
use access::name::checked_name;
use channels::{AccountKind, Credentials};
use channels_email::MailSender;
use common::context::Context;
use common::http::ledger::META_APP_SECRET;
use common::http::{Error, json_error};
use common::json::Fields;
use common::json::raw::{Object, checked_object, text};

/// The credential by which Meta signs.
const APP_SECRET: &str = "app_secret";
/// The kinds of account that can be connected.
const CONNECTED: [AccountKind; 5] = [
    AccountKind::WhatsApp,
    AccountKind::Facebook,
    AccountKind::Instagram,
    AccountKind::Sms,
    AccountKind::Email,
];
/// Least characters of a secret that a business makes up itself.
const MIN_CHOSEN_CHARS: usize = 24;

/// An account to be connected, checked.
pub(super) struct NewChannel {
    pub(super) kind: AccountKind,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) settings: Fields<String>,
    pub(super) credentials: Credentials,
}

/// What is to change of an account, checked.
#[derive(Default)]
pub(super) struct Patch {
    pub(super) name: Option<String>,
    pub(super) status: Option<&'static str>,
    pub(super) settings: Changes,
    pub(super) credentials: Changes,
}

/// Fields with their new values; `None` clears one.
pub(super) type Changes = Vec<(&'static str, Option<String>)>;

/// Reads a request to connect an account.
///
/// # Errors
/// 422 that names the first field which is missing, unknown or wrong.
pub(super) fn new_channel(cx: &Context<'_>, body: &str) -> Result<NewChannel, Error> {
    let body = object("body", body)?;
    let kind = body.get("kind").and_then(|kind| kind_of(kind));
    let kind = kind.ok_or_else(|| {
        let known = CONNECTED.map(AccountKind::as_str).join(", ");
        let message = format!("`kind` must be one of: {known}.");
        Error::invalid("kind", "known_kind", message)
    })?;
    let fields = KindFields::of(kind);
    let mut patch = Patch::default();
    let mut address = None;
    for (key, value) in body.iter() {
        match key {
            "kind" => {}
            "name" => patch.name = Some(name(value)?),
            "credentials" => patch.credentials = changes(fields.credentials, "credentials", value)?,
            key if key == fields.address.name => {
                address = read(&fields.address, key.to_owned(), value)?;
            }
            key => patch
                .settings
                .push(change(fields.settings, key, key.to_owned(), value)?),
        }
    }
    let name = patch.name.ok_or_else(|| required("name".to_owned()))?;
    let address = address.ok_or_else(|| required(fields.address.name.to_owned()))?;
    let missing = |field: &&Field, given: &Changes| {
        let is_it = |(name, value): &(&str, Option<String>)| *name == field.name && value.is_some();
        field.required && !given.iter().any(is_it)
    };
    let mut settings = fields.settings.iter();
    if let Some(field) = settings.find(|field| missing(field, &patch.settings)) {
        return Err(required(field.name.to_owned()));
    }
    let mut secrets = fields.credentials.iter();
    if let Some(field) = secrets.find(|field| missing(field, &patch.credentials)) {
        return Err(required(format!("credentials.{}", field.name)));
    }
    let given = patch
        .credentials
        .iter()
        .find(|(name, _)| *name == APP_SECRET);
    check_app_secret(
        cx,
        kind,
        Some(given.and_then(|(_, value)| value.as_deref())),
    )?;
    let mut new = NewChannel {
        kind,
        name,
        address,
        settings: Fields::new(),
        credentials: Credentials::default(),
    };
    apply_settings(&mut new.settings, patch.settings);
    apply_credentials(&mut new.credentials, patch.credentials);
    check_sender(&new)?;
    let chosen = new.credentials.webhook_secret.as_deref();
    check_chosen(&new.settings, chosen)?;
    Ok(new)
}

/// What is to be the app secret of an account, if anything is to change of it. Whoever enters one can
/// sign with it: where the Meta app of the deployment signs, nobody does; else each account of Meta needs
/// its own.
fn check_app_secret(
    cx: &Context<'_>,
    kind: AccountKind,
    secret: Option<Option<&str>>,
) -> Result<(), Error> {
    let is_metas = KindFields::of(kind).has_credential(APP_SECRET);
    let (Some(secret), true) = (secret, is_metas) else {
        return Ok(());
    };
    let has_app = (cx.ports.variable)(META_APP_SECRET).is_some_and(|secret| !secret.is_empty());
    let path = format!("credentials.{APP_SECRET}");
    match (has_app, secret) {
        (false, None) => Err(required(path)),
        (true, Some(_)) => {
            let message = format!("Leave `{path}` out: the Meta app of this deployment signs.");
            Err(Error::invalid(path, "of_the_deployment", message))
        }
        _ => Ok(()),
    }
}

/// A secret that the business makes up itself is long enough not to be guessed. That is Postmark's
/// password; others sign, by secrets that they make.
///
/// # Errors
/// 422 for one below 24 characters.
pub(super) fn check_chosen(settings: &Fields<String>, secret: Option<&str>) -> Result<(), Error> {
    let is_postmark = |name: &str| settings.get(name).is_some_and(|value| value == "postmark");
    let is_chosen = is_postmark("provider") || is_postmark("sends_by");
    let is_weak = secret.is_some_and(|secret| secret.chars().count() < MIN_CHOSEN_CHARS);
    if is_chosen && is_weak {
        let path = "credentials.webhook_secret";
        let message = format!(
            "`{path}` must have at least {MIN_CHOSEN_CHARS} characters: `openssl rand -hex 24` \
             makes one."
        );
        return Err(Error::invalid(path, "at_least_24_characters", message));
    }
    Ok(())
}

/// An account of email that sends needs what speaks for it there.
fn check_sender(new: &NewChannel) -> Result<(), Error> {
    let sends = new.kind == AccountKind::Email && MailSender::of(&new.settings).is_some();
    if sends && new.credentials.api_key.is_none() {
        return Err(required("credentials.api_key".to_owned()));
    }
    Ok(())
}

/// Reads a change of an account of this kind and address.
///
/// # Errors
/// 422 that names the first field which is unknown, wrong, or cannot change.
pub(super) fn patch(
    cx: &Context<'_>,
    kind: AccountKind,
    address: &str,
    body: &str,
) -> Result<Patch, Error> {
    let fields = KindFields::of(kind);
    let mut patch = Patch::default();
    for (key, value) in object("body", body)?.iter() {
        match key {
            "name" => patch.name = Some(name(value)?),
            "status" => patch.status = Some(status(value)?),
            "credentials" => {
                patch.credentials = changes(fields.credentials, "credentials", value)?;
                let given = patch
                    .credentials
                    .iter()
                    .find(|(name, _)| *name == APP_SECRET);
                check_app_secret(cx, kind, given.map(|(_, value)| value.as_deref()))?;
            }
            "kind" if kind_of(value) == Some(kind) => {}
            key if key == fields.address.name
                && fields.address.rule.read(value).is_ok_and(|v| v == address) => {}
            key if key == "kind" || key == fields.address.name => {
                let message = format!("`{key}` cannot change: connect the other account instead.");
                return Err(Error::invalid(key.to_owned(), "cannot_change", message));
            }
            key => patch
                .settings
                .push(change(fields.settings, key, key.to_owned(), value)?),
        }
    }
    Ok(patch)
}

/// Writes changes into an account's settings.
pub(super) fn apply_settings(settings: &mut Fields<String>, changes: Changes) {
    for (name, value) in changes {
        match value {
            Some(value) => settings.insert(name, value),
            None => settings.remove(name),
        };
    }
}

/// Writes changes into an account's secrets.
pub(super) fn apply_credentials(credentials: &mut Credentials, changes: Changes) {
    for (name, value) in changes {
        if let Some(slot) = credentials.slot(name) {
            *slot = value;
        }
    }
}

fn changes(fields: &'static [Field], below: &str, value: &str) -> Result<Changes, Error> {
    let given = object(below, value)?;
    given
        .iter()
        .map(|(key, value)| change(fields, key, format!("{below}.{key}"), value))
        .collect()
}

fn change(
    fields: &'static [Field],
    key: &str,
    path: String,
    value: &str,
) -> Result<(&'static str, Option<String>), Error> {
    let field = fields.iter().find(|field| field.name == key);
    let field = field.ok_or_else(|| {
        let shown: String = path.chars().take(64).collect();
        let message = format!("There is no field `{shown}` for this kind of account.");
        Error::invalid(shown, "unknown", message)
    })?;
    Ok((field.name, read(field, path, value)?))
}

/// A field's value; `None` clears it or leaves it out.
fn read(field: &Field, path: String, value: &str) -> Result<Option<String>, Error> {
    if value == "null" {
        return if field.required {
            Err(required(path))
        } else {
            Ok(None)
        };
    }
    let value = field.rule.read(value).map_err(|(rule, sentence)| {
        let message = format!("`{path}` {sentence}");
        Error::invalid(path, rule, message)
    })?;
    Ok(Some(value))
}

fn object<'j>(path: &str, json: &'j str) -> Result<Object<'j>, Error> {
    let object = checked_object(json).map_err(|error| json_error(&error))?;
    object.ok_or_else(|| {
        let message = format!("The {path} must be an object.");
        Error::invalid(path.to_owned(), "object", message)
    })
}

fn kind_of(value: &str) -> Option<AccountKind> {
    let kind = AccountKind::parse(&text(value)?);
    kind.filter(|kind| CONNECTED.contains(kind))
}

fn name(value: &str) -> Result<String, Error> {
    checked_name(&text(value).unwrap_or_default())
}

fn status(value: &str) -> Result<&'static str, Error> {
    match text(value).as_deref() {
        Some("active") => Ok("active"),
        Some("disabled") => Ok("disabled"),
        _ => {
            let message = "`status` must be `active` or `disabled`.";
            Err(Error::invalid("status", "active_or_disabled", message))
        }
    }
}

fn required(path: String) -> Error {
    let message = format!("`{path}` is missing.");
    Error::invalid(path, "required", message)
}
