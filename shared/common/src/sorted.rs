//! A map of few entries.

/// Entries in the order of their keys. With some thousand of them it is as fast as a B-tree, of which each pair of types
/// is 3 KB of every Worker.
#[derive(Debug)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// Whether there is such an entry.
    #[must_use]
    pub fn has(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    /// The value of an entry.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        let at = self.place(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// The value of an entry.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.place(key).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    /// Adds an entry, or gives one another value.
    pub fn insert(&mut self, key: K, value: V) {
        match self.place(&key) {
            Ok(at) => {
                if let Some((_, known)) = self.0.get_mut(at) {
                    *known = value;
                }
            }
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    /// Takes an entry out.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.place(key).ok()?;
        Some(self.0.remove(at).1)
    }

    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key))
    }

    /// All, by their keys.
    #[must_use]
    pub fn all(&self) -> &[(K, V)] {
        &self.0
    }

    /// All; nothing is left.
    pub fn take(&mut self) -> Vec<(K, V)> {
        std::mem::take(&mut self.0)
    }
}

impl<K: Ord, V: Default> Sorted<K, V> {
    /// Changes an entry, or a new one.
    pub fn change(&mut self, key: K, change: impl FnOnce(&mut V)) {
        let place = self.place(&key);
        let at = place.unwrap_or_else(|at| {
            self.0.insert(at, (key, V::default()));
            at
        });
        if let Some((_, value)) = self.0.get_mut(at) {
            change(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_one_for_each_key_and_in_their_order() {
        let mut sorted = Sorted::<u8, Vec<u8>>::default();
        for (key, value) in [(2, 1), (9, 2), (1, 3), (2, 4)] {
            sorted.change(key, |values| values.push(value));
        }
        assert_eq!(sorted.all(), [(1, vec![3]), (2, vec![1, 4]), (9, vec![2])]);
        assert!(sorted.has(&9) && !sorted.has(&3));
        assert_eq!(sorted.remove(&9), Some(vec![2]));
        sorted.insert(9, vec![5]);
        sorted.insert(1, vec![6]);
        assert_eq!(
            (sorted.get(&9), sorted.get(&1)),
            (Some(&vec![5]), Some(&vec![6]))
        );
        assert_eq!(sorted.take().len(), 3);
        assert!(sorted.all().is_empty());
    }
}
