/// What names a customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// An email address, in lower case.
    Email(String),
    /// A phone number, E.164.
    Phone(String),
    /// The id by which the system that answered knows a customer. It is one of that system alone: the same digits of
    /// another system are somebody else's.
    External(String),
}

impl Owner {
    /// As one text: `email:a@example.com`, `phone:+48600700800`, `external:cust-1`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (kind, value) = match self {
            Self::Email(value) => ("email", value),
            Self::Phone(value) => ("phone", value),
            Self::External(value) => ("external", value),
        };
        format!("{kind}:{value}")
    }

    /// Reads what [`Self::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, value) = text.split_once(':')?;
        let value = value.to_owned();
        match kind {
            "email" => Some(Self::Email(value)),
            "phone" => Some(Self::Phone(value)),
            "external" => Some(Self::External(value)),
            _ => None,
        }
    }
}
