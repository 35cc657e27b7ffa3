//! What a key may do at Kustomer, against what the connector asks (kustomer.md §2; docs/kustomer.md §1).

use crate::calls::{CALLS, Call};
use serde::Serialize;

/// What the list of teams shows better than any role.
const TEAMS_READ: &str = "teams:read";

/// The roles of a key.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Roles {
    /// The permissions that it has, as the setup guide names them.
    pub present: Vec<&'static str>,
    /// The roles that it lacks.
    pub missing: Vec<MissingRole>,
    /// The roles that it has and nothing needs, such as `org.admin`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excess: Vec<String>,
}

/// A missing role.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingRole {
    /// The permission that needs it, as the setup guide names it.
    pub needed_for: &'static str,
    /// The role to give to the key's machine user.
    pub role: String,
    /// What does not work without it.
    pub turns_off: &'static str,
}

impl Roles {
    /// By the roles of a key, and whether it could list the teams.
    pub(super) fn of(held: &[String], lists_teams: bool) -> Self {
        let mut roles = Self {
            present: Vec::new(),
            missing: Vec::new(),
            excess: held
                .iter()
                .filter(|held| is_excess(held))
                .cloned()
                .collect(),
        };
        for call in &CALLS {
            let shows_teams = call.needed_for == TEAMS_READ && lists_teams;
            if shows_teams || call.is_allowed_to(held) {
                roles.present.push(call.needed_for);
                continue;
            }
            roles.missing.push(MissingRole {
                needed_for: call.needed_for,
                role: call.role().to_owned(),
                turns_off: call.turns_off,
            });
        }
        let lacks = |missing: &[MissingRole], one: &str| {
            missing.iter().any(|missing| missing.needed_for == one)
        };
        let missing = &roles.missing;
        roles.present.retain(|one| !lacks(missing, one));
        roles.present.dedup();
        roles
    }
}

impl Call {
    /// Whether one of the roles allows it: a new one, a legacy one, or a role above either.
    fn is_allowed_to(&self, held: &[String]) -> bool {
        let is_above = |held: &str, role: &str| {
            let rest = role.strip_prefix(held);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let allows = |held: &String| {
            let of_admins = |role: &str| {
                let rest = role.strip_prefix("org.user.");
                rest.is_some_and(|rest| is_above(held, &["org.admin.", rest].concat()))
            };
            let allows = |role: &&str| is_above(held, role) || of_admins(role);
            held == "org.admin" || self.roles.iter().any(allows)
        };
        held.iter().any(allows)
    }
}

/// Whether no call needs a role, or a role below it would do for each that does: those of a resource
/// as a whole are none.
fn is_excess(held: &str) -> bool {
    let mut needed = CALLS.iter().flat_map(|call| call.roles);
    let of_resource = |role: &str| {
        role.rsplit_once('.')
            .is_some_and(|(resource, _)| resource == held)
    };
    !needed.any(|role| *role == held || of_resource(role))
        || ["org", "org.admin", "org.user", "org.permission"].contains(&held)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(held: &[&str]) -> Roles {
        let held: Vec<_> = held.iter().map(|role| (*role).to_owned()).collect();
        Roles::of(&held, false)
    }

    fn missing(held: &[&str]) -> Vec<String> {
        let lacking = |role: MissingRole| [role.needed_for, " ", &role.role].concat();
        roles(held).missing.into_iter().map(lacking).collect()
    }

    /// What the guide's seven permissions leave out.
    const BESIDE_THE_GUIDE: [&str; 11] = [
        "conversations:delete org.permission.conversation.delete",
        "messages:read org.permission.message.read",
        "notes:read org.permission.note.read",
        "attachments:read org.permission.attachment.read",
        "users:read org.permission.user.read",
        "tags:read org.permission.tag.read",
        "search:create org.permission.search.create",
        "bulk:read org.permission.bulk.read",
        "webhooks:read org.permission.outbound_webhook.read",
        "webhooks:write org.permission.outbound_webhook.create",
        "webhooks:write org.permission.outbound_webhook.delete",
    ];

    #[test]
    fn new_and_legacy_roles_and_those_above_them_count() {
        for all in ["org", "org.admin"] {
            assert_eq!(missing(&[all]), [""; 0], "{all}");
        }
        assert_eq!(missing(&["org.permission"]), [""; 0]);
        let new = [
            "org.permission.customer",
            "org.permission.conversation.read",
            "org.permission.conversation.create",
            "org.permission.conversation.update",
            "org.permission.message.create",
            "org.permission.message.update",
            "org.permission.note.create",
            "org.permission.note.update",
            "org.permission.team.read",
        ];
        assert_eq!(missing(&new), BESIDE_THE_GUIDE);
        let legacy = [
            "org.user.customer.read",
            "org.user.customer.write",
            "org.user.conversation",
            "org.user.message.write",
            "org.user.note.write",
            "org.user.team.read",
        ];
        let (deletes, others) = BESIDE_THE_GUIDE.split_first().unwrap();
        assert_eq!(missing(&legacy), others, "and not {deletes}");
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
        assert_eq!(missing(&held)[..4], expected);
        assert_eq!(missing(&[]).len(), 11 + BESIDE_THE_GUIDE.len());
        let all = roles(&[]);
        assert!(all.missing.iter().all(|one| !one.turns_off.is_empty()));
    }

    #[test]
    fn who_lists_teams_may_read_them() {
        let roles = Roles::of(&[], true);
        assert_eq!(roles.present, ["teams:read"]);
    }

    #[test]
    fn a_permission_is_present_when_all_of_its_roles_are() {
        let roles = roles(&["org.permission.note.create"]);
        assert_eq!(roles.present, [""; 0]);
    }

    #[test]
    fn roles_that_nothing_needs_are_told() {
        let held = [
            "org.admin",
            "org.permission.customer",
            "org.permission.customer.delete",
            "org.user.conversation.write",
            "org.permission.billing.read",
        ];
        let expected = [
            "org.admin",
            "org.permission.customer.delete",
            "org.permission.billing.read",
        ];
        assert_eq!(roles(&held).excess, expected);
    }
}
