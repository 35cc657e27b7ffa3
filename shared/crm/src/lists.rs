//! Lists of records that CRM links read of a CRM: plain data, so that who reads them carries nothing else of its
//! connector.

/// The lists of a CRM, and how they are asked for with what its connection has.
#[derive(Debug)]
pub struct Lists {
    /// Its connector, which is the scheme of their URLs.
    pub connector: &'static str,
    /// Those that there are.
    pub lists: &'static [List],
    /// Where any name is a list, too.
    pub named: Option<Named>,
    /// All of them, as people are told.
    pub told: &'static str,
    /// Where its API is.
    pub base: Base,
    /// The name of the key among the connection's credentials.
    pub key: &'static str,
    /// The query that asks for a first page.
    pub query: &'static str,
    /// Whether pages are asked for by their number, and not by the links of the one before.
    pub counts_pages: bool,
    /// Fields that tell nobody anything.
    pub excluded: &'static [&'static str],
}

/// A list.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// Its name in a URL.
    pub name: &'static str,
    /// Behind the API's base.
    pub path: &'static str,
    /// Whose a record is, where the link does not say so: paths of addresses and of numbers.
    pub identity: Option<(&'static str, &'static str)>,
    /// Whether a record without an owner is for everybody.
    pub is_public: bool,
}

/// Lists of any name: letters, digits, `-` and `_`.
#[derive(Debug)]
pub struct Named {
    /// Before the name, in a URL.
    pub prefix: &'static str,
    /// Before it, behind the API's base.
    pub path: &'static str,
    /// The longest name, in bytes.
    pub most: usize,
}

/// Where an API is.
#[derive(Debug)]
pub enum Base {
    /// At this setting of the connection.
    Setting(&'static str),
    /// At a host of the vendor's of which this setting is the first label, unless the variable names another base.
    Label {
        /// The setting.
        setting: &'static str,
        /// Behind the label.
        host: &'static str,
        /// The variable of the deployment.
        variable: &'static str,
    },
}

impl List {
    /// A list of which nobody but staff is told anything, unless the link says whose the records are.
    #[must_use]
    pub const fn new(name: &'static str, path: &'static str) -> Self {
        Self {
            name,
            path,
            identity: None,
            is_public: false,
        }
    }

    /// The same, of which a record is whose address or number it has at these paths.
    #[must_use]
    pub const fn of(mut self, email: &'static str, phone: &'static str) -> Self {
        self.identity = Some((email, phone));
        self
    }

    /// The same, for everybody.
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.is_public = true;
        self
    }
}
