//! What the server says of each record of a batch.

use serde::Deserialize;

use super::totals::Totals;
use crate::api::{Answer, ApiError};

/// The fate of one record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Detail {
    index: Option<usize>,
    pub(crate) customer_id: Option<String>,
    pub(crate) action: Action,
    changed: Option<bool>,
    pub(crate) error: Option<String>,
    pub(crate) code: Option<String>,
    /// Fields of the record that no customer has.
    #[serde(default)]
    pub(crate) ignored_fields: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Created,
    Updated,
    Failed,
}

#[derive(Deserialize)]
struct Envelope {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    details: Vec<Detail>,
}

impl Detail {
    pub(crate) fn count(&self) -> Totals {
        let mut totals = Totals::default();
        match (self.action, self.changed) {
            (Action::Created, _) => totals.created = 1,
            (Action::Updated, Some(false)) => totals.unchanged = 1,
            (Action::Updated, _) => totals.updated = 1,
            (Action::Failed, _) => totals.failed = 1,
        }
        totals
    }
}

/// The details in the order of the records sent: exactly one for each, or the answer is not one to
/// rely on.
pub(crate) fn details(answer: &Answer, sent: usize) -> Result<Vec<Detail>, ApiError> {
    let details = answer.json::<Envelope>()?.results.details;
    let mut ordered: Vec<Option<Detail>> = vec![None; sent];
    for (position, detail) in details.into_iter().enumerate() {
        match ordered.get_mut(detail.index.unwrap_or(position)) {
            Some(place @ None) => *place = Some(detail),
            _ => return Err(ApiError::Unintelligible),
        }
    }
    let ordered: Option<Vec<Detail>> = ordered.into_iter().collect();
    ordered.ok_or(ApiError::Unintelligible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(details: &str, sent: usize) -> Result<Vec<Detail>, ApiError> {
        let body = format!(r#"{{"success":true,"results":{{"details":{details}}}}}"#);
        super::details(
            &Answer {
                body: body.into_bytes(),
            },
            sent,
        )
    }

    #[test]
    fn details_are_put_in_the_order_of_the_records() {
        let text = r#"[{"index":1,"action":"failed","code":"b"},{"index":0,"action":"created"}]"#;
        let details = read(text, 2).unwrap();
        let codes: Vec<_> = details
            .iter()
            .map(|detail| detail.code.as_deref())
            .collect();
        assert_eq!(codes, [None, Some("b")]);
    }

    #[test]
    fn an_answer_that_leaves_a_record_out_or_has_it_twice_is_not_relied_on() {
        assert!(read(r#"[{"index":0,"action":"created"}]"#, 2).is_err());
        let twice = r#"[{"index":0,"action":"created"},{"index":0,"action":"created"}]"#;
        assert!(read(twice, 2).is_err());
        assert!(read(r#"[{"index":9,"action":"created"}]"#, 1).is_err());
    }

    #[test]
    fn an_update_that_changes_nothing_counts_as_unchanged() {
        let text = r#"[{"action":"updated","changed":false},{"action":"updated"}]"#;
        let mut totals = Totals::default();
        for detail in read(text, 2).unwrap() {
            totals.add(detail.count());
        }
        assert_eq!(totals.sentence(), "1 updated, 1 unchanged");
    }
}
