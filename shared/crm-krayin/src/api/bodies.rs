use super::activity::ActivityKind;
use super::records::{Contact, DIRECTION, INBOUND, MARK};
use common::json::raw;
use common::json::writer::{JsonWriter, quoted};

/// The label of what we add.
pub(super) const LABEL: &str = "work";

/// A person, whole: lists replace what is there, and what is left out of an update is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewPerson {
    /// The name, never blank.
    pub name: String,
    /// Addresses: at least one, or nobody is made.
    pub emails: Vec<Contact>,
    /// Numbers; where there are none, a blank one is written.
    pub numbers: Vec<Contact>,
    /// What they are.
    pub job_title: Option<String>,
    /// Their organisation.
    pub organization: Option<String>,
    /// Whose they are. An update without it takes the owner away.
    pub owner: Option<String>,
    /// Further fields by their codes, with their values in JSON.
    pub custom: Vec<(String, String)>,
}

impl NewPerson {
    /// As it is sent.
    #[must_use]
    pub fn body(&self) -> String {
        let blank = [Contact {
            value: String::new(),
            label: LABEL.to_owned(),
        }];
        // Without an entry the handler fails, before or after it has written.
        let numbers = match self.numbers.is_empty() {
            true => blank.as_slice(),
            false => &self.numbers,
        };
        let mut fields = vec![
            ("name", quoted(&self.name)),
            ("emails", contacts(&self.emails)),
            ("contact_numbers", contacts(numbers)),
        ];
        fields.extend(
            self.job_title
                .as_deref()
                .map(|title| ("job_title", quoted(title))),
        );
        let ids = [
            ("organization_id", &self.organization),
            ("user_id", &self.owner),
        ];
        let ids = ids
            .iter()
            .filter_map(|(name, id)| Some((*name, number(id.as_deref()?))));
        fields.extend(ids);
        let fields = fields.iter().map(|(name, json)| (*name, json.as_str()));
        let custom = self.custom.iter();
        object(fields.chain(custom.map(|(code, json)| (code.as_str(), json.as_str()))))
    }
}

/// An organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOrganization {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: Option<Address>,
}

/// An address, which is an object there and no text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "Krayin's own fields")]
pub struct Address {
    pub address: String,
    pub city: String,
    pub state: String,
    pub country: String,
    pub postcode: String,
}

impl NewOrganization {
    /// As it is sent.
    #[must_use]
    pub fn body(&self) -> String {
        let mut body = JsonWriter::default().text("name", &self.name);
        if let Some(address) = &self.address {
            let address = JsonWriter::default()
                .text("address", &address.address)
                .text("country", &address.country)
                .text("state", &address.state)
                .text("city", &address.city)
                .text("postcode", &address.postcode)
                .finish();
            body = body.json("address", &address);
        }
        body.finish()
    }
}

/// What we write of a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadFields {
    /// Its title.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// What it is worth, as of [`lead_value`].
    pub value: Option<String>,
    /// Further fields by their codes, with their values in JSON.
    pub custom: Vec<(String, String)>,
}

impl LeadFields {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn pairs(&self) -> Vec<(&str, String)> {
        let mut fields = Vec::new();
        fields.extend(self.title.as_deref().map(|title| ("title", quoted(title))));
        let description = self.description.as_deref();
        fields.extend(description.map(|text| ("description", quoted(text))));
        fields.extend(self.value.clone().map(|value| ("lead_value", value)));
        let custom = self.custom.iter();
        fields.extend(custom.map(|(code, json)| (code.as_str(), json.clone())));
        fields
    }

    /// An update of these fields alone. What is not sent along of the closing date is cleared, so that
    /// it is always sent where there is one: the day as it is known there.
    #[must_use]
    pub fn update(&self, close_day: Option<&str>) -> String {
        let mut fields = self.pairs();
        fields.extend(close_day.map(|day| ("expected_close_date", quoted(day))));
        object(fields.iter().map(|(name, json)| (*name, json.as_str())))
    }
}

/// A lead to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewLead {
    /// Its person.
    pub person: String,
    /// Its pipeline, which its stage decides.
    pub pipeline: String,
    /// Its stage: without it the handler fails.
    pub stage: String,
    /// Where it came from.
    pub source: Option<String>,
    /// What kind of business it is.
    pub kind: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// The other fields.
    pub fields: LeadFields,
}

impl NewLead {
    /// As it is sent. A closing date that is not known is left out: nothing is not taken for one.
    #[must_use]
    pub fn body(&self) -> String {
        let person = JsonWriter::default().json("id", &number(&self.person));
        let mut fields = self.fields.pairs();
        fields.push(("person", person.finish()));
        fields.push(("lead_pipeline_id", number(&self.pipeline)));
        fields.push(("lead_pipeline_stage_id", number(&self.stage)));
        let ids = [
            ("lead_source_id", &self.source),
            ("lead_type_id", &self.kind),
            ("user_id", &self.owner),
        ];
        let ids = ids
            .iter()
            .filter_map(|(name, id)| Some((*name, number(id.as_deref()?))));
        fields.extend(ids);
        object(fields.iter().map(|(name, json)| (*name, json.as_str())))
    }
}

/// An activity to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewActivity {
    /// What it is.
    pub kind: ActivityKind,
    /// Its title.
    pub title: String,
    /// What it says, in HTML.
    pub comment: String,
    /// What it is of ours, by which it is found again.
    pub mark: String,
    /// Whether the customer wrote it.
    pub is_inbound: bool,
    /// When it took place, on the CRM's clock.
    pub at: String,
    /// The lead that it is of.
    pub lead: Option<String>,
    /// The person that it is of, where there is no lead: one of the two is linked when it is made.
    pub person: String,
}

impl NewActivity {
    /// As it is sent. Our mark is a text: an object is an error there.
    #[must_use]
    pub fn body(&self) -> String {
        let mark = JsonWriter::default().text(MARK, &self.mark);
        let mark = match self.is_inbound {
            true => mark.text(DIRECTION, INBOUND).finish(),
            false => mark.finish(),
        };
        let mut body = JsonWriter::default()
            .text("type", self.kind.as_str())
            .text("title", &self.title)
            .text("comment", &self.comment)
            .text("additional", &mark);
        if self.kind.has_schedule() {
            body = body
                .text("schedule_from", &self.at)
                .text("schedule_to", &self.at);
        }
        let body = match &self.lead {
            Some(lead) => body.json("lead_id", &number(lead)),
            None => body.json("person_id", &number(&self.person)),
        };
        body.finish()
    }
}

fn contacts(list: &[Contact]) -> String {
    let contact = |one: &Contact| {
        JsonWriter::default()
            .text("value", &one.value)
            .text("label", &one.label)
            .finish()
    };
    [
        "[",
        &list.iter().map(contact).collect::<Vec<_>>().join(","),
        "]",
    ]
    .concat()
}

/// An id as JSON.
pub(super) fn number(id: &str) -> String {
    match raw::integer(id) {
        Some(id) => id.to_owned(),
        None => quoted(id),
    }
}

/// An object of fields that are JSON already.
pub fn object<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let field = |(name, json): (&str, &str)| [&quoted(name), ":", json].concat();
    ["{", &fields.map(field).collect::<Vec<_>>().join(","), "}"].concat()
}

/// What a lead is worth, as Krayin takes it: a plain number that is not negative, with four places at
/// most. `None` for anything else.
#[must_use]
pub fn lead_value(text: &str) -> Option<String> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let fraction = fraction.trim_end_matches('0');
    let is_value = are_digits(whole)
        && whole.len() <= 12
        && fraction.len() <= 4
        && (fraction.is_empty() || are_digits(fraction));
    if !is_value {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Some(match fraction {
        "" => whole.to_owned(),
        fraction => [whole, ".", fraction].concat(),
    })
}
