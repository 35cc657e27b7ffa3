//! The requests' shapes for the OpenAPI document; `input` reads them field by field, so that a
//! refusal can name the field.

use channels::AccountKind;
use schemars::JsonSchema;
use serde::Serialize;

/// The account to connect.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ChannelRequest {
    /// The kind of account.
    #[schemars(extend("enum" = ["whatsapp", "facebook", "facebook_comments", "instagram", "sms", "email", "chatwoot"]))]
    pub kind: AccountKind,
    /// The name, 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// How the provider names it: the fields that its kind has.
    #[serde(flatten)]
    pub ids: AccountIds,
    /// The secrets, which are never returned.
    pub credentials: CredentialsRequest,
}

/// Changes of an account. Absent fields stay as they are; null clears an optional field.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ChannelPatch {
    /// The name, 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// `active` or `disabled`.
    #[schemars(extend("enum" = ["active", "disabled"]))]
    pub status: Option<String>,
    /// What is known of it beside its address, which cannot change.
    #[serde(flatten)]
    pub ids: AccountIds,
    /// The secrets to replace.
    pub credentials: Option<CredentialsRequest>,
}

/// How a provider names an account, and what else is known of it. Ids may come as numbers; they are
/// shown as texts.
#[derive(Serialize, JsonSchema)]
pub struct AccountIds {
    /// WhatsApp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// WhatsApp: the business account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waba_id: Option<String>,
    /// WhatsApp: the number to display.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_phone_number: Option<String>,
    /// Facebook: the page, of its messages and of comments on its posts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
    /// Instagram.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instagram_account_id: Option<String>,
    /// Instagram: the login of the account, `facebook` (the default) or `instagram`.
    #[schemars(extend("enum" = ["facebook", "instagram"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Facebook, Instagram: `true` if Meta has approved the feature Human Agent for the app.
    #[schemars(extend("enum" = ["true", "false"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human_agent: Option<String>,
    /// Facebook, Instagram: `false` to store no files from customers.
    #[schemars(extend("enum" = ["true", "false"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_media: Option<String>,
    /// SMS: the account at Twilio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_sid: Option<String>,
    /// SMS: the number, E.164, or a short code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// SMS: the messaging service that sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_service_sid: Option<String>,
    /// SMS: the API key used for calls instead of the token, `SK…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_sid: Option<String>,
    /// SMS: the shared key that signs webhooks instead of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_key_id: Option<String>,
    /// SMS: whether media are deleted at Twilio once they are stored here: `true` or `false`.
    #[schemars(extend("enum" = ["true", "false"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_media: Option<String>,
    /// Email: the provider, `resend`, `postmark`, or `cloudflare`, which only receives.
    #[schemars(extend("enum" = ["resend", "postmark", "cloudflare"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Email by Cloudflare: the provider that sends, `resend` or `postmark`.
    #[schemars(extend("enum" = ["resend", "postmark"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends_by: Option<String>,
    /// Email: the display name in `From`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// Email: a domain whose mail is all routed to the account; replies then go there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_domain: Option<String>,
    /// Email: the server whose `Authentication-Results` count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authserv_id: Option<String>,
    /// Email: the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Chatwoot: where the server is; a page of it will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Chatwoot: the number of the account there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Chatwoot: the ids of the inboxes whose conversations do not come here, as a list or as `3,7`. It is
    /// shown as `3,7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inboxes_left_out: Option<Inboxes>,
    /// Chatwoot: channels of inboxes by their ids, where they are other than Chatwoot says, as an object or as
    /// `12=whatsapp,15=sms`. It is shown as the latter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox_channels: Option<InboxChannels>,
    /// Chatwoot: `true` to show beside each conversation what CRMs know of its contact.
    #[schemars(extend("enum" = ["true", "false"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crm_card: Option<String>,
}

/// Ids of inboxes.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Inboxes {
    /// A list.
    List(Vec<u64>),
    /// A text.
    Text(String),
}

/// Channels of inboxes.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum InboxChannels {
    /// An object.
    Object(std::collections::BTreeMap<String, String>),
    /// A text.
    Text(String),
}

/// The secrets of an account: those that its kind has.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CredentialsRequest {
    /// WhatsApp, Facebook, Instagram, Chatwoot: authenticates calls to the API.
    pub access_token: Option<String>,
    /// WhatsApp, Facebook, Instagram: signs Meta's webhooks.
    pub app_secret: Option<String>,
    /// Instagram: signs Meta's webhooks for accounts with Instagram login.
    pub instagram_app_secret: Option<String>,
    /// WhatsApp, Facebook, Instagram: the token of Meta's handshake.
    pub verify_token: Option<String>,
    /// SMS: authenticates calls to the API, and signs Twilio's webhooks.
    pub auth_token: Option<String>,
    /// SMS: the secret of the API key.
    pub api_key_secret: Option<String>,
    /// Email: authenticates calls to the provider's API.
    pub api_key: Option<String>,
    /// SMS: the secret of the shared key. Email: authenticates the provider's webhooks. Chatwoot: signs its
    /// webhooks; it is read there where the token is an administrator's.
    pub webhook_secret: Option<String>,
    /// Chatwoot: the end of the webhook's path, for servers that sign nothing: 32 to 128 letters, digits, `_`
    /// or `-`. It is made if it is left out.
    #[schemars(length(min = 32, max = 128))]
    pub webhook_token: Option<String>,
}
