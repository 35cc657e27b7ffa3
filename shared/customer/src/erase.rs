use super::sql::{
    CUSTOMER_ERASE, CUSTOMER_ERASED_EVENT, ERASURE_BEGIN, ERASURE_GET, IDENTITY_ERASE,
    IDENTITY_ERASE_OF_CHANNELS, IDENTITY_ERASE_OF_SMS, THREAD_ERASE,
};
use common::context::Context;
use common::db::{Columns, Row, Sql};
use common::erasing::Erasing;
use common::events::CUSTOMER_ERASED;
use common::http::{Error, Kind};
use common::ids::CustomerId;
use common::ports::Queue;

/// An erasure that has begun.
#[derive(Debug)]
pub struct Erasure {
    /// Who is erased.
    pub erasing: Erasing,
    /// The eraser that is at work, by name; empty for the first.
    pub eraser: String,
    /// How far it has come.
    pub progress: String,
    /// Whether all was erased before, and it looks for what was under way then.
    pub is_second: bool,
}

impl Erasure {
    /// Reads `[customer_id, names, eraser, progress, is_second]`.
    ///
    /// # Errors
    /// 500 for other columns.
    pub fn of_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        Ok(Self {
            erasing: Erasing {
                customer_id: columns.id("customer_id")?,
                names: columns.parsed("names", |names| serde_json::from_str(names).ok())?,
            },
            eraser: columns.text("eraser")?,
            progress: columns.text("progress")?,
            is_second: columns.integer("is_second")? != 0,
        })
    }

    fn of_row(row: &Row) -> Result<Self, Error> {
        Self::of_columns(&mut Columns::of(row))
    }
}

/// Begins the erasure of a person: from here on nobody finds them, and `customer.erased` is told. What is left
/// is the erasers'; see [`common::erasing`]. One that has begun and is not done is given again.
///
/// # Errors
/// 404 when the business has no such customer, or has erased it.
pub async fn erasure_begin(cx: &Context<'_>, id: &str) -> Result<Erasure, Error> {
    let not_found = || Error::new(Kind::NotFound, "There is no such customer.");
    let id = CustomerId::parse(id).ok_or_else(not_found)?;
    let of_customer = |sql: &'static Sql| sql.bind(vec![cx.business_id().into(), (&id).into()]);
    let of_customer_now = |sql: &'static Sql| {
        let mut statement = of_customer(sql);
        statement.params.push(cx.now.micros().into());
        statement
    };
    let mut event = of_customer_now(&CUSTOMER_ERASED_EVENT);
    event.params.push(cx.ids.next().into());
    event.params.push(CUSTOMER_ERASED.as_str().into());
    let mut results = cx
        .db
        .batch(vec![
            // While the row still says by what they were known.
            of_customer_now(&ERASURE_BEGIN),
            of_customer(&IDENTITY_ERASE),
            of_customer(&IDENTITY_ERASE_OF_CHANNELS),
            of_customer(&IDENTITY_ERASE_OF_SMS),
            of_customer(&THREAD_ERASE),
            event,
            of_customer_now(&CUSTOMER_ERASE),
            of_customer(&ERASURE_GET),
        ])
        .await?;
    let erasure = results.pop().and_then(|rows| rows.into_iter().next());
    cx.wake(Queue::Events, cx.business_id());
    Erasure::of_row(&erasure.ok_or_else(not_found)?)
}
