//! A cache with a time to live, for what an isolate has read from the database.

use crate::time::{DAY, SECOND, Timestamp};
use std::any::Any;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;

/// Values by name, each valid for `trust_micros`. A full cache forgets what it read longest ago. All caches have a map of the same
/// type, since each further type of map is some kilobytes of WASM.
#[derive(Debug)]
pub struct TtlCache<T> {
    values: HashMap<String, (Rc<dyn Any>, Timestamp)>,
    max: usize,
    trust_micros: i64,
    kind: PhantomData<T>,
}

impl<T: Clone + 'static> TtlCache<T> {
    /// At most `max` values, each valid for `trust_micros` microseconds.
    #[must_use]
    pub fn new(max: usize, trust_micros: i64) -> Self {
        Self {
            values: HashMap::new(),
            max,
            trust_micros,
            kind: PhantomData,
        }
    }

    /// The value, if it has not expired.
    #[must_use]
    pub fn get(&self, name: &str, now: Timestamp) -> Option<T> {
        let (value, since) = self.values.get(name)?;
        let age = now.micros() - since.micros();
        let value = value.downcast_ref::<T>()?;
        (0..self.trust_micros).contains(&age).then(|| value.clone())
    }

    /// The value, even if it expired less than a day ago: for when what it was read from is away.
    #[must_use]
    pub fn get_stale(&self, name: &str, now: Timestamp) -> Option<T> {
        let (value, since) = self.values.get(name)?;
        let is_recent = now.micros() - since.micros() < DAY;
        value.downcast_ref::<T>().filter(|_| is_recent).cloned()
    }

    /// Stores a value that was read now.
    pub fn insert(&mut self, name: String, value: T, now: Timestamp) {
        if self.values.len() >= self.max && !self.values.contains_key(&name) {
            let oldest = self.values.iter().min_by_key(|(_, (_, since))| *since);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.values.remove(&oldest);
            }
        }
        self.values.insert(name, (Rc::new(value), now));
    }

    /// Forgets a value.
    pub fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }
}

/// How long one value is not read again before its time, however often it does not fit what comes.
const REREAD_MICROS: i64 = 2 * SECOND;
/// Most values of which it is remembered.
const MAX_REREADS: usize = 4096;

/// When a cached value was last read again before its time, because it did not fit what came: a
/// credential may have been replaced. Forged requests do not cost a read each.
#[derive(Debug)]
pub struct Rereads(TtlCache<()>);

impl Default for Rereads {
    fn default() -> Self {
        Self(TtlCache::new(MAX_REREADS, REREAD_MICROS))
    }
}

impl Rereads {
    /// Whether a value may be read again now, which is then noted.
    pub fn may_reread(&mut self, name: &str, now: Timestamp) -> bool {
        let is_due = self.0.get(name, now).is_none();
        if is_due {
            self.0.insert(name.to_owned(), (), now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_trusted_for_its_time_and_no_more_are_kept_than_may_be() {
        let at = Timestamp::from_micros;
        let mut cache = TtlCache::new(2, 10);
        cache.insert("a".into(), 1, at(100));
        assert_eq!(cache.get("a", at(109)), Some(1));
        assert_eq!(cache.get("a", at(110)), None);
        assert_eq!(cache.get("a", at(99)), None);
        assert_eq!(
            (cache.get_stale("a", at(100)), cache.get_stale("b", at(100))),
            (Some(1), None)
        );
        assert_eq!(cache.get_stale("a", at(100 + DAY)), None);
        cache.insert("b".into(), 2, at(101));
        // What is there already is read anew; then what was read longest ago goes.
        cache.insert("b".into(), 2, at(102));
        assert_eq!(cache.get("a", at(102)), Some(1));
        cache.insert("c".into(), 3, at(103));
        assert_eq!(cache.get("a", at(103)), None);
        assert_eq!(
            (cache.get("b", at(103)), cache.get("c", at(103))),
            (Some(2), Some(3))
        );
    }

    #[test]
    fn a_value_is_read_again_before_its_time_once_in_two_seconds() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * SECOND);
        let mut rereads = Rereads::default();
        assert!(rereads.may_reread("a", at(100)));
        assert!(!rereads.may_reread("a", at(100)) && !rereads.may_reread("a", at(101)));
        assert!(rereads.may_reread("b", at(101)));
        assert!(rereads.may_reread("a", at(102)) && rereads.may_reread("a", at(90)));
    }
}
