use super::identity::Named;
use super::plan::{Draft, Plan};
use super::sql::{
    CUSTOMER_CREATE, CUSTOMER_GUARD, CUSTOMER_WRITE, IDENTITY_DELETE, IDENTITY_INSERT,
    IDENTITY_INSERT_CREATED, IDENTITY_INSERT_EMAIL, IDENTITY_INSERT_EXTERNAL,
    IDENTITY_INSERT_PHONE, IDENTITY_INSERT_WHATSAPP,
};
use super::stored::Stored;
use common::context::Context;
use common::db::{JsonArray, JsonArrays, Sql, Statement, Value};
use common::events;
use common::http::Error;
use common::ids::{CustomerId, Ids};

/// Whether a customer has an identity of some kind.
type Has = fn(&Stored<'_>) -> bool;

/// The one transaction that makes a plan true; nothing where it changes nothing.
///
/// The order matters: identities are given up before any is taken, and each write of customers is
/// followed at once by the guard that counts it.
pub(super) fn statements(
    cx: &Context<'_>,
    plan: &Plan<'_>,
    ids: &Ids,
) -> Result<Vec<Statement>, Error> {
    let mut statements = Vec::new();
    let business = || Value::from(cx.business_id());
    let (given_up, taken) = moved(plan)?;
    for array in given_up {
        statements.push(IDENTITY_DELETE.bind(vec![business(), array.text.into()]));
    }
    let written = plan.drafts.iter().filter(|draft| draft.is_changed());
    for array in rows(written)? {
        let now = cx.now.micros();
        statements.push(CUSTOMER_WRITE.bind(vec![business(), array.text.into(), now.into()]));
        statements.push(CUSTOMER_GUARD.bind(vec![business(), array.items.into()]));
    }
    let made = || plan.drafts.iter().filter(|draft| draft.is_new);
    if made().next().is_some() {
        let range = ids.range();
        let of_new = |sql: &'static Sql| {
            sql.bind(vec![
                business(),
                range.first.as_str().into(),
                range.last.as_str().into(),
            ])
        };
        let kinds: [(&'static Sql, Has); 4] = [
            (&IDENTITY_INSERT_EXTERNAL, |c| c.external_id.is_some()),
            (&IDENTITY_INSERT_EMAIL, |c| c.email.is_some()),
            (&IDENTITY_INSERT_PHONE, |c| c.phone.is_some()),
            (&IDENTITY_INSERT_WHATSAPP, |c| c.whatsapp_number.is_some()),
        ];
        for (sql, has) in kinds {
            if made().any(|draft| has(&draft.customer)) {
                statements.push(of_new(sql));
            }
        }
        statements.push(events::customers_created(cx, &range));
    }
    for array in taken {
        statements.push(IDENTITY_INSERT.bind(vec![business(), array.text.into()]));
    }
    let changed = plan.drafts.iter().filter(|draft| draft.before.is_some());
    let subjects = changed.map(|draft| draft.customer.id.as_str());
    statements.extend(events::happened(cx, events::CUSTOMER_UPDATED, subjects));
    if !statements.is_empty() {
        statements.push(events::listeners_get(cx));
    }
    Ok(statements)
}

/// What makes the customers of a plan that read nothing, unless somebody has one of their names; the first statement gives
/// a row for each that it made, as [`wake_listeners`](events::wake_listeners) reads it. None where the plan makes nobody,
/// or more than fits one parameter.
pub(super) fn creation(
    cx: &Context<'_>,
    plan: &Plan<'_>,
    ids: &Ids,
) -> Result<Option<Vec<Statement>>, Error> {
    let mut names = JsonArrays::default();
    for draft in &plan.drafts {
        for name in draft.customer.identities() {
            push(&mut names, name, Some(&draft.customer.id))?;
        }
    }
    let (rows, names) = (rows(plan.drafts.iter())?, names.finish());
    let ([rows], [names]) = (rows.as_slice(), names.as_slice()) else {
        return Ok(None);
    };
    let business = || Value::from(cx.business_id());
    let names = || Value::from(names.text.as_str());
    let now = cx.now.micros();
    Ok(Some(vec![
        CUSTOMER_CREATE.bind(vec![
            business(),
            rows.text.as_str().into(),
            now.into(),
            names(),
        ]),
        IDENTITY_INSERT_CREATED.bind(vec![business(), names()]),
        events::customers_created(cx, &ids.range()),
    ]))
}

/// The customers' rows as the write statements read them, each as of its next revision.
fn rows<'d, 'a: 'd>(drafts: impl Iterator<Item = &'d Draft<'a>>) -> Result<Vec<JsonArray>, Error> {
    let mut rows = JsonArrays::default();
    for Draft { customer, .. } in drafts {
        let row = rows.push(|out| customer.write_json(customer.revision + 1, out));
        row.map_err(Error::internal)?;
    }
    Ok(rows.finish())
}

/// The identities that change hands, as JSON for the statements: those given up, those taken. A new
/// customer's columns are taken by range; here go only what the columns do not hold.
fn moved(plan: &Plan<'_>) -> Result<(Vec<JsonArray>, Vec<JsonArray>), Error> {
    let mut given_up = JsonArrays::default();
    let mut taken = JsonArrays::default();
    for draft in &plan.drafts {
        let customer = &draft.customer;
        if let Some(before) = &draft.before {
            for name in before
                .identities()
                .filter(|name| !customer.is_known_by(*name))
            {
                push(&mut given_up, name, None)?;
            }
            for name in customer
                .identities()
                .filter(|name| !before.is_known_by(*name))
            {
                push(&mut taken, name, Some(&customer.id))?;
            }
        }
        if draft.is_new {
            for other in &customer.other_external_ids {
                let name = Named::external(&other.external_id, &other.external_system);
                push(&mut taken, name, Some(&customer.id))?;
            }
        }
    }
    Ok((given_up.finish(), taken.finish()))
}

/// A name and whose it is.
fn push(array: &mut JsonArrays, name: Named<'_>, owner: Option<&CustomerId>) -> Result<(), Error> {
    let name = (name.kind.as_str(), name.value, name.system);
    let pushed = array.push(|out| match owner {
        None => serde_json::to_writer(out, &name),
        Some(owner) => serde_json::to_writer(out, &(name.0, name.1, name.2, owner)),
    });
    pushed.map_err(Error::internal)
}
