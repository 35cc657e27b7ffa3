//! What a request does beside its answer. There is one home for it, which every context of the request
//! shares: nothing is carried from one to another.

use crate::db::Statement;
use crate::ports::Wake;
use std::cell::RefCell;

/// What is to happen once the answer is given.
#[derive(Debug, Default)]
pub struct Effects {
    wakes: RefCell<Vec<Wake>>,
    statements: RefCell<Vec<Statement>>,
    note: RefCell<Option<String>>,
    audit_target: RefCell<Option<String>>,
    audit_reason: RefCell<Option<String>>,
}

/// Work for after the response. Losing it does no harm.
#[derive(Debug, Default)]
pub struct Afterwards {
    /// Rows to be written.
    pub statements: Vec<Statement>,
    /// Functions to be woken.
    pub wakes: Vec<Wake>,
}

impl Afterwards {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.wakes.is_empty()
    }
}

impl Effects {
    /// Wakes a function; by the same message once.
    pub fn wake(&self, wake: Wake) {
        let mut wakes = self.wakes.borrow_mut();
        if !wakes.contains(&wake) {
            wakes.push(wake);
        }
    }

    /// Writes a row that the answer does not depend on.
    pub fn write(&self, statement: Statement) {
        self.statements.borrow_mut().push(statement);
    }

    /// Says something in the log line, in the place of what was said before; no personal data.
    pub fn note(&self, note: String) {
        self.note.replace(Some(note));
    }

    /// Adds to what the log line says, up to about so many bytes.
    pub fn note_more(&self, more: &str, max_bytes: usize) {
        let mut note = self.note.take().unwrap_or_default();
        if note.len() < max_bytes {
            note.push_str(more);
        }
        self.note.replace(Some(note));
    }

    /// Names what the request changes, for the audit log; see [`Context::audits`](crate::Context::audits).
    pub fn audits(&self, target: &str) {
        self.audit_target.replace(Some(target.to_owned()));
    }

    /// What the request changes.
    #[must_use]
    pub fn audit_target(&self) -> Option<String> {
        self.audit_target.borrow().clone()
    }

    /// Says why the request changes it, for the audit log.
    pub fn audits_reason(&self, reason: &str) {
        self.audit_reason.replace(Some(reason.to_owned()));
    }

    /// Why the request changes it.
    #[must_use]
    pub fn audit_reason(&self) -> Option<String> {
        self.audit_reason.borrow().clone()
    }

    /// What the log line is to say.
    #[must_use]
    pub fn take_note(&self) -> Option<String> {
        self.note.take()
    }

    /// What is to be done after the answer.
    #[must_use]
    pub fn into_afterwards(self) -> Afterwards {
        Afterwards {
            statements: self.statements.into_inner(),
            wakes: self.wakes.into_inner(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::Queue;

    #[test]
    fn a_function_is_woken_once_by_the_same_message() {
        let effects = Effects::default();
        for (message, delay_seconds) in [("a", 0), ("b", 0), ("a", 0), ("a", 5)] {
            effects.wake(Wake {
                queue: Queue::Events,
                message: message.into(),
                delay_seconds,
            });
        }
        let wakes = effects.into_afterwards().wakes;
        let wakes: Vec<_> = wakes
            .iter()
            .map(|wake| (wake.message.as_str(), wake.delay_seconds))
            .collect();
        assert_eq!(wakes, [("a", 0), ("b", 0), ("a", 5)]);
    }

    #[test]
    fn the_last_note_counts_and_grows_no_longer_than_it_may() {
        let effects = Effects::default();
        effects.note("first".into());
        effects.note("second".into());
        effects.note_more("; third", 10);
        effects.note_more("; fourth", 10);
        assert_eq!(effects.take_note().as_deref(), Some("second; third"));
    }
}
