//! What a dashboard needs to make a form of the settings.

use super::{Field, Kind, Role, Table};
use common::json::writer::{JsonWriter, quoted};

impl Table {
    /// The fields in their order, as a JSON list: `{path, group?, input, options?, max?, customer_fields?, default,
    /// variable?, secret, testable, help}`.
    #[must_use]
    pub fn form(&self) -> String {
        let fields: Vec<_> = self.fields.iter().map(Field::form).collect();
        ["[", &fields.join(","), "]"].concat()
    }

    /// What the groups are for, as a JSON object.
    #[must_use]
    pub fn form_groups(&self) -> String {
        let mut groups = JsonWriter::default();
        for (name, help) in self.groups {
            groups = groups.text(name, help);
        }
        groups.finish()
    }

    /// The settings as a table of Markdown: a row for each, with its default and its variable.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut table = "| setting | default | variable | |\n|---|---|---|---|\n".to_owned();
        for field in self.fields {
            let code = |text: &str| match text {
                "null" => String::new(),
                text => ["`", text, "`"].concat(),
            };
            // A secret has no default, and a mapping is shown by the API.
            let default = match field.kind {
                Kind::Custom(_) | Kind::Forwarded(_) | Kind::Secret(_) => String::new(),
                _ => code(field.default.trim_matches('"')),
            };
            let variable = field.variable.map(code).unwrap_or_default();
            let row = [&code(field.path), &default, &variable, field.help].join(" | ");
            table.push_str(&["| ", &row, " |\n"].concat().replace("|  |", "| |"));
        }
        table
    }
}

impl Field {
    fn form(&self) -> String {
        let input = match self.kind {
            Kind::Id | Kind::Words(_) => "text",
            Kind::Switch => "switch",
            Kind::Number(..) => "number",
            Kind::Choice(_) => "select",
            Kind::Custom(custom) => custom.input,
            Kind::Secret(_) => "secret",
            Kind::Forwarded(_) => "group",
        };
        let mut form = JsonWriter::default()
            .text("path", self.path)
            .maybe("group", self.parts().0)
            .text("input", input);
        match self.kind {
            Kind::Choice(choices) => {
                let choices: Vec<_> = choices.iter().map(|choice| quoted(choice)).collect();
                form = form.json("options", &["[", &choices.join(","), "]"].concat());
            }
            Kind::Words(max) => form = form.json("max_length", &max.to_string()),
            Kind::Id => form = form.json("max_length", "128"),
            Kind::Number(min, max) => {
                form = form
                    .json("min", &min.to_string())
                    .json("max", &max.to_string());
            }
            _ => {}
        }
        if !self.customer_fields.is_empty() {
            form = form.json("customer_fields", &self.customer_fields_json());
        }
        let is_secret = matches!(self.kind, Kind::Secret(_));
        let is_key = self.secret().is_some_and(|secret| secret.role == Role::Key);
        let flag = |is_so: bool| if is_so { "true" } else { "false" };
        form.json("default", self.default)
            .maybe("variable", self.variable)
            .json("secret", flag(is_secret))
            .json("required", flag(is_key))
            .json("testable", flag(self.in_test))
            .text("help", self.help)
            .finish()
    }

    fn customer_fields_json(&self) -> String {
        let mut names = JsonWriter::default();
        for (name, of_customer) in self.customer_fields {
            let of_customer: Vec<_> = of_customer.iter().map(|field| quoted(field)).collect();
            names = names.json(name, &["[", &of_customer.join(","), "]"].concat());
        }
        names.finish()
    }
}
