use crate::Result;
use crate::document::examples;
use crate::entry::{Answer, Entry, Shape};
use crate::errors::{code_of, kinds_of, meaning, sample, sample_request_id, takes_idempotency_key};
use crate::json::{Json, Map};
use crate::openapi::{Answered, Example, Media, Reference, Response};
use crate::schemas::{PLACE, Schemas};
use common::http::{Kind, Route};
use std::collections::BTreeMap;

/// Everything that an operation can answer, by status: what it does first, then the failures.
pub(crate) fn responses(
    route: &Route,
    entry: &Entry,
    schemas: &mut Schemas,
) -> Result<Map<Answered>> {
    let mut all = Map::new();
    for answer in entry.answers {
        let response = answered(route, answer, schemas)?;
        all.insert(answer.status.to_string(), Answered::Own(response));
    }
    let mut failures: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in kinds_of(route, entry) {
        failures
            .entry(kind.status_and_code().0)
            .or_default()
            .push(kind);
    }
    for (status, kinds) in failures {
        all.entry(status.to_string())
            .or_insert_with(|| failed(entry, &kinds));
    }
    Ok(all)
}

fn answered(route: &Route, answer: &Answer, schemas: &mut Schemas) -> Result<Response> {
    let mut headers = vec!["x-request-id"];
    if takes_idempotency_key(route) {
        headers.push("idempotent-replayed");
    }
    headers.extend(answer.headers);
    let mut content: Map<Media> = Map::new();
    for shape in answer.shapes {
        let alike: Vec<&Shape> = answer
            .shapes
            .iter()
            .filter(|s| s.media == shape.media)
            .collect();
        let mut each: Vec<_> = alike
            .iter()
            .map(|shape| schemas.answer(shape.schema))
            .collect();
        let schema = match each.len() {
            1 => each.swap_remove(0),
            _ => Json::Object([("oneOf".to_owned(), Json::List(each))].into()),
        };
        content.insert(
            shape.media.into(),
            Media {
                schema,
                examples: examples(&alike)?,
            },
        );
    }
    Ok(Response {
        description: answer.description.into(),
        headers: referred(&headers),
        content,
    })
}

/// A failure: shared where it means what it means everywhere, the operation's own otherwise.
fn failed(entry: &Entry, kinds: &[Kind]) -> Answered {
    let own = |kind: &Kind| {
        let mut texts = entry.errors.iter().filter(|(_, text)| !text.is_empty());
        texts.find(|(of, _)| of == kind).map(|(_, text)| *text)
    };
    match kinds {
        [kind] if own(kind).is_none() => Answered::Shared(Reference {
            reference: format!("#/components/responses/{}", code_of(*kind)),
        }),
        kinds => {
            let meant = |kind: &Kind| (*kind, own(kind).unwrap_or(meaning(*kind)));
            Answered::Own(failure(&kinds.iter().map(meant).collect::<Vec<_>>()))
        }
    }
}

/// The response of failures of one status, with what each means.
pub(crate) fn failure(kinds: &[(Kind, &str)]) -> Response {
    let mut headers = vec!["x-request-id"];
    for header in ["allow", "retry-after"] {
        let has = |kind: Kind| {
            sample(kind)
                .to_response(&sample_request_id())
                .header(header)
                .is_some()
        };
        if kinds.iter().any(|(kind, _)| has(*kind)) {
            headers.push(header);
        }
    }
    let lines: Vec<_> = kinds
        .iter()
        .map(|(kind, means)| format!("`{}`: {means}", code_of(*kind)))
        .collect();
    let description = match lines.as_slice() {
        [line] => line.clone(),
        lines => format!("- {}", lines.join("\n- ")),
    };
    let examples = kinds.iter().map(|(kind, means)| {
        let code = code_of(*kind);
        let reference = Some(format!("#/components/examples/{code}"));
        (
            code.to_owned(),
            Example {
                reference,
                summary: (*means).into(),
                value: None,
            },
        )
    });
    let name = format!("{PLACE}Error");
    let schema = Json::Object([("$ref".to_owned(), name.as_str().into())].into());
    let media = Media {
        schema,
        examples: examples.collect(),
    };
    let content = [("application/json".to_owned(), media)].into();
    Response {
        description,
        headers: referred(&headers),
        content,
    }
}

fn referred(names: &[&str]) -> Map<Reference> {
    let one = |name: &&str| {
        (
            (*name).to_owned(),
            Reference {
                reference: format!("#/components/headers/{name}"),
            },
        )
    };
    names.iter().map(one).collect()
}
