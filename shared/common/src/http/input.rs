//! Reading requests: objects of a few fields, each there once, and none but these.

use super::{Error, json_error, shape_error};
use crate::json::raw::{self, Object};

/// A request whose fields are all known.
pub struct Input<'j>(Object<'j>);

impl<'j> Input<'j> {
    /// Takes a body apart.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another type than an object, for a field that is none of these, and
    /// for one that comes twice.
    pub fn read(body: &'j str, known: &[&str]) -> Result<Self, Error> {
        let fields = raw::checked_object(body).map_err(|error| json_error(&error))?;
        let fields = fields.ok_or_else(|| shape_error(&"it must be an object"))?;
        for (n, (name, _)) in fields.iter().enumerate() {
            if !known.contains(&name) {
                let shown: String = name.chars().take(64).collect();
                let known = known.join("`, `");
                return Err(shape_error(&format_args!(
                    "unknown field `{shown}`, there are `{known}`"
                )));
            }
            if fields.iter().take(n).any(|(earlier, _)| earlier == name) {
                return Err(shape_error(&format_args!("duplicate field `{name}`")));
            }
        }
        Ok(Self(fields))
    }

    /// A field that may be absent.
    ///
    /// # Errors
    /// 422 for one that `read` finds not to be `expected`.
    pub fn optional<T>(
        &self,
        name: &str,
        expected: &str,
        read: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        match read(value) {
            Some(value) => Ok(Some(value)),
            None => Err(shape_error(&format_args!("`{name}` must be {expected}"))),
        }
    }

    /// A field that is an object of these fields, absent or null.
    ///
    /// # Errors
    /// As [`Input::read`].
    pub fn object_or_null(&self, name: &str, known: &[&str]) -> Result<Option<Self>, Error> {
        match self.0.get(name) {
            None | Some(&"null") => Ok(None),
            Some(value) => Self::read(value, known).map(Some),
        }
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// 422 where it is not, and as [`Input::optional`].
    pub fn required<T>(
        &self,
        name: &str,
        expected: &str,
        read: fn(&str) -> Option<T>,
    ) -> Result<T, Error> {
        let value = self.optional(name, expected, read)?;
        value.ok_or_else(|| shape_error(&format_args!("missing field `{name}`")))
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

/// A list of texts; `None` for anything else.
pub fn texts(json: &str) -> Option<Vec<String>> {
    raw::list(json)?.into_iter().map(raw::text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(body: &str) -> String {
        let read = Input::read(body, &["a", "b"]);
        match read.and_then(|input| input.required("a", "a text", raw::text)) {
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
