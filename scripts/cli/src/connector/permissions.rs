//! What a key may do, permission by permission, and what to do about those that it lacks.

use super::MAX_CHARS;
use super::tested::{Missing, Roles};
use crate::text::clean;
use crate::world::World;

/// Without these nothing is kept in step; the others turn off what they name, and no more
/// (docs/kustomer.md, 1. In Kustomer).
const REQUIRED: [&str; 6] = [
    "customers:read",
    "customers:write",
    "conversations:read",
    "conversations:write",
    "messages:write",
    "notes:write",
];
/// Needed where conversations are given to teams.
const OF_TEAMS: &str = "teams:read";

/// What a key may do, and which of it it must.
pub(super) struct Permissions<'a> {
    roles: &'a Roles,
    with_teams: bool,
}

impl<'a> Permissions<'a> {
    pub(super) fn new(roles: &'a Roles, with_teams: bool) -> Self {
        Self { roles, with_teams }
    }

    fn is_required(&self, permission: &str) -> bool {
        REQUIRED.contains(&permission) || (self.with_teams && permission == OF_TEAMS)
    }

    /// Those that it lacks and must have.
    pub(super) fn lacking(&self) -> Vec<&str> {
        let missing = self.roles.missing.iter();
        let mut lacking: Vec<_> = missing.map(|one| one.needed_for.as_str()).collect();
        lacking.retain(|one| self.is_required(one));
        lacking.dedup();
        lacking
    }

    /// A line for each, and what to do in Kustomer about those that are missing.
    pub(super) fn say(&self, world: &mut World<'_>) {
        world.say("Permissions of the key:");
        for present in &self.roles.present {
            world.say(&format!("  ok       {}", clean(present, 100)));
        }
        for group in self
            .roles
            .missing
            .chunk_by(|a, b| a.needed_for == b.needed_for)
        {
            let Some(first) = group.first() else { continue };
            let mark = match self.is_required(&first.needed_for) {
                true => "MISSING",
                false => "without",
            };
            let name = clean(&first.needed_for, 100);
            world.say(&format!("  {mark}  {name}: add {}", roles_of(group)));
            for lost in group.iter().filter_map(|one| one.turns_off.as_deref()) {
                world.say(&format!("           {}", clean(lost, MAX_CHARS)));
            }
        }
        for role in self.roles.excess.iter().flatten() {
            world.say(&format!(
                "  surplus  {}: nothing needs it; leave it out of the next key",
                clean(role, 100)
            ));
        }
        if !self.roles.missing.is_empty() {
            world.say(
                "A key's roles cannot be changed. In Kustomer, under Settings › Security › API Keys › Add API Key, make \
                 another with the roles above, run this again with it, and delete the old one.",
            );
        }
    }
}

fn roles_of(group: &[Missing]) -> String {
    let roles: Vec<_> = group.iter().map(|one| one.role.as_str()).collect();
    clean(&roles.join(", "), MAX_CHARS)
}
