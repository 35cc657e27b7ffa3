//! What an isolate remembers of the database, for a while.

use crate::time::Timestamp;
use std::collections::HashMap;

/// Values by name, each trusted for so long; when there are too many it starts anew.
#[derive(Debug)]
pub struct Remembered<T> {
    values: HashMap<String, (T, Timestamp)>,
    most: usize,
    trust_micros: i64,
}

impl<T: Clone> Remembered<T> {
    /// At most so many, each for so many microseconds.
    #[must_use]
    pub fn new(most: usize, trust_micros: i64) -> Self {
        Self {
            values: HashMap::new(),
            most,
            trust_micros,
        }
    }

    /// A value that is still trusted.
    #[must_use]
    pub fn recall(&self, name: &str, now: Timestamp) -> Option<T> {
        let (value, since) = self.values.get(name)?;
        let age = now.micros() - since.micros();
        (0..self.trust_micros).contains(&age).then(|| value.clone())
    }

    /// Remembers a value as it is now.
    pub fn remember(&mut self, name: String, value: T, now: Timestamp) {
        if self.values.len() >= self.most {
            self.values.clear();
        }
        self.values.insert(name, (value, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_trusted_for_its_time_and_no_more_are_kept_than_may_be() {
        let at = Timestamp::from_micros;
        let mut remembered = Remembered::new(2, 10);
        remembered.remember("a".into(), 1, at(100));
        assert_eq!(remembered.recall("a", at(109)), Some(1));
        assert_eq!(remembered.recall("a", at(110)), None);
        assert_eq!(remembered.recall("a", at(99)), None);
        remembered.remember("b".into(), 2, at(100));
        remembered.remember("c".into(), 3, at(100));
        assert_eq!(remembered.recall("b", at(100)), None);
        assert_eq!(remembered.recall("c", at(100)), Some(3));
    }
}
