//! The time zones of the tests: what the platform's tables say of 2026.

use common::time::Timestamp;

/// See [`common::ports::WallClock`].
pub(crate) fn wall_clock(zone: &str, at: Timestamp) -> Option<String> {
    let minutes = match zone {
        "UTC" => 0,
        "Asia/Kolkata" => 330,
        "America/Sao_Paulo" => -180,
        "Europe/Berlin" => {
            let summer = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"];
            let [from, to] = summer.map(|time| Timestamp::parse(time).expect("a time"));
            if (from..to).contains(&at) { 120 } else { 60 }
        }
        _ => return None,
    };
    let shown = at.plus(minutes * 60_000_000).to_string();
    let (date, time) = shown.split_once('T')?;
    Some([date, time.get(..8)?].join(" "))
}
