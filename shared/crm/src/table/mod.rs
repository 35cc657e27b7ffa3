//! What a business can set for a connector, as one table: how a request is read, what holds where
//! nothing is set, what is shown, the JSON schema, the dashboard's form and the documentation all come
//! of it.

mod change;
mod form;
pub mod rules;
mod schema;
mod values;

pub use change::{Change, Draft};
pub use values::{Source, Values};

use common::context::Context;
use common::json::Fields;
use rules::Check;

/// What can be set for a connector.
#[derive(Debug)]
pub struct Table {
    /// The settings, in the order in which they are shown. Those of a group stand together.
    pub fields: &'static [Field],
    /// What the groups are for, by the name that stands before the dot of their fields' paths.
    pub groups: &'static [(&'static str, &'static str)],
    /// The variable that names the one business which may use the deployment's key, where several
    /// businesses share a deployment.
    pub deployment_business: Option<&'static str>,
    /// What a variable's name may begin with beside, as guides print it: read where the name alone
    /// is not set.
    pub variable_prefix: Option<&'static str>,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its path in a request: `subdomain`, `features.auto_assignment`, `credentials.api_key`.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// JSON: what holds where nobody sets it.
    pub default: &'static str,
    /// The deployment's variable that holds where the business sets nothing.
    pub variable: Option<&'static str>,
    /// What it is for, in a sentence.
    pub help: &'static str,
    /// Whether a test of the connection takes it, too, in place of what is stored.
    pub in_test: bool,
    /// Of a mapping of customers' fields: see [`CustomerFields`].
    pub customer_fields: CustomerFields,
}

/// The names by which a mapping knows customers' fields, each with the fields of a customer, as `api-customers` shows
/// them, of which it takes the first that has something. A `*` at the end of both stands for any name.
pub type CustomerFields = &'static [(&'static str, &'static [&'static str])];

/// What a setting takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// An id of the CRM's, at most 128 visible ASCII characters without a slash.
    Id,
    /// `true` or `false`.
    Switch,
    /// A whole number between these, both included.
    Number(i64, i64),
    /// A text of at most this many characters.
    Words(usize),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Something of the connector's own.
    Custom(Custom),
    /// A secret, which is sealed and never shown.
    Secret(Secret),
    /// What is kept with other settings of the business, and forwarded there: older clients send it
    /// here.
    Forwarded(Forwarded),
}

/// A setting that the connector reads itself.
#[derive(Debug, Clone, Copy)]
pub struct Custom {
    /// Reads a value, under its path, and gives it as it is to be stored, in JSON.
    pub check: Check,
    /// The type of its values in JSON: `string`, `array`, `object`.
    pub json_type: &'static str,
    /// The further keywords of its JSON schema: `"items":{…}`.
    pub schema: &'static str,
    /// What the form shows: `text`, `list`, `map`.
    pub input: &'static str,
}

/// A secret.
#[derive(Debug, Clone, Copy)]
pub struct Secret {
    /// Its name among the sealed credentials.
    pub stored: &'static str,
    /// What it is for.
    pub role: Role,
}

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It speaks for the business at the CRM.
    Key,
    /// The CRM signs by it what it posts to us.
    Webhook,
}

/// A group that is kept elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Forwarded {
    /// The keywords of the JSON schema of what a request may have, beside type and description.
    pub request: &'static str,
    /// The same of what is shown.
    pub shown: &'static str,
}

impl Field {
    /// A setting without a default.
    #[must_use]
    pub const fn new(path: &'static str, kind: Kind, help: &'static str) -> Self {
        Self {
            path,
            kind,
            default: "null",
            variable: None,
            help,
            in_test: false,
            customer_fields: &[],
        }
    }

    /// The same, with a default, which is JSON.
    #[must_use]
    pub const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// The same, with a variable of the deployment behind it.
    #[must_use]
    pub const fn variable(self, variable: &'static str) -> Self {
        Self {
            variable: Some(variable),
            ..self
        }
    }

    /// The same; a test of the connection takes it, too.
    #[must_use]
    pub const fn in_test(self) -> Self {
        Self {
            in_test: true,
            ..self
        }
    }

    /// The same; it maps these fields of customers.
    #[must_use]
    pub const fn of_customers(self, customer_fields: CustomerFields) -> Self {
        Self {
            customer_fields,
            ..self
        }
    }

    /// Its group, where it has one, and its name.
    #[must_use]
    pub fn parts(&self) -> (Option<&'static str>, &'static str) {
        match self.path.split_once('.') {
            Some((group, name)) => (Some(group), name),
            None => (None, self.path),
        }
    }

    /// What it is as a secret.
    #[must_use]
    pub const fn secret(&self) -> Option<Secret> {
        match self.kind {
            Kind::Secret(secret) => Some(secret),
            _ => None,
        }
    }
}

impl Table {
    /// The field of a secret.
    #[must_use]
    pub fn secret(&self, role: Role) -> Option<(&'static Field, Secret)> {
        let mut secrets = self
            .fields
            .iter()
            .filter_map(|field| Some((field, field.secret()?)));
        secrets.find(|(_, secret)| secret.role == role)
    }

    /// The variables of the deployment that it reads, each with the setting behind which it stands, or
    /// none for [`Table::deployment_business`].
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, Option<&'static Field>)> {
        let of_fields = self.fields.iter();
        let of_fields = of_fields.filter_map(|field| Some((field.variable?, Some(field))));
        of_fields.chain(self.deployment_business.map(|name| (name, None)))
    }

    /// The deployment's key, which speaks for one business: the one that
    /// [`Table::deployment_business`] names, where it names one.
    #[must_use]
    pub fn deployment_key(&self, cx: &Context<'_>) -> Option<String> {
        let variable = |name: &str| self.variable(&cx.ports, name);
        let only = self.deployment_business.and_then(variable);
        let may_use = only.is_none_or(|only| only == cx.business_id());
        let (field, _) = self.secret(Role::Key)?;
        variable(field.variable?).filter(|_| may_use)
    }

    /// The variable that would say whose the deployment's key is, where there is a key and it does not.
    #[must_use]
    pub fn unset_owner(&self, cx: &Context<'_>) -> Option<&'static str> {
        let variable = |name: &str| self.variable(&cx.ports, name);
        let (field, _) = self.secret(Role::Key)?;
        variable(field.variable?)?;
        let owner = self.deployment_business?;
        variable(owner).is_none().then_some(owner)
    }

    /// Whether it has a group that is kept elsewhere.
    #[must_use]
    pub fn forwards(&self) -> bool {
        let mut kinds = self.fields.iter().map(|field| field.kind);
        kinds.any(|kind| matches!(kind, Kind::Forwarded(_)))
    }

    /// Whether these secrets have no key, where the deployment may have one.
    #[must_use]
    pub fn lacks_key(&self, secrets: &Fields<String>) -> bool {
        let key = self.secret(Role::Key);
        key.is_none_or(|(_, secret)| secrets.get(secret.stored).is_none())
    }

    /// The groups and the fields without one, in order: each with its fields.
    #[must_use]
    pub fn entries(&self) -> Vec<(&'static str, Vec<&'static Field>)> {
        let mut entries: Vec<(&str, Vec<&Field>)> = Vec::new();
        for field in self.fields {
            let name = match field.parts() {
                (Some(group), _) => group,
                (None, name) => name,
            };
            match entries.iter_mut().find(|(known, _)| *known == name) {
                Some((_, fields)) => fields.push(field),
                None => entries.push((name, vec![field])),
            }
        }
        entries
    }
}
