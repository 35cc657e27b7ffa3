//! Reading requests: objects of a few fields, each there once, and none but these.

use super::{Error, json_error, shape_error};
use crate::json::raw::{self, Object};
use std::fmt;

/// Most characters of an unknown field's name that an error repeats.
const MAX_SHOWN_CHARS: usize = 64;

/// A request whose fields are all known.
pub struct Input<'j> {
    fields: Object<'j>,
    /// Where it stands in the body, with a dot behind it; empty for the body itself.
    below: &'static str,
}

impl<'j> Input<'j> {
    /// Takes a body apart.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another type than an object, for a field that is none of these, and
    /// for one that comes twice. `details` names the field and the rule.
    pub fn read(body: &'j str, known: &[&str]) -> Result<Self, Error> {
        Self::read_below("", body, known)
    }

    fn read_below(below: &'static str, json: &'j str, known: &[&str]) -> Result<Self, Error> {
        let fields = raw::checked_object(json).map_err(|error| json_error(&error))?;
        let fields = fields.ok_or_else(|| match below.strip_suffix('.') {
            None => shape_error("body", "object", &"it must be an object"),
            Some(path) => {
                let what = format_args!("`{path}` must be an object");
                shape_error(path, "object", &what)
            }
        })?;
        let input = Self { fields, below };
        for (n, (name, _)) in input.fields.iter().enumerate() {
            if !known.contains(&name) {
                let shown: String = name.chars().take(MAX_SHOWN_CHARS).collect();
                let known = known.join("`, `");
                let what = format_args!("unknown field `{shown}`, there are `{known}`");
                return Err(input.error(&shown, "unknown", &what));
            }
            if input
                .fields
                .iter()
                .take(n)
                .any(|(earlier, _)| earlier == name)
            {
                let what = format_args!("duplicate field `{name}`");
                return Err(input.error(name, "once", &what));
            }
        }
        Ok(input)
    }

    fn error(&self, name: &str, rule: &str, what: &dyn fmt::Display) -> Error {
        shape_error(&[self.below, name].concat(), rule, what)
    }

    /// A field that may be absent.
    ///
    /// # Errors
    /// 422 for one that `read` finds not to be `expected`.
    pub fn optional<T>(
        &self,
        name: &str,
        expected: Expected,
        read: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.fields.get(name) else {
            return Ok(None);
        };
        match read(value) {
            Some(value) => Ok(Some(value)),
            None => {
                let what = format_args!("`{name}` must be {}", expected.sentence);
                Err(self.error(name, expected.rule, &what))
            }
        }
    }

    /// A field that is an object of these fields, absent or null; `below` is its name with a dot.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub fn object_or_null(
        &self,
        below: &'static str,
        known: &[&str],
    ) -> Result<Option<Self>, Error> {
        match self.fields.get(below.trim_end_matches('.')) {
            None | Some(&"null") => Ok(None),
            Some(value) => Self::read_below(below, value, known).map(Some),
        }
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// 422 where it is not, and as [`Input::optional`].
    pub fn required<T>(
        &self,
        name: &str,
        expected: Expected,
        read: fn(&str) -> Option<T>,
    ) -> Result<T, Error> {
        let value = self.optional(name, expected, read)?;
        value.ok_or_else(|| {
            let what = format_args!("missing field `{name}`");
            self.error(name, "required", &what)
        })
    }
}

/// What a field must be: a rule of `details`, and the end of a sentence.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    rule: &'static str,
    sentence: &'static str,
}

impl Expected {
    /// A text.
    pub const TEXT: Self = Self::new("text", "a text");
    /// A text or null.
    pub const TEXT_OR_NULL: Self = Self::new("text_or_null", "a text or null");
    /// A list of texts.
    pub const TEXTS: Self = Self::new("texts", "a list of texts");
    /// A whole number.
    pub const INTEGER: Self = Self::new("integer", "a whole number");
    /// A whole number or null.
    pub const INTEGER_OR_NULL: Self = Self::new("integer_or_null", "a whole number or null");
    /// `true` or `false`.
    pub const BOOLEAN: Self = Self::new("boolean", "true or false");
    /// A date-time.
    pub const DATE_TIME: Self = Self::new("date_time", "a date-time with an offset, or null");

    /// Another rule.
    #[must_use]
    pub const fn new(rule: &'static str, sentence: &'static str) -> Self {
        Self { rule, sentence }
    }
}

/// `true` or `false`; `None` for anything else.
pub fn boolean(json: &str) -> Option<bool> {
    match json {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A text, or null.
pub fn text_or_null(json: &str) -> Option<Option<String>> {
    match json {
        "null" => Some(None),
        json => raw::text(json).map(Some),
    }
}

/// A whole number; `None` for anything else.
pub fn number(json: &str) -> Option<i64> {
    raw::integer(json)?.parse().ok()
}

/// A whole number, or null; `None` for anything else.
pub fn number_or_null(json: &str) -> Option<Option<i64>> {
    match json {
        "null" => Some(None),
        json => number(json).map(Some),
    }
}

/// A list of texts; `None` for anything else.
pub fn texts(json: &str) -> Option<Vec<String>> {
    raw::list(json)?.into_iter().map(raw::text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RequestId;

    fn error_of(body: &str) -> String {
        let read = Input::read(body, &["a", "b"]);
        match read.and_then(|input| input.required("a", Expected::TEXT, raw::text)) {
            Ok(text) => text,
            Err(error) => format!("{} {}", error.status(), error.message()),
        }
    }

    #[test]
    fn what_is_no_json_is_400_and_what_has_another_shape_422() {
        for (body, expected) in [
            (r#" {"b":[1e999],"a":"x\u00e9"} "#, "xé"),
            ("", "400 The body is not valid JSON"),
            (r#"{"a":"x"} {}"#, "400 The body is not valid JSON"),
            (
                "[]",
                "422 The body does not have the expected shape: it must be an object.",
            ),
            (
                "null",
                "422 The body does not have the expected shape: it must be",
            ),
            (
                "{}",
                "422 The body does not have the expected shape: missing field `a`.",
            ),
            (
                r#"{"a":null}"#,
                "422 The body does not have the expected shape: `a` must be a text.",
            ),
            (
                r#"{"a":"\ud83d"}"#,
                "422 The body does not have the expected shape: `a` must be",
            ),
            (
                r#"{"a":"x","A":1}"#,
                "422 The body does not have the expected shape: unknown field `A`",
            ),
            (
                r#"{"a":"x","\u0061":"x"}"#,
                "422 The body does not have the expected shape: duplicate",
            ),
        ] {
            assert!(
                error_of(body).starts_with(expected),
                "{body}: {}",
                error_of(body)
            );
        }
    }

    #[test]
    fn a_refusal_names_the_field_and_the_rule() {
        let refusal = |body: &str| {
            let read = || {
                let input = Input::read(body, &["a", "b"])?;
                let below = input.object_or_null("b.", &["c"])?;
                let c = below.map(|below| below.required("c", Expected::INTEGER, number));
                c.transpose()?;
                input.required("a", Expected::TEXT, raw::text)
            };
            let answer = read()
                .unwrap_err()
                .to_response(&RequestId::new(|b| b.fill(1)));
            let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
            let detail = &answer["details"][0];
            format!(
                "{} {}",
                detail["path"].as_str().unwrap(),
                detail["rule"].as_str().unwrap()
            )
        };
        for (body, expected) in [
            ("[]", "body object"),
            ("{}", "a required"),
            (r#"{"a":1}"#, "a text"),
            (r#"{"a":"x","x":1}"#, "x unknown"),
            (r#"{"a":"x","a":"x"}"#, "a once"),
            (r#"{"a":"x","b":1}"#, "b object"),
            (r#"{"a":"x","b":{}}"#, "b.c required"),
            (r#"{"a":"x","b":{"c":1.5}}"#, "b.c integer"),
            (r#"{"a":"x","b":{"d":1}}"#, "b.d unknown"),
        ] {
            assert_eq!(refusal(body), expected, "{body}");
        }
    }

    #[test]
    fn a_list_of_texts_is_nothing_else() {
        assert_eq!(texts("[]"), Some(Vec::new()));
        assert_eq!(
            texts(r#"["a", "]"]"#),
            Some(vec!["a".to_owned(), "]".to_owned()])
        );
        for other in ["\"a\"", "[1]", "[null]", "{}", "[[\"a\"]]"] {
            assert_eq!(texts(other), None, "{other}");
        }
    }
}
