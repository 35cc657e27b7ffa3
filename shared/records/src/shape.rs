//! What a link says about its records.

/// How a link's records are read, as the business set it. All of it may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// The link's name, which stands before what is embedded.
    pub name: String,
    /// Where the list of records is: `data.customers`, `$.data[*]`, `data.orders.edges[*].node`. Found where it is not
    /// given.
    pub records_at: Option<String>,
    /// The field that names a record.
    pub key: Option<String>,
    /// The fields that are taken; all where there is none.
    pub include: Vec<String>,
    /// The fields that are left out. They may still be a key or an identity.
    pub exclude: Vec<String>,
    /// Fields and the names by which they are shown.
    pub rename: Vec<(String, String)>,
    /// Fields whose values are masked whatever they are.
    pub mask: Vec<String>,
    /// Fields whose values are never masked.
    pub allow: Vec<String>,
    /// Whose a record is.
    pub identity: IdentityFields,
}

/// Which fields say whose a record is. Where none is named, well-known names are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdentityFields {
    /// Fields with an email address.
    pub email: Vec<String>,
    /// Fields with a phone number.
    pub phone: Vec<String>,
    /// Fields with the id of a customer.
    pub external_id: Vec<String>,
    /// The business says that all records of the link are for everybody, whatever they look like: branches with phone
    /// numbers, say. No identity is looked for.
    pub public: bool,
}

impl IdentityFields {
    /// Whether any field is named.
    #[must_use]
    pub fn is_given(&self) -> bool {
        [&self.email, &self.phone, &self.external_id]
            .iter()
            .any(|fields| !fields.is_empty())
    }
}
