//! What is no proof of who somebody is.

use super::{House, IdentityProvider};
use serde_json::{Value, json};

/// Somebody comes back with a token that has these claims in the place of what is usual.
fn claims_are_refused(other: &Value, says: &str, code: &str) {
    let house = House::new();
    *house.idp.userinfo.borrow_mut() = Some((200, json!({ "sub": "u1" })));
    let page = house.back(&house.visit_of(other));
    house.stays_out(&page, says);
    assert_eq!(page.log["note"], code, "{other}");
}

#[test]
fn a_token_of_another_issuer_audience_or_visit_is_refused() {
    for (other, says) in [
        (json!({ "iss": "https://evil.example" }), "another issuer"),
        (
            json!({ "iss": format!("{}/", IdentityProvider::ISSUER) }),
            "another issuer",
        ),
        (json!({ "iss": null }), "another issuer"),
        (json!({ "aud": "another client" }), "another client"),
        (json!({ "aud": [] }), "another client"),
        (json!({ "aud": null }), "another client"),
        (
            json!({ "aud": ["the client", "another"] }),
            "another client",
        ),
        (json!({ "azp": "another" }), "another client"),
        (json!({ "azp": 7 }), "another client"),
        (
            json!({ "nonce": "of another visit" }),
            "not made for this visit",
        ),
        (json!({ "nonce": null }), "not made for this visit"),
        (json!({ "sub": null }), "of whom it is"),
        (json!({ "sub": "" }), "of whom it is"),
    ] {
        claims_are_refused(&other, says, "token_refused");
    }
}

#[test]
fn a_token_of_another_time_is_refused() {
    let now = House::new().stack.now().micros() / 1_000_000;
    for (other, says) in [
        (json!({ "exp": now - 60 }), "has expired"),
        (json!({ "exp": null }), "has expired"),
        (json!({ "exp": "soon" }), "has expired"),
        (json!({ "iat": now + 61 }), "time to come"),
        (json!({ "iat": null }), "time to come"),
        (json!({ "nbf": now + 61 }), "not valid yet"),
        (json!({ "nbf": "now" }), "not valid yet"),
    ] {
        claims_are_refused(&other, says, "token_refused");
    }
    // Clocks differ by a minute.
    let house = House::new();
    let visit = house.visit_of(&json!({ "exp": now - 59, "iat": now + 60, "nbf": now + 60 }));
    assert_eq!(house.back(&visit).status, 303);
}

#[test]
fn an_address_that_was_not_verified_is_refused() {
    for other in [
        json!({ "email_verified": false }),
        json!({ "email_verified": "false" }),
        json!({ "email_verified": 1 }),
    ] {
        claims_are_refused(&other, "was not verified", "email_unverified");
    }
    for other in [
        json!({ "email_verified": null }),
        json!({ "email": null }),
        // Microsoft's claim counts of Microsoft alone.
        json!({ "email_verified": null, "xms_edov": true }),
    ] {
        claims_are_refused(&other, "does not say what your address is", "email_missing");
    }
    for email in [
        "joe",
        "joe@acme",
        "joe@acme.example, eve@acme.example",
        "\u{212a}@acme.example",
    ] {
        claims_are_refused(&json!({ "email": email }), "is none", "email_missing");
    }
}

#[test]
fn a_token_that_no_key_of_the_provider_has_signed_is_refused() {
    let house = House::new();
    house.idp.is_forged.set(true);
    let page = house.back(&house.visit_of(&json!({})));
    house.stays_out(&page, "is not the provider");
}

#[test]
fn a_token_by_no_key_or_a_secret_one_is_refused() {
    for (header, says) in [
        (json!({ "alg": "none" }), "not signed by RS256"),
        (json!({ "alg": "None", "kid": "k1" }), "not signed by RS256"),
        // The public key as a secret, which everybody knows.
        (
            json!({ "alg": "HS256", "kid": "k1" }),
            "not signed by RS256",
        ),
        (json!({ "kid": "k1" }), "not signed by RS256"),
        (json!({ "alg": "RS256", "kid": "k1" }), "does not publish"),
        (json!({ "alg": "ES256", "kid": "k2" }), "does not publish"),
        (
            json!({ "alg": "ES256", "kid": "k1", "crit": ["x"] }),
            "does not know",
        ),
    ] {
        let house = House::new();
        *house.idp.header.borrow_mut() = header;
        let page = house.back(&house.visit_of(&json!({})));
        house.stays_out(&page, says);
        assert_eq!(page.log["note"], "token_refused");
    }
}

#[test]
fn a_token_that_was_altered_or_is_none_is_refused() {
    let house = House::new();
    let _ = house.visit_of(&json!({}));
    let token = house.idp.tokens()["id_token"].as_str().unwrap().to_owned();
    let parts: Vec<_> = token.split('.').collect();
    let other = house.idp.token(
        &json!({ "alg": "ES256", "kid": "k1" }),
        &json!({ "sub": "u2" }),
    );
    let theirs: Vec<_> = other.split('.').collect();
    for altered in [
        [parts[0], theirs[1], parts[2]].join("."),
        [parts[0], parts[1], theirs[2]].join("."),
        [parts[0], parts[1], ""].join("."),
        [parts[0], parts[1]].join("."),
        format!("{token}.x"),
        "nothing".to_owned(),
    ] {
        let answer = json!({ "id_token": altered, "access_token": "opaque-access" });
        *house.idp.answers.borrow_mut() = Some((200, answer));
        let again = house.visit_of(&json!({}));
        let page = house.back(&again);
        assert_eq!(page.log["note"], "token_refused", "{altered}");
        house.stays_out(&page, "token");
    }
}

#[test]
fn a_code_that_the_provider_refuses_is_told_without_markup_and_secrets() {
    let house = House::new();
    let said =
        "code-0123456789 & secret-of-the-client-0123456789 are <script>alert(1)</script> wrong";
    let refusal = json!({ "error": "invalid_grant", "error_description": said });
    *house.idp.answers.borrow_mut() = Some((400, refusal));
    let page = house.back(&house.visit_of(&json!({})));
    house.stays_out(&page, "*** &amp; *** are &lt;script&gt;");
    assert_eq!(page.log["note"], "code_refused");
    for answer in [
        json!({}),
        json!({ "access_token": "opaque-access" }),
        json!([]),
    ] {
        *house.idp.answers.borrow_mut() = Some((200, answer));
        let page = house.back(&house.visit_of(&json!({})));
        house.stays_out(&page, "gave no ID token");
    }
}

#[test]
fn what_is_told_beside_a_token_must_be_of_its_person() {
    let without = json!({ "email": null });
    for (said, says) in [
        (
            json!({ "sub": "u2", "email": "joe@acme.example", "email_verified": true }),
            "another person",
        ),
        (
            json!({ "email": "joe@acme.example", "email_verified": true }),
            "another person",
        ),
        (
            json!({ "sub": "u1", "email": "joe@acme.example", "email_verified": false }),
            "was not verified",
        ),
        (
            json!({ "sub": "u1", "email": "joe@acme.example" }),
            "does not say what your address is",
        ),
    ] {
        let house = House::new();
        *house.idp.userinfo.borrow_mut() = Some((200, said));
        let page = house.back(&house.visit_of(&without));
        house.stays_out(&page, says);
    }
}
