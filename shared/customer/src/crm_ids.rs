//! Which records of CRMs a customer is, as one text: `example:person:1|example:lead:2`.

use super::model::MAX_CRM_IDS_BYTES;
use std::fmt;

/// Records of CRMs, each kind of a CRM once, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrmIds(Vec<CrmId>);

/// A record of a CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CrmId {
    connector: String,
    kind: String,
    id: String,
}

impl CrmIds {
    /// Reads a text of such ids; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > MAX_CRM_IDS_BYTES {
            return None;
        }
        let mut ids = Self::default();
        for one in text.split('|').filter(|_| !text.is_empty()) {
            let mut parts = one.trim().splitn(3, ':');
            let (connector, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
            if !is_word(connector) || !is_word(kind) || !is_id(id) {
                return None;
            }
            ids.put(connector, kind, Some(id));
        }
        Some(ids)
    }

    /// What is stored of a customer.
    #[must_use]
    pub fn of_stored(text: Option<&str>) -> Self {
        text.and_then(Self::parse).unwrap_or_default()
    }

    /// The id of a kind of record at a CRM.
    #[must_use]
    pub fn get(&self, connector: &str, kind: &str) -> Option<&str> {
        let found = self.0.iter().find(|one| one.is(connector, kind));
        found.map(|one| one.id.as_str())
    }

    /// The kinds and ids of the records at a CRM.
    pub fn of<'a>(&'a self, connector: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let its = self.0.iter().filter(move |one| one.connector == connector);
        its.map(|one| (one.kind.as_str(), one.id.as_str()))
    }

    /// Replaces the id of a kind of record at a CRM, or takes it out.
    pub fn put(&mut self, connector: &str, kind: &str, id: Option<&str>) {
        let place = self.0.iter().position(|one| one.is(connector, kind));
        let new = id.map(|id| CrmId {
            connector: connector.to_owned(),
            kind: kind.to_owned(),
            id: id.to_owned(),
        });
        match (place.and_then(|at| self.0.get_mut(at)), new) {
            (Some(known), Some(new)) => *known = new,
            (Some(_), None) => self.0.retain(|one| !one.is(connector, kind)),
            (None, new) => self.0.extend(new),
        }
    }

    /// Takes over what another says; what it does not name stays.
    pub fn merge(&mut self, other: &Self) {
        for one in &other.0 {
            self.put(&one.connector, &one.kind, Some(&one.id));
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl CrmId {
    fn is(&self, connector: &str, kind: &str) -> bool {
        self.connector == connector && self.kind == kind
    }
}

impl fmt::Display for CrmIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, one) in self.0.iter().enumerate() {
            let between = if n == 0 { "" } else { "|" };
            write!(f, "{between}{}:{}:{}", one.connector, one.kind, one.id)?;
        }
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    let is_of_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(is_of_word)
}

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b'|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        let printed = "example:person:1|example:lead:2|example:organization:3|example:activity:4";
        let mut ids = CrmIds::parse(printed).unwrap();
        assert_eq!(ids.to_string(), printed);
        assert_eq!(ids.get("example", "lead"), Some("2"));
        assert_eq!(ids.get("other", "lead"), None);
        let of_it: Vec<_> = ids.of("example").map(|(kind, _)| kind).collect();
        assert_eq!(of_it, ["person", "lead", "organization", "activity"]);
        ids.put("example", "lead", Some("9"));
        ids.put("example", "organization", None);
        ids.merge(&CrmIds::parse("other:customer:65f:a | example:activity:5").unwrap());
        let expected = "example:person:1|example:lead:9|example:activity:5|other:customer:65f:a";
        assert_eq!(ids.to_string(), expected);
        assert!(CrmIds::parse("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let long = format!("example:person:{}", "1".repeat(129));
        let many = "example:person:1|".repeat(70);
        for text in [
            "example",
            "example:person",
            "example:person:",
            "Example:person:1",
            "a:b:c d",
            "a:b:1||a:c:2",
            long.as_str(),
            many.as_str(),
        ] {
            assert_eq!(CrmIds::parse(text), None, "{text}");
        }
    }
}
