//! What a key may do at Kustomer, against what is needed (kustomer.md §2; docs/kustomer.md §1).

use serde::Serialize;

/// What the spec asks for, and what that is at Kustomer: a resource, and what is done to it.
const NEEDED: [(&str, &str, &[&str]); 7] = [
    ("customers:read", "customer", &["read"]),
    ("customers:write", "customer", &["create", "update"]),
    ("conversations:read", "conversation", &["read"]),
    ("conversations:write", "conversation", &["create", "update"]),
    ("messages:write", "message", &["create", "update"]),
    ("notes:write", "note", &["create", "update"]),
    (TEAMS_READ, "team", &["read"]),
];
/// What the list of teams shows better than any role.
const TEAMS_READ: &str = "teams:read";

/// The roles of a key.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Roles {
    /// The required permissions that it has, as the setup guide names them.
    pub present: Vec<&'static str>,
    /// The roles that it lacks.
    pub missing: Vec<MissingRole>,
}

/// A missing role.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingRole {
    /// The permission that needs it, as the setup guide names it.
    pub needed_for: &'static str,
    /// The role to give to the key's machine user.
    pub role: String,
}

impl Roles {
    /// By the roles of a key, and whether it could list the teams.
    pub(super) fn of(held: &[String], lists_teams: bool) -> Self {
        let mut roles = Self {
            present: Vec::new(),
            missing: Vec::new(),
        };
        for (needed_for, resource, actions) in NEEDED {
            let lacking = actions
                .iter()
                .filter(|action| !holds(held, resource, action));
            let lacking = lacking.map(|action| MissingRole {
                needed_for,
                role: ["org.permission.", resource, ".", action].concat(),
            });
            let lacking: Vec<_> = match needed_for == TEAMS_READ && lists_teams {
                true => Vec::new(),
                false => lacking.collect(),
            };
            if lacking.is_empty() {
                roles.present.push(needed_for);
            }
            roles.missing.extend(lacking);
        }
        roles
    }
}

/// Whether one of the roles allows it: a new one, a legacy one, or a role above either.
fn holds(held: &[String], resource: &str, action: &str) -> bool {
    let legacy = if action == "read" { "read" } else { "write" };
    let allowing = [
        ["org.permission.", resource, ".", action].concat(),
        ["org.user.", resource, ".", legacy].concat(),
        ["org.admin.", resource, ".", legacy].concat(),
    ];
    held.iter().any(|held| {
        let is_above = |role: &String| {
            let rest = role.strip_prefix(held.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        held == "org.admin" || allowing.iter().any(is_above)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(held: &[&str]) -> Vec<String> {
        let held: Vec<_> = held.iter().map(|role| (*role).to_owned()).collect();
        let roles = Roles::of(&held, false);
        let lacking = |role: MissingRole| [role.needed_for, " ", &role.role].concat();
        roles.missing.into_iter().map(lacking).collect()
    }

    #[test]
    fn new_and_legacy_roles_and_those_above_them_count() {
        for all in ["org", "org.admin", "org.permission", "org.user"] {
            assert_eq!(missing(&[all]), [""; 0], "{all}");
        }
        let new = [
            "org.permission.customer",
            "org.permission.conversation",
            "org.permission.message.create",
            "org.permission.message.update",
            "org.permission.note",
            "org.permission.team.read",
        ];
        assert_eq!(missing(&new), [""; 0]);
        let legacy = [
            "org.user.customer.read",
            "org.user.customer.write",
            "org.user.conversation",
            "org.user.message.write",
            "org.user.note.write",
        ];
        assert_eq!(missing(&legacy), ["teams:read org.permission.team.read"]);
    }

    #[test]
    fn each_role_that_is_missing_is_named() {
        let held = [
            "org.permission.customer.read",
            "org.permission.customer.create",
            "org.permission.conversation",
            "org.permission.messages",
            "org.permission.note.create",
            "org.permission.team",
        ];
        let expected = [
            "customers:write org.permission.customer.update",
            "messages:write org.permission.message.create",
            "messages:write org.permission.message.update",
            "notes:write org.permission.note.update",
        ];
        assert_eq!(missing(&held), expected);
        assert_eq!(missing(&[]).len(), 11);
    }

    #[test]
    fn who_lists_teams_may_read_them() {
        let roles = Roles::of(&[], true);
        assert_eq!(roles.present, ["teams:read"]);
    }
}
