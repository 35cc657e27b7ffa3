//! People who sign in: at an operator's deployment, and at a business with a provider.

mod begin;
mod complete;
mod links;
mod options;
mod refused;
mod returned;

use common::http::Role;
use dashboard_members::handler::handle as members;
use serde_json::{Value, json};
use sign_in::handler::handle;
use std::collections::BTreeMap;
use std::rc::Rc;
use testkit::{Answer, IdentityProvider, SignedIn, Stack, Tenant};

const CLIENT_SECRET: &str = "secret-of-the-client-0123456789";
const NOBODY: &str = "01900000-0000-7000-8000-00000000ffff";

/// A business whose members sign in by a provider.
struct House {
    stack: Stack,
    tenant: Tenant,
    owner: SignedIn,
    idp: Rc<IdentityProvider>,
}

/// A browser that was sent away.
struct Visit {
    /// What it brings to the provider.
    sent: BTreeMap<String, String>,
    /// Its cookie.
    cookie: String,
}

impl House {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let owner = stack.member(&tenant, Role::Owner);
        let idp = IdentityProvider::new();
        idp.serve(&stack, |_| None);
        let house = Self {
            stack,
            tenant,
            owner,
            idp,
        };
        house.set(&json!({ "client_secret": CLIENT_SECRET }));
        house
    }

    /// Sets the provider, with these fields in the place of what is usual.
    fn set(&self, other: &Value) {
        let mut body = json!({ "name": "Acme's accounts", "issuer": IdentityProvider::ISSUER,
            "client_id": IdentityProvider::CLIENT, "allowed_domains": ["acme.example"], "default_role": "agent" });
        let fields = body.as_object_mut().unwrap();
        fields.extend(other.as_object().unwrap().clone());
        let path = "/api/dashboard/sign-in-provider";
        let call = self.stack.call("dashboard-members", "PUT", path);
        let set = call.bearer(&self.owner.token).json(&body).send(members);
        assert_eq!(set.status, 200, "{}", set.text());
        self.stack.ports.take_requests();
    }

    fn begin(&self, query: &str) -> Answer {
        let business = &self.tenant.business_id;
        let path = format!("/api/dashboard/sign-in/oidc?business={business}{query}");
        self.stack.call("sign-in", "GET", &path).send(handle)
    }

    fn visit(&self, query: &str) -> Visit {
        let begun = self.begin(query);
        assert_eq!(begun.status, 303, "{}", begun.text());
        let cookie = begun.header("set-cookie").unwrap();
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(
            attributes,
            "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600"
        );
        let pairs = IdentityProvider::sent(begun.header("location").unwrap());
        let sent: BTreeMap<_, _> = pairs.iter().cloned().collect();
        assert_eq!(sent.len(), pairs.len(), "no parameter is there twice");
        Visit {
            sent,
            cookie: format!("theme=dark; {pair}"),
        }
    }

    /// A visit, and a token that is good for it, of a person with these claims.
    fn visit_of(&self, other: &Value) -> Visit {
        let visit = self.visit("");
        self.says(&visit, other);
        visit
    }

    /// Has the provider say of a visit who came, with these claims in the place of what is usual.
    fn says(&self, visit: &Visit, other: &Value) {
        let now = self.stack.now().micros() / 1_000_000;
        let mut claims = json!({ "iss": IdentityProvider::ISSUER, "aud": IdentityProvider::CLIENT, "sub": "u1",
            "iat": now, "exp": now + 300, "nonce": visit.sent["nonce"], "email": "Joe@acme.example",
            "email_verified": true, "name": "Joe Bloggs" });
        let fields = claims.as_object_mut().unwrap();
        for (name, value) in other.as_object().unwrap() {
            match value {
                Value::Null => fields.remove(name),
                value => fields.insert(name.clone(), value.clone()),
            };
        }
        *self.idp.claims.borrow_mut() = claims;
    }

    /// Comes back with these parameters in the place of what is usual, and with this cookie.
    fn come(&self, visit: &Visit, cookie: Option<&str>, other: &[(&str, &str)]) -> Answer {
        let mut pairs = BTreeMap::from([
            ("code", "code-0123456789"),
            ("state", &*visit.sent["state"]),
            ("iss", IdentityProvider::ISSUER),
            ("session_state", "x"),
        ]);
        pairs.extend(other.iter().copied());
        pairs.retain(|_, value| !value.is_empty());
        let query = common::form::encoded(pairs);
        let path = format!("/oauth/callback/sign-in?{query}");
        let call = self.stack.call("sign-in", "GET", &path);
        let call = call.header("sec-fetch-site", "cross-site");
        match cookie {
            Some(cookie) => call.header("cookie", cookie),
            None => call,
        }
        .header("cf-connecting-ip", "203.0.113.7")
        .send(handle)
    }

    fn back(&self, visit: &Visit) -> Answer {
        self.come(visit, Some(&visit.cookie), &[])
    }

    fn count(&self, of: &str) -> i64 {
        let count = self.stack.db.value(&format!("SELECT count(*) FROM {of}"));
        count.as_integer().unwrap()
    }

    /// Checks that a person stays out, and that the page says this and nothing secret.
    fn stays_out(&self, page: &Answer, says: &str) {
        assert_eq!(page.status, 400, "{}", page.text());
        assert_eq!(page.header("set-cookie"), None);
        assert!(page.text().contains(says), "{}", page.text());
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(page.text().contains("href=\"/dashboard/sign-in"));
        let shown = page.text() + &page.log.to_string();
        for secret in [
            "code-0123456789",
            CLIENT_SECRET,
            "joe@acme.example",
            "opaque-access",
        ] {
            assert!(!shown.to_lowercase().contains(secret), "{secret}: {shown}");
        }
        assert_eq!(self.count("sessions"), 1, "that of the owner");
    }
}

/// Who the holder of a session cookie is.
fn me(stack: &Stack, answer: &Answer) -> Value {
    let cookie = answer.header("set-cookie").unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(
        attributes,
        "Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800"
    );
    assert!(pair.starts_with("__Host-tieline=tls_"), "{pair}");
    let call = stack.call("dashboard-members", "GET", "/api/dashboard/me");
    let me = call.header("cookie", pair).send(members);
    assert_eq!(me.status, 200, "{}", me.text());
    me.json
}

fn post(stack: &Stack, what: &str, body: &Value) -> Answer {
    let path = format!("/api/dashboard/sign-in/{what}");
    stack.call("sign-in", "POST", &path).json(body).send(handle)
}
