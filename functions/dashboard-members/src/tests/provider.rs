//! By what provider members sign in.

use super::{ask, count, refuses_callers, with_member};
use common::http::Role;
use serde_json::{Value, json};
use std::rc::Rc;
use testkit::{Answer, IdentityProvider, SignedIn, Stack, Tenant, answer, refused};

const PATH: &str = "sign-in-provider";
const SECRET: &str = "secret-of-the-client-0123456789";

/// A business whose owner sets its provider.
struct Office {
    stack: Stack,
    tenant: Tenant,
    owner: SignedIn,
    idp: Rc<IdentityProvider>,
}

impl Office {
    fn new() -> Self {
        let (stack, tenant, owner) = with_member(Role::Owner);
        let idp = IdentityProvider::new();
        let record = domains::record_of(&tenant.business_id);
        idp.serve(&stack, move |request| {
            let is_dns = request.url.contains("name=acme.example&");
            let data =
                json!([{ "name": "acme.example", "type": 16, "data": format!("\"{record}\"") }]);
            is_dns.then(|| answer(200, &json!({ "Status": 0, "Answer": data })))
        });
        Self {
            stack,
            tenant,
            owner,
            idp,
        }
    }

    fn body(other: &Value) -> Value {
        let mut body = json!({ "name": "Okta", "issuer": IdentityProvider::ISSUER, "client_id": "c1",
            "client_secret": SECRET, "allowed_domains": ["ACME.example", "@acme.test", "acme.example"],
            "default_role": "agent" });
        let fields = body.as_object_mut().unwrap();
        fields.extend(other.as_object().unwrap().clone());
        body
    }

    fn put(&self, other: &Value) -> Answer {
        ask(
            &self.stack,
            "PUT",
            PATH,
            &self.owner.token,
            &Self::body(other),
        )
    }

    fn get(&self, token: &str) -> Answer {
        ask(&self.stack, "GET", PATH, token, &Value::Null)
    }

    /// Everything that the database has of it.
    fn stored(&self) -> String {
        let rows = self.stack.db.sql("SELECT * FROM sign_in_providers");
        let audit = self.stack.db.sql("SELECT * FROM audit_log");
        format!("{rows:?} {audit:?}")
    }
}

#[test]
fn sign_in_provider_put_answers_with_what_is_set_but_for_the_secret() {
    let office = Office::new();
    let set = office.put(&json!({}));
    assert_eq!(set.status, 200, "{}", set.text());
    let business = &office.tenant.business_id;
    let expected = json!({
        "provider": { "name": "Okta", "issuer": IdentityProvider::ISSUER, "client_id": "c1", "client_secret": "***",
            "allowed_domains": ["acme.example", "acme.test"], "proven_domains": ["acme.example"],
            "default_role": "agent", "updated_at": set.json["provider"]["updated_at"] },
        "redirect_uri": "https://tieline.example/oauth/callback/sign-in",
        "start_url": format!("https://tieline.example/api/dashboard/sign-in/oidc?business={business}"),
        "domain_record": domains::record_of(business),
    });
    assert_eq!(set.json, expected);
    assert_eq!(office.get(&office.owner.token).json, expected);
    assert!(!office.stored().contains(SECRET), "sealed");
    let audited = office
        .stack
        .db
        .sql("SELECT operation, member_id, fields FROM audit_log");
    let row: Vec<_> = audited[0]
        .iter()
        .map(|cell| cell.as_text().unwrap())
        .collect();
    let fields =
        r#"["name","issuer","client_id","client_secret","allowed_domains","default_role"]"#;
    let mut named: Vec<Value> = serde_json::from_str(row[2]).unwrap();
    named.sort_by_key(Value::to_string);
    let mut expected: Vec<Value> = serde_json::from_str(fields).unwrap();
    expected.sort_by_key(Value::to_string);
    assert_eq!(
        (row[0], row[1]),
        ("sign_in_provider_put", office.owner.member_id.as_str())
    );
    assert_eq!(named, expected);
}

#[test]
fn sign_in_provider_put_refuses_invalid_input() {
    let office = Office::new();
    for (field, value, rule) in [
        ("colour", json!(1), "unknown"),
        ("name", json!(""), "1_to_200_characters"),
        ("issuer", json!(1), "text"),
        ("client_id", json!(" "), "1_to_1000_characters"),
        ("client_id", json!("a\r\nx-evil: 1"), "1_to_1000_characters"),
        ("client_secret", json!(""), "1_to_1000_characters"),
        (
            "client_secret",
            json!("s".repeat(1001)),
            "1_to_1000_characters",
        ),
        ("client_secret", json!(1), "text_or_null"),
        ("default_role", json!("owner"), "role"),
        ("default_role", json!("root"), "role"),
        ("allowed_domains", json!("acme.example"), "texts"),
        (
            "allowed_domains",
            json!(vec!["a.example"; 11]),
            "at_most_10",
        ),
    ] {
        let refused = office.put(&json!({ field: value }));
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (field, rule)),
            "{value}"
        );
    }
    for (domain, rule) in [
        ("acme", "domain"),
        ("joe@acme.example", "domain"),
        ("*.acme.example", "domain"),
        ("acme..example", "domain"),
        ("äcme.example", "domain"),
        ("GMail.com", "own_domain"),
    ] {
        let refused = office.put(&json!({ "allowed_domains": ["a.example", domain] }));
        assert_eq!(
            (refused.status, refused.detail()),
            (422, ("allowed_domains[1]", rule)),
            "{domain}"
        );
    }
    for field in ["name", "issuer", "client_id"] {
        let mut body = Office::body(&json!({}));
        body.as_object_mut().unwrap().remove(field);
        let refused = ask(&office.stack, "PUT", PATH, &office.owner.token, &body);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (field, "required"))
        );
    }
    assert_eq!(count(&office.stack, "sign_in_providers"), 0);
    assert!(
        office.stack.ports.take_requests().is_empty(),
        "nobody is asked"
    );
}

#[test]
fn sign_in_provider_put_refuses_a_provider_that_cannot_be_one() {
    let office = Office::new();
    for (issuer, rule, says) in [
        ("http://login.acme.example", "issuer", "https"),
        ("https://localhost", "issuer", "public"),
        ("https://10.0.0.1", "issuer", "public"),
        (
            "https://login.acme.example?a=b",
            "issuer",
            "without a query",
        ),
        (
            "https://login.acme.example/.well-known/openid-configuration",
            "issuer",
            "without it",
        ),
        (
            "https://login.acme.example/",
            "provider_unusable",
            "another issuer: `https://login.acme.example`",
        ),
        (
            "https://login.acme.example/tenant",
            "provider_unusable",
            "with status 404",
        ),
    ] {
        let refused = office.put(&json!({ "issuer": issuer }));
        assert_eq!(
            (refused.status, refused.detail()),
            (422, ("issuer", rule)),
            "{issuer}"
        );
        let said = refused.json["error"].as_str().unwrap();
        assert!(said.contains(says), "{said}");
    }
    office.stack.ports.will(refused());
    let away = office.put(&json!({}));
    assert_eq!(away.detail(), ("issuer", "provider_unreachable"));
    for (field, value) in [
        ("token_endpoint", Value::Null),
        (
            "authorization_endpoint",
            json!("http://login.acme.example/authorize"),
        ),
        ("jwks_uri", json!("https://169.254.169.254/keys")),
        (
            "id_token_signing_alg_values_supported",
            json!(["HS256", "none"]),
        ),
    ] {
        let before = office.idp.metadata.borrow().clone();
        office.idp.metadata.borrow_mut()[field] = value;
        let refused = office.put(&json!({}));
        assert_eq!(
            (refused.status, refused.detail()),
            (422, ("issuer", "provider_unusable")),
            "{field}"
        );
        *office.idp.metadata.borrow_mut() = before;
    }
    assert_eq!(count(&office.stack, "sign_in_providers"), 0);
}

#[test]
fn a_secret_stays_for_the_client_that_it_was_given_for() {
    let office = Office::new();
    assert_eq!(office.put(&json!({})).status, 200);
    let sealed = office.stored();
    for kept in [
        json!({ "client_secret": "***" }),
        json!({ "name": "Renamed", "client_secret": "***" }),
    ] {
        let set = office.put(&kept);
        assert_eq!(set.json["provider"]["client_secret"], "***");
    }
    let column = office
        .stack
        .db
        .value("SELECT client_secret FROM sign_in_providers")
        .into_text()
        .unwrap();
    assert!(sealed.contains(&column));
    let other = office.put(&json!({ "client_id": "c2", "client_secret": "***" }));
    assert_eq!(
        (other.status, other.detail()),
        (422, ("client_secret", "required_for_another_client"))
    );
    office.idp.metadata.borrow_mut()["issuer"] = json!("https://evil.example");
    let set = office.put(&json!({ "client_id": "c2", "client_secret": "another" }));
    assert_eq!(set.status, 422, "the issuer says that it is another");
    office.idp.metadata.borrow_mut()["issuer"] = json!(IdentityProvider::ISSUER);
    let set = office.put(&json!({ "client_id": "c2", "client_secret": null }));
    assert_eq!(set.json["provider"]["client_secret"], Value::Null);
    let set = office.put(&json!({ "client_id": "c3", "client_secret": "***" }));
    assert_eq!(set.status, 200, "there is none to keep");
}

#[test]
fn sign_in_provider_get_answers_with_what_to_register_before_anything_is_set() {
    let office = Office::new();
    let shown = office.get(&office.owner.token);
    assert_eq!((shown.status, &shown.json["provider"]), (200, &Value::Null));
    assert_eq!(
        shown.json["redirect_uri"],
        "https://tieline.example/oauth/callback/sign-in"
    );
    let other = office.stack.tenant("Other");
    assert_eq!(office.put(&json!({})).status, 200);
    let theirs = office.stack.member(&other, Role::Owner);
    assert_eq!(
        office.get(&theirs.token).json["provider"],
        Value::Null,
        "each has its own"
    );
}

#[test]
fn sign_in_provider_get_refuses_invalid_input() {
    let office = Office::new();
    let answer = ask(
        &office.stack,
        "GET",
        "sign-in-provider?x=1",
        &office.owner.token,
        &Value::Null,
    );
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}

#[test]
fn sign_in_provider_delete_answers_with_nothing_and_leaves_nothing() {
    let office = Office::new();
    assert_eq!(office.put(&json!({})).status, 200);
    for _ in 0..2 {
        let gone = ask(
            &office.stack,
            "DELETE",
            PATH,
            &office.owner.token,
            &Value::Null,
        );
        assert_eq!(gone.status, 204);
    }
    let left = ["sign_in_providers", "sign_in_domains"].map(|table| count(&office.stack, table));
    assert_eq!(left, [0, 0]);
    assert_eq!(
        office.get(&office.owner.token).status,
        200,
        "who is signed in stays so"
    );
}

#[test]
fn sign_in_provider_delete_refuses_invalid_input() {
    let office = Office::new();
    let answer = ask(
        &office.stack,
        "DELETE",
        "sign-in-provider?x=1",
        &office.owner.token,
        &Value::Null,
    );
    assert_eq!(answer.refusal(), (422, "invalid_request"));
}

#[test]
fn everybody_reads_how_members_sign_in_and_owners_set_it() {
    let office = Office::new();
    for role in [Role::Viewer, Role::Agent, Role::Admin] {
        let member = office.stack.member(&office.tenant, role);
        assert_eq!(office.get(&member.token).status, 200, "{role}");
        for (method, body) in [("PUT", Office::body(&json!({}))), ("DELETE", Value::Null)] {
            let refused = ask(&office.stack, method, PATH, &member.token, &body);
            assert_eq!(
                refused.refusal(),
                (403, "insufficient_scope"),
                "{role} {method}"
            );
        }
    }
}

#[test]
fn sign_in_provider_get_refuses_callers() {
    refuses_callers("GET", PATH, &Value::Null);
}

#[test]
fn sign_in_provider_put_refuses_callers() {
    refuses_callers("PUT", PATH, &Office::body(&json!({})));
}

#[test]
fn sign_in_provider_delete_refuses_callers() {
    refuses_callers("DELETE", PATH, &Value::Null);
}
