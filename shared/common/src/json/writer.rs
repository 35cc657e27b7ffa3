//! Writes JSON field by field, the counterpart of [`crate::json::raw`], for functions that would
//! otherwise contain the code of `serde_json::Value`.

/// An object under construction.
#[derive(Clone, Default)]
pub struct JsonWriter(String);

impl JsonWriter {
    /// Adds a text.
    pub fn text(self, name: &'static str, value: &str) -> Self {
        self.json(name, &quoted(value))
    }

    /// Adds a text field, unless it is `None`.
    pub fn maybe(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds a field whose value is JSON already. The name must need no escapes.
    pub fn json(mut self, name: &'static str, json: &str) -> Self {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        for part in ["\"", name, "\":", json] {
            self.0.push_str(part);
        }
        self
    }

    /// The object.
    pub fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

/// Writes a text as it stands between the quotes of JSON. Most texts have nothing to escape, and are copied as they are.
pub fn push_escaped(json: &mut String, text: &str) {
    if text
        .bytes()
        .all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
    {
        json.push_str(text);
        return;
    }
    let quoted = quoted(text);
    let inner = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    json.push_str(inner.unwrap_or_default());
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    // A text is always JSON; the empty one would show it if it ever were not.
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let inner = JsonWriter::default().text("a", "\"\n😀").finish();
        let outer = JsonWriter::default().json("o", &inner).maybe("n", None);
        assert_eq!(outer.finish(), "{\"o\":{\"a\":\"\\\"\\n😀\"}}");
        assert_eq!(JsonWriter::default().finish(), "{}");
    }

    #[test]
    fn a_text_is_escaped_as_serde_json_does() {
        let every = (0..=0x7f_u8)
            .map(char::from)
            .chain(['\u{80}', 'é', '\u{2028}', '😀']);
        for text in
            every
                .map(String::from)
                .chain(["plain".into(), "a\"b\\c\n".into(), String::new()])
        {
            let mut json = String::from("\"");
            push_escaped(&mut json, &text);
            json.push('"');
            assert_eq!(json, quoted(&text));
        }
    }
}
