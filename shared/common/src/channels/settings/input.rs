use super::fields::{Field, Fields};
use crate::access::keys::checked_name;
use crate::channels::{ChannelKind, Credentials};
use crate::http::Error;
use serde_json::{Map, Value};

/// An account to be connected, checked.
pub(super) struct NewChannel {
    pub(super) kind: ChannelKind,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) settings: Map<String, Value>,
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
pub(super) fn new_channel(body: &Value) -> Result<NewChannel, Error> {
    let body = object("body", body)?;
    let kind = body.get("kind").and_then(Value::as_str);
    let kind = kind.and_then(ChannelKind::parse).ok_or_else(|| {
        let known = ChannelKind::ALL.map(ChannelKind::as_str).join(", ");
        let message = format!("`kind` must be one of: {known}.");
        Error::invalid("kind", "known_kind", message)
    })?;
    let fields = Fields::of(kind);
    let mut patch = Patch::default();
    let mut address = None;
    for (key, value) in body {
        match key.as_str() {
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
    let mut new = NewChannel {
        kind,
        name,
        address,
        settings: Map::new(),
        credentials: Credentials::default(),
    };
    apply_settings(&mut new.settings, patch.settings);
    apply_credentials(&mut new.credentials, patch.credentials);
    Ok(new)
}

/// Reads a change of an account of this kind and address.
///
/// # Errors
/// 422 that names the first field which is unknown, wrong, or cannot change.
pub(super) fn patch(kind: ChannelKind, address: &str, body: &Value) -> Result<Patch, Error> {
    let fields = Fields::of(kind);
    let mut patch = Patch::default();
    for (key, value) in object("body", body)? {
        match key.as_str() {
            "name" => patch.name = Some(name(value)?),
            "status" => patch.status = Some(status(value)?),
            "credentials" => patch.credentials = changes(fields.credentials, "credentials", value)?,
            "kind" if value.as_str().and_then(ChannelKind::parse) == Some(kind) => {}
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
pub(super) fn apply_settings(settings: &mut Map<String, Value>, changes: Changes) {
    for (name, value) in changes {
        match value {
            Some(value) => settings.insert(name.to_owned(), Value::String(value)),
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

fn changes(fields: &'static [Field], below: &str, value: &Value) -> Result<Changes, Error> {
    let given = object(below, value)?.iter();
    given
        .map(|(key, value)| change(fields, key, format!("{below}.{key}"), value))
        .collect()
}

fn change(
    fields: &'static [Field],
    key: &str,
    path: String,
    value: &Value,
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
fn read(field: &Field, path: String, value: &Value) -> Result<Option<String>, Error> {
    if value.is_null() {
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

fn object<'v>(path: &str, value: &'v Value) -> Result<&'v Map<String, Value>, Error> {
    value.as_object().ok_or_else(|| {
        let message = format!("The {path} must be an object.");
        Error::invalid(path.to_owned(), "object", message)
    })
}

fn name(value: &Value) -> Result<String, Error> {
    checked_name(value.as_str().unwrap_or_default())
}

fn status(value: &Value) -> Result<&'static str, Error> {
    match value.as_str() {
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
