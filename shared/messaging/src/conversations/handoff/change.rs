//! What a request changes: absent keeps, null clears.

use super::HandoffSettings;
use common::http::Error;
use common::http::input::texts;
use common::http::rules::{body_of, switch, unknown, words, wrong};
use common::json::raw::{Object, part};
use common::json::writer::quoted;

/// Longest notice to a customer, in characters.
const MAX_MESSAGE: usize = 1000;
/// Most languages, and most triggers of each.
const MAX_TRIGGERS: (usize, usize) = (50, 100);
/// Longest trigger, in characters.
const MAX_TRIGGER: usize = 100;

/// What the fields are called.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Whether triggers are on.
    pub enabled: &'static str,
    /// The triggers, by language.
    pub triggers: &'static str,
    /// What customers are told.
    pub message: &'static str,
}

/// As `/api/dashboard/handoff` has them.
pub const OWN_NAMES: Names = Names {
    enabled: "enabled",
    triggers: "triggers",
    message: "message",
};

/// The changes of a request, parsed and validated: each field as it will be stored, `None` where it is
/// cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandoffChange {
    is_enabled: Option<bool>,
    triggers: Option<String>,
    message: Option<Option<String>>,
}

impl HandoffChange {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 that names the first field which is unknown or wrong.
    pub fn parse(body: &str) -> Result<Self, Error> {
        Self::of_fields("", &OWN_NAMES, &body_of(body)?)
    }

    /// Reads a group of another request's body, by the names that it has there; null clears all.
    ///
    /// # Errors
    /// 422 that names the first field which is unknown or wrong.
    pub fn of_group(name: &str, names: &Names, group: &str) -> Result<Self, Error> {
        match group {
            "null" => Ok(Self {
                is_enabled: Some(false),
                triggers: Some("{}".to_owned()),
                message: Some(None),
            }),
            group if group.starts_with('{') => {
                Self::of_fields(&[name, "."].concat(), names, &part(group))
            }
            _ => Err(wrong(name, "object", "must be an object")),
        }
    }

    fn of_fields(before: &str, names: &Names, fields: &Object<'_>) -> Result<Self, Error> {
        let mut change = Self::default();
        for (name, value) in fields.iter() {
            let path = [before, name].concat();
            let is_null = *value == "null";
            if name == names.enabled {
                change.is_enabled = Some(!is_null && switch(&path, value)? == "true");
            } else if name == names.triggers {
                let cleared = || Ok("{}".to_owned());
                let read = || triggers(&path, value);
                change.triggers = Some(if is_null { cleared() } else { read() }?);
            } else if name == names.message {
                let read = || words(&path, value, MAX_MESSAGE);
                change.message = Some((!is_null).then(read).transpose()?);
            } else {
                return Err(unknown(&path));
            }
        }
        Ok(change)
    }

    pub(super) fn applied(&self, mut settings: HandoffSettings) -> HandoffSettings {
        settings.is_enabled = self.is_enabled.unwrap_or(settings.is_enabled);
        if let Some(triggers) = &self.triggers {
            settings.triggers.clone_from(triggers);
        }
        if let Some(message) = &self.message {
            settings.message.clone_from(message);
        }
        settings
    }
}

fn triggers(path: &str, value: &str) -> Result<String, Error> {
    if !value.starts_with('{') {
        let sentence = "must be an object of lists, by language";
        return Err(wrong(path, "object", sentence));
    }
    let languages = part(value);
    if languages.iter().count() > MAX_TRIGGERS.0 {
        return Err(wrong(path, "at_most_50", "must have at most 50 languages"));
    }
    let mut written = Vec::new();
    for (language, listed) in languages.iter() {
        let at = [path, ".", language].concat();
        let listed = triggers_of(&at, language, listed)?;
        written.push([&quoted(language), ":[", &listed.join(","), "]"].concat());
    }
    Ok(["{", &written.join(","), "}"].concat())
}

fn triggers_of(path: &str, language: &str, listed: &str) -> Result<Vec<String>, Error> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if !(2..=16).contains(&language.len()) || !language.bytes().all(plain) {
        let sentence = "must be named by a language such as en";
        return Err(wrong(path, "language", sentence));
    }
    let listed = texts(listed).filter(|listed| listed.len() <= MAX_TRIGGERS.1);
    let listed =
        listed.ok_or_else(|| wrong(path, "texts", "must be a list of at most 100 texts"))?;
    let trigger = |(n, trigger): (usize, &String)| {
        let at = format!("{path}[{n}]");
        words(&at, &quoted(trigger), MAX_TRIGGER).map(|trigger| quoted(&trigger))
    };
    listed.iter().enumerate().map(trigger).collect()
}
