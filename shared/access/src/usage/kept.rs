use common::time::{SECOND, Timestamp};
use std::collections::HashMap;

/// Calls that an isolate keeps one by one in a minute: of all businesses, of one business, and of one business where more
/// of them were refused or failed, since that is what people look for.
const MAX_ALL: u32 = 600;
const MAX_OF_BUSINESS: u32 = 120;
const MAX_WITH_FAILED: u32 = 180;

/// How many calls of this minute were kept.
#[derive(Debug, Default)]
pub(super) struct Minute {
    minute: i64,
    all: u32,
    businesses: HashMap<String, u32>,
}

impl Minute {
    /// Whether one more is kept.
    pub(super) fn keeps(&mut self, business: &str, status: u16, at: Timestamp) -> bool {
        let minute = at.micros().div_euclid(60 * SECOND);
        if self.minute != minute {
            *self = Self {
                minute,
                ..Self::default()
            };
        }
        let most = match status {
            400.. => MAX_WITH_FAILED,
            _ => MAX_OF_BUSINESS,
        };
        let kept = self.businesses.get(business).copied().unwrap_or_default();
        if self.all >= MAX_ALL || kept >= most {
            return false;
        }
        self.all += 1;
        self.businesses.insert(business.to_owned(), kept + 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(0);

    #[test]
    fn a_business_that_calls_much_leaves_room_for_what_failed_and_for_others() {
        let mut minute = Minute::default();
        let mut kept = |business: &str, status, calls: u32, at| {
            let keeps = (0..calls).filter(|_| minute.keeps(business, status, at));
            u32::try_from(keeps.count()).unwrap()
        };
        assert_eq!(kept("a", 200, 500, START), 120);
        assert_eq!(kept("a", 404, 500, START), 60);
        for business in ["b", "c", "d"] {
            assert_eq!(kept(business, 200, 500, START), 120);
        }
        // All together have no more than so many.
        assert_eq!(kept("e", 200, 500, START), 60);
        assert_eq!(kept("f", 500, 1, START), 0);
        let next = START.plus(60 * SECOND);
        assert_eq!(kept("a", 200, 500, next), 120);
    }
}
