//! The fields of a schema as rows of a table, those of its parts behind their path.

use super::markdown;
use crate::json::Json;
use crate::openapi::{Document, Media, Operation};
use crate::schemas::PLACE;
use maud::{Markup, html};
use std::collections::HashMap;

/// Fewest fields of a part that are not repeated where it comes again.
const MIN_SHARED: usize = 4;

/// Which way a body goes, by which its rows are labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
}

/// A row.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// What stands before the name: `customers[].`.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) required: bool,
    /// Whether an answer may lack it.
    pub(super) optional: bool,
    pub(super) description: String,
    /// Bounds, choices, defaults.
    pub(super) rules: Vec<String>,
}

/// Where the page has the fields of each named schema of an answer: in the first operation with it.
pub(super) struct Places<'d> {
    document: &'d Document,
    first: HashMap<&'d str, &'d Operation>,
}

impl<'d> Places<'d> {
    pub(super) fn of(document: &'d Document) -> Self {
        let mut places = Self {
            document,
            first: HashMap::new(),
        };
        for tag in &document.tags {
            for (_, _, operation) in document.operations_of(tag.name) {
                if let Some(media) = answer(document, operation) {
                    places.note(&media.schema, operation);
                }
            }
        }
        places
    }

    fn note(&mut self, schema: &'d Json, operation: &'d Operation) {
        if let Some(name) = name_of(schema) {
            self.first.entry(name).or_insert(operation);
        }
        let schema = resolved(self.document, schema);
        for choice in choices(self.document, schema) {
            self.note(choice, operation);
        }
        for (_, property) in schema
            .get("properties")
            .and_then(Json::object)
            .into_iter()
            .flatten()
        {
            self.note(property.get("items").unwrap_or(property), operation);
        }
    }

    /// The earlier operation that has the fields of this schema, if they are many.
    pub(super) fn before(&self, schema: &Json, operation: &Operation) -> Option<&'d Operation> {
        let first = *self.first.get(name_of(schema)?)?;
        let is_earlier = first.operation_id != operation.operation_id;
        let properties = resolved(self.document, schema)
            .get("properties")?
            .object()?;
        (is_earlier && properties.iter().count() >= MIN_SHARED).then_some(first)
    }
}

/// What an operation answers in JSON when it succeeds.
pub(super) fn answer<'d>(document: &'d Document, operation: &'d Operation) -> Option<&'d Media> {
    let (_, response) = document.responses_of(operation).next()?;
    response.content.get("application/json")
}

/// Every field of a request's schema, in its order, each followed by its own.
pub(super) fn fields(document: &Document, schema: &Json) -> Vec<Field> {
    let walk = Walk {
        document,
        side: Side::Request,
        before: &|_| None,
    };
    walk.rows(schema)
}

/// As [`fields`], of what an operation answers: parts that the page had before are only named.
pub(super) fn fields_of_answer(
    places: &Places<'_>,
    operation: &Operation,
    schema: &Json,
) -> Vec<Field> {
    let walk = Walk {
        document: places.document,
        side: Side::Response,
        before: &|part| places.before(part, operation),
    };
    walk.rows(schema)
}

struct Walk<'w> {
    document: &'w Document,
    side: Side,
    /// The operation that has the fields of a part already.
    before: &'w dyn Fn(&Json) -> Option<&'w Operation>,
}

impl Walk<'_> {
    fn rows(&self, schema: &Json) -> Vec<Field> {
        let mut rows = Vec::new();
        self.walk(schema, "", &mut rows);
        rows
    }

    fn walk(&self, schema: &Json, path: &str, rows: &mut Vec<Field>) {
        let schema = resolved(self.document, schema);
        for choice in choices(self.document, schema) {
            let mut rows_of_choice = Vec::new();
            self.walk(choice, path, &mut rows_of_choice);
            for row in rows_of_choice {
                let is_row = |known: &Field| known.path == row.path && known.name == row.name;
                if !rows.iter().any(is_row) {
                    rows.push(row);
                }
            }
        }
        let required = schema.get("required").map_or(&[][..], Json::list);
        let properties = schema.get("properties").and_then(Json::object);
        for (name, property) in properties.into_iter().flatten() {
            let is_required = required
                .iter()
                .any(|required| required.text() == Some(name));
            let description = property.text_of("description").unwrap_or_default();
            let (inner, mark) = match property.get("items") {
                Some(items) => (items, "[]."),
                None => (property, "."),
            };
            let mut row = Field {
                path: path.to_owned(),
                name: name.clone(),
                required: is_required && self.side == Side::Request,
                optional: !is_required && self.side == Side::Response,
                description: description.to_owned(),
                ..value_of(self.document, property)
            };
            let before = (self.before)(inner);
            if let Some(first) = before {
                let rule = format!("Fields: [{}](#{}).", first.summary, first.operation_id);
                row.rules.push(rule);
            }
            rows.push(row);
            if before.is_none() {
                self.walk(inner, &format!("{path}{name}{mark}"), rows);
            }
        }
    }
}

/// The objects of which a schema takes any: their fields are listed together, each once.
fn choices<'d>(document: &'d Document, schema: &'d Json) -> Vec<&'d Json> {
    let lists = ["anyOf", "oneOf"]
        .into_iter()
        .filter_map(|of| schema.get(of));
    let all: Vec<_> = lists.flat_map(Json::list).collect();
    let is_object = |one: &&Json| resolved(document, one).get("properties").is_some();
    match all.iter().all(is_object) {
        true => all,
        false => Vec::new(),
    }
}

/// What a schema says of a value alone.
pub(super) fn value_of(document: &Document, schema: &Json) -> Field {
    let schema = resolved(document, schema);
    let item = schema.get("items").map(|items| resolved(document, items));
    let mut rules = bounds(schema, "");
    if let Some(item) = item {
        rules.extend(bounds(item, "each "));
    }
    if let Some(default) = schema
        .get("default")
        .filter(|default| **default != Json::List(vec![]))
    {
        let shown = default
            .text()
            .map_or_else(|| default.to_string(), str::to_owned);
        rules.push(format!("Default: `{shown}`."));
    }
    Field {
        kind: kind_of(schema, item),
        rules,
        ..Field::default()
    }
}

fn name_of(schema: &Json) -> Option<&str> {
    schema.text_of("$ref")?.strip_prefix(PLACE)
}

fn resolved<'d>(document: &'d Document, schema: &'d Json) -> &'d Json {
    name_of(schema)
        .and_then(|name| document.components.schemas.get(name))
        .unwrap_or(schema)
}

fn kind_of(schema: &Json, item: Option<&Json>) -> String {
    let kind = schema.get("type");
    let one = kind.into_iter().filter_map(Json::text);
    let names: Vec<&str> = one
        .chain(kind.into_iter().flat_map(Json::list).filter_map(Json::text))
        .collect();
    let named = names.iter().map(|name| match (*name, item) {
        ("array", Some(item)) => format!("array of {}s", kind_of(item, None)),
        ("string", _) => schema.text_of("format").unwrap_or("string").to_owned(),
        (name, _) => name.to_owned(),
    });
    named.collect::<Vec<_>>().join(" or ")
}

fn bounds(schema: &Json, each: &str) -> Vec<String> {
    let between = |low, high, unit: &str| {
        let (low, high) = (schema.get(low).map(grouped), schema.get(high).map(grouped));
        let amount = match (low, high) {
            (Some(low), Some(high)) => format!("{low} to {high}"),
            (None, Some(high)) => format!("at most {high}"),
            // That a count is not negative goes without saying.
            (Some(low), None) if low != "0" => format!("at least {low}"),
            _ => return None,
        };
        Some(capitalised(&format!("{each}{amount}{unit}.")))
    };
    let mut rules: Vec<String> = [
        between("minLength", "maxLength", " characters"),
        between("minItems", "maxItems", " items"),
        between("minimum", "maximum", ""),
    ]
    .into_iter()
    .flatten()
    .collect();
    let choices = schema.get("enum").map_or(&[][..], Json::list);
    let choices = choices.iter().filter_map(Json::text);
    let choices: Vec<_> = choices.map(|choice| format!("`{choice}`")).collect();
    if !choices.is_empty() {
        rules.push(format!("One of {}.", choices.join(", ")));
    }
    rules
}

/// A number with its thousands apart.
fn grouped(number: &Json) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// The rows as a list, each name above what it means.
pub(super) fn table(title: &str, rows: &[Field]) -> Markup {
    html! {
        dl.fields aria-label=(title) {
            @for row in rows {
                div {
                    dt {
                        code {
                            @if !row.path.is_empty() { span.path { (row.path) } wbr; }
                            (row.name)
                        }
                        i { (row.kind) }
                        @if row.required { span.required { "required" } }
                        @if row.optional { i { "may be absent" } }
                    }
                    dd {
                        (markdown::render(&row.description).prose)
                        @if !row.rules.is_empty() {
                            div.rules { (markdown::render(&row.rules.join(" ")).prose) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::document;
    use serde_json::json;

    #[test]
    fn the_fields_of_a_choice_are_listed_together_each_once() {
        let document = document().unwrap();
        let named = |name: &str| json!({ "$ref": format!("{PLACE}{name}") });
        let rows_of = |schema: serde_json::Value| fields(&document, &schema.into());
        let one = rows_of(named("HandoffPatch")).len();
        let other = rows_of(named("KustomerTestPatch")).len();
        let names = ["HandoffPatch", "KustomerTestPatch", "HandoffPatch"].map(named);
        assert_eq!(rows_of(json!({ "anyOf": names })).len(), one + other);
        let or_null = json!({ "anyOf": [named("HandoffPatch"), { "type": "null" }] });
        assert!(rows_of(or_null).is_empty());
    }
}
