use crate::{Stack, Tenant};
use channels::{app_secret_id, credentials_context};
use common::Context;
use common::ids::ChannelId;
use serde_json::Value;

impl Stack {
    /// Replaces the secrets of an account, as the settings do.
    pub fn replace_credentials(&self, tenant: &Tenant, channel_id: &str, credentials: &Value) {
        let log = self.job("", async |cx: &Context<'_>, _: &str| {
            let business = &tenant.business_id;
            let context = credentials_context(business, &ChannelId::unchecked(channel_id));
            let sealed = cx
                .ports
                .seal(cx.entropy, &context, &credentials.to_string())?;
            let app_secret = match credentials["app_secret"].as_str() {
                Some(secret) => app_secret_id(cx, secret).await?,
                None => String::new(),
            };
            self.db.sql(&format!(
                "UPDATE channels SET credentials = '{sealed}', app_secret_id = '{app_secret}'
                 WHERE business_id = '{business}' AND id = '{channel_id}'"
            ));
            Ok(())
        });
        assert_eq!(log["code"], Value::Null, "{log}");
    }
}
