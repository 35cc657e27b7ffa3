//! How far a look at an account has come. It is written with the jobs that the look makes, so that one that was cut off,
//! or that reads more than one try may, goes on there.

use common::time::SECOND;

/// How far back a look reaches before the last: the clocks of both sides differ, and what is read may be old by then.
const OVERLAP_MICROS: i64 = 120 * SECOND;

/// What a look reads, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Conversations,
    Contacts,
}

/// How far the look at an account has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    /// Up to when everything was read, but for conversations that came to the front of the list meanwhile.
    pub(super) since: i64,
    /// Up to when that is so without an exception.
    pub(super) floor: i64,
    /// When the look began that is not over.
    pub(super) began: i64,
    pub(super) list: List,
    pub(super) page: u32,
    /// Whether it goes on from an earlier try.
    pub(super) is_resumed: bool,
}

impl Look {
    /// Goes on with the look that stands, or begins one.
    pub(super) fn of(stored: &str, now: i64) -> Option<Self> {
        let mut parts = stored.split(' ');
        let since = parts.next()?.parse().ok()?;
        let floor = parts
            .next()
            .map_or(Some(since), |floor| floor.parse().ok())?;
        let mut under_way = || {
            Some(Self {
                since,
                floor,
                began: parts.next()?.parse().ok()?,
                list: match parts.next()? {
                    "contacts" => List::Contacts,
                    _ => List::Conversations,
                },
                page: parts.next()?.parse().ok()?,
                is_resumed: true,
            })
        };
        let new = Self {
            since,
            floor,
            began: now,
            list: List::Conversations,
            page: 1,
            is_resumed: false,
        };
        Some(under_way().unwrap_or(new))
    }

    pub(super) fn stored(&self) -> String {
        let list = match self.list {
            List::Contacts => "contacts",
            List::Conversations => "conversations",
        };
        let Self {
            since,
            floor,
            began,
            page,
            ..
        } = self;
        format!("{since} {floor} {began} {list} {page}")
    }

    /// What is remembered once it is over.
    pub(super) fn over(&self) -> String {
        let floor = if self.is_resumed {
            self.floor
        } else {
            self.since
        };
        format!("{} {floor}", self.began)
    }

    /// From when on a record must have been active.
    pub(super) const fn from(&self) -> i64 {
        self.since - OVERLAP_MICROS
    }

    /// From when on messages are read of a conversation that was never seen.
    pub(super) const fn unseen_from(&self) -> i64 {
        self.floor - OVERLAP_MICROS
    }

    /// What comes after a page; `None` where the look is over.
    pub(super) const fn next(self, is_last: bool) -> Option<Self> {
        match (is_last, self.list) {
            (false, _) => Some(Self {
                page: self.page + 1,
                ..self
            }),
            (true, List::Conversations) => Some(Self {
                list: List::Contacts,
                page: 1,
                ..self
            }),
            (true, List::Contacts) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_goes_on_where_it_stood_and_ends_with_the_last_contacts() {
        let mut look = Look::of("100 50", 900).unwrap();
        assert_eq!((look.since, look.began, look.page), (100, 900, 1));
        assert_eq!(look.over(), "900 100");
        let mut steps = Vec::new();
        for is_last in [false, true, false] {
            look = look.next(is_last).unwrap();
            look.is_resumed = true;
            assert_eq!(Look::of(&look.stored(), 950), Some(look));
            steps.push((look.list, look.page));
        }
        let expected = [
            (List::Conversations, 2),
            (List::Contacts, 1),
            (List::Contacts, 2),
        ];
        assert_eq!(steps, expected);
        assert_eq!(look.next(true), None);
        // What came to the front between two tries is looked for again from where this look began to look.
        assert_eq!(look.over(), "900 50");
        assert_eq!(Look::of("100", 900).unwrap().floor, 100);
        assert_eq!(Look::of("", 1), None);
    }
}
