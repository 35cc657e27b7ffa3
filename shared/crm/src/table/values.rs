//! What holds: what the business set, else a variable of the deployment, else the default.

use super::{Field, Kind, Table};
use common::json::raw;
use common::json::raw::{Object, part};
use common::json::writer::quoted;
use common::ports::Ports;
use serde::Serialize;

/// Who set something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Source {
    /// The business.
    Business,
    /// A variable of the deployment.
    Deployment,
    /// Nobody.
    Default,
}

impl Source {
    /// As it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Deployment => "deployment",
            Self::Default => "default",
        }
    }
}

/// What holds for a business.
pub struct Values<'a> {
    table: &'static Table,
    set: Object<'a>,
    ports: &'a Ports<'a>,
}

impl Table {
    /// What holds for a business that set this, as JSON.
    #[must_use]
    pub fn values<'a>(&'static self, ports: &'a Ports<'a>, settings: &'a str) -> Values<'a> {
        Values {
            table: self,
            set: part(settings),
            ports,
        }
    }
}

impl Table {
    /// A variable of the deployment, by its name or by the name with the table's prefix.
    pub(super) fn variable(&self, ports: &Ports<'_>, name: &str) -> Option<String> {
        let set = |name: &str| (ports.variable)(name).filter(|value| !value.is_empty());
        let prefix = self.variable_prefix;
        set(name).or_else(|| set(&[prefix?, name].concat()))
    }
}

impl Values<'_> {
    /// A setting as JSON, and who set it; null for what the table does not have.
    #[must_use]
    pub fn json(&self, path: &str) -> (String, Source) {
        let field = self.table.fields.iter().find(|field| field.path == path);
        let Some(field) = field else {
            return ("null".to_owned(), Source::Default);
        };
        if let Some(set) = self.set(field).filter(|set| field.fits(set)) {
            return (set, Source::Business);
        }
        let variable = field.variable;
        match variable.and_then(|name| self.table.variable(self.ports, name)) {
            Some(value) => (field.of_variable(&value), Source::Deployment),
            None => (field.default.to_owned(), Source::Default),
        }
    }

    fn set(&self, field: &Field) -> Option<String> {
        match field.parts() {
            (Some(group), name) => part(self.set.get(group)?)
                .get(name)
                .map(|set| (*set).to_owned()),
            (None, name) => self.set.get(name).map(|set| (*set).to_owned()),
        }
    }

    /// A text, where there is one.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        raw::text(&self.json(path).0).filter(|text| !text.is_empty())
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, path: &str) -> bool {
        self.json(path).0 == "true"
    }

    /// A whole number; 0 where there is none.
    #[must_use]
    pub fn number(&self, path: &str) -> i64 {
        self.json(path).0.parse().unwrap_or_default()
    }
}

impl Field {
    /// Whether what is stored is of its kind.
    fn fits(&self, stored: &str) -> bool {
        match self.kind {
            Kind::Switch => matches!(stored, "true" | "false"),
            Kind::Number(..) => raw::integer(stored).is_some(),
            Kind::Id | Kind::Words(_) | Kind::Choice(_) => {
                stored.len() > 2 && stored.starts_with('"')
            }
            // An empty map is as none.
            Kind::Custom(_) => stored != "{}" && stored != "null",
            Kind::Secret(_) | Kind::Forwarded(_) => false,
        }
    }

    fn of_variable(&self, value: &str) -> String {
        match self.kind {
            Kind::Switch => (value != "false" && value != "0").to_string(),
            Kind::Number(..) => raw::integer(value).unwrap_or(self.default).to_owned(),
            _ => quoted(value),
        }
    }
}
