use common::time::Timestamp;

/// A time as Krayin takes one: `2026-12-01 10:00:00`, on the clock of the CRM's own time zone, since it
/// throws away what is said of zones. `wall` is what that clock shows then; UTC where nothing tells.
#[must_use]
pub fn schedule(wall: Option<String>, at: Timestamp) -> String {
    let utc = || {
        let at = at.to_string();
        at.get(..19).unwrap_or_default().replace('T', " ")
    };
    wall.filter(|wall| is_wall(wall)).unwrap_or_else(utc)
}

/// The day of a time, as [`schedule`] has it: `2026-12-01`.
#[must_use]
pub fn day_of(wall: Option<String>, at: Timestamp) -> String {
    let mut day = schedule(wall, at);
    day.truncate(10);
    day
}

fn is_wall(wall: &str) -> bool {
    let fits = |(at, b): (usize, u8)| match at {
        4 | 7 => b == b'-',
        10 => b == b' ',
        13 | 16 => b == b':',
        _ => b.is_ascii_digit(),
    };
    wall.len() == 19 && wall.bytes().enumerate().all(fits)
}
