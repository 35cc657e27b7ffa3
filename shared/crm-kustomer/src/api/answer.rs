use super::failed::{failure, unsuited};
use super::resource::{Resource, link_of};
use super::upload::UploadForm;
use channels::outbound::FetchResult;
use common::json::raw;
use common::json::tolerant;
use common::json::tolerant::{child, objects, text};
use common::ports::{Ports, PublicUrl};
use common::time::Timestamp;
use crm::Failure;

/// The last page that a search gives, though its links lead on (kustomer.md §4).
pub const MAX_PAGES: u32 = 100;
/// Longest path of a next page.
const MAX_PATH_BYTES: usize = 2048;

/// A page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What is on it; what has no id is left out.
    pub items: Vec<Resource>,
    /// The path of the next page, for `Api::next`. Of a search it only says that there is more.
    pub next: Option<String>,
}

/// The record that an answer gives.
///
/// # Errors
/// What came of the request instead; [`Failure::Unclear`] for an answer that cannot be read.
pub fn resource(answered: &FetchResult, now: Timestamp) -> Result<Resource, Failure> {
    let body = body_of(answered, now)?;
    let mut resource = read(&body).ok_or_else(unsuited)?;
    resource.link = resource.link.or_else(|| link_of(&raw::part(&body)));
    Ok(resource)
}

/// As [`resource`], but 404 is `None`.
///
/// # Errors
/// As [`resource`], without [`Failure::NotFound`].
pub fn found(answered: &FetchResult, now: Timestamp) -> Result<Option<Resource>, Failure> {
    match resource(answered, now) {
        Ok(resource) => Ok(Some(resource)),
        Err(Failure::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The records that an answer lists.
///
/// # Errors
/// As [`resource`].
pub fn resources(answered: &FetchResult, now: Timestamp) -> Result<Page, Failure> {
    let body = body_of(answered, now)?;
    let whole = raw::part(&body);
    let items = match whole.get("data") {
        Some(data) if data.starts_with('{') => vec![*data],
        Some(data) => raw::items(data),
        None => return Err(unsuited()),
    };
    let next = text(&child(&whole, "links"), "next");
    Ok(Page {
        items: items.into_iter().filter_map(Resource::read).collect(),
        next: next.filter(|path| is_own_path(path)),
    })
}

/// What came of the items of a job that is complete: the word by which each is known, and its id; none
/// where it was refused. Items of which nothing is told are not among them.
///
/// # Errors
/// As [`resource`].
pub fn bulk_results(
    answered: &FetchResult,
    now: Timestamp,
) -> Result<Vec<(String, Option<String>)>, Failure> {
    let body = body_of(answered, now)?;
    let batches = match raw::part(&body).get("data") {
        Some(data) => raw::items(data),
        None if body.starts_with('[') => raw::items(&body),
        None => return Err(unsuited()),
    };
    let mut results = Vec::new();
    for batch in batches {
        let batch = raw::part(batch);
        let attributes = child(&batch, "attributes");
        for object in [&batch, &attributes] {
            for result in objects(object, "results") {
                let Some(reference) = text(&result, "_clientRef") else {
                    continue;
                };
                let is_made = matches!(
                    text(&result, "status").as_deref(),
                    Some("created" | "updated")
                );
                let id = text(&result, "objectId").filter(|_| is_made);
                results.push((reference, id));
            }
        }
    }
    Ok(results)
}

/// Whether the request succeeded, whatever else the response contains.
///
/// # Errors
/// As [`resource`].
pub fn done(answered: &FetchResult, now: Timestamp) -> Result<(), Failure> {
    match answered {
        Ok(response) if (200..300).contains(&response.status) => Ok(()),
        _ => Err(failure(answered, now)),
    }
}

/// As [`done`], of what was to be deleted: what is gone already is gone.
///
/// # Errors
/// As [`resource`], without [`Failure::NotFound`].
pub fn gone(answered: &FetchResult, now: Timestamp) -> Result<(), Failure> {
    match done(answered, now) {
        Err(Failure::NotFound) => Ok(()),
        other => other,
    }
}

/// The attachment created, and the form that uploads its bytes; no form for files that Kustomer does not
/// store.
///
/// # Errors
/// As [`resource`]; [`Failure::Invalid`] `unsafe_url` where the form would lead to a private host.
pub fn upload_of(
    ports: &Ports<'_>,
    answered: &FetchResult,
    now: Timestamp,
) -> Result<(Resource, Option<UploadForm>), Failure> {
    let body = body_of(answered, now)?;
    let attachment = read(&body).ok_or_else(unsuited)?;
    let upload = child(&child(&raw::part(&body), "meta"), "upload");
    let Some(url) = text(&upload, "url") else {
        return Ok((attachment, None));
    };
    let url = PublicUrl::parse(ports, "meta.upload.url", &url).map_err(|_| unsafe_url())?;
    let fields = child(&upload, "fields");
    let fields = fields.iter().filter_map(|(name, value)| {
        let value = super::resource::text_of(value).or_else(|| raw::text(value))?;
        Some((name.to_owned(), value))
    });
    let fields = fields.collect();
    Ok((attachment, Some(UploadForm { url, fields })))
}

/// Whether the bytes of an attachment arrived. The storage answers in XML, and its refusals say
/// nothing about the key.
///
/// # Errors
/// [`Failure::Invalid`] `upload_refused` where a new form is needed; else as [`resource`].
pub fn uploaded(answered: &FetchResult, now: Timestamp) -> Result<(), Failure> {
    let refused = |status: u16| Failure::Invalid {
        code: "upload_refused".into(),
        message: format!("The storage of attachments answered with status {status}."),
    };
    match answered {
        Ok(response) => match response.status {
            408 | 429 | 500.. => Err(failure(answered, now)),
            200..300 => Ok(()),
            status => Err(refused(status)),
        },
        Err(_) => Err(failure(answered, now)),
    }
}

/// An attachment, and where its bytes are, for some time.
///
/// # Errors
/// As [`resource`]; [`Failure::Invalid`] `unsafe_url` where that is a private host, or nowhere.
pub fn file_of(
    ports: &Ports<'_>,
    answered: &FetchResult,
    now: Timestamp,
) -> Result<(Resource, PublicUrl), Failure> {
    let record = resource(answered, now)?;
    let link = record.link.as_deref().unwrap_or_default();
    let url = PublicUrl::parse(ports, "links.related", link).map_err(|_| unsafe_url())?;
    Ok((record, url))
}

fn unsafe_url() -> Failure {
    Failure::Invalid {
        code: "unsafe_url".into(),
        message: "The CRM gave a URL that does not lead to a public host.".into(),
    }
}

/// The JSON of an answer that says that it went well.
fn body_of(answered: &FetchResult, now: Timestamp) -> Result<String, Failure> {
    let response = match answered {
        Ok(response) if (200..300).contains(&response.status) => response,
        _ => return Err(failure(answered, now)),
    };
    let whole = (!response.is_cut).then_some(&response.body);
    whole
        .and_then(|body| tolerant::checked(body))
        .ok_or_else(unsuited)
}

/// The one record of an answer; the first where it lists several.
fn read(body: &str) -> Option<Resource> {
    let whole = raw::part(body);
    let data = whole.get("data").copied()?;
    match data.starts_with('[') {
        true => Resource::read(raw::items(data).first()?),
        false => Resource::read(data),
    }
}

/// Whether a link stays with the API: a plain path below a version.
fn is_own_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && b != b'\\' && b != b'#';
    path.len() <= MAX_PATH_BYTES
        && path.starts_with("/v")
        && path.bytes().all(plain)
        && !path.contains("..")
}
