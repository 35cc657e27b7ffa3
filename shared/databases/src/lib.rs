//! Which of several databases a batch is for, and where a business is (docs/databases.md).
//!
//! A business is in one of them. What says so for good are the databases themselves: a business that is being moved, or
//! was, has a row in `moves` where it is not to be looked for, and each batch of a business begins with a statement that
//! fails there. So whatever an isolate, or the directory, still believes leads on to where the business is, and writes
//! nothing on the way.

use common::db::Binding::{Business, Everywhere, Key};
use common::db::{Binding, Database, Databases, DbError, Pending, Rows, Statement, Value};
use common::join::join_all;
use common::{is_here, statements};

statements! {
    /// ?1 business. Fails where it is not, or is not just now, with a text that [`elsewhere`] reads.
    MOVE_GUARD, Business,
        "SELECT json_extract('{}', '@' || coalesce((
           SELECT iif(state IN ('moved', 'arriving'), other, 'closed') FROM moves
           WHERE business_id = ?1 AND state <> 'draining'), '')) AS guard
         WHERE NOT EXISTS (SELECT 1 FROM businesses WHERE id = ?1)
           OR EXISTS (SELECT 1 FROM moves WHERE business_id = ?1 AND state <> 'draining')";
    /// ?1 business.
    BUSINESS_PLACE, Key("the business is what is looked for"),
        concat!("SELECT id FROM businesses WHERE id = ?1 AND ", is_here!("businesses.id"));
    /// Whether a business is being moved here. Of two databases that are asked one after the other, neither may have it
    /// yet, or any more.
    MOVES_ARRIVING, Everywhere("it gives no business's rows"),
        "SELECT 1 AS arrives FROM moves INDEXED BY moves_open
         WHERE business_id > '' AND progress <> '' AND state = 'arriving' LIMIT 1";
}

/// How often a business that is being copied is waited for, [`Databases::pause`] each time.
const WAITS: usize = 4;
/// How often a business is followed: it moves no more often while somebody looks for it.
const STEPS: usize = 4;

/// What a batch is for.
enum Target {
    Business(String),
    One(usize),
    All(Binding),
}

/// # Errors
/// [`DbError::Broken`] for statements of two businesses.
fn target(of: &dyn Databases, statements: &[Statement]) -> Result<Target, DbError> {
    let mut found = Binding::Deployment("");
    let mut business: Option<&str> = None;
    for statement in statements {
        let first = statement.params.first().and_then(Value::as_text);
        let first = first.unwrap_or_default();
        match statement.sql.binding {
            Binding::New(_) => return Ok(Target::One(of.for_new())),
            Business => {
                if business.is_some_and(|business| business != first) {
                    return Err(DbError::Broken("a batch of two businesses".to_owned()));
                }
                business = Some(first);
            }
            other => found = other,
        }
    }
    Ok(match (business, found) {
        // What is the deployment's own has no business.
        (Some(""), _) | (None, Binding::Deployment(_)) => Target::One(0),
        (Some(business), _) => Target::Business(business.to_owned()),
        (None, found) => Target::All(found),
    })
}

/// Runs a batch where it belongs, and gives the rows of each statement.
///
/// Statements of a business go to its database, and whatever is in the batch beside them goes along; those of a business that
/// there is not, to the first. Others are asked of all databases, or of the first, as their [`Binding`] says.
///
/// # Errors
/// [`DbError::Outage`] for a business that is being copied for longer than a second; [`DbError::Broken`] for a batch of
/// two businesses; otherwise as the databases report.
pub async fn route(
    of: &dyn Databases,
    mut statements: Vec<Statement>,
) -> Result<Vec<Rows>, DbError> {
    let business_id = match target(of, &statements)? {
        Target::One(number) => return of.batch_in(number, &statements).await,
        Target::All(binding) => return ask(of, binding, statements).await,
        Target::Business(business_id) => business_id,
    };
    let mut place = match of.known(&business_id) {
        Some(number) => Some(number),
        None => of.directory_get(&business_id).await,
    };
    statements.insert(0, MOVE_GUARD.bind(vec![business_id.as_str().into()]));
    let (mut waits, mut steps) = (0, 0);
    loop {
        let number = match place {
            Some(number) => number,
            None => {
                let looked = BUSINESS_PLACE.bind(vec![business_id.as_str().into()]);
                let found = ask(of, BUSINESS_PLACE.binding, vec![looked]).await?;
                if !has_rows(&found) {
                    statements.remove(0);
                    return of.batch_in(0, &statements).await;
                }
                of.known(&business_id).unwrap_or_default()
            }
        };
        let mut answer = of.batch_in(number, &statements).await;
        match answer.as_ref().err().and_then(elsewhere) {
            None => {
                if let Ok(rows) = &mut answer {
                    rows.remove(0);
                }
                of.note(&business_id, number);
                return answer;
            }
            Some(Elsewhere::At(other)) if steps < STEPS && other < of.count() => {
                steps += 1;
                place = Some(other);
            }
            Some(Elsewhere::Unknown) if steps < STEPS => {
                steps += 1;
                place = None;
            }
            Some(Elsewhere::Closed) if waits < WAITS => {
                waits += 1;
                place = Some(number);
                of.pause().await;
            }
            _ => return Err(DbError::Outage("the business is being moved".to_owned())),
        }
    }
}

/// Where a business is that is not in the database that was asked.
#[derive(Clone, Copy)]
enum Elsewhere {
    At(usize),
    /// Nobody may read or write it just now.
    Closed,
    /// What was believed is wrong.
    Unknown,
}

/// What [`MOVE_GUARD`] said.
fn elsewhere(error: &DbError) -> Option<Elsewhere> {
    let message = error.message().as_bytes();
    let at = message.windows(2).position(|pair| pair == b"'@")?;
    let said = message.get(at + 2..)?;
    let mut found = match said.first() {
        Some(b'c') => Elsewhere::Closed,
        _ => Elsewhere::Unknown,
    };
    let mut number = 0;
    for digit in said.iter().take_while(|byte| byte.is_ascii_digit()) {
        number = number * 10 + usize::from(digit - b'0');
        found = Elsewhere::At(number);
    }
    Some(found)
}

/// Asks all databases side by side, beginning with the one whose turn it is; once more where a business may have gone from
/// one that had not been asked yet to one that had.
async fn ask(
    of: &dyn Databases,
    binding: Binding,
    mut statements: Vec<Statement>,
) -> Result<Vec<Rows>, DbError> {
    let is_read = statements
        .iter()
        .all(|statement| statement.sql.text.starts_with("SELECT"));
    let (turn, count) = (of.turn(), of.count());
    statements.push(MOVES_ARRIVING.bind(Vec::new()));
    let mut is_again = false;
    loop {
        let numbers = (0..count).map(|place| (turn + place) % count);
        let answers = numbers.map(|number| of.batch_in(number, &statements));
        let answers = join_all(answers).await;
        let mut arrives = false;
        let mut all: Vec<Rows> = Vec::new();
        let mut failed = None;
        let mut found = None;
        for (place, answer) in answers.into_iter().enumerate() {
            match answer {
                Err(error) => failed = Some(error),
                Ok(mut rows) => {
                    arrives |= rows.pop().is_some_and(|rows| !rows.is_empty());
                    if matches!(binding, Key(_)) && has_rows(&rows) {
                        found = Some(((turn + place) % count, rows));
                    } else if all.is_empty() {
                        all = rows;
                    } else {
                        for (all, rows) in all.iter_mut().zip(rows) {
                            all.extend(rows);
                        }
                    }
                }
            }
        }
        if let Some((number, rows)) = found {
            // Its business is what is looked for next.
            let first = rows
                .first()
                .and_then(|rows| rows.first()?.first()?.as_text());
            if let Some(business_id) = first {
                of.note(business_id, number);
            }
            return Ok(rows);
        }
        if arrives && is_read && !is_again {
            is_again = true;
            continue;
        }
        return match failed {
            Some(error) if all.is_empty() || !matches!(binding, Binding::Each(_)) => Err(error),
            _ => Ok(all),
        };
    }
}

fn has_rows(results: &[Rows]) -> bool {
    results.iter().any(|rows| !rows.is_empty())
}

/// Several databases as one [`Database`].
pub struct Routed<T>(pub T);

impl<T: Databases> Database for Routed<T> {
    fn rows(&self, statement: Statement) -> Pending<'_, Rows> {
        Box::pin(async move {
            let results = route(&self.0, vec![statement]).await?;
            Ok(results.into_iter().next().unwrap_or_default())
        })
    }

    fn batch(&self, statements: Vec<Statement>) -> Pending<'_, Vec<Rows>> {
        Box::pin(route(&self.0, statements))
    }

    fn size(&self) -> Option<i64> {
        let numbers = 0..self.0.count();
        numbers.filter_map(|number| self.0.size(number)).max()
    }

    fn added(&self) -> usize {
        1
    }
}
