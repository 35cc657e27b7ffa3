//! What a setup is given: secrets from files, and settings by their paths.

use std::fs;
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::args::Setting;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::world::World;

/// Longest token that is read, in bytes; a file that holds more is none.
const MAX_TOKEN_BYTES: u64 = 4096;

/// The token of a file, or of standard input.
pub(crate) fn token_of(file: &Path, world: &mut World<'_>) -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = match file.as_os_str() == "-" {
        true => world
            .input
            .take(MAX_TOKEN_BYTES + 1)
            .read_to_string(&mut text),
        false => fs::File::open(file)
            .and_then(|opened| opened.take(MAX_TOKEN_BYTES + 1).read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::file("read", file, &error))?;
    let Ok(token) = Secret::from_argument(&text);
    match token.is_sendable() && text.len() as u64 <= MAX_TOKEN_BYTES {
        true => Ok(token),
        false => Err(Failure::usage(format!(
            "{} holds no token: write it alone into the file (it is not shown here)",
            file.display()
        ))),
    }
}

/// Puts a setting into what is to be stored.
pub(crate) fn put(object: &mut Map<String, Value>, setting: &Setting) {
    put_at(object, &setting.path, setting.value.clone());
}

/// Puts a value at a path, of objects but for the last.
fn put_at(object: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        object.insert(first.clone(), value);
        return;
    }
    let inner = object.entry(first.clone()).or_insert_with(|| json!({}));
    if !inner.is_object() {
        *inner = json!({});
    }
    if let Some(inner) = inner.as_object_mut() {
        put_at(inner, rest, value);
    }
}
