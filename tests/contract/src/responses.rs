use crate::document::{example, examples};
use crate::errors::{code_of, kinds_of, meaning, takes_idempotency_key};
use crate::json::{Json, Map};
use crate::openapi::{Example, Media, Reference, Response};
use crate::operations::{Answer, Entry, Shape};
use crate::schemas::{PLACE, Schemas};
use crate::Result;
use common::http::{Kind, Route};
use std::collections::BTreeMap;

/// Everything that an operation can answer, by status: what it does first, then the failures.
pub(crate) fn responses(route: &Route, entry: &Entry, schemas: &mut Schemas) -> Result<Map<Response>> {
    let mut all = Map::new();
    for answer in entry.answers {
        all.insert(answer.status.to_string(), answered(route, answer, schemas)?);
    }
    let mut failures: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in kinds_of(route, entry) {
        failures.entry(kind.status_and_code().0).or_default().push(kind);
    }
    for (status, kinds) in failures {
        all.entry(status.to_string()).or_insert_with(|| failed(entry, &kinds));
    }
    Ok(all)
}

fn answered(route: &Route, answer: &Answer, schemas: &mut Schemas) -> Result<Response> {
    let mut headers = vec!["x-request-id"];
    if takes_idempotency_key(route) {
        headers.push("idempotent-replayed");
    }
    let mut content: Map<Media> = Map::new();
    for shape in answer.shapes {
        let alike: Vec<&Shape> = answer.shapes.iter().filter(|s| s.media == shape.media).collect();
        let mut each: Vec<_> = alike.iter().map(|shape| schemas.answer(shape.schema)).collect();
        let schema = match each.len() {
            1 => each.swap_remove(0),
            _ => Json::Object([("oneOf".to_owned(), Json::List(each))].into()),
        };
        content.insert(shape.media.into(), Media { schema, examples: examples(&alike)? });
        example(shape)?;
    }
    Ok(Response { description: answer.description.into(), headers: referred(&headers), content })
}

fn failed(entry: &Entry, kinds: &[Kind]) -> Response {
    let mut headers = vec!["x-request-id"];
    if kinds.contains(&Kind::MethodNotAllowed) {
        headers.push("allow");
    }
    let waits = [Kind::RateLimited, Kind::Unavailable];
    if kinds.iter().any(|kind| waits.contains(kind)) {
        headers.push("retry-after");
    }
    let here = |kind: Kind| {
        let own = entry.errors.iter().find(|(of, text)| *of == kind && !text.is_empty());
        own.map_or_else(|| meaning(kind), |(_, text)| text)
    };
    let lines: Vec<_> =
        kinds.iter().map(|kind| format!("`{}`: {}", code_of(*kind), here(*kind))).collect();
    let description = match lines.as_slice() {
        [line] => line.clone(),
        lines => format!("- {}", lines.join("\n- ")),
    };
    let examples = kinds.iter().map(|kind| {
        let code = code_of(*kind);
        let reference = Some(format!("#/components/examples/{code}"));
        (code.to_owned(), Example { reference, summary: here(*kind).into(), value: None })
    });
    let schema = Json::Object([("$ref".to_owned(), format!("{PLACE}Error").as_str().into())].into());
    let media = Media { schema, examples: examples.collect() };
    let content = [("application/json".to_owned(), media)].into();
    Response { description, headers: referred(&headers), content }
}

fn referred(names: &[&str]) -> Map<Reference> {
    let one = |name: &&str| {
        ((*name).to_owned(), Reference { reference: format!("#/components/headers/{name}") })
    };
    names.iter().map(one).collect()
}
