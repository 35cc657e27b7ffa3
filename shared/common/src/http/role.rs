use super::{Scope, Scopes};
use std::fmt;

/// What a member of a business may do. Each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "lowercase"))]
pub enum Role {
    /// Reads conversations, customers, settings and figures.
    Viewer,
    /// Answers customers: also sends messages, assigns conversations, changes customers.
    Agent,
    /// Sets everything up: also keys, channels, webhooks, integrations, CRM links, and members below owners.
    Admin,
    /// The business's own: also owners, how people sign in, and for how long anything is kept.
    Owner,
}

impl Role {
    /// All, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Agent, Self::Admin, Self::Owner];

    /// The name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What a member may do of what keys do.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        let reading = [
            Scope::CustomersRead,
            Scope::ConversationsRead,
            Scope::MessagesRead,
        ];
        let answering = [
            Scope::CustomersWrite,
            Scope::ConversationsWrite,
            Scope::MessagesWrite,
            Scope::AttachmentsWrite,
        ];
        match self {
            Self::Viewer => reading.into_iter().collect(),
            Self::Agent => reading.into_iter().chain(answering).collect(),
            Self::Admin | Self::Owner => [Scope::Admin].into_iter().collect(),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_what_those_before_it_may() {
        for pair in Role::ALL.windows(2) {
            assert!(pair[0] < pair[1], "{} {}", pair[0], pair[1]);
            for (scope, _) in Scope::ALL {
                let may = |role: Role| role.scopes().allow(scope);
                assert!(!may(pair[0]) || may(pair[1]), "{scope} {}", pair[1]);
            }
        }
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Role::named("root"), None);
    }

    #[test]
    fn only_who_answers_customers_may_write_to_them() {
        let may = |role: Role, scope| role.scopes().allow(scope);
        assert!(!may(Role::Viewer, Scope::MessagesWrite) && may(Role::Agent, Scope::MessagesWrite));
        assert!(!may(Role::Agent, Scope::Admin) && may(Role::Admin, Scope::Admin));
        assert!(
            !may(Role::Agent, Scope::SsoWrite),
            "a token may name any agent"
        );
    }
}
