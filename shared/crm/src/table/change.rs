//! What a request changes: absent keeps, null clears, groups are merged.

use super::rules::{body_of, unknown, wrong};
use super::{Field, Kind, Table};
use crate::Integration;
use common::context::Context;
use common::http::Error;
use common::json::Fields;
use common::json::raw::{Object, part, texts};
use common::json::writer::quoted;

/// What a request changes, read and checked.
#[derive(Debug, Default)]
pub struct Change {
    /// Each field with its value as it is to be stored; none clears it.
    fields: Vec<(&'static Field, Option<String>)>,
}

/// Settings and secrets as they would be: stored, or in place of that for a test.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// JSON: what the business set.
    pub settings: String,
    /// Its own secrets, by the names under which they are sealed.
    pub secrets: Fields<String>,
}

impl Table {
    /// Reads what a `PUT` changes.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 that names the first field which is unknown or wrong.
    pub fn change(&'static self, body: &str) -> Result<Change, Error> {
        let mut change = Change::default();
        for (name, value) in body_of(body)?.iter() {
            self.read(name, value, |_| true, &mut change)?;
        }
        Ok(change)
    }

    /// Reads what a test takes in place of what is stored; null takes what is stored. No body tests
    /// that.
    ///
    /// # Errors
    /// As [`Table::change`].
    pub fn test_change(&'static self, body: &str) -> Result<Change, Error> {
        let mut change = Change::default();
        let body = if body.is_empty() { "{}" } else { body };
        for (name, value) in body_of(body)?.iter() {
            match *value {
                "null" => {}
                value => self.read(name, value, |field| field.in_test, &mut change)?,
            }
        }
        change.fields.retain(|(_, value)| value.is_some());
        Ok(change)
    }

    /// Reads a value of the body: of a field, or of a group's fields.
    fn read(
        &'static self,
        name: &str,
        value: &str,
        takes: fn(&Field) -> bool,
        change: &mut Change,
    ) -> Result<(), Error> {
        let of_name = |field: &&Field| match field.parts() {
            (Some(group), _) => group == name,
            (None, own) => own == name,
        };
        let known: Vec<_> = self.fields.iter().filter(of_name).collect();
        let known: Vec<_> = known.into_iter().filter(|field| takes(field)).collect();
        match known.as_slice() {
            [] => Err(unknown(name)),
            [field] if field.path == name => change.put(field, value),
            group if value == "null" => {
                group.iter().try_for_each(|field| change.put(field, "null"))
            }
            _ if !value.starts_with('{') => Err(wrong(name, "object", "must be an object")),
            group => {
                for (own, value) in part(value).iter() {
                    let path = [name, ".", own].concat();
                    let field = group.iter().find(|field| field.path == path);
                    change.put(field.ok_or_else(|| unknown(&path))?, value)?;
                }
                Ok(())
            }
        }
    }
}

impl Change {
    fn put(&mut self, field: &'static Field, value: &str) -> Result<(), Error> {
        let value = match value {
            "null" => None,
            value => Some(field.check(value)?),
        };
        self.fields.push((field, value));
        Ok(())
    }

    /// What is to be forwarded, as JSON, by the name of the field.
    #[must_use]
    pub fn forwarded(&self) -> Option<(&'static str, &str)> {
        let mut of_kind = self.fields.iter();
        let (field, value) = of_kind.find(|(field, _)| matches!(field.kind, Kind::Forwarded(_)))?;
        Some((field.path, value.as_deref().unwrap_or("null")))
    }
}

impl Draft {
    /// What is stored.
    ///
    /// # Errors
    /// 500 where the secrets cannot be opened.
    pub fn stored(cx: &Context<'_>, integration: &Integration) -> Result<Self, Error> {
        let opened = integration.opened(cx)?;
        Ok(Self {
            settings: integration.settings.clone(),
            secrets: opened.as_deref().and_then(texts).unwrap_or_default(),
        })
    }

    /// The same, changed.
    #[must_use]
    pub fn changed(mut self, change: &Change) -> Self {
        let mut settings = stored_fields(&part(&self.settings));
        for (field, value) in &change.fields {
            match field.kind {
                Kind::Secret(secret) => match value {
                    Some(value) => self.secrets.insert(secret.stored, value.clone()),
                    None => self.secrets.remove(secret.stored),
                },
                Kind::Forwarded(_) => settings.remove(field.path),
                _ => set(&mut settings, field, value.as_deref()),
            }
        }
        self.settings = object(&settings);
        self
    }
}

fn set(settings: &mut Fields<String>, field: &Field, value: Option<&str>) {
    match (field.parts(), value) {
        ((None, name), Some(value)) => settings.insert(name, value.to_owned()),
        ((None, name), None) => settings.remove(name),
        ((Some(group), name), value) => {
            let stored = settings.get(group).map_or("{}", String::as_str);
            let mut of_group = stored_fields(&part(stored));
            match value {
                Some(value) => of_group.insert(name, value.to_owned()),
                None => of_group.remove(name),
            }
            settings.insert(group, object(&of_group));
        }
    }
}

fn stored_fields(stored: &Object<'_>) -> Fields<String> {
    let mut fields = Fields::new();
    for (name, value) in stored.iter() {
        fields.insert(name, (*value).to_owned());
    }
    fields
}

fn object(fields: &Fields<String>) -> String {
    let field = |(name, value): (&str, &String)| [&quoted(name), ":", value].concat();
    let fields: Vec<_> = fields.iter().map(field).collect();
    ["{", &fields.join(","), "}"].concat()
}
