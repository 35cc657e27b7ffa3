use super::*;
use crate::text::words_of_name;

/// A value of a field, and what is shown of it.
fn shown(name: &str, value: &str) -> String {
    let words = words_of_name(name);
    if is_secret(&words) {
        return MASK.to_owned();
    }
    masked(value, Field::of(&words)).map_or_else(|| value.to_owned(), |(text, _)| text)
}

#[test]
fn what_is_secret_is_masked() {
    for (name, value, expected) in [
        (
            "note",
            "card 4242 4242 4242 4242, exp 12/27",
            "card **** 4242, exp 12/27",
        ),
        ("note", "4242424242424242", "**** 4242"),
        ("note", "4242-4242-4242-4242.", "**** 4242."),
        ("note", "5555\u{a0}5555\u{a0}5555\u{a0}4444", "**** 4444"),
        ("note", "amex 3782 822463 10005", "amex **** 0005"),
        ("note", "378282246310005", "**** 0005"),
        ("note", "diners 30569309025904", "diners **** 5904"),
        (
            "note",
            "paid 2026 4111 1111 1111 1111 ok",
            "paid 2026 **** 1111 ok",
        ),
        (
            "order_note",
            "6011111111111117 and 3530111333300000",
            "**** 1117 and **** 0000",
        ),
        ("card_number", "4222222222222", "**** 2222"),
        ("card", "2223003122003222", "**** 3222"),
        ("payment", "ref 4242 4242 4242 4242", "ref **** 4242"),
        ("note", "SSN 123-45-6789", "SSN ***"),
        ("note", "id 123-45-6789, thanks", "id ***, thanks"),
        ("note", "my ssn is 123 45 6789", "my ssn is ***"),
        ("ssn", "123456789", "***"),
        ("nationalId", "85010112345", "***"),
        ("national_id_number", "85010112345", "***"),
        ("Social Security Number", "1", "***"),
        ("taxId", "12-3456789", "***"),
        ("passport_no", "X1234567", "***"),
        ("password", "hunter2", "***"),
        ("userPassword", "hunter2", "***"),
        ("api_key", "abc", "***"),
        ("apiKey", "abc", "***"),
        ("APIKey", "abc", "***"),
        ("x-api-key", "abc", "***"),
        ("access_token", "abc", "***"),
        ("token", "abc", "***"),
        ("private_key", "abc", "***"),
        ("client_secret", "abc", "***"),
        ("cvv", "123", "***"),
        ("card_cvc", "123", "***"),
        ("pin", "1234", "***"),
        ("iban", "DE89 3704 0044 0532 0130 00", "***"),
        (
            "note",
            "to DE89 3704 0044 0532 0130 00 today",
            "to *** today",
        ),
        ("note", "to GB29NWBK60161331926819.", "to ***."),
        ("note", "key sk_live_4eC39HqLyjWDarjtT1zdp7dc", "key ***"),
        ("note", "shpat_0123456789abcdef0123456789abcdef", "***"),
        ("note", "ghp_0123456789abcdef0123456789abcdef0123", "***"),
        ("note", "AKIAIOSFODNN7EXAMPLE", "***"),
        (
            "note",
            "Authorization: Bearer abcdef0123456789abcdef",
            "Authorization: Bearer ***",
        ),
        (
            "note",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
            "***",
        ),
        (
            "note",
            "postgres://app:s3cret@db.example.com/x",
            "postgres://app:***@db.example.com/x",
        ),
        ("note", "His password is hunter2!", "His password is ***!"),
        ("note", "password: S3cret!pass, ok", "password: ***, ok"),
        ("note", "PIN 4321 for the door", "PIN *** for the door"),
        ("note", "cvv: 123", "cvv: ***"),
        // Without a digit.
        ("note", "password: Secret!pass", "password: ***"),
        ("note", "The password is Secret!pass", "The password is ***"),
        // Beside what keeps others from being a card.
        ("card_number", "#4222222222222", "#**** 2222"),
        ("card_number", "4222222222222/visa", "**** 2222/visa"),
    ] {
        assert_eq!(shown(name, value), expected, "{name}: {value}");
    }
    let pem = "x -----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY----- y";
    assert_eq!(shown("note", pem), "x *** y");
    assert_eq!(shown("note", "-----BEGIN PRIVATE KEY-----\nMIIE"), "***");
}

#[test]
fn what_only_looks_like_it_stays() {
    for (name, value) in [
        // Phone numbers.
        ("phone", "+48 600 700 800"),
        ("phone", "4242424242424242"),
        ("note", "call +1 415 555 2671 or 600 700 800"),
        ("note", "600 700 800, 601 701 801, 602 702 802"),
        ("note", "+4915112345678901"),
        ("mobilePhone", "123-45-6789"),
        // Ids, orders, codes.
        ("id", "4242424242424242"),
        ("orderId", "4242424242424242"),
        ("order_number", "123-45-6789"),
        ("note", "order 4242424242424242 came"),
        ("note", "order #4242424242424242"),
        ("note", "Amazon 112-1234567-1234567"),
        ("tracking", "5555555555554444"),
        ("note", "gid://shop/Customer/4242424242424242"),
        ("note", "550e8400-e29b-41d4-a716-446655440000"),
        ("note", "ab-4242424242424242"),
        ("sku", "DE89370400440532013000"),
        ("note", "DE89370400440532013001"),
        ("note", "SKU-DE89 3704 0044"),
        ("note", "PL12 big shoes"),
        ("barcode", "4006381333931"),
        ("note", "EAN 4006381333931"),
        ("note", "4006381333931"),
        // Numbers.
        ("note", "4242424242424241"),
        ("note", "0000000000000000"),
        ("note", "1700000000000"),
        ("created", "20261123140000"),
        ("note", "1234 5678 9012 3456"),
        ("note", "000-12-3456, 666-12-3456, 900-12-3456, 123-00-4567"),
        ("note", "2026-11-23 and 123-456-7890"),
        ("note", "35 3918 0532 5679"),
        // Words.
        ("password_changed_at", "2026-01-01"),
        ("token_type", "bearer"),
        ("pin_code", "560001"),
        ("secretary", "Ann"),
        ("note", "I forgot my password, please help"),
        ("note", "Password: please reset it"),
        ("note", "a pin or a needle"),
        ("note", "the bearer of news"),
        (
            "note",
            "https://user@example.com/a:b and https://example.com:8080/x@y",
        ),
        ("note", "sk-100234"),
        ("note", "task-list"),
        ("note", "the bearer 2 doors down"),
        ("note", "4242424242424242-ab"),
        ("note", "123-45-67890, 123-45-6789-12"),
        ("card", "0000000000000000"),
        ("note", "-----BEGIN CERTIFICATE-----"),
        ("country", "DE"),
        ("pinterest", "ann"),
        ("spinning", "yes"),
        ("cardinal", "4"),
        ("card_brand", "visa"),
        ("last4", "4242"),
    ] {
        assert_eq!(shown(name, value), value, "{name}");
    }
}

#[test]
fn stretches_that_overlap_are_masked_whole() {
    let text = "password: 4242424242424242x";
    assert_eq!(shown("note", text), "password: ***");
    let within =
        "-----BEGIN PRIVATE KEY-----\nAKIAIOSFODNN7EXAMPLE is mine\n-----END PRIVATE KEY----- y";
    assert_eq!(shown("note", within), "*** y");
    let (text, count) = masked_text("4242424242424242 5555555555554444").unwrap();
    assert_eq!((text.as_str(), count), ("**** 4242 **** 4444", 2));
}
