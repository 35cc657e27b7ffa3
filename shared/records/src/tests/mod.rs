//! What the crate promises as a whole.

mod embedded;
mod formats;
mod hostile;
mod json;
mod kept;
mod owners;
mod records;
mod sections;
mod tables;
mod xml;

use crate::*;

/// All records of a body, or what is wrong with it.
fn read_with(format: Format, body: &str, shape: &Shape) -> Result<Vec<RawRecord>, Trouble> {
    Reader::new(format, body.as_bytes(), shape)?.collect()
}

fn read(format: Format, body: &str) -> Vec<RawRecord> {
    read_with(format, body, &Shape::default()).unwrap()
}

/// The code of what is wrong with a body.
fn code(format: Format, body: &str) -> &'static str {
    read_with(format, body, &Shape::default()).unwrap_err().code
}

fn paths(records: &[RawRecord]) -> Vec<&str> {
    records.iter().map(|record| record.path.as_str()).collect()
}

/// Polish numbers; others with their country.
fn phones(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || " +-().".contains(c));
    match (text.trim().starts_with('+'), digits.len()) {
        (true, 8..=15) => Some(format!("+{digits}")),
        (false, 9) if is_number => Some(format!("+48{digits}")),
        _ => None,
    }
}

/// The records of a body, made.
fn made_with(format: Format, body: &str, shape: &Shape) -> Vec<Record> {
    let recipe = Recipe::new(shape);
    let raw = read_with(format, body, shape).unwrap();
    raw.iter().map(|raw| recipe.make(raw, &phones)).collect()
}

fn made(body: &str) -> Vec<Record> {
    made_with(Format::Json, body, &Shape::default())
}

fn named(name: &str) -> Shape {
    Shape {
        name: name.to_owned(),
        ..Shape::default()
    }
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}
