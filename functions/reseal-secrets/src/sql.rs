//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::db::Sql;
use common::{is_here, statements};
use secrets::SEALED_COLUMNS;

/// Texts that are sealed under another master key, by how they begin.
macro_rules! sealed_page {
    ($table:literal, $id:literal, $sealed:literal) => {
        concat!(
            "SELECT substr(",
            $sealed,
            ", 1, 11) AS begins, business_id, ",
            $id,
            " AS id, ",
            $sealed,
            " AS sealed FROM ",
            $table,
            " t WHERE ",
            $sealed,
            " <> ''
               AND (substr(",
            $sealed,
            ", 1, 11), business_id, ",
            $id,
            ") > (?1, ?2, ?3)
               AND substr(",
            $sealed,
            ", 1, 11) < ?4 AND ",
            is_here!("t.business_id"),
            " ORDER BY substr(",
            $sealed,
            ", 1, 11), business_id, ",
            $id,
            " LIMIT ?5"
        )
    };
}

/// A text, sealed anew.
macro_rules! sealed_replacement {
    ($table:literal, $id:literal, $sealed:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET ",
            $sealed,
            " = ?4 WHERE business_id = ?1 AND ",
            $id,
            " = ?2 AND ",
            $sealed,
            " = ?3 RETURNING 1"
        )
    };
}

/// How many texts begin otherwise.
macro_rules! sealed_left {
    ($table:literal, $sealed:literal, $done:literal) => {
        concat!(
            "(SELECT count(*) FROM (SELECT 1 FROM ",
            $table,
            " t WHERE ",
            $sealed,
            " <> ''
               AND substr(",
            $sealed,
            ", 1, 11) < ",
            $done,
            " AND ",
            is_here!("t.business_id"),
            " LIMIT 10000))
             + (SELECT count(*) FROM (SELECT 1 FROM ",
            $table,
            " t WHERE ",
            $sealed,
            " <> ''
               AND substr(",
            $sealed,
            ", 1, 11) > ",
            $done,
            " AND ",
            is_here!("t.business_id"),
            " LIMIT 10000))"
        )
    };
}

statements! {
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_DATA_KEYS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("data_keys", "purpose", "sealed");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_CHANNELS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("channels", "id", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_SECRETS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("webhook_endpoints", "id", "secret");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_OLD_SECRETS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("webhook_endpoints", "id", "old_secret");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_INTEGRATIONS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("integrations", "connector", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_LINKS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("knowledge_links", "id", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_LINK_TOKENS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("link_tokens", "link_id", "tokens");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_REPLIES, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("reply_settings", "id", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_EMBEDDERS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("embedders", "id", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_ALERT_URLS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("alert_destinations", "id", "credentials");
    /// ?1 to ?3 the place behind which the page begins, ?4 what begins before that, ?5 how many.
    SEALED_PROVIDERS, Everywhere("the operator seals anew what all businesses have"),
        sealed_page!("sign_in_providers", "id", "client_secret");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_DATA_KEY, Business, sealed_replacement!("data_keys", "purpose", "sealed");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_CHANNEL, Business, sealed_replacement!("channels", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_SECRET, Business, sealed_replacement!("webhook_endpoints", "id", "secret");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_OLD_SECRET, Business, sealed_replacement!("webhook_endpoints", "id", "old_secret");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_INTEGRATION, Business, sealed_replacement!("integrations", "connector", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_LINK, Business, sealed_replacement!("knowledge_links", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_LINK_TOKENS, Business, sealed_replacement!("link_tokens", "link_id", "tokens");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_REPLY, Business, sealed_replacement!("reply_settings", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_EMBEDDER, Business, sealed_replacement!("embedders", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_ALERT_URL, Business, sealed_replacement!("alert_destinations", "id", "credentials");
    /// ?1 business, ?2 id, ?3 the text as it was read, ?4 the text that replaces it. Gives a row where it did.
    REPLACE_PROVIDER, Business, sealed_replacement!("sign_in_providers", "id", "client_secret");
    /// ?1 how data keys begin that are sealed under the present master key, ?2 how other texts do.
    SEALED_LEFT, Everywhere("the operator seals anew what all businesses have"),
        concat!(
            "SELECT ", sealed_left!("data_keys", "sealed", "?1"),
            " + ", sealed_left!("channels", "credentials", "?2"),
            " + ", sealed_left!("webhook_endpoints", "secret", "?2"),
            " + ", sealed_left!("webhook_endpoints", "old_secret", "?2"),
            " + ", sealed_left!("integrations", "credentials", "?2"),
            " + ", sealed_left!("knowledge_links", "credentials", "?2"),
            " + ", sealed_left!("link_tokens", "tokens", "?2"),
            " + ", sealed_left!("reply_settings", "credentials", "?2"),
            " + ", sealed_left!("embedders", "credentials", "?2"),
            " + ", sealed_left!("alert_destinations", "credentials", "?2"),
            " + ", sealed_left!("sign_in_providers", "client_secret", "?2"),
            " AS remaining"
        );
}

/// The pages of sealed texts, in the order of [`secrets::SEALED_COLUMNS`].
pub static SEALED_PAGES: [&Sql; SEALED_COLUMNS.len()] = [
    &SEALED_DATA_KEYS,
    &SEALED_CHANNELS,
    &SEALED_SECRETS,
    &SEALED_OLD_SECRETS,
    &SEALED_INTEGRATIONS,
    &SEALED_LINKS,
    &SEALED_LINK_TOKENS,
    &SEALED_REPLIES,
    &SEALED_EMBEDDERS,
    &SEALED_ALERT_URLS,
    &SEALED_PROVIDERS,
];

/// What replaces them, in the same order.
pub static SEALED_REPLACEMENTS: [&Sql; SEALED_COLUMNS.len()] = [
    &REPLACE_DATA_KEY,
    &REPLACE_CHANNEL,
    &REPLACE_SECRET,
    &REPLACE_OLD_SECRET,
    &REPLACE_INTEGRATION,
    &REPLACE_LINK,
    &REPLACE_LINK_TOKENS,
    &REPLACE_REPLY,
    &REPLACE_EMBEDDER,
    &REPLACE_ALERT_URL,
    &REPLACE_PROVIDER,
];
