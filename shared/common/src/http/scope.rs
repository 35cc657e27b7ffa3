use std::fmt;

/// The scopes of a key. `Admin` implies every other (contract.md, Access).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(description = "The scopes of a key. `admin` implies every other scope.")
)]
pub enum Scope {
    /// Look customers up.
    #[cfg_attr(feature = "schema", schemars(rename = "customers:read"))]
    CustomersRead = 1,
    /// Sync, create and erase customers.
    #[cfg_attr(feature = "schema", schemars(rename = "customers:write"))]
    CustomersWrite = 1 << 1,
    /// Read conversations.
    #[cfg_attr(feature = "schema", schemars(rename = "conversations:read"))]
    ConversationsRead = 1 << 2,
    /// Assign conversations and change their status.
    #[cfg_attr(feature = "schema", schemars(rename = "conversations:write"))]
    ConversationsWrite = 1 << 3,
    /// Poll messages.
    #[cfg_attr(feature = "schema", schemars(rename = "messages:read"))]
    MessagesRead = 1 << 4,
    /// Send messages.
    #[cfg_attr(feature = "schema", schemars(rename = "messages:write"))]
    MessagesWrite = 1 << 5,
    /// Upload attachments.
    #[cfg_attr(feature = "schema", schemars(rename = "attachments:write"))]
    AttachmentsWrite = 1 << 6,
    /// Create tokens for the embedded inbox.
    #[cfg_attr(feature = "schema", schemars(rename = "sso:write"))]
    SsoWrite = 1 << 7,
    /// Everything, the settings included.
    #[cfg_attr(feature = "schema", schemars(rename = "admin"))]
    Admin = 1 << 8,
}

impl Scope {
    /// Every scope with its name in the contract.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::CustomersRead, "customers:read"),
        (Self::CustomersWrite, "customers:write"),
        (Self::ConversationsRead, "conversations:read"),
        (Self::ConversationsWrite, "conversations:write"),
        (Self::MessagesRead, "messages:read"),
        (Self::MessagesWrite, "messages:write"),
        (Self::AttachmentsWrite, "attachments:write"),
        (Self::SsoWrite, "sso:write"),
        (Self::Admin, "admin"),
    ];

    /// The name in the contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(scope, _)| *scope == self)
            .map_or("", |(_, name)| name)
    }

    /// The scope of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(scope, _)| *scope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u16);

impl Scopes {
    /// None.
    pub const NONE: Self = Self(0);

    /// Every scope but `admin`: what a CRM's key has by default.
    #[must_use]
    pub fn all_but_admin() -> Self {
        Scope::ALL
            .iter()
            .filter(|(scope, _)| *scope != Scope::Admin)
            .map(|(scope, _)| *scope)
            .collect()
    }

    /// Whether this set allows what the scope does.
    #[must_use]
    pub fn allow(self, scope: Scope) -> bool {
        self.0 & (scope as u16 | Scope::Admin as u16) != 0
    }

    /// The names, in the contract's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Scope::ALL
            .iter()
            .filter(move |(scope, _)| self.0 & *scope as u16 != 0)
            .map(|(_, name)| *name)
    }

    /// As stored: the names, separated by spaces. Names no longer known are dropped.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        text.split(' ').filter_map(Scope::named).collect()
    }

    /// See [`Scopes::from_stored`].
    #[must_use]
    pub fn to_stored(self) -> String {
        self.names().collect::<Vec<_>>().join(" ")
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope as u16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_allows_every_scope_and_no_other_scope_allows_a_second() {
        let admin: Scopes = [Scope::Admin].into_iter().collect();
        let reader: Scopes = [Scope::CustomersRead].into_iter().collect();
        for (scope, _) in Scope::ALL {
            assert!(admin.allow(scope));
            assert_eq!(
                reader.allow(scope),
                scope == Scope::CustomersRead,
                "{scope}"
            );
        }
        assert!(!Scopes::all_but_admin().allow(Scope::Admin));
    }

    #[test]
    fn a_stored_set_is_read_back_and_unknown_names_grant_nothing() {
        let all = Scopes::all_but_admin();
        assert_eq!(Scopes::from_stored(&all.to_stored()), all);
        assert_eq!(
            Scopes::from_stored("root customers:everything"),
            Scopes::NONE
        );
    }
}
