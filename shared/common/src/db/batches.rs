use super::{Binding, Database, Statement};

/// Statements of several businesses as one batch; where they may be in several databases, as a batch for each of them, and one
/// for those of the deployment.
#[must_use]
pub fn by_business(database: &dyn Database, statements: Vec<Statement>) -> Vec<Vec<Statement>> {
    if database.added() == 0 {
        // D1 takes no empty batch.
        let is_any = !statements.is_empty();
        return is_any.then_some(statements).into_iter().collect();
    }
    let business = |statement: &Statement| match statement.sql.binding {
        Binding::Business => statement.params.first().cloned(),
        _ => None,
    };
    let mut batches: Vec<Vec<Statement>> = Vec::new();
    for statement in statements {
        let of_it = |batch: &&mut Vec<Statement>| {
            let first = batch.first().map(business);
            first == Some(business(&statement))
        };
        match batches.iter_mut().find(of_it) {
            Some(batch) => batch.push(statement),
            None => batches.push(vec![statement]),
        }
    }
    batches
}
