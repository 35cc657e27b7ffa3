//! The fields of a customer record, and the names by which files call them.

/// A field of the API's customer record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    ExternalId,
    ExternalSystem,
    Name,
    FirstName,
    LastName,
    Email,
    Phone,
    WhatsappNumber,
    Address,
    Notes,
    Tags,
    CustomFields,
    CrmIds,
}

impl Field {
    pub(crate) const ALL: [Self; 13] = [
        Self::ExternalId,
        Self::ExternalSystem,
        Self::Name,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Phone,
        Self::WhatsappNumber,
        Self::Address,
        Self::Notes,
        Self::Tags,
        Self::CustomFields,
        Self::CrmIds,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::ExternalSystem => "external_system",
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::WhatsappNumber => "whatsapp_number",
            Self::Address => "address",
            Self::Notes => "notes",
            Self::Tags => "tags",
            Self::CustomFields => "custom_fields",
            Self::CrmIds => "crm_ids",
        }
    }

    /// Headers that usually hold it, [`plain`], the likeliest first.
    pub(crate) fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::ExternalId => &["contactid", "customerid", "crmid", "recordid", "id"],
            Self::Name => &["fullname", "contactname", "customername", "displayname"],
            Self::FirstName => &["givenname", "forename"],
            Self::LastName => &["surname", "familyname"],
            Self::Email => &["emailaddress", "mail", "contactemail"],
            Self::Phone => &[
                "phonenumber",
                "telephone",
                "telephonenumber",
                "tel",
                "mobile",
                "mobilephone",
                "mobilenumber",
                "cellphone",
                "cell",
            ],
            Self::WhatsappNumber => &["whatsapp", "whatsappphone"],
            Self::Address => &["streetaddress", "postaladdress", "mailingaddress"],
            Self::Notes => &["note", "comments", "comment"],
            Self::Tags => &["tag", "labels"],
            Self::ExternalSystem | Self::CustomFields | Self::CrmIds => &[],
        }
    }
}

/// Where a value goes: a field, or one key of the custom fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Field(Field),
    Custom(String),
}

const CUSTOM: &str = "custom_fields.";

impl Target {
    /// Reads a field's name as a user writes it. A custom field's key is kept to the letter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.contains('.') {
            return custom_key(text).map(|key| Self::Custom(key.to_owned()));
        }
        let wanted = plain(text);
        let found = Field::ALL
            .into_iter()
            .find(|field| plain(field.name()) == wanted);
        found.map(Self::Field)
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Field(field) => field.name().to_owned(),
            Self::Custom(key) => format!("{CUSTOM}{key}"),
        }
    }
}

/// The key in `custom_fields.KEY`.
pub(crate) fn custom_key(text: &str) -> Option<&str> {
    let (prefix, key) = text.split_at_checked(CUSTOM.len())?;
    (prefix.eq_ignore_ascii_case(CUSTOM) && !key.is_empty()).then_some(key)
}

/// A name by its letters and digits alone, in lower case: what two spellings have in common.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_known_in_any_spelling() {
        for text in ["whatsapp_number", "WhatsApp Number", "Whatsapp-number"] {
            assert_eq!(
                Target::parse(text),
                Some(Target::Field(Field::WhatsappNumber))
            );
        }
        assert_eq!(Target::parse("birthday"), None);
        assert_eq!(Target::parse("custom_fields."), None);
    }

    #[test]
    fn the_key_of_a_custom_field_keeps_its_spelling() {
        let target = Target::parse("Custom_Fields.Account Owner");
        assert_eq!(target, Some(Target::Custom("Account Owner".into())));
    }

    #[test]
    fn no_synonym_stands_for_two_fields() {
        let mut all: Vec<String> = Field::ALL.iter().map(|field| plain(field.name())).collect();
        for field in Field::ALL {
            all.extend(field.synonyms().iter().map(|&name| name.to_owned()));
        }
        let total = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), total);
    }
}
