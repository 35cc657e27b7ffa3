//! The import itself: batch by batch, each on disk before the next.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use csv::ByteRecord;
use ureq::http::Method;

use super::answer::{Action, Detail, details};
use super::batch::{Batch, Batcher};
use super::fingerprint::idempotency_key;
use super::output::Output;
use super::progress::Progress;
use super::record::Row;
use super::state::State;
use super::totals::Totals;
use crate::api::{Call, Client, Credential, GaveUp, Policy};
use crate::config::SecretKind;
use crate::failure::Failure;
use crate::secret::Secret;
use crate::text;
use crate::world::{Pause, World};

/// Everything that one import holds open.
pub(crate) struct Import {
    pub(crate) client: Client,
    pub(crate) key: Secret,
    pub(crate) policy: Policy,
    pub(crate) batch_size: usize,
    pub(crate) dry_run: bool,
    pub(crate) batcher: Batcher,
    pub(crate) report: Output,
    pub(crate) mapping: Option<Output>,
    pub(crate) progress: Progress,
    /// Fields that the server was seen to leave out.
    pub(crate) ignored: BTreeSet<String>,
    pub(crate) state: State,
    /// None in a dry run, which has nothing to go on with.
    pub(crate) state_path: Option<PathBuf>,
}

/// What became of a request.
enum Sent {
    Answered(Vec<Detail>),
    TooLarge,
}

impl Import {
    /// Sends all that is left. After an error the state is that of the last batch that went in.
    pub(crate) fn run(&mut self, world: &mut World<'_>) -> Result<(), Failure> {
        let limit = |import: &Self| import.state.max_bytes;
        while let Some(mut batch) = self.batcher.next_batch(self.batch_size, limit(self))? {
            let details = match self.send(&batch, world.pause, world.err)? {
                Sent::Answered(details) => details,
                Sent::TooLarge => match batch.halving_limit() {
                    Some(smaller) => {
                        self.state.max_bytes = smaller;
                        let line = "the server finds the request too large: sending it in halves";
                        self.progress.bar.note(world.err, line);
                        self.batcher.put_back(batch);
                        continue;
                    }
                    None => {
                        batch.refuse_too_large();
                        Vec::new()
                    }
                },
            };
            self.note_ignored(&details, world.err);
            let totals = self.record(&batch, details)?;
            let bytes = self.batcher.source().bytes_read();
            let all = self.state.totals;
            self.progress
                .batch_done(world.err, batch.range(), totals, all, bytes);
        }
        Ok(())
    }

    fn send(
        &self,
        batch: &Batch,
        pause: &mut dyn Pause,
        err: &mut dyn Write,
    ) -> Result<Sent, Failure> {
        let Some(body) = batch.body() else {
            return Ok(Sent::Answered(Vec::new()));
        };
        let (run, file) = (&self.state.run, &self.state.file);
        let rows = batch.range();
        let idempotency = idempotency_key(run, &self.key, file, rows, self.dry_run, &body);
        let call = Call {
            method: Method::POST,
            path: &["api-customers-sync"],
            query: if self.dry_run {
                &[("dry_run", "true")]
            } else {
                &[]
            },
            credential: Credential::Key(SecretKind::ApiKey, &self.key),
            idempotency_key: Some(&idempotency),
            body: Some(body.as_bytes()),
        };
        let count = batch.sendable().count();
        let outcome = self.policy.run(
            pause,
            &mut |wait| self.progress.bar.waiting(err, &wait),
            || details(&self.client.send(&call)?, count),
        );
        match outcome {
            Ok(details) => Ok(Sent::Answered(details)),
            Err(gave_up) if gave_up.error.status() == Some(413) => Ok(Sent::TooLarge),
            Err(gave_up) => Err(refused(batch.range(), &gave_up)),
        }
    }

    /// Names each field that is lost on the server, once.
    fn note_ignored(&mut self, details: &[Detail], err: &mut dyn Write) {
        const MOST: usize = 20;
        for field in details.iter().flat_map(|detail| &detail.ignored_fields) {
            if self.ignored.len() < MOST && self.ignored.insert(field.clone()) {
                let field = text::clean(field, 80);
                let way = format!("--map \"{field}=custom_fields.{field}\"");
                let line = format!("the server does not store the field {field}; {way} would");
                self.progress.bar.note(err, &line);
            }
        }
    }

    /// Puts a batch on disk: first its rows in the report and the mapping, then the state, so that
    /// a crash in between leaves rows that the next start cuts off again.
    fn record(&mut self, batch: &Batch, details: Vec<Detail>) -> Result<Totals, Failure> {
        let mut details = details.into_iter();
        let mut totals = Totals::default();
        let (mut failed, mut mapped) = (Vec::new(), Vec::new());
        for row in &batch.rows {
            if let Err(unusable) = &row.content {
                totals.failed += 1;
                failed.push(failed_row(row, unusable.code, &unusable.error));
                continue;
            }
            let Some(detail) = details.next() else {
                continue;
            };
            totals.add(detail.count());
            if detail.action == Action::Failed {
                let code = detail.code.as_deref().unwrap_or_default();
                failed.push(failed_row(
                    row,
                    code,
                    detail.error.as_deref().unwrap_or_default(),
                ));
            } else if let (false, Some(id)) = (row.external_id.is_empty(), &detail.customer_id) {
                mapped.push(ByteRecord::from(vec![&row.external_id, id]));
            }
        }
        self.report.append(&failed)?;
        self.state.report = self.report.place();
        if let Some(mapping) = &mut self.mapping {
            mapping.append(&mapped)?;
            self.state.mapping = Some(mapping.place());
        }
        self.state.totals.add(totals);
        self.state.rows_done = batch.range().1;
        if let Some(path) = &self.state_path {
            self.state.save(path)?;
        }
        Ok(totals)
    }
}

fn failed_row(row: &Row, code: &str, error: &str) -> ByteRecord {
    let number = row.number.to_string();
    let own = [&number, &row.external_id, code, error];
    let mut record = ByteRecord::from(own.as_slice());
    record.extend(row.original.iter());
    record
}

fn refused(rows: (u64, u64), gave_up: &GaveUp) -> Failure {
    let (first, last) = (text::count(rows.0), text::count(rows.1));
    let error = &gave_up.error;
    let tries = match gave_up.tries {
        1 => String::new(),
        tries => format!(", at the last of {tries} tries"),
    };
    let failure = Failure::stopped(format!("rows {first} to {last}: {error}{tries}"));
    match error.advice() {
        Some(advice) => failure.with_context(advice),
        None => failure,
    }
}
