use crate::owners::{owners_at, shape_of};
use crate::phones::Phones;
use crate::settle::Trouble;
use crate::slice::made;
use crate::sql::REGION_GET;
use common::Context;
use common::db::text_of;
use common::http::{Error, Result};
use knowledge::link::LinkType;
use knowledge::link::request::PreviewFile;
use knowledge::preview::{Preview, PreviewField, PreviewLink, PreviewRecord};
use knowledge::source::connected::connected;
use knowledge::source::{self, Fetched, Page, Place};
use records::{Expected, FieldsSeen, Format, Kind, Owners, RawRecord, Reader, Recipe, Record};

/// Records that are looked at.
const LOOKED_AT: usize = 200;
/// Records that are shown.
const SHOWN: usize = 10;

/// Fetches one page of a link that is not added, or takes the file that is given, and stores nothing. A source that fails
/// is an answer that says why.
///
/// # Errors
/// 503 where a database is away.
pub(crate) async fn preview(cx: &Context<'_>, asked: &PreviewLink) -> Result<Preview> {
    let file = asked.file.as_ref().map(PreviewFile::page).transpose()?;
    let place = Place {
        link: None,
        kind: asked.kind,
        url: &asked.url,
        settings: &asked.settings,
        secrets: &asked.secrets,
    };
    let region = REGION_GET.bind(vec![cx.business_id().into()]);
    let region = cx.db.rows(region).await?.into_iter().next();
    let region = region
        .map(|row| text_of(row, "default_region"))
        .transpose()?;
    let region = region.unwrap_or_default();
    let shown = show(cx, &place, file, &asked.name, &region).await;
    match shown {
        Ok(preview) => Ok(preview),
        Err(Failed::Source(trouble)) => Ok(Preview {
            error: Some(trouble.message().to_owned()),
            ..Preview::default()
        }),
        Err(Failed::Here(error)) => Err(error),
    }
}

enum Failed {
    Source(Trouble),
    Here(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Here(error)
    }
}

impl From<source::Trouble> for Failed {
    fn from(trouble: source::Trouble) -> Self {
        Self::Source(trouble.into())
    }
}

impl From<records::Trouble> for Failed {
    fn from(trouble: records::Trouble) -> Self {
        Self::Source(Trouble::lasting(format!("{}.", trouble.message)))
    }
}

async fn show(
    cx: &Context<'_>,
    place: &Place<'_>,
    file: Option<Page>,
    name: &str,
    region: &str,
) -> Result<Preview, Failed> {
    let connected = connected(cx, place.url, place.settings).await?;
    let (link, place) = match &connected {
        Some(connected) => (place, &connected.place(place)),
        None => (place, place),
    };
    let page = match file {
        Some(page) => page,
        None => match source::fetch(cx, place, None, None).await? {
            Fetched::Page(page) => page,
            Fetched::NotModified => return Ok(Preview::default()),
        },
    };
    let expected = match place.kind {
        LinkType::File => Expected::Anything,
        _ => Expected::Data,
    };
    let path = page.url.split(['?', '#']).next().unwrap_or_default();
    let format = Format::detect(page.content_type.as_deref(), path, &page.body, expected)?;
    let shape = shape_of(name, link.url, link.settings);
    let mut reader = Reader::new(format, &page.body, &shape)?;
    let raw: Vec<RawRecord> = reader.by_ref().take(LOOKED_AT).collect::<Result<_, _>>()?;
    let on_page = raw.len() + reader.filter(Result::is_ok).count();
    let recipe = Recipe::new(&shape);
    let mut phones = Phones::default();
    made(cx, region, &recipe, &raw, &mut phones).await?;
    let mut seen = FieldsSeen::default();
    let mut preview = Preview {
        format: Some(format_name(format).to_owned()),
        looked_at: raw.len(),
        has_more_pages: source::next(place, None, &page, on_page)?.is_some(),
        ..Preview::default()
    };
    for one in &raw {
        let record = recipe.make_noting(one, &|text| phones.read(text), &mut seen);
        preview.masked += record.masked;
        *match owners_at(link.url, &link.settings.identity, &record.owners) {
            Owners::Everyone => &mut preview.owners.everyone,
            Owners::Of(_) => &mut preview.owners.known,
            Owners::Unknown => &mut preview.owners.unknown,
        } += 1;
        if preview.records.len() < SHOWN {
            preview.records.push(shown(record));
        }
    }
    preview.fields = seen.list().iter().map(field).collect();
    Ok(preview)
}

fn shown(record: Record) -> PreviewRecord {
    let text: Vec<String> = record.chunks.into_iter().map(|chunk| chunk.text).collect();
    PreviewRecord {
        key: record.key,
        path: record.path,
        title: record.title,
        text: text.join("\n"),
        problems: record
            .problems
            .iter()
            .map(|problem| problem.code().to_owned())
            .collect(),
    }
}

fn field(field: &records::FieldSeen) -> PreviewField {
    PreviewField {
        path: field.path.clone(),
        example: field.example.clone(),
        kind: match field.kind {
            Kind::Empty => "empty",
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Mixed => "mixed",
        }
        .to_owned(),
        filled: field.filled,
        masked: field.masked,
        is_taken: field.is_shown,
    }
}

const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Json => "json",
        Format::JsonLines => "json_lines",
        Format::Csv => "csv",
        Format::Tsv => "tsv",
        Format::Xml => "xml",
        Format::Markdown => "markdown",
        Format::Html => "html",
        Format::Text => "text",
    }
}
