use crate::table::{Column, Copied, DELETED_ROWS, PAGE_CHARS, PAGE_ROWS};
use common::db::Binding::Business;
use common::db::Sql;

/// What stands before a table's name where its rows are found to differ, in the message of the engine.
pub(crate) const DIFFERS: &str = "differs in ";

/// What is changed of a row when it is restored: what was about to be sent may have been sent since by the deployment that
/// it comes from, and is not sent twice; what is derived is made again. Table, column, and the value, in which `{}` is the
/// one that comes.
const AT_REST: [(&str, &str, &str); 7] = [
    // Whoever is being sent to when the time is over is `uncertain`, and never sent again.
    ("sends", "state", "iif({} = 'queued', 'sending', {})"),
    (
        "auto_replies",
        "state",
        "iif({} IN ('waiting', 'sending', 'handing_off'), 'skipped', {})",
    ),
    ("auto_replies", "due_at", "NULL"),
    // What is searched of a link is in another database, which has none of it: it is fetched again as a whole, at once.
    ("knowledge_links", "fetch_at", "iif({} IS NULL, NULL, 0)"),
    ("knowledge_links", "lease_until", "0"),
    ("knowledge_links", "progress", "NULL"),
    ("knowledge_links", "validators", "NULL"),
];

/// Statements live as long as the program; there are as many as there are tables, whatever is asked of it.
pub(crate) fn written(name: &'static str, text: String) -> Sql {
    Sql {
        name,
        // As `common::db::kept` does it: no other question mark stands in them.
        text: text.replace('?', "+?").leak(),
        binding: Business,
    }
}

/// The statements of a table.
pub(crate) struct Texts<'t> {
    pub(crate) name: &'static str,
    pub(crate) columns: &'t [Column],
    pub(crate) keys: usize,
    pub(crate) copy: Copied,
}

impl Texts<'_> {
    fn list(&self, each: impl Fn(usize, &Column) -> String, between: &str) -> String {
        let columns = self.columns.iter().enumerate();
        let texts: Vec<_> = columns.map(|(n, column)| each(n, column)).collect();
        texts.join(between)
    }

    fn names(&self) -> String {
        self.list(|_, column| column.name.to_owned(), ", ")
    }

    /// The value of a column that comes, as it is stored.
    fn value(&self, n: usize, column: &Column) -> String {
        let value = format!("(r.value ->> {n})");
        if self.copy == Copied::Exact {
            return value;
        }
        let mut rests = AT_REST.iter();
        match rests.find(|(table, name, _)| *table == self.name && *name == column.name) {
            Some((_, _, rest)) => rest.replace("{}", &value),
            None => value,
        }
    }

    fn key(&self) -> Vec<&'static str> {
        let columns = self.columns.iter().take(self.keys);
        columns.map(|column| column.name).collect()
    }

    pub(crate) fn read(&self) -> String {
        let (table, names, key) = (self.name, self.names(), self.key());
        let Some((business, further)) = key.split_first() else {
            return String::new();
        };
        if further.is_empty() {
            return format!(
                "SELECT json_array({names}) AS line FROM {table} WHERE {business} = ?1"
            );
        }
        let behind: Vec<_> = (0..further.len()).map(|n| format!("?2 ->> {n}")).collect();
        let (further, behind) = (further.join(", "), behind.join(", "));
        format!(
            "SELECT line FROM (
               SELECT line, sum(length(line)) OVER (ORDER BY {further}) - length(line) AS before FROM (
                 SELECT json_array({names}) AS line, {further} FROM {table}
                 WHERE {business} = ?1 AND ({further}) > ({behind}) ORDER BY {further} LIMIT {PAGE_ROWS}))
             WHERE before < {PAGE_CHARS} ORDER BY before"
        )
    }

    pub(crate) fn write(&self) -> String {
        let (table, names, key) = (self.name, self.names(), self.key().join(", "));
        let values = self.list(|n, column| self.value(n, column), ", ");
        format!(
            "INSERT INTO {table} ({names}) SELECT {values} FROM json_each(?2) r WHERE r.value ->> 0 = ?1
             ON CONFLICT ({key}) DO NOTHING"
        )
    }

    /// Whether the row `t` is as `r` says.
    fn same(&self) -> String {
        let same = |n: usize, column: &Column| match column.is_sealed && self.copy == Copied::AtRest
        {
            // The same secret is another text each time that it is sealed.
            true => format!(
                "(coalesce(t.{0}, '') = '') = (coalesce(r.value ->> {n}, '') = '')",
                column.name
            ),
            false => format!("t.{} IS {}", column.name, self.value(n, column)),
        };
        self.list(same, " AND ")
    }

    /// Whether the row `t` has the key of `r`.
    fn on(&self) -> String {
        let key = self.key();
        let on = key.iter().enumerate().map(|(n, name)| match n {
            0 => format!("t.{name} = ?1"),
            _ => format!("t.{name} = r.value ->> {n}"),
        });
        on.collect::<Vec<_>>().join(" AND ")
    }

    pub(crate) fn check(&self) -> String {
        let (table, same, on) = (self.name, self.same(), self.on());
        format!(
            "SELECT count(*) AS found, coalesce(sum({same}), 0) AS same
             FROM json_each(?2) r CROSS JOIN {table} t ON {on} WHERE r.value ->> 0 = ?1"
        )
    }

    pub(crate) fn compare(&self) -> String {
        let (table, same, on) = (self.name, self.same(), self.on());
        format!(
            "SELECT json_extract('{{}}', '{DIFFERS}{table}') AS guard
             FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE {on} AND {same})"
        )
    }

    pub(crate) fn count(&self) -> String {
        let (table, business) = (self.name, self.business());
        format!("SELECT count(*) AS n FROM {table} WHERE {business} = ?1")
    }

    pub(crate) fn delete(&self) -> String {
        let (table, business, key) = (self.name, self.business(), self.key().join(", "));
        format!(
            "DELETE FROM {table} WHERE {business} = ?1 AND ({key}) IN (
               SELECT {key} FROM {table} WHERE {business} = ?1 LIMIT {DELETED_ROWS})"
        )
    }

    fn business(&self) -> &'static str {
        self.columns
            .first()
            .map_or("business_id", |column| column.name)
    }
}
