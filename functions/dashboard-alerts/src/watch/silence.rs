//! Whether nobody writes for longer than is usual.
//!
//! What is silent now is compared with the same hours of the last four weeks, hour by hour of the same days, so that
//! nights and Sundays are silent as they always are. Few messages prove nothing: each of the weeks that are known must
//! have had some, and two weeks at least must be known.

/// The longest silence that is looked at, in hours: with a longer one, weeks would overlap.
const MAX_HOURS: i64 = 168;
/// Hours of a week.
const WEEK_HOURS: i64 = 168;
/// How many weeks must be known.
const MIN_WEEKS: usize = 2;

/// What is known of the messages to an account, in hours since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inbound {
    /// The first hour with a message that is counted.
    pub(super) first_hour: i64,
    /// The last one.
    pub(super) last_hour: i64,
    /// How many came in the hours since, one to four weeks ago.
    pub(super) weeks: [i64; 4],
}

impl Inbound {
    /// The fewest and the most messages that came in these hours of earlier weeks, where nobody has written in whole
    /// hours up to `hour` and in each week that is known at least so many did; else `None`.
    pub(super) fn missing(&self, hour: i64, at_least: i64) -> Option<(i64, i64)> {
        let since = self.last_hour.max(hour - MAX_HOURS - 1);
        if hour - 1 - since < 1 {
            return None;
        }
        let is_known = |weeks: i64| self.first_hour <= since - weeks * WEEK_HOURS;
        let known = (1..).zip(self.weeks).filter(|(weeks, _)| is_known(*weeks));
        let known: Vec<_> = known.map(|(_, n)| n).collect();
        let (min, max) = (known.iter().min()?, known.iter().max()?);
        (known.len() >= MIN_WEEKS && *min >= at_least).then_some((*min, *max))
    }
}
