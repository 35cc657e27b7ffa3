//! What is told of a link.

use serde::Deserialize;

use crate::failure::Exit;
use crate::text::{clean, count, counted, size};
use crate::world::World;

/// Longest sentence of the server's, or the source's, that is printed.
pub(super) const MAX_CHARS: usize = 400;

#[derive(Deserialize)]
pub(super) struct Saved {
    pub(super) crm_link: Link,
}

/// A link.
#[derive(Clone, Deserialize)]
pub(super) struct Link {
    pub(super) id: String,
    pub(super) page_id: String,
    pub(super) name: String,
    pub(super) url: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) channels: Vec<String>,
    pub(super) is_active: bool,
    pub(super) state: String,
    pub(super) webhook_url: Option<String>,
    pub(super) last_fetch: Option<Fetch>,
    pub(super) next_fetch_at: Option<String>,
}

/// A fetch of a link.
#[derive(Clone, Deserialize)]
pub(super) struct Fetch {
    pub(super) at: String,
    pub(super) status: String,
    pub(super) records: u64,
    pub(super) changed: u64,
    pub(super) removed: u64,
    #[serde(default)]
    pub(super) masked: u64,
    pub(super) bytes: u64,
    pub(super) ms: u64,
    pub(super) error: Option<String>,
}

impl Link {
    pub(super) fn row(&self) -> Vec<String> {
        let last = self.last_fetch.as_ref();
        vec![
            clean(&self.id, 40),
            clean(&self.page_id, 40),
            clean(&self.name, 40),
            clean(&self.kind, 20),
            clean(&self.channels.join(","), 80),
            clean(&self.state, 20),
            last.map_or_else(|| "–".into(), |fetch| count(fetch.records)),
            clean(&self.url, 200),
        ]
    }
}

impl Fetch {
    /// What came of it.
    pub(super) fn say(&self, name: &str, world: &mut World<'_>) {
        let name = clean(name, 100);
        let told = match self.status.as_str() {
            "ok" => format!("{name} is fetched: {}.", self.sentence()),
            "not_modified" => format!("{name} is fetched: nothing has changed there."),
            "suspect_shrink" => format!(
                "{name} keeps what it had: its source has {} now. If that is right, refresh it with \
                 --accept-shrink.",
                counted(self.records, "record")
            ),
            _ => format!("{name} could not be fetched; what was there before is searched on."),
        };
        world.say(&told);
        if let Some(error) = &self.error
            && self.status != "suspect_shrink"
        {
            world.say(&format!("  {}", clean(error, MAX_CHARS)));
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match self.status.as_str() {
            "ok" | "not_modified" => Exit::Done,
            _ => Exit::Refused,
        }
    }

    /// `1,200 records, 3 changed, 1 removed, 2 values masked; 1.2 MB in 3.4 s`.
    fn sentence(&self) -> String {
        let records = counted(self.records, "record");
        let (changed, removed) = (count(self.changed), count(self.removed));
        let masked = match self.masked {
            0 => String::new(),
            masked => format!(", {} masked", counted(masked, "value")),
        };
        let (bytes, seconds, tenths) = (size(self.bytes), self.ms / 1000, self.ms % 1000 / 100);
        format!(
            "{records}, {changed} changed, {removed} removed{masked}; {bytes} in {seconds}.{tenths} s"
        )
    }
}

/// A time that has passed, in the largest unit of which there are at least two.
pub(super) fn ago(seconds: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("days", 86_400), ("h", 3600), ("min", 60)];
    let fits = UNITS.into_iter().find(|(_, unit)| seconds >= 2 * unit);
    fits.map_or_else(
        || format!("{seconds} s"),
        |(name, unit)| format!("{} {name}", count(seconds / unit)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_largest_unit_of_which_there_are_two() {
        let told = [0, 119, 120, 7199, 7200, 172_799, 172_800].map(ago);
        assert_eq!(
            told,
            ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days"]
        );
    }
}
