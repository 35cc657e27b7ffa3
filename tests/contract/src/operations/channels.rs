//! Connecting accounts of providers.

use crate::entry::{Entry, created, deleted, json, ok};
use common::http::Kind;
use dashboard_channels::settings::{
    ChannelList, ChannelPatch, ChannelRequest, ChannelTest, OneChannel,
};

const NO_CHANNEL: (Kind, &str) = (Kind::NotFound, "The business has no such account.");

pub(crate) static ENTRIES: &[Entry] = &[
    Entry {
        operation: "channel_list",
        summary: "List channel accounts",
        description: "Lists the business's channel accounts, oldest first, without their \
                      credentials.",
        sample_target: "",
        request: None,
        answers: &[ok(
            "The accounts.",
            &[json::<ChannelList>(
                "channels",
                "One account",
                include_str!("../examples/channel_list.json"),
            )],
        )],
        errors: &[],
    },
    Entry {
        operation: "channel_create",
        summary: "Connect a channel account",
        description: "Connects an account of a provider. Required fields by `kind`:\n\n\
                      | Kind | Fields | Credentials |\n\
                      | --- | --- | --- |\n\
                      | `whatsapp` | `phone_number_id` | `access_token`, `app_secret` |\n\
                      | `facebook` | `page_id` | `access_token`, `app_secret` |\n\
                      | `facebook_comments` | `page_id` | `access_token`, `app_secret` |\n\
                      | `instagram` | `instagram_account_id` | `access_token`, `app_secret` |\n\
                      | `sms` | `phone_number`, `account_sid` | `auth_token` |\n\
                      | `email` | `address`, `provider` | `api_key`, unless the account only \
                      receives |\n\
                      | `chatwoot` | `base_url`, `account_id` | `access_token` |\n\n\
                      Meta accounts also take a `verify_token` of your choice for the handshake \
                      of the callback; no `app_secret` where the deployment has a Meta app.\n\n\
                      An account of Chatwoot is asked about first, and its webhook is made there; \
                      where the token is no administrator's, `webhook` in the answer says what to \
                      enter there.",
        sample_target: "",
        request: Some(json::<ChannelRequest>(
            "whatsapp",
            "A WhatsApp account",
            include_str!("../examples/channel.request.json"),
        )),
        answers: &[created(
            "The account. Enter its `webhook_url` at the provider.",
            &[json::<OneChannel>(
                "connected",
                "Connected",
                include_str!("../examples/channel.json"),
            )],
        )],
        errors: &[
            (Kind::Conflict, "The account is already connected."),
            (Kind::QuotaExceeded, "The quota is used up."),
            (
                Kind::UnsafeUrl,
                "The `base_url` is not public, or not https.",
            ),
        ],
    },
    Entry {
        operation: "channel_get",
        summary: "Get a channel account",
        description: "Returns one account, without its credentials.",
        sample_target: "$CHANNEL_ID",
        request: None,
        answers: &[ok(
            "The account.",
            &[json::<OneChannel>(
                "channel",
                "An account",
                include_str!("../examples/channel.json"),
            )],
        )],
        errors: &[NO_CHANNEL],
    },
    Entry {
        operation: "channel_update",
        summary: "Update a channel account",
        description: "Changes the name, the status, the settings, or single credentials; absent \
                      fields stay as they are. The kind and the provider's id of the account \
                      cannot change. A disabled account neither receives nor sends.",
        sample_target: "$CHANNEL_ID",
        request: Some(json::<ChannelPatch>(
            "token",
            "A new access token",
            include_str!("../examples/channel_patch.request.json"),
        )),
        answers: &[ok(
            "The updated account.",
            &[json::<OneChannel>(
                "changed",
                "Changed",
                include_str!("../examples/channel.json"),
            )],
        )],
        errors: &[
            NO_CHANNEL,
            (
                Kind::Conflict,
                "With this app secret, the account is one that is already connected.",
            ),
        ],
    },
    Entry {
        operation: "channel_delete",
        summary: "Remove a channel account",
        description: "Removes an account and its credentials, and the webhook that was made for it \
                      at Chatwoot. Its conversations stay.",
        sample_target: "$CHANNEL_ID",
        request: None,
        answers: &[deleted("The account is removed.")],
        errors: &[NO_CHANNEL],
    },
    Entry {
        operation: "channel_test",
        summary: "Test a channel account",
        description: "Asks the provider whether it knows the account and accepts its token. The \
                      response is 200 even if the test fails; its body has the reason. Of an \
                      account of Chatwoot, it also makes the webhook, or reads its secret anew.",
        sample_target: "$CHANNEL_ID",
        request: None,
        answers: &[ok(
            "The provider's answer.",
            &[json::<ChannelTest>(
                "works",
                "It works",
                include_str!("../examples/channel_test.json"),
            )],
        )],
        errors: &[NO_CHANNEL],
    },
];
