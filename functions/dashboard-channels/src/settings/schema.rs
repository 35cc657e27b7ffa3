//! The requests' shapes for the OpenAPI document; `input` reads them field by field, so that a
//! refusal can name the field.

use channels::ChannelKind;
use schemars::JsonSchema;
use serde::Serialize;

/// An account to be connected.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ChannelRequest {
    /// What kind it is of.
    pub kind: ChannelKind,
    /// What people call it, 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// How the provider names it: the fields that its kind has.
    #[serde(flatten)]
    pub ids: AccountIds,
    /// Its secrets, which are never shown again.
    pub credentials: CredentialsRequest,
}

/// What to change of an account. What is absent stays; null clears what may be missing.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ChannelPatch {
    /// What people call it, 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// `active` or `disabled`.
    #[schemars(extend("enum" = ["active", "disabled"]))]
    pub status: Option<String>,
    /// What is known of it beside its address, which cannot change.
    #[serde(flatten)]
    pub ids: AccountIds,
    /// Those of its secrets that are to be replaced.
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
    /// WhatsApp: the number as people know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_phone_number: Option<String>,
    /// Facebook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
    /// Instagram.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instagram_account_id: Option<String>,
    /// Instagram: by which login it was connected, `facebook` (as without it) or `instagram`.
    #[schemars(extend("enum" = ["facebook", "instagram"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Facebook, Instagram: `true` where Meta has approved the feature Human Agent for the app.
    #[schemars(extend("enum" = ["true", "false"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub human_agent: Option<String>,
    /// Facebook, Instagram: `false` where files that customers send are not to be kept.
    #[schemars(extend("enum" = ["true", "false"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_media: Option<String>,
    /// SMS: the account at Twilio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_sid: Option<String>,
    /// SMS: the number, E.164, or a short code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// SMS: the messaging service to send by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_service_sid: Option<String>,
    /// SMS: the API key that speaks for the account in place of its token, `SK…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_sid: Option<String>,
    /// SMS: the shared key that signs webhooks in place of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_key_id: Option<String>,
    /// SMS: whether media are deleted at Twilio once they are stored here: `true` or `false`.
    #[schemars(extend("enum" = ["true", "false"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_media: Option<String>,
    /// Email: by which mail comes, and goes out: `resend`, `postmark` or `cloudflare`, which only
    /// receives.
    #[schemars(extend("enum" = ["resend", "postmark", "cloudflare"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Email by Cloudflare: `resend` or `postmark`, by which it goes out.
    #[schemars(extend("enum" = ["resend", "postmark"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends_by: Option<String>,
    /// Email: what stands before the address in a mail's `From`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// Email: a domain all of whose mail comes to the account; answers then go there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_domain: Option<String>,
    /// Email: the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// The secrets of an account: those that its kind has.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CredentialsRequest {
    /// WhatsApp, Facebook, Instagram: speaks for the account.
    pub access_token: Option<String>,
    /// WhatsApp, Facebook, Instagram: signs what Meta sends.
    pub app_secret: Option<String>,
    /// Instagram: signs what Meta sends where the account logs in at Instagram.
    pub instagram_app_secret: Option<String>,
    /// WhatsApp, Facebook, Instagram: what Meta tells when it asks whether a callback is ours.
    pub verify_token: Option<String>,
    /// SMS: speaks for the account, and signs what Twilio sends.
    pub auth_token: Option<String>,
    /// SMS: of the API key.
    pub api_key_secret: Option<String>,
    /// Email: speaks for the account.
    pub api_key: Option<String>,
    /// SMS: of the shared key. Email: signs what the provider sends.
    pub webhook_secret: Option<String>,
}
