//! Which of our fields goes where in Kustomer: the custom field mapping that a business sets
//! (docs/kustomer.md §3).

use super::bodies::{NewCustomer, iso};
pub use super::path::Path;
use super::path::Segment;
use super::resource::Resource;
use common::json::raw;
use common::json::writer::quoted;
use common::time::Timestamp;

/// Most fields of a mapping.
const MAX_FIELDS: usize = 100;
/// Highest place of a contact.
const MAX_PLACE: usize = 9;
/// Longest custom text.
const MAX_CUSTOM_CHARS: usize = 1024;
/// How our custom fields begin.
const CUSTOM: &str = "custom_fields.";

/// What the spec maps where a business says nothing: our field and their path.
pub const USUAL: [(&str, &str); 4] = [
    ("customerName", "attributes.name"),
    ("customerEmail", "attributes.emails[0].email"),
    ("customerPhone", "attributes.phones[0].phone"),
    ("tags", "attributes.tags"),
];

/// What stands where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping(Vec<Mapped>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mapped {
    field: String,
    path: Path,
    target: Target,
}

/// What a path is to a body that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Name,
    ExternalId,
    Locale,
    Email(usize),
    Phone(usize),
    Tags,
    Custom(String, Kind),
}

/// The type of a custom attribute, by the suffix of its name (kustomer.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Truth,
    Time,
    Url,
}

/// Why a mapping is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Our field's name.
    pub field: String,
    /// `known_field`, `path`, `writable_path`, `once`, `at_most_100`.
    pub rule: &'static str,
    /// For people.
    pub message: String,
}

impl Mapping {
    /// Reads pairs of our field and their path.
    ///
    /// # Errors
    /// The first pair that cannot be, and why.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Refused> {
        let mut mapping = Self::default();
        for (field, path) in pairs {
            let mapped = Mapped::parse(field, path)?;
            let is_taken = |other: &Mapped| other.field == field || other.target == mapped.target;
            if mapping.0.iter().any(is_taken) {
                let message = format!("`{field}` or its path stands twice in the mapping.");
                return Err(refused(field, "once", message));
            }
            if mapping.0.len() == MAX_FIELDS {
                let message = format!("A mapping has at most {MAX_FIELDS} fields.");
                return Err(refused(field, "at_most_100", message));
            }
            mapping.0.push(mapped);
        }
        Ok(mapping)
    }

    /// [`USUAL`].
    #[must_use]
    pub fn usual() -> Self {
        Self::parse(USUAL).unwrap_or_default()
    }

    /// Our fields with what a resource has for them, as JSON; those that it has nothing for are not
    /// among them.
    #[must_use]
    pub fn read<'r>(&self, resource: &'r Resource) -> Vec<(&str, &'r str)> {
        let read = |mapped: &'_ Mapped| mapped.path.read(resource);
        let found = self
            .0
            .iter()
            .map(|mapped| (mapped.field.as_str(), read(mapped)));
        found
            .filter_map(|(field, value)| Some((field, value?)))
            .collect()
    }

    /// Puts our values, as JSON, where the mapping says. A value that does not fit its place is left
    /// out; null clears a custom attribute, and nothing else.
    pub fn write(&self, values: &[(&str, &str)], customer: &mut NewCustomer) {
        let mut custom = String::new();
        let (mut emails, mut phones) = (Vec::new(), Vec::new());
        for mapped in &self.0 {
            let value = values.iter().find(|(field, _)| *field == mapped.field);
            let Some((_, value)) = value else { continue };
            match &mapped.target {
                Target::Name => set(&mut customer.name, value),
                Target::ExternalId => set(&mut customer.external_id, value),
                Target::Locale => set(&mut customer.locale, value),
                Target::Email(n) => emails.extend(text_of_value(value).map(|email| (*n, email))),
                Target::Phone(n) => phones.extend(text_of_value(value).map(|phone| (*n, phone))),
                Target::Tags => customer
                    .tags
                    .extend(raw::items(value).into_iter().filter_map(text_of_value)),
                Target::Custom(key, kind) => {
                    if let Some(value) = kind.value(value) {
                        let before = if custom.is_empty() { "" } else { "," };
                        custom.push_str(&format!("{before}{}:{value}", quoted(key)));
                    }
                }
            }
        }
        customer.emails.extend(in_order(&emails));
        customer.phones.extend(in_order(&phones));
        if !custom.is_empty() {
            customer.custom = Some(format!("{{{custom}}}"));
        }
    }
}

impl Mapped {
    fn parse(field: &str, path: &str) -> Result<Self, Refused> {
        if !is_field(field) {
            let message = format!("`{field}` is none of the fields that can be mapped.");
            return Err(refused(field, "known_field", message));
        }
        let Some(parsed) = Path::parse(path) else {
            let message = format!("`{field}` must be mapped to a path such as attributes.name.");
            return Err(refused(field, "path", message));
        };
        let Some(target) = Target::of(&parsed) else {
            let message = format!("`{path}` cannot be written.");
            return Err(refused(field, "writable_path", message));
        };
        let path = parsed;
        let field = field.to_owned();
        Ok(Self {
            field,
            path,
            target,
        })
    }
}

impl Target {
    fn of(path: &Path) -> Option<Self> {
        use Segment::{Index, Name};
        match path.behind_attributes() {
            [Name(name)] => match name.as_str() {
                "name" => Some(Self::Name),
                "externalId" => Some(Self::ExternalId),
                "locale" => Some(Self::Locale),
                "tags" => Some(Self::Tags),
                _ => None,
            },
            [Name(list), Index(n), Name(field)] if *n <= MAX_PLACE => {
                match (list.as_str(), field.as_str()) {
                    ("emails", "email") => Some(Self::Email(*n)),
                    ("phones", "phone") => Some(Self::Phone(*n)),
                    _ => None,
                }
            }
            [Name(custom), Name(key)] if custom == "custom" => {
                Some(Self::Custom(key.clone(), Kind::of(key)?))
            }
            _ => None,
        }
    }
}

impl Kind {
    fn of(key: &str) -> Option<Self> {
        let kinds = [
            ("Str", Self::Text),
            ("Txt", Self::Text),
            ("Num", Self::Number),
            ("Bool", Self::Truth),
            ("At", Self::Time),
            ("Url", Self::Url),
        ];
        let is_end = |suffix: &str| {
            key.strip_suffix(suffix)
                .is_some_and(|stem| !stem.is_empty())
        };
        let found = kinds.into_iter().find(|(suffix, _)| is_end(suffix));
        found.map(|(_, kind)| kind)
    }

    /// A value as it fits, as JSON.
    fn value(self, value: &str) -> Option<String> {
        if value == "null" {
            return Some(value.to_owned());
        }
        let text = text_of_value(value)?;
        match self {
            Self::Text => Some(quoted(
                &text.chars().take(MAX_CUSTOM_CHARS).collect::<String>(),
            )),
            Self::Number => is_number(&text).then_some(text),
            Self::Truth => matches!(text.as_str(), "true" | "false").then_some(text),
            Self::Time => Timestamp::parse(&text).map(|at| quoted(&iso(at))),
            Self::Url => {
                let behind = text
                    .strip_prefix("https://")
                    .or_else(|| text.strip_prefix("http://"));
                let is_url =
                    |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic());
                behind.is_some_and(is_url).then(|| quoted(&text))
            }
        }
    }
}

/// Whether it is a field of ours.
fn is_field(field: &str) -> bool {
    let known = [
        "customerName",
        "customerEmail",
        "customerPhone",
        "tags",
        "externalId",
    ];
    let is_custom = |key: &str| (1..=100).contains(&key.len());
    known.contains(&field) || field.strip_prefix(CUSTOM).is_some_and(is_custom)
}

/// Whether a text is a number as JSON writes it.
fn is_number(text: &str) -> bool {
    common::json::tolerant::is_number(text)
        && common::json::tolerant::checked(text.as_bytes()).is_some()
}

/// What a value says as text; nothing for lists, objects and null.
fn text_of_value(value: &str) -> Option<String> {
    match value.bytes().next()? {
        b'"' => raw::text(value).filter(|text| !text.trim().is_empty()),
        b'[' | b'{' | b'n' => None,
        _ => Some(value.to_owned()),
    }
}

fn set(to: &mut Option<String>, value: &str) {
    if let Some(text) = text_of_value(value) {
        *to = Some(text);
    }
}

/// By their places, without gaps. Without a sort, whose code is larger than all else of this.
fn in_order(contacts: &[(usize, String)]) -> impl Iterator<Item = String> {
    let at = |n: usize| contacts.iter().filter(move |(place, _)| *place == n);
    (0..=MAX_PLACE)
        .flat_map(at)
        .map(|(_, contact)| contact.clone())
}

fn refused(field: &str, rule: &'static str, message: String) -> Refused {
    let field = field.to_owned();
    Refused {
        field,
        rule,
        message,
    }
}
