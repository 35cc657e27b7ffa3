//! The figures of a span, read and written.

use crate::agents::{Agent, agents};
use crate::figures::{Figures, Times};
use crate::query::Span;
use crate::sql::{
    ANALYTICS_BEGUN, ANALYTICS_CLOSED, ANALYTICS_MESSAGES, ANALYTICS_RATINGS, ANALYTICS_SYNC,
};
use common::context::Context;
use common::csv::Csv;
use common::db::{Columns, Rows, Statement, Value, next_rows};
use common::http::Error;
use common::ids::lowest_id;
use common::json::writer::JsonWriter;

/// Most agents that are counted by their messages, and most by their tickets: the busiest.
pub const AGENTS_MAX: i64 = 500;

/// The figures of a span, of each of its days, and of the people in it.
#[derive(Debug)]
pub struct Report {
    span: Span,
    days: Vec<Figures>,
    totals: Figures,
    agents: Vec<Agent>,
}

/// The statements that count a span. They read the conversations that began in the span, each with its
/// messages up to the first answer; those that were closed in it; its messages; its ratings; and a row
/// for each day and connector.
pub(crate) fn statements(cx: &Context<'_>, span: Span) -> Vec<Statement> {
    let business = || Value::from(cx.business_id());
    let (start, end) = (span.from.start(), span.to.plus(1).start());
    let begin_and_end = || vec![business(), start.micros().into(), end.micros().into()];
    let with_agents = || {
        let mut params = begin_and_end();
        params.push(AGENTS_MAX.into());
        params
    };
    vec![
        ANALYTICS_BEGUN.bind(vec![
            business(),
            lowest_id(start).into(),
            lowest_id(end).into(),
        ]),
        ANALYTICS_CLOSED.bind(with_agents()),
        ANALYTICS_MESSAGES.bind(with_agents()),
        ANALYTICS_RATINGS.bind(begin_and_end()),
        ANALYTICS_SYNC.bind(vec![
            business(),
            span.from.number().into(),
            span.to.number().into(),
        ]),
    ]
}

fn begun(figures: &mut Figures, row: &mut Columns<'_>) -> Result<(), Error> {
    figures.begun = row.integer("begun")?;
    figures.escalated = row.integer("escalated")?;
    figures.answered = row.integer("answered")?;
    figures.unanswered = row.integer("unanswered")?;
    figures.response = times(row)?;
    Ok(())
}

fn closed(figures: &mut Figures, row: &mut Columns<'_>) -> Result<(), Error> {
    figures.closed = row.integer("closed")?;
    figures.resolution = times(row)?;
    Ok(())
}

/// Of a span without messages the sums are null.
fn written(figures: &mut Figures, row: &mut Columns<'_>) -> Result<(), Error> {
    figures.messages_in = row.integer_or_null("messages_in")?.unwrap_or(0);
    figures.messages_out = row.integer_or_null("messages_out")?.unwrap_or(0);
    Ok(())
}

fn rated(figures: &mut Figures, row: &mut Columns<'_>) -> Result<(), Error> {
    figures.ratings = row.integer("ratings")?;
    figures.score = row.integer_or_null("score")?;
    Ok(())
}

fn synced(figures: &mut Figures, row: &mut Columns<'_>) -> Result<(), Error> {
    figures.jobs_done = row.integer("done")?;
    figures.jobs_failed = row.integer("failed")?;
    figures.requests = row.integer("requests")?;
    figures.throttled = row.integer("throttled")?;
    Ok(())
}

fn times(row: &mut Columns<'_>) -> Result<Times, Error> {
    Ok(Times {
        median: row.integer_or_null("median")?,
        mean: row.integer_or_null("mean")?,
    })
}

/// What the span's row says of people, after so many figures.
fn shares(rows: &Rows, figures: usize) -> Result<&str, Error> {
    for row in rows {
        let mut columns = Columns::of(row);
        if columns.integer_or_null("day")?.is_none() {
            columns.skip(figures);
            return Ok(columns.str_or_null("agents")?.unwrap_or("[]"));
        }
    }
    Ok("[]")
}

impl Report {
    /// Reads the results of [`statements`].
    ///
    /// # Errors
    /// 500 for what cannot be read.
    pub(crate) fn of(span: Span, results: Vec<Rows>) -> Result<Self, Error> {
        let days = usize::try_from(span.day_count()).unwrap_or_default();
        let mut report = Self {
            span,
            days: vec![Figures::default(); days],
            totals: Figures::default(),
            agents: Vec::new(),
        };
        let mut results = results.into_iter();
        let mut next = || next_rows(&mut results);
        report.take(&next()?, begun)?;
        let tickets = next()?;
        report.take(&tickets, closed)?;
        let messages = next()?;
        report.take(&messages, written)?;
        report.take(&next()?, rated)?;
        report.take(&next()?, synced)?;
        let all = agents(shares(&messages, 2)?, shares(&tickets, 3)?);
        report.agents = all.ok_or_else(|| Error::internal("the agents' figures are unreadable"))?;
        Ok(report)
    }

    /// Adds the figures of each row to its day, or to the span.
    fn take(
        &mut self,
        rows: &Rows,
        tell: fn(&mut Figures, &mut Columns<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for row in rows {
            let mut columns = Columns::of(row);
            let figures = match columns.integer_or_null("day")? {
                None => Some(&mut self.totals),
                Some(day) => usize::try_from(day - self.span.from.number())
                    .ok()
                    .and_then(|n| self.days.get_mut(n)),
            };
            if let Some(figures) = figures {
                tell(figures, &mut columns)?;
            }
        }
        Ok(())
    }

    /// The days, each with its date.
    fn dated(&self) -> impl Iterator<Item = (String, &Figures)> {
        let dates = self.span.days().map(|day| day.to_string());
        dates.zip(&self.days)
    }

    /// `{from, to, days, totals, agents}`.
    #[must_use]
    pub fn json(&self) -> String {
        let days = self.dated().map(|(date, figures)| {
            with_figures(JsonWriter::default().text("date", &date), figures)
        });
        let agents = self.agents.iter().map(|agent| {
            JsonWriter::default()
                .maybe("id", agent.id.as_deref())
                .text("name", &agent.name)
                .json("messages", &agent.messages.to_string())
                .json("tickets_closed", &agent.tickets_closed.to_string())
                .finish()
        });
        JsonWriter::default()
            .text("from", &self.span.from.to_string())
            .text("to", &self.span.to.to_string())
            .json("days", &array(days))
            .json("totals", &with_figures(JsonWriter::default(), &self.totals))
            .json("agents", &array(agents))
            .finish()
    }

    /// A line for each day; what was not counted is empty.
    #[must_use]
    pub fn days_csv(&self) -> String {
        let names = self.totals.named().map(|(name, _)| name);
        let mut csv = Csv::default();
        csv.line(["date"].into_iter().chain(names));
        for (date, figures) in self.dated() {
            let figures = figures.named();
            let cells = figures
                .iter()
                .map(|(_, n)| n.as_deref().unwrap_or_default());
            csv.line([date.as_str()].into_iter().chain(cells));
        }
        csv.finish()
    }

    /// A line for each agent.
    #[must_use]
    pub fn agents_csv(&self) -> String {
        let mut csv = Csv::default();
        csv.line(["id", "name", "messages", "tickets_closed"]);
        for agent in &self.agents {
            let (messages, closed) = (agent.messages.to_string(), agent.tickets_closed.to_string());
            let id = agent.id.as_deref().unwrap_or_default();
            csv.line([id, agent.name.as_str(), &messages, &closed]);
        }
        csv.finish()
    }
}

fn with_figures(json: JsonWriter, figures: &Figures) -> String {
    let named = figures.named().into_iter();
    let add = |json: JsonWriter, (name, n): (_, Option<String>)| {
        json.json(name, n.as_deref().unwrap_or("null"))
    };
    named.fold(json, add).finish()
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}
