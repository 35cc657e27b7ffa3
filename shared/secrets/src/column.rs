//! The columns that hold sealed texts: all of them, since a rotation of the master key seals anew what
//! is listed here and nothing else.

/// A column of sealed texts. Every table has a `business_id`.
#[derive(Debug, Clone, Copy)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The column that, with the business, names a row.
    pub id: &'static str,
    context: fn(business_id: &str, id: &str) -> String,
}

/// The keys that seal the others. What they are sealed for they know by themselves.
pub const DATA_KEYS: SealedColumn = SealedColumn {
    table: "data_keys",
    column: "sealed",
    id: "purpose",
    context: |_, _| String::new(),
};

/// What speaks for an account at its provider.
pub const CHANNEL_CREDENTIALS: SealedColumn = SealedColumn {
    table: "channels",
    column: "credentials",
    id: "id",
    context: |business_id, id| format!("channel credentials {business_id} {id}"),
};

/// What signs the deliveries to an endpoint.
pub const ENDPOINT_SECRET: SealedColumn = SealedColumn {
    table: "webhook_endpoints",
    column: "secret",
    id: "id",
    context: |business_id, id| format!("webhook secret {business_id} {id}"),
};

/// What signed them before, while a rotation overlaps.
pub const ENDPOINT_OLD_SECRET: SealedColumn = SealedColumn {
    column: "old_secret",
    ..ENDPOINT_SECRET
};

/// What speaks for a business at its CRM.
pub const INTEGRATION_CREDENTIALS: SealedColumn = SealedColumn {
    table: "integrations",
    column: "credentials",
    id: "connector",
    context: |business_id, connector| ["integration:", business_id, ":", connector].concat(),
};

/// What opens the place that a CRM link names, and signs what is pushed to it.
pub const LINK_CREDENTIALS: SealedColumn = SealedColumn {
    table: "knowledge_links",
    column: "credentials",
    id: "id",
    context: |business_id, id| format!("crm link {business_id} {id}"),
};

/// What a person has authorized a CRM link to read.
pub const LINK_TOKENS: SealedColumn = SealedColumn {
    table: "link_tokens",
    column: "tokens",
    id: "link_id",
    context: |business_id, id| format!("crm link tokens {business_id} {id}"),
};

/// What speaks for a business at the server that writes drafts of replies.
pub const REPLY_KEY: SealedColumn = SealedColumn {
    table: "reply_settings",
    column: "credentials",
    id: "id",
    context: |business_id, id| format!("reply key {business_id} {id}"),
};

/// What speaks for a business at a server that embeds texts.
pub const EMBEDDER_KEY: SealedColumn = SealedColumn {
    table: "embedders",
    column: "credentials",
    id: "id",
    context: |business_id, id| format!("embedder key {business_id} {id}"),
};

/// The URL that alerts are posted to, which speaks for whoever has it.
pub const ALERT_URL: SealedColumn = SealedColumn {
    table: "alert_destinations",
    column: "credentials",
    id: "id",
    context: |business_id, id| format!("alert destination {business_id} {id}"),
};

/// What speaks for a business at the server by which its members sign in.
pub const PROVIDER_SECRET: SealedColumn = SealedColumn {
    table: "sign_in_providers",
    column: "client_secret",
    id: "id",
    context: |business_id, id| format!("sign-in provider {business_id} {id}"),
};

/// All of them, in the order in which they are sealed anew: data keys first. A test holds the list
/// against the schema.
pub const SEALED_COLUMNS: [SealedColumn; 11] = [
    DATA_KEYS,
    CHANNEL_CREDENTIALS,
    ENDPOINT_SECRET,
    ENDPOINT_OLD_SECRET,
    INTEGRATION_CREDENTIALS,
    LINK_CREDENTIALS,
    LINK_TOKENS,
    REPLY_KEY,
    EMBEDDER_KEY,
    ALERT_URL,
    PROVIDER_SECRET,
];

impl SealedColumn {
    /// What the secret of a row is sealed for (see [`common::ports::Ports::seal`]).
    #[must_use]
    pub fn context(&self, business_id: &str, id: &str) -> String {
        (self.context)(business_id, id)
    }

    /// Whether it holds data keys, which a master key seals itself.
    #[must_use]
    pub fn has_data_keys(&self) -> bool {
        self.table == DATA_KEYS.table
    }
}
