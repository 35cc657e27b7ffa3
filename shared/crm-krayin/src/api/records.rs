use common::json::raw::{self, Object, part};
use common::json::tolerant::{child, objects, text};
use common::time::Timestamp;

/// Longest id that is taken: they are numbers.
const MAX_ID_BYTES: usize = 20;
/// What our mark in an activity's `additional` is called.
pub(super) const MARK: &str = "tieline";
/// Where it says that the customer wrote it, and how.
pub(super) const DIRECTION: &str = "direction";
pub(super) const INBOUND: &str = "inbound";

/// An address or a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The address or number.
    pub value: String,
    /// `work`, `home`, or any other word.
    pub label: String,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Its id.
    pub id: String,
    /// The name; may be empty.
    pub name: String,
    /// Addresses, blank ones left out.
    pub emails: Vec<Contact>,
    /// Numbers, blank ones left out.
    pub numbers: Vec<Contact>,
    /// What they are.
    pub job_title: Option<String>,
    /// Id and name of their organisation.
    pub organization: Option<Named>,
    /// The user whose they are.
    pub owner: Option<String>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// A lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lead {
    /// Its id.
    pub id: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its description.
    pub description: Option<String>,
    /// What it is worth, as it is written there: `1200.5000`.
    pub value: Option<String>,
    /// Its pipeline.
    pub pipeline: String,
    /// Its stage.
    pub stage: String,
    /// Its person.
    pub person: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// When it was won or lost.
    pub closed_at: Option<Timestamp>,
    /// When it should be: midnight of a day in the CRM's own time zone.
    pub close_date: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// An activity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// `note`, `call`, `email`, … or `system`, which is the CRM's own log.
    pub kind: String,
    /// Its title.
    pub title: Option<String>,
    /// What it says.
    pub comment: Option<String>,
    /// What it is of ours: `message:<id>`.
    pub mark: Option<String>,
    /// Whether it is ours, and the customer wrote it.
    pub is_inbound: bool,
    /// Whether it is done.
    pub is_done: bool,
    /// Who wrote it.
    pub user: Option<Named>,
    /// When it took place, of what has a time.
    pub from: Option<Timestamp>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
}

/// A pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether leads go there that say nothing else.
    pub is_default: bool,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
}

/// A stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// Its id.
    pub id: String,
    /// `won` and `lost` are the end, whatever their names.
    pub code: String,
    /// Its name.
    pub name: String,
}

impl Stage {
    /// Whether a lead in it is won or lost.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.code.as_str(), "won" | "lost")
    }
}

/// A source, a type, a user, an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// A user's address.
    pub email: Option<String>,
}

/// What can be read of an answer.
pub trait Record: Sized {
    /// Reads one; `None` without an id.
    fn of(object: &Object<'_>) -> Option<Self>;
}

/// The record that an answer gives: below `data`.
pub fn one<R: Record>(body: &str) -> Option<R> {
    R::of(&child(&part(body), "data"))
}

/// The records that an answer lists; what has no id is left out. `None` for an answer without a list.
pub fn all<R: Record>(body: &str) -> Option<Vec<R>> {
    let whole = part(body);
    let list = whole.get("data").filter(|data| data.starts_with('['))?;
    let items = raw::items(list).into_iter().map(part);
    Some(items.filter_map(|item| R::of(&item)).collect())
}

fn id_of(object: &Object<'_>) -> Option<String> {
    id(object, "id")
}

fn id(object: &Object<'_>, field: &str) -> Option<String> {
    let is_id = |id: &String| id.len() <= MAX_ID_BYTES && id.bytes().all(|b| b.is_ascii_digit());
    text(object, field).filter(is_id)
}

fn time(object: &Object<'_>, field: &str) -> Option<Timestamp> {
    Timestamp::parse(&text(object, field)?)
}

fn contacts(object: &Object<'_>, field: &str) -> Vec<Contact> {
    let contact = |one: Object<'_>| {
        Some(Contact {
            value: text(&one, "value").filter(|value| !value.trim().is_empty())?,
            label: text(&one, "label").unwrap_or_else(|| "work".to_owned()),
        })
    };
    objects(object, field)
        .into_iter()
        .filter_map(contact)
        .collect()
}

impl Record for Named {
    fn of(object: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: id_of(object)?,
            name: text(object, "name").unwrap_or_default(),
            email: text(object, "email"),
        })
    }
}

impl Record for Person {
    fn of(object: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: id_of(object)?,
            name: text(object, "name").unwrap_or_default(),
            emails: contacts(object, "emails"),
            numbers: contacts(object, "contact_numbers"),
            job_title: text(object, "job_title"),
            organization: Named::of(&child(object, "organization")),
            owner: id_of(&child(object, "sales_owner")),
            updated_at: time(object, "updated_at"),
        })
    }
}

impl Record for Lead {
    fn of(object: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: id_of(object)?,
            title: text(object, "title").unwrap_or_default(),
            description: text(object, "description"),
            value: text(object, "lead_value"),
            pipeline: id(object, "lead_pipeline_id").unwrap_or_default(),
            stage: id(object, "lead_pipeline_stage_id").unwrap_or_default(),
            person: id_of(&child(object, "person")),
            owner: id_of(&child(object, "user")),
            closed_at: time(object, "closed_at"),
            close_date: time(object, "expected_close_date"),
            created_at: time(object, "created_at"),
            updated_at: time(object, "updated_at"),
        })
    }
}

impl Record for Activity {
    fn of(object: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: id_of(object)?,
            kind: text(object, "type").unwrap_or_default(),
            title: text(object, "title"),
            comment: text(object, "comment"),
            mark: marked(object, MARK),
            is_inbound: marked(object, DIRECTION).as_deref() == Some(INBOUND),
            is_done: matches!(object.get("is_done").copied(), Some("1" | "true")),
            user: Named::of(&child(object, "user")),
            from: time(object, "schedule_from"),
            created_at: time(object, "created_at"),
        })
    }
}

/// `additional` is sent as a text, and comes back as an object or, by another database, as a text.
fn marked(object: &Object<'_>, field: &str) -> Option<String> {
    let additional = object.get("additional")?;
    match raw::text(additional) {
        Some(json) => text(&raw::object(&json)?, field),
        None => text(&part(additional), field),
    }
}

impl Record for Stage {
    fn of(object: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: id_of(object)?,
            code: text(object, "code").unwrap_or_default(),
            name: text(object, "name").unwrap_or_default(),
        })
    }
}

impl Record for Pipeline {
    fn of(object: &Object<'_>) -> Option<Self> {
        let stages = objects(object, "stages");
        Some(Self {
            id: id_of(object)?,
            name: text(object, "name").unwrap_or_default(),
            is_default: matches!(object.get("is_default").copied(), Some("1" | "true")),
            stages: stages.iter().filter_map(Stage::of).collect(),
        })
    }
}

/// The digits of a number.
#[must_use]
pub fn digits_of(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

impl Person {
    /// Whether one of the addresses is this one, in any case.
    #[must_use]
    pub fn has_email(&self, email: &str) -> bool {
        let mut emails = self.emails.iter();
        emails.any(|one| one.value.trim().to_lowercase() == email.to_lowercase())
    }

    /// Whether one of the numbers is this one, however it is written: the same digits, or the same
    /// without the country's, of which nine are enough.
    #[must_use]
    pub fn has_number(&self, number: &str) -> bool {
        let mut numbers = self.numbers.iter();
        numbers.any(|one| is_same_number(&one.value, number))
    }
}

/// Fewest digits by which a number without its country's is told.
const MIN_DIGITS: usize = 9;

fn is_same_number(theirs: &str, ours: &str) -> bool {
    let bare = |number: &str| digits_of(number).trim_start_matches('0').to_owned();
    let (theirs, ours) = (bare(theirs), bare(ours));
    let (short, long) = match theirs.len() < ours.len() {
        true => (&theirs, &ours),
        false => (&ours, &theirs),
    };
    !short.is_empty()
        && (short == long || short.len() >= MIN_DIGITS && long.ends_with(short.as_str()))
}
