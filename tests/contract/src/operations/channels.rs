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
        summary: "List accounts",
        description: "The business's channel accounts, oldest first. Never their credentials.",
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
        summary: "Connect an account",
        description: "Connects an account of a provider. Required, by `kind`:\n\n\
                      | Kind | Fields | Credentials |\n| --- | --- | --- |\n\
                      | `whatsapp` | `phone_number_id` | `access_token`, `app_secret` |\n\
                      | `facebook` | `page_id` | `access_token`, `app_secret` |\n\
                      | `instagram` | `instagram_account_id` | `access_token`, `app_secret` |\n\
                      | `sms` | `phone_number`, `account_sid` | `auth_token` |\n\
                      | `email` | `address`, `provider` | `api_key` |\n\n\
                      Accounts of Meta also take a `verify_token` of your choice, for the handshake \
                      of its callback. Messages come and go by WhatsApp so far; the other kinds can \
                      be stored.",
        sample_target: "",
        request: Some(json::<ChannelRequest>(
            "whatsapp",
            "A WhatsApp account",
            include_str!("../examples/channel.request.json"),
        )),
        answers: &[created(
            "The account. Give its `webhook_url` to the provider.",
            &[json::<OneChannel>(
                "connected",
                "Connected",
                include_str!("../examples/channel.json"),
            )],
        )],
        errors: &[(
            Kind::Conflict,
            "The account is connected already, here or by another business.",
        )],
    },
    Entry {
        operation: "channel_update",
        summary: "Change an account",
        description: "Changes the name, the status, what is known of the account, or single \
                      credentials; what is absent stays. Its kind and the id by which the provider \
                      names it cannot change. A disabled account neither receives nor sends.",
        sample_target: "$CHANNEL_ID",
        request: Some(json::<ChannelPatch>(
            "token",
            "A new access token",
            include_str!("../examples/channel_patch.request.json"),
        )),
        answers: &[ok(
            "The account as it now is.",
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
                "With this app secret it is an account that is connected already.",
            ),
        ],
    },
    Entry {
        operation: "channel_delete",
        summary: "Remove an account",
        description: "Removes an account and its credentials. Its conversations stay, and can still \
                      be read.",
        sample_target: "$CHANNEL_ID",
        request: None,
        answers: &[deleted("The account is removed.")],
        errors: &[NO_CHANNEL],
    },
    Entry {
        operation: "channel_test",
        summary: "Test an account",
        description: "Asks the provider whether it knows the account and takes its token. What is \
                      wrong is told in the answer, which is 200 all the same. Send no body.",
        sample_target: "$CHANNEL_ID",
        request: None,
        answers: &[ok(
            "What the provider says.",
            &[json::<ChannelTest>(
                "works",
                "It works",
                include_str!("../examples/channel_test.json"),
            )],
        )],
        errors: &[NO_CHANNEL],
    },
];
