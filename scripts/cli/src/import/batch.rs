//! Rows gathered into requests.

use std::collections::VecDeque;

use super::record::{Row, Unusable};
use super::source::Source;
use crate::failure::Failure;
use crate::text;

/// The API takes 5 MiB; the rest is room for what a proxy may count.
pub(crate) const MAX_BYTES: usize = 4_718_592;

const BEFORE: &str = r#"{"customers":["#;
const AFTER: &str = "]}";

/// Cuts a source into batches, the same ones again when it begins at the same row with the same
/// limits. Rows that cannot be sent travel with their neighbours, so that the report keeps the order
/// of the file.
pub(crate) struct Batcher {
    source: Box<dyn Source>,
    waiting: VecDeque<Row>,
}

/// Consecutive rows of the file.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<Row>,
}

impl Batcher {
    pub(crate) fn new(source: Box<dyn Source>) -> Self {
        Self {
            source,
            waiting: VecDeque::new(),
        }
    }

    pub(crate) fn source(&self) -> &dyn Source {
        self.source.as_ref()
    }

    /// Passes over the rows up to `number`.
    pub(crate) fn skip_to(&mut self, number: u64) -> Result<(), Failure> {
        while let Some(row) = self.next_row()? {
            if row.number > number {
                self.waiting.push_front(row);
                break;
            }
        }
        Ok(())
    }

    /// The next rows whose request stays within both limits, or one row if that alone does not.
    pub(crate) fn next_batch(
        &mut self,
        max_rows: usize,
        max_bytes: usize,
    ) -> Result<Option<Batch>, Failure> {
        let mut rows = Vec::new();
        let mut bytes = BEFORE.len() + AFTER.len();
        while rows.len() < max_rows {
            let Some(row) = self.next_row()? else { break };
            bytes += weight(&row);
            if bytes > max_bytes && !rows.is_empty() {
                self.waiting.push_front(row);
                break;
            }
            rows.push(row);
        }
        Ok((!rows.is_empty()).then_some(Batch { rows }))
    }

    /// Gives a batch back, to be cut again.
    pub(crate) fn put_back(&mut self, batch: Batch) {
        for row in batch.rows.into_iter().rev() {
            self.waiting.push_front(row);
        }
    }

    fn next_row(&mut self) -> Result<Option<Row>, Failure> {
        if let Some(row) = self.waiting.pop_front() {
            return Ok(Some(row));
        }
        let mut row = self.source.next_row()?;
        if let Some(row) = &mut row
            && let Ok(json) = &row.content
            && json.len() + BEFORE.len() + AFTER.len() > MAX_BYTES
        {
            let size = text::size(json.len() as u64);
            let error = format!("the record is {size}, more than one request takes");
            row.content = Err(Unusable::too_large(error));
        }
        Ok(row)
    }
}

/// What a row adds to the request; for one that is not sent, what it keeps in memory.
fn weight(row: &Row) -> usize {
    match &row.content {
        Ok(json) => json.len() + 1,
        Err(_) => row.original.as_slice().len(),
    }
}

impl Batch {
    /// Numbers of the first and the last row.
    pub(crate) fn range(&self) -> (u64, u64) {
        let first = self.rows.first().map_or(0, |row| row.number);
        (first, self.rows.last().map_or(0, |row| row.number))
    }

    /// The rows that are sent, in the order in which the answer counts them.
    pub(crate) fn sendable(&self) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(|row| row.content.as_deref().ok())
    }

    /// The request's body, if there is anything to send.
    pub(crate) fn body(&self) -> Option<String> {
        let records: Vec<&str> = self.sendable().collect();
        (!records.is_empty()).then(|| body(&records))
    }

    /// The limit that cuts this batch in halves, unless it is a single record.
    pub(crate) fn halving_limit(&self) -> Option<usize> {
        let records: Vec<&str> = self.sendable().collect();
        let (first, second) = records.split_at_checked(records.len().div_ceil(2))?;
        if second.is_empty() {
            return None;
        }
        let bytes = |half: &[&str]| {
            let records: usize = half.iter().map(|json| json.len() + 1).sum();
            BEFORE.len() + AFTER.len() + records
        };
        Some(bytes(first).max(bytes(second)))
    }

    /// Gives up the records of a request that the server finds too large.
    pub(crate) fn refuse_too_large(&mut self) {
        for row in self.rows.iter_mut().filter(|row| row.content.is_ok()) {
            let error = "the server takes no request as large as this one record";
            row.content = Err(Unusable::too_large(error));
        }
    }
}

fn body(records: &[&str]) -> String {
    format!("{BEFORE}{}{AFTER}", records.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::ByteRecord;

    struct Listed(VecDeque<Row>, ByteRecord);

    impl Source for Listed {
        fn next_row(&mut self) -> Result<Option<Row>, Failure> {
            Ok(self.0.pop_front())
        }
        fn bytes_read(&self) -> u64 {
            0
        }
        fn columns(&self) -> &ByteRecord {
            &self.1
        }
        fn describe(&self) -> String {
            String::new()
        }
    }

    fn batcher(sizes: &[usize]) -> Batcher {
        let rows = sizes.iter().zip(1..).map(|(&size, number)| Row {
            number,
            external_id: String::new(),
            original: ByteRecord::from(vec!["cell"]),
            content: match size {
                0 => Err(Unusable::unreadable("bad")),
                _ => Ok("x".repeat(size)),
            },
        });
        Batcher::new(Box::new(Listed(rows.collect(), ByteRecord::new())))
    }

    fn ranges(batcher: &mut Batcher, max_rows: usize, max_bytes: usize) -> Vec<(u64, u64)> {
        let mut ranges = Vec::new();
        while let Some(batch) = batcher.next_batch(max_rows, max_bytes).unwrap() {
            ranges.push(batch.range());
        }
        ranges
    }

    #[test]
    fn batches_end_at_the_number_of_rows_or_at_the_bytes() {
        let sizes = [10; 5];
        assert_eq!(
            ranges(&mut batcher(&sizes), 2, 1000),
            [(1, 2), (3, 4), (5, 5)]
        );
        let three = BEFORE.len() + AFTER.len() + 33;
        assert_eq!(ranges(&mut batcher(&sizes), 100, three), [(1, 3), (4, 5)]);
    }

    #[test]
    fn a_body_is_never_longer_than_the_limit_it_was_cut_by() {
        let batch = batcher(&[10; 9]).next_batch(100, 70).unwrap().unwrap();
        assert!(batch.body().unwrap().len() <= 70);
    }

    #[test]
    fn a_row_larger_than_the_limit_goes_alone() {
        assert_eq!(
            ranges(&mut batcher(&[10, 500, 10]), 100, 60),
            [(1, 1), (2, 2), (3, 3)]
        );
    }

    #[test]
    fn a_record_larger_than_any_request_is_not_sent() {
        let batch = batcher(&[MAX_BYTES, 1])
            .next_batch(9, MAX_BYTES)
            .unwrap()
            .unwrap();
        assert_eq!(
            batch
                .rows
                .first()
                .unwrap()
                .content
                .as_ref()
                .unwrap_err()
                .code,
            "record_too_large"
        );
        assert_eq!(batch.body().unwrap(), r#"{"customers":[x]}"#);
    }

    #[test]
    fn a_batch_put_back_is_cut_in_halves() {
        let mut batcher = batcher(&[10; 4]);
        let batch = batcher.next_batch(9, MAX_BYTES).unwrap().unwrap();
        let limit = batch.halving_limit().unwrap();
        batcher.put_back(batch);
        assert_eq!(ranges(&mut batcher, 9, limit), [(1, 2), (3, 4)]);
    }

    #[test]
    fn halving_ends_at_one_record_however_uneven_they_are() {
        let mut batcher = batcher(&[3000, 1, 0, 1, 1, 2000]);
        let mut limit = MAX_BYTES;
        loop {
            let batch = batcher.next_batch(9, limit).unwrap().unwrap();
            let Some(smaller) = batch.halving_limit() else {
                assert_eq!(batch.range().0, 1);
                break;
            };
            assert!(smaller < limit);
            limit = smaller;
            batcher.put_back(batch);
        }
    }

    #[test]
    fn rows_that_are_done_are_passed_over() {
        let mut batcher = batcher(&[1, 0, 1, 1]);
        batcher.skip_to(2).unwrap();
        assert_eq!(ranges(&mut batcher, 9, MAX_BYTES), [(3, 4)]);
    }
}
