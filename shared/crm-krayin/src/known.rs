//! What both sides had when they were last compared, as it is remembered beside a link: only what one
//! side has changed since goes to the other.

use super::api::{Lead, Person};
use common::json::raw;
use serde_json::to_string;

/// What a customer's row says of a person, in the terms of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ours {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) numbers: Vec<String>,
    pub(super) job_title: Option<String>,
    pub(super) company: Option<String>,
    /// Further attributes by their codes, with their values in JSON.
    pub(super) custom: Vec<(String, String)>,
}

/// What Krayin has of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Theirs {
    pub(super) name: String,
    pub(super) emails: Vec<String>,
    pub(super) numbers: Vec<String>,
    pub(super) job_title: Option<String>,
    pub(super) organization: Option<String>,
}

impl Theirs {
    pub(super) fn of(person: &Person) -> Self {
        let values =
            |list: &[super::api::Contact]| list.iter().map(|one| one.value.clone()).collect();
        Self {
            name: person.name.clone(),
            emails: values(&person.emails),
            numbers: values(&person.numbers),
            job_title: person.job_title.clone(),
            organization: person.organization.as_ref().map(|one| one.id.clone()),
        }
    }

    /// What is known once this was written to a person who was `found` otherwise than `known`: what people changed is
    /// known when it is read, and not before.
    pub(super) fn unread(self, known: &Self, found: &Self) -> Self {
        fn part<T: PartialEq + Clone>(written: T, known: &T, found: &T) -> T {
            match known == found {
                true => written,
                false => known.clone(),
            }
        }
        Self {
            name: part(self.name, &known.name, &found.name),
            emails: part(self.emails, &known.emails, &found.emails),
            numbers: part(self.numbers, &known.numbers, &found.numbers),
            job_title: part(self.job_title, &known.job_title, &found.job_title),
            organization: self.organization,
        }
    }
}

/// Both, as last compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KnownPerson {
    pub(super) ours: Ours,
    pub(super) theirs: Theirs,
}

impl KnownPerson {
    pub(super) fn stored(&self) -> String {
        let (ours, theirs) = (&self.ours, &self.theirs);
        let ours = (
            &ours.name,
            &ours.email,
            &ours.numbers,
            &ours.job_title,
            &ours.company,
            &ours.custom,
        );
        let theirs = (
            &theirs.name,
            &theirs.emails,
            &theirs.numbers,
            &theirs.job_title,
            &theirs.organization,
        );
        to_string(&(ours, theirs)).unwrap_or_default()
    }

    pub(super) fn of_stored(stored: Option<&str>) -> Option<Self> {
        let both = raw::list(stored?)?;
        let [ours, theirs] = both.as_slice() else {
            return None;
        };
        let (ours, theirs) = (raw::items(ours), raw::items(theirs));
        let [name, email, numbers, job_title, company, custom] = ours.as_slice() else {
            return None;
        };
        let pair = |pair: &str| {
            let mut texts = raw::items(pair).into_iter().filter_map(raw::text);
            Some((texts.next()?, texts.next()?))
        };
        let ours = Ours {
            name: raw::text(name),
            email: raw::text(email),
            numbers: texts(numbers),
            job_title: raw::text(job_title),
            company: raw::text(company),
            custom: raw::items(custom).into_iter().filter_map(pair).collect(),
        };
        let [name, emails, numbers, job_title, organization] = theirs.as_slice() else {
            return None;
        };
        let theirs = Theirs {
            name: raw::text(name)?,
            emails: texts(emails),
            numbers: texts(numbers),
            job_title: raw::text(job_title),
            organization: raw::text(organization),
        };
        Some(Self { ours, theirs })
    }
}

/// A lead, as it was last seen and written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KnownLead {
    pub(super) stage: String,
    /// The stage that we moved it to last.
    pub(super) our_stage: Option<String>,
    pub(super) pipeline: String,
    /// What we wrote last: title, value, description, further attributes.
    pub(super) written: [Option<String>; 4],
    /// When it was won or lost, in microseconds.
    pub(super) closed_at: Option<i64>,
    /// When it was last read.
    pub(super) read_at: i64,
}

impl KnownLead {
    pub(super) fn of(lead: &Lead, now: i64) -> Self {
        Self {
            stage: lead.stage.clone(),
            pipeline: lead.pipeline.clone(),
            read_at: now,
            ..Self::default()
        }
    }

    pub(super) fn stored(&self) -> String {
        let known = (
            &self.stage,
            &self.our_stage,
            &self.pipeline,
            &self.written,
            self.closed_at,
            self.read_at,
        );
        to_string(&known).unwrap_or_default()
    }

    pub(super) fn of_stored(stored: Option<&str>) -> Option<Self> {
        let parts = raw::list(stored?)?;
        let [stage, our_stage, pipeline, written, closed_at, read_at] = parts.as_slice() else {
            return None;
        };
        let mut texts = raw::items(written).into_iter().map(raw::text);
        let mut next = || texts.next().flatten();
        Some(Self {
            stage: raw::text(stage)?,
            our_stage: raw::text(our_stage),
            pipeline: raw::text(pipeline)?,
            written: [next(), next(), next(), next()],
            closed_at: closed_at.parse().ok(),
            read_at: read_at.parse().ok()?,
        })
    }
}

fn texts(list: &str) -> Vec<String> {
    raw::items(list).into_iter().filter_map(raw::text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_back() {
        let text = |text: &str| Some(text.to_owned());
        let person = KnownPerson {
            ours: Ours {
                name: text("Ada \"A\""),
                numbers: vec!["+1".to_owned()],
                custom: vec![("vip".to_owned(), "[1,\"x\"]".to_owned())],
                ..Ours::default()
            },
            theirs: Theirs {
                name: "Ada".to_owned(),
                emails: vec!["a@b.example".to_owned(), "c".to_owned()],
                organization: text("57"),
                ..Theirs::default()
            },
        };
        assert_eq!(KnownPerson::of_stored(Some(&person.stored())), Some(person));
        let lead = KnownLead {
            stage: "1".to_owned(),
            written: [text("t"), None, text("d"), None],
            closed_at: Some(7),
            read_at: 9,
            ..KnownLead::default()
        };
        assert_eq!(KnownLead::of_stored(Some(&lead.stored())), Some(lead));
        for other in [None, Some(""), Some("[]"), Some("[1]"), Some("made")] {
            assert_eq!(KnownPerson::of_stored(other), None);
            assert_eq!(KnownLead::of_stored(other), None);
        }
    }
}
