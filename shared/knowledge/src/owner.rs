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

/// The identities of a customer that would be this owner: kind, value and system.
#[must_use]
pub fn identities_of(owner: &str) -> Vec<[&str; 3]> {
    match owner.split_once(':') {
        Some(("e", email)) => vec![["email", email, ""]],
        Some(("p", phone)) => vec![["phone", phone, ""], ["whatsapp", phone, ""]],
        Some(("x", rest)) => {
            let parts = rest.split_once(':');
            parts
                .map(|(system, id)| ["external_id", id, system])
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The owner that an identity of a customer is; none for what names nobody in records.
#[must_use]
pub fn of_identity(kind: &str, value: &str, system: &str) -> Option<String> {
    match kind {
        "email" => Some(of_email(value)),
        "phone" | "whatsapp" => Some(of_phone(value)),
        "external_id" => of_external(system, value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_asked_for_as_customers_have_it() {
        assert_eq!(identities_of("e:a@b.c"), [["email", "a@b.c", ""]]);
        assert_eq!(
            identities_of("x:shop:a:b"),
            [["external_id", "a:b", "shop"]]
        );
        assert_eq!(identities_of("p:+1")[1], ["whatsapp", "+1", ""]);
        assert!(identities_of("-").is_empty());
    }
}
