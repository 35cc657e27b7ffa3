//! Whose a record is, as the index keeps it.

/// What stands for the owner of a record that is somebody's, without saying whose: it is given to no customer.
pub const NOBODY: &str = "-";

/// The key of an email address, which is in lower case.
#[must_use]
pub fn of_email(email: &str) -> String {
    ["e:", email].concat()
}

/// The key of a phone number in E.164.
#[must_use]
pub fn of_phone(phone: &str) -> String {
    ["p:", phone].concat()
}

/// The key of an id of a system. Without the system it is nobody's: the customer 42 of one is not that of another.
#[must_use]
pub fn of_external(system: &str, id: &str) -> Option<String> {
    (!system.is_empty()).then(|| ["x:", system, ":", id].concat())
}
