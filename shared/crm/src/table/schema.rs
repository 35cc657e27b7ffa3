//! The JSON schema of what a `PUT` takes, and of what is shown.

use super::{Field, Kind, Role, Table};
use common::json::writer::{JsonWriter, quoted};

/// What a switch, a percentage, a text, … is in JSON schema. `is_request`: null clears it.
fn schema_of(field: &Field, is_request: bool) -> String {
    let (is_null, help) = (
        is_request || field.default == "null",
        field.help.trim_end_matches('.'),
    );
    let types = |name: &str| match is_null {
        true => ["[", &quoted(name), ",\"null\"]"].concat(),
        false => quoted(name),
    };
    let text = || JsonWriter::default().json("type", &types("string"));
    let schema = match field.kind {
        Kind::Switch => JsonWriter::default().json("type", &types("boolean")),
        Kind::Number(min, max) => JsonWriter::default()
            .json("type", &types("integer"))
            .json("minimum", &min.to_string())
            .json("maximum", &max.to_string()),
        Kind::Id if is_request => text().json("minLength", "1").json("maxLength", "128"),
        Kind::Words(max) if is_request => text()
            .json("minLength", "1")
            .json("maxLength", &max.to_string()),
        Kind::Id | Kind::Words(_) => text(),
        Kind::Choice(choices) => {
            let mut choices: Vec<_> = choices.iter().map(|choice| quoted(choice)).collect();
            if is_null {
                choices.push("null".to_owned());
            }
            text().json("enum", &["[", &choices.join(","), "]"].concat())
        }
        Kind::Custom(custom) => return described(&types(custom.json_type), help, custom.schema),
        Kind::Forwarded(group) => {
            let keywords = if is_request {
                group.request
            } else {
                group.shown
            };
            return described(&types("object"), help, keywords);
        }
        Kind::Secret(_) if is_request => text().json("minLength", "1").json("maxLength", "4096"),
        Kind::Secret(secret) => return shown_secret(secret.role, help),
    };
    schema.text("description", &[help, "."].concat()).finish()
}

/// A schema of the connector's own: its type, its description, and what else it says.
fn described(types: &str, help: &str, keywords: &str) -> String {
    let head = JsonWriter::default()
        .json("type", types)
        .text("description", &[help, "."].concat())
        .finish();
    let open = head.strip_suffix('}').unwrap_or(&head);
    match keywords {
        "" => head,
        keywords => [open, ",", keywords, "}"].concat(),
    }
}

fn shown_secret(role: Role, help: &str) -> String {
    let set = r#""set":{"type":"boolean","description":"Whether there is one."}"#;
    let (properties, required) = match role {
        Role::Webhook => (set.to_owned(), r#"["set"]"#),
        Role::Key => (
            [
                set,
                r#","source":{"type":"string","enum":["business","deployment","default"],"description":"Whose it is."},"last_chars":{"type":["string","null"],"description":"By which to tell it from others; null for the deployment's."}"#,
            ]
            .concat(),
            r#"["set","source","last_chars"]"#,
        ),
    };
    JsonWriter::default()
        .text("type", "object")
        .text("description", &[help, "."].concat())
        .json("properties", &["{", &properties, "}"].concat())
        .json("required", required)
        .finish()
}

/// An object of these properties, each with its schema.
fn object(help: &str, properties: &[(&'static str, String)], is_request: bool) -> String {
    let mut written = JsonWriter::default();
    for (name, schema) in properties {
        written = written.json(name, schema);
    }
    let kind = if is_request {
        r#"["object","null"]"#
    } else {
        r#""object""#
    };
    let object = JsonWriter::default()
        .json("type", kind)
        .text("description", help)
        .json("properties", &written.finish());
    match is_request {
        true => object.json("additionalProperties", "false").finish(),
        false => {
            let names: Vec<_> = properties.iter().map(|(name, _)| quoted(name)).collect();
            let names = ["[", &names.join(","), "]"].concat();
            object.json("required", &names).finish()
        }
    }
}

impl Table {
    /// The properties of the settings, groups as objects of their own. `takes`: which fields.
    pub(super) fn properties(
        &self,
        is_request: bool,
        takes: fn(&Field) -> bool,
    ) -> Vec<(&'static str, String)> {
        let mut properties = Vec::new();
        for (name, fields) in self.entries() {
            let fields: Vec<_> = fields.into_iter().filter(|field| takes(field)).collect();
            let schema = match fields.as_slice() {
                [] => continue,
                [field] if field.path == name => schema_of(field, is_request),
                group => {
                    let of_group =
                        |field: &&&Field| (field.parts().1, schema_of(field, is_request));
                    let group: Vec<_> = group.iter().map(|field| of_group(&field)).collect();
                    let help = self.groups.iter().find(|(known, _)| *known == name);
                    object(help.map_or("", |(_, help)| help), &group, is_request)
                }
            };
            properties.push((name, schema));
        }
        properties
    }

    /// The JSON schema of what `PUT` takes.
    #[must_use]
    pub fn request_schema(&self) -> String {
        let help = "What to change. What is absent stays; null clears, so that the deployment's \
                    default holds again.";
        closed(help, &self.properties(true, |_| true))
    }

    /// The JSON schema of what a test takes.
    #[must_use]
    pub fn test_schema(&self) -> String {
        let help = "What to test with in place of what is stored; nothing of it is kept.";
        closed(help, &self.properties(true, |field| field.in_test))
    }

    /// The JSON schemas of what is shown of the settings and of the secrets, by name.
    #[must_use]
    pub fn shown_schemas(&self) -> Vec<(&'static str, String)> {
        self.properties(false, |_| true)
    }
}

fn closed(help: &str, properties: &[(&'static str, String)]) -> String {
    object(help, properties, true).replacen(r#"["object","null"]"#, r#""object""#, 1)
}
