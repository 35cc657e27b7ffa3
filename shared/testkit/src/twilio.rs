use crate::{Call, Stack, Tenant};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::signatures::hmac_sha1;
use serde_json::{Value, json};

/// The account at Twilio of every test.
pub const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
/// What speaks for it, and signs.
pub const AUTH_TOKEN: &str = "the auth token of the tests";

/// What Twilio would sign a request with: the parameters are given in the order of their names.
#[must_use]
pub fn signed_by_twilio(secret: &str, url: &str, params: &[(&str, &str)]) -> String {
    let mut signed = url.to_owned();
    for (name, value) in params {
        signed.push_str(name);
        signed.push_str(value);
    }
    STANDARD.encode(hmac_sha1(secret.as_bytes(), signed.as_bytes()))
}

impl Stack {
    /// Gives a business a number at Twilio, with further settings, and gives its id.
    #[must_use]
    pub fn sms(&self, tenant: &Tenant, number: &str, settings: &Value) -> String {
        let mut all = json!({ "account_sid": ACCOUNT_SID });
        for (name, value) in settings.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let credentials = json!({
            "auth_token": AUTH_TOKEN, "api_key_secret": "the api key", "webhook_secret": "the shared key",
        });
        self.channel(tenant, "sms", number, &all, &credentials)
    }

    /// A delivery of Twilio's to an account, signed; `query` is what its address has behind the
    /// path, or nothing.
    #[must_use]
    pub fn twilio(&self, channel_id: &str, query: &str, params: &[(&str, &str)]) -> Call<'_> {
        let mut params = params.to_vec();
        params.push(("AccountSid", ACCOUNT_SID));
        params.sort_unstable();
        let target = format!("/functions/v1/webhook-twilio/{channel_id}{query}");
        let url = format!("https://tieline.example{target}");
        let signature = signed_by_twilio(AUTH_TOKEN, &url, &params);
        let form = common::form::encoded(params);
        let form_type = "application/x-www-form-urlencoded; charset=UTF-8";
        self.call("webhook-twilio", "POST", &target)
            .body(form)
            .header("content-type", form_type)
            .header("x-twilio-signature", &signature)
    }
}
