//! How members of the business sign in.

use super::Live;
use common::form::pairs;
use common::http::Role;
use serde_json::json;
use testkit::IdentityProvider;

impl Live {
    /// Sets the provider.
    pub(super) fn provider(&self) {
        let owner = self.stack.member(&self.tenant, Role::Owner);
        let body = json!({ "name": "Okta", "issuer": IdentityProvider::ISSUER,
            "client_id": IdentityProvider::CLIENT, "allowed_domains": ["acme.example"] });
        let path = "/api/dashboard/sign-in-provider";
        let call = self.stack.call("dashboard-members", "PUT", path);
        self.send("dashboard-members", call.bearer(&owner.token).json(&body));
    }

    /// The state with which a browser was sent to it, and its cookie.
    pub(super) fn visit(&self) -> (String, String) {
        self.visit.get_or_init(|| self.sent_away()).clone()
    }

    fn sent_away(&self) -> (String, String) {
        self.provider();
        let path = "/api/dashboard/sign-in/oidc?business=";
        let path = [path, &self.tenant.business_id].concat();
        let begun = self.send("sign-in", self.stack.call("sign-in", "GET", &path));
        let url = begun.header("location").unwrap_or_default();
        let sent = pairs(url.split_once('?').unwrap_or_default().1);
        let of = |name: &str| {
            let pair = sent.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let now = self.stack.now().micros() / 1_000_000;
        *self.idp.claims.borrow_mut() = json!({ "iss": IdentityProvider::ISSUER, "aud": IdentityProvider::CLIENT,
            "sub": "u1", "iat": now, "exp": now + 300, "nonce": of("nonce"), "email": "joe@acme.example",
            "email_verified": true });
        let cookie = begun.header("set-cookie").unwrap_or_default();
        let cookie = cookie.split(';').next().unwrap_or_default();
        (of("state"), cookie.to_owned())
    }
}
