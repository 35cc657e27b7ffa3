//! What has become of the rows.

use serde::{Deserialize, Serialize};

use crate::text;

/// Counts of rows by what became of them; every row is in exactly one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Totals {
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) failed: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
    }

    pub(crate) fn rows(self) -> u64 {
        self.created + self.updated + self.unchanged + self.failed
    }

    /// `3 created, 1 failed`: what there is any of.
    pub(crate) fn sentence(self) -> String {
        let parts = self.parts().into_iter().filter(|(_, number)| *number > 0);
        let parts: Vec<String> = parts
            .map(|(name, number)| format!("{} {name}", text::count(number)))
            .collect();
        if parts.is_empty() {
            return "no rows".into();
        }
        parts.join(", ")
    }

    pub(crate) fn parts(self) -> [(&'static str, u64); 4] {
        [
            ("created", self.created),
            ("updated", self.updated),
            ("unchanged", self.unchanged),
            ("failed", self.failed),
        ]
    }
}
