//! Changing settings that are kept as JSON: absent keeps, null clears, groups are merged.

use common::http::{Error, json_error};
use common::json::Fields;
use common::json::raw::{Object, checked_object, integer, part, text};
use common::json::written::quoted;

/// Reads a value, under its path, and gives it as it is to be kept, in JSON.
pub(crate) type Check = fn(&str, &str) -> Result<String, Error>;

/// What a setting takes.
pub enum Rule {
    /// One value, replaced as a whole.
    Value(Check),
    /// Settings of its own.
    Group(&'static [(&'static str, Check)]),
}

/// A request's body.
///
/// # Errors
/// 400 for what is no JSON, 422 for what is no object.
pub fn body_of(body: &str) -> Result<Object<'_>, Error> {
    let object = checked_object(body).map_err(|error| json_error(&error))?;
    object.ok_or_else(|| Error::invalid("body", "object", "The body must be an object."))
}

/// Settings with what is to change; both are JSON objects.
///
/// # Errors
/// 422 that names the first field which is unknown or wrong.
pub fn merged(
    stored: &str,
    change: &Object<'_>,
    rules: &[(&'static str, Rule)],
) -> Result<String, Error> {
    let mut settings = kept(stored);
    for (name, value) in change.iter() {
        let rule = rules.iter().find(|(known, _)| *known == name);
        let (name, rule) = rule.ok_or_else(|| unknown(name))?;
        if *value == "null" {
            settings.remove(name);
            continue;
        }
        let new = match rule {
            Rule::Value(check) => check(name, value)?,
            Rule::Group(fields) => {
                let stored = settings.get(name).map_or("{}", String::as_str);
                group(name, stored, value, fields)?
            }
        };
        settings.insert(name, new);
    }
    Ok(written(&settings))
}

fn group(
    below: &str,
    stored: &str,
    change: &str,
    fields: &[(&'static str, Check)],
) -> Result<String, Error> {
    if !change.starts_with('{') {
        return Err(wrong(below, "object", "must be an object"));
    }
    let mut settings = kept(stored);
    for (name, value) in part(change).iter() {
        let path = [below, ".", name].concat();
        let field = fields.iter().find(|(known, _)| *known == name);
        let (name, check) = field.ok_or_else(|| unknown(&path))?;
        match *value {
            "null" => settings.remove(name),
            value => settings.insert(name, check(&path, value)?),
        }
    }
    Ok(written(&settings))
}

fn kept(stored: &str) -> Fields<String> {
    let mut fields = Fields::new();
    for (name, value) in part(stored).iter() {
        fields.insert(name, (*value).to_owned());
    }
    fields
}

fn written(fields: &Fields<String>) -> String {
    let field = |(name, value): (&str, &String)| [&quoted(name), ":", value].concat();
    let fields: Vec<_> = fields.iter().map(field).collect();
    ["{", &fields.join(","), "}"].concat()
}

/// `true` or `false`.
pub fn switch(path: &str, value: &str) -> Result<String, Error> {
    match value {
        "true" | "false" => Ok(value.to_owned()),
        _ => Err(wrong(path, "boolean", "must be true or false")),
    }
}

/// 0 to 100.
pub fn percent(path: &str, value: &str) -> Result<String, Error> {
    let number = integer(value).and_then(|digits| digits.parse::<u8>().ok());
    match number.filter(|number| *number <= 100) {
        Some(number) => Ok(number.to_string()),
        None => Err(wrong(
            path,
            "0_to_100",
            "must be a whole number from 0 to 100",
        )),
    }
}

/// A text without space around it, of so many characters at most.
pub fn words(path: &str, value: &str, most: usize) -> Result<String, Error> {
    let words = text(value).map(|words| words.trim().to_owned());
    let fits = |words: &String| !words.is_empty() && words.chars().count() <= most;
    words.filter(fits).ok_or_else(|| {
        let message = format!("must be a text of 1 to {most} characters");
        wrong(path, &format!("1_to_{most}_characters"), &message)
    })
}

/// An id of the CRM's.
pub fn id(path: &str, value: &str) -> Result<String, Error> {
    const MOST: usize = 128;
    let id = text(value).map(|id| id.trim().to_owned());
    let is_id = |id: &String| {
        (1..=MOST).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'/')
    };
    let id = id.filter(is_id);
    id.map(|id| quoted(&id))
        .ok_or_else(|| wrong(path, "id", "must be an id of at most 128 characters"))
}

/// 422: what a path is, or must be.
pub fn wrong(path: &str, rule: &str, sentence: &str) -> Error {
    let message = format!("`{path}` {sentence}.");
    Error::invalid(path.to_owned(), rule.to_owned(), message)
}

/// 422: there is nothing of that name.
pub fn unknown(path: &str) -> Error {
    let shown: String = path.chars().take(64).collect();
    let message = format!("There is no field `{shown}` here.");
    Error::invalid(shown, "unknown", message)
}
