//! How many calls there were, what came of them, and how long they took.

use std::fmt::Write;

/// Up to how many milliseconds calls took, by which they are counted.
pub const MS_BOUNDS: [i64; 7] = [50, 100, 250, 500, 1000, 2000, 5000];

/// Calls that are counted together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub calls: i64,
    /// Those that were answered with 400 to 499.
    pub refused: i64,
    /// Those that were answered with 500 and more.
    pub failed: i64,
    /// Milliseconds of all together.
    pub ms: i64,
    /// How many took up to each of [`MS_BOUNDS`], and longer than the bound before.
    pub up_to: [i64; MS_BOUNDS.len()],
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, status: u16, ms: i64) {
        self.calls += 1;
        self.refused += i64::from((400..500).contains(&status));
        self.failed += i64::from(status >= 500);
        self.ms += ms;
        for (count, bound) in self.up_to.iter_mut().zip(MS_BOUNDS) {
            if ms <= bound {
                *count += 1;
                return;
            }
        }
    }

    /// Adds others.
    pub fn join(&mut self, others: &Self) {
        self.calls += others.calls;
        self.refused += others.refused;
        self.failed += others.failed;
        self.ms += others.ms;
        for (count, more) in self.up_to.iter_mut().zip(others.up_to) {
            *count += more;
        }
    }

    /// Milliseconds of one in the mean; none where there was none.
    #[must_use]
    pub fn mean_ms(&self) -> Option<i64> {
        (self.calls > 0).then(|| (self.ms + self.calls / 2) / self.calls)
    }

    /// Up to how many milliseconds 95 of 100 took: within the bounds between which that lies, by how many lie there. The
    /// highest bound where it lies beyond that; none where there was none.
    #[must_use]
    pub fn p95_ms(&self) -> Option<i64> {
        if self.calls <= 0 {
            return None;
        }
        let wanted = (self.calls * 95 + 99) / 100;
        let (mut below, mut from) = (0, 0);
        for (count, bound) in self.up_to.into_iter().zip(MS_BOUNDS) {
            if below + count >= wanted {
                let part = (bound - from) * (wanted - below);
                return Some(from + part / count.max(1));
            }
            (below, from) = (below + count, bound);
        }
        MS_BOUNDS.last().copied()
    }

    /// Writes calls, refused, failed and milliseconds, each after a comma.
    pub(super) fn write(&self, json: &mut String) {
        for count in [self.calls, self.refused, self.failed, self.ms] {
            // A text takes whatever is written to it.
            let _written = write!(json, ",{count}");
        }
    }

    /// As [`Counts::write`], with how many took how long.
    pub(super) fn write_all(&self, json: &mut String) {
        self.write(json);
        for count in self.up_to {
            let _written = write!(json, ",{count}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(calls: &[(u16, i64)]) -> Counts {
        let mut counts = Counts::default();
        for (status, ms) in calls {
            counts.add(*status, *ms);
        }
        counts
    }

    #[test]
    fn calls_are_counted_by_what_came_of_them_and_how_long_they_took() {
        let counts = of(&[(200, 10), (404, 50), (429, 51), (500, 6000), (503, 2000)]);
        assert_eq!((counts.calls, counts.refused, counts.failed), (5, 2, 2));
        assert_eq!(counts.ms, 8111);
        assert_eq!(counts.up_to, [2, 1, 0, 0, 0, 1, 0]);
        assert_eq!(counts.mean_ms(), Some(1622));
        let mut both = counts;
        both.join(&counts);
        assert_eq!((both.calls, both.ms, both.up_to[0]), (10, 16_222, 4));
    }

    #[test]
    fn ninety_five_of_a_hundred_took_no_longer_than_that() {
        assert_eq!(Counts::default().p95_ms(), None);
        assert_eq!(Counts::default().mean_ms(), None);
        assert_eq!(of(&[(200, 7); 10]).p95_ms(), Some(50));
        let mut calls = vec![(200, 40); 90];
        calls.extend([(200, 400); 10]);
        // The 95th is the fifth of the ten between 250 and 500.
        assert_eq!(of(&calls).p95_ms(), Some(375));
        assert_eq!(of(&[(200, 60_000)]).p95_ms(), Some(5000));
    }
}
