use super::identity::Identity;
use super::plan::{Draft, Plan};
use super::sql::{
    CUSTOMER_CREATE, CUSTOMER_GUARD, CUSTOMER_WRITE, IDENTITY_DELETE, IDENTITY_INSERT,
    IDENTITY_INSERT_CREATED, IDENTITY_INSERT_EMAIL, IDENTITY_INSERT_EXTERNAL,
    IDENTITY_INSERT_PHONE, IDENTITY_INSERT_WHATSAPP,
};
use super::stored::Stored;
use common::context::Context;
use common::db::{Sql, Statement, Value, json_arrays};
use common::events;
use common::http::Error;
use common::ids::{CustomerId, Ids};

/// Whether a customer has an identity of some kind.
type Has = fn(&Stored) -> bool;

/// The one transaction that makes a plan true; nothing where it changes nothing.
///
/// The order matters: identities are given up before any is taken, and each write of customers is
/// followed at once by the guard that counts it.
pub(super) fn statements(
    cx: &Context<'_>,
    plan: &Plan,
    ids: &Ids,
) -> Result<Vec<Statement>, Error> {
    let (made, changed): (Vec<&Draft>, Vec<&Draft>) = plan
        .drafts
        .iter()
        .filter(|draft| draft.is_changed)
        .partition(|draft| draft.is_new);
    let mut statements = Vec::new();
    let business = || Value::from(cx.business_id());
    let (given_up, taken) = moved(&made, &changed)?;
    for array in json_arrays(given_up) {
        statements.push(IDENTITY_DELETE.bind(vec![business(), array.text.into()]));
    }
    write_customers(cx, &made, &changed, &mut statements)?;
    if !made.is_empty() {
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
            if made.iter().any(|draft| has(&draft.customer)) {
                statements.push(of_new(sql));
            }
        }
        statements.push(events::customers_created(cx, &range));
    }
    for array in json_arrays(taken) {
        statements.push(IDENTITY_INSERT.bind(vec![business(), array.text.into()]));
    }
    let subjects = changed.iter().map(|draft| draft.customer.id.as_str());
    statements.extend(events::happened(cx, events::CUSTOMER_UPDATED, subjects));
    if !statements.is_empty() {
        statements.push(events::listeners_get(cx));
    }
    Ok(statements)
}

/// What makes the customers of a plan that read nothing, unless somebody has one of their names; the first statement gives
/// a row for each that it made. None where the plan makes nobody, or more than fits one parameter.
pub(super) fn creation(
    cx: &Context<'_>,
    plan: &Plan,
    ids: &Ids,
) -> Result<Option<Vec<Statement>>, Error> {
    let (mut rows, mut names) = (Vec::new(), Vec::new());
    for draft in &plan.drafts {
        rows.push(written(&draft.customer)?);
        for identity in draft.customer.identities() {
            names.push(json(&identity, Some(&draft.customer.id))?);
        }
    }
    let (rows, names) = (json_arrays(rows), json_arrays(names));
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
        events::listeners_get(cx),
    ]))
}

/// A customer's row as the write statements read it, as of the next revision.
fn written(customer: &Stored) -> Result<String, Error> {
    let json = customer.to_json(customer.revision + 1);
    json.map_err(Error::internal)
}

fn write_customers(
    cx: &Context<'_>,
    made: &[&Draft],
    changed: &[&Draft],
    statements: &mut Vec<Statement>,
) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(made.len() + changed.len());
    for draft in made.iter().chain(changed) {
        rows.push(written(&draft.customer)?);
    }
    for array in json_arrays(rows) {
        let business = || Value::from(cx.business_id());
        let now = cx.now.micros();
        statements.push(CUSTOMER_WRITE.bind(vec![business(), array.text.into(), now.into()]));
        statements.push(CUSTOMER_GUARD.bind(vec![business(), array.items.into()]));
    }
    Ok(())
}

/// The identities that change hands, as JSON for the statements: those given up, those taken. A new
/// customer's columns are taken by range; here go only what the columns do not hold.
fn moved(made: &[&Draft], changed: &[&Draft]) -> Result<(Vec<String>, Vec<String>), Error> {
    let mut given_up = Vec::new();
    let mut taken = Vec::new();
    for draft in changed {
        let after = draft.customer.identities();
        for identity in draft
            .before
            .iter()
            .filter(|identity| !after.contains(identity))
        {
            given_up.push(json(identity, None)?);
        }
        for identity in after
            .iter()
            .filter(|identity| !draft.before.contains(identity))
        {
            taken.push(json(identity, Some(&draft.customer.id))?);
        }
    }
    for draft in made {
        for other in &draft.customer.other_external_ids {
            let identity = Identity::external(&other.external_id, &other.external_system);
            taken.push(json(&identity, Some(&draft.customer.id))?);
        }
    }
    Ok((given_up, taken))
}

fn json(identity: &Identity, owner: Option<&CustomerId>) -> Result<String, Error> {
    let (kind, value, system) = (identity.kind.as_str(), &identity.value, &identity.system);
    let text = match owner {
        None => serde_json::to_string(&(kind, value, system)),
        Some(owner) => serde_json::to_string(&(kind, value, system, owner)),
    };
    text.map_err(Error::internal)
}
