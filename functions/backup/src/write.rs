use crate::sealed::{Transfer, check_keys};
use crate::sql::NAMING_KEYS;
use common::Context;
use common::db::{Columns, DbError, Statement, json_arrays};
use common::http::{Error, Kind, Request};
use common::json::raw;
use serde::Serialize;
use tables::LEFT_OUT;
use tables::{Table, tables};

/// Where the key of a naming key stands in a row of `data_keys`.
const PURPOSE: &str = "purpose";

/// What came of a page.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Restored {
    /// Rows that came.
    rows: usize,
    /// Those that are there now as they came.
    same: usize,
    /// Those that were there before, and are otherwise: they stay as they are.
    different: usize,
}

/// The rows of one table on a page.
struct Group {
    table: &'static Table,
    /// For each column of the table, where it stands in a row that comes, or what it is where it does not.
    places: Vec<Result<usize, &'static str>>,
    rows: Vec<String>,
}

/// `POST restore/rows`
///
/// 1. Reads the page: 422 for what is none, and for a table or a column that this deployment lacks.
/// 2. Holds the secrets against the ring: 409 for a master key that it lacks, and for a key by which another deployment
///    names secrets.
/// 3. Stores the rows in one transaction, those that others need first, each unless there is one of its key; 409 for a
///    row that contradicts another's, such as an account that another business has here.
/// 4. Counts those that are as they came.
///
/// # Errors
/// As said; 503 when the database is away.
pub(crate) async fn restore(cx: &Context<'_>, request: &Request) -> Result<Restored, Error> {
    let business = request.query.get("business").unwrap_or_default();
    let transfer = Transfer::of(cx)?;

    // 1.
    let body = cx.read_body(request.route).await?;
    let body = std::str::from_utf8(&body)
        .map_err(|_| Error::new(Kind::MalformedJson, "The body is not valid UTF-8."))?;
    let mut groups = groups(business, body)?;

    // 2.
    for group in &mut groups {
        for row in &mut group.rows {
            *row = match &transfer {
                Some(transfer) => transfer.coming(cx, group.table, std::mem::take(row))?,
                None => std::mem::take(row),
            };
            check_keys(cx, group.table, &raw::list(row).unwrap_or_default())?;
        }
    }
    if business.is_empty() {
        check_naming_keys(cx, &groups).await?;
    }

    // 3.
    let rows = groups.iter().map(|group| group.rows.len()).sum();
    let mut statements: Vec<Statement> = Vec::new();
    for group in groups.into_iter().rev() {
        for array in json_arrays(group.rows) {
            let params = || vec![business.into(), array.text.as_str().into()];
            statements.push(group.table.write.bind(params()));
            statements.push(group.table.check.bind(params()));
        }
    }
    if statements.is_empty() {
        return Ok(Restored::default());
    }
    let results = cx.db.batch(statements).await.map_err(contradiction)?;

    // 4.
    let mut restored = Restored {
        rows,
        ..Restored::default()
    };
    for counted in results
        .iter()
        .skip(1)
        .step_by(2)
        .filter_map(|rows| rows.first())
    {
        let mut columns = Columns::of(counted);
        let count = |n: i64| usize::try_from(n).unwrap_or_default();
        let (found, same) = (columns.integer("found")?, columns.integer("same")?);
        restored.same += count(same);
        restored.different += count(found - same);
    }
    Ok(restored)
}

fn contradiction(error: DbError) -> Error {
    match error {
        DbError::Race(_) => Error::new(
            Kind::Conflict,
            "A row contradicts one that is here: an id, or an address of an account, is another business's. \
             Nothing of this page was stored.",
        ),
        other => other.into(),
    }
}

/// The rows of a page, by table, in its order.
fn groups(business: &str, body: &str) -> Result<Vec<Group>, Error> {
    let mut groups: Vec<Group> = Vec::new();
    for (n, line) in body.lines().enumerate() {
        let wrong = |rule: &'static str, message: String| {
            Err(Error::invalid(format!("body[{n}]"), rule, message))
        };
        if line.starts_with('{') {
            match raw::object(line) {
                Some(object) if object.get("table").is_some() => groups.push(group(n, &object)?),
                Some(_) => {}
                None => return wrong("json", format!("Line {} is not JSON.", n + 1)),
            }
            continue;
        }
        let Some(group) = groups.last_mut() else {
            return wrong("table", "The first line must name a table.".into());
        };
        let items = raw::list(line).unwrap_or_default();
        let has_all = items.len() == group.places.iter().filter(|place| place.is_ok()).count();
        if !has_all || serde_json::from_str::<serde::de::IgnoredAny>(line).is_err() {
            let message = format!("Line {} is no row of {}.", n + 1, group.table.name);
            return wrong("row", message);
        }
        let place = |place: &Result<usize, &'static str>| match place {
            Ok(n) => items.get(*n).copied().unwrap_or("null").to_owned(),
            Err(default) => (*default).to_owned(),
        };
        let row: Vec<_> = group.places.iter().map(place).collect();
        if row.first().and_then(|id| raw::text(id)).as_deref() != Some(business) {
            return wrong("business", format!("Line {} is another business's.", n + 1));
        }
        group.rows.push(format!("[{}]", row.join(",")));
    }
    Ok(groups)
}

/// The table that a line names, with the columns that its rows have.
fn group(line: usize, object: &raw::Object<'_>) -> Result<Group, Error> {
    let newer = |what: String| {
        let message = format!(
            "This deployment has no {what}: the backup is of a newer version. Update it first."
        );
        Error::invalid(format!("body[{line}]"), "schema", message)
    };
    let name = object.text("table").unwrap_or_default();
    let mut known = tables().iter();
    let Some(table) = known.find(|table| table.name == name) else {
        let mut left_out = LEFT_OUT.iter();
        return Err(match left_out.find(|(table, _)| *table == name) {
            Some(_) => {
                let message = format!("{name} is not restored.");
                Error::invalid(format!("body[{line}]"), "table", message)
            }
            None => newer(format!("table {name}")),
        });
    };
    let columns = object.get("columns").and_then(|columns| raw::list(columns));
    let columns: Option<Vec<_>> =
        columns.map(|list| list.into_iter().filter_map(raw::text).collect());
    let columns = columns.unwrap_or_default();
    if let Some(unknown) = columns.iter().find(|name| table.place(name).is_none()) {
        return Err(newer(format!("column {name}.{unknown}")));
    }
    let mut places = Vec::new();
    for column in &table.columns {
        let mut places_of = columns.iter();
        let place = places_of.position(|name| name == column.name);
        match (place, column.default) {
            (Some(place), _) => places.push(Ok(place)),
            (None, Some(default)) => places.push(Err(default)),
            (None, None) => {
                let message = format!("The rows of {name} lack the column {}.", column.name);
                return Err(Error::invalid(format!("body[{line}]"), "columns", message));
            }
        }
    }
    Ok(Group {
        table,
        places,
        rows: Vec::new(),
    })
}

/// Names of Meta's secrets stand in the rows of accounts, made with a key of the deployment: where this one has another,
/// what comes would never be found.
async fn check_naming_keys(cx: &Context<'_>, groups: &[Group]) -> Result<(), Error> {
    let known = cx.db.rows(NAMING_KEYS.bind(Vec::new())).await?;
    let known = known.iter().map(|row| {
        let mut columns = Columns::of(row);
        Ok((columns.text("purpose")?, columns.text("sealed")?))
    });
    let known: Vec<(String, String)> = known.collect::<Result<_, Error>>()?;
    for group in groups.iter().filter(|group| group.table.is_of_deployment()) {
        for row in &group.rows {
            let items = raw::list(row).unwrap_or_default();
            let text = |name: &str| raw::text(items.get(group.table.place(name)?)?);
            let (purpose, sealed) = (text(PURPOSE), text(secrets::DATA_KEYS.column));
            let mut known = known.iter();
            let here = known.find(|(name, _)| Some(name) == purpose.as_ref());
            let (Some((purpose, here)), Some(sealed)) = (here, sealed) else {
                continue;
            };
            let digest =
                |sealed: &str| Ok::<_, Error>(cx.ports.data_key_open(sealed)?.hmac(b"same"));
            if digest(here)? != digest(&sealed)? {
                let message = format!(
                    "This deployment has a key of its own for `{purpose}`: accounts of Meta's that are restored would \
                     not be found by what Meta sends. Restore into a deployment that has had none."
                );
                return Err(Error::new(Kind::Conflict, message));
            }
        }
    }
    Ok(())
}
