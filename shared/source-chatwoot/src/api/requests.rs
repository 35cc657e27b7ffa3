use super::Api;
use channels::outbound::SEND_TIMEOUT_MS;
use common::ports::OutboundRequest;

/// The timeout of what is read, and of what is written but for messages.
const TIMEOUT_MS: u32 = 15_000;
/// Largest answer that is read: a page of conversations tells of each its last message.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Ids are Chatwoot's own and go into paths: what is no letter or digit is escaped.
pub(super) fn segment(id: &str) -> String {
    let mut segment = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' => segment.push(char::from(byte)),
            byte => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    segment
}

impl Api {
    /// Reads what is below the account; `path` begins with a slash.
    #[must_use]
    pub fn get(&self, path: &str) -> OutboundRequest {
        self.request("GET", path, None)
    }

    /// Writes JSON below the account.
    #[must_use]
    pub fn write(&self, method: &'static str, path: &str, json: String) -> OutboundRequest {
        self.request(method, path, Some(("application/json", json.into_bytes())))
    }

    /// Removes what is below the account.
    #[must_use]
    pub fn delete(&self, path: &str) -> OutboundRequest {
        self.request("DELETE", path, None)
    }

    /// Whose the token is, and of which accounts.
    #[must_use]
    pub fn profile(&self) -> OutboundRequest {
        self.at("GET", format!("{}/api/v1/profile", self.root), None)
    }

    /// Its inboxes, with their channels.
    #[must_use]
    pub fn inboxes(&self) -> OutboundRequest {
        self.get("/inboxes")
    }

    /// Its agents, with their addresses.
    #[must_use]
    pub fn agents(&self) -> OutboundRequest {
        self.get("/agents")
    }

    /// Its webhooks, which administrators alone see.
    #[must_use]
    pub fn webhooks(&self) -> OutboundRequest {
        self.get("/webhooks")
    }

    /// One contact.
    #[must_use]
    pub fn contact(&self, id: &str) -> OutboundRequest {
        self.get(&format!("/contacts/{}", segment(id)))
    }

    /// A page of fifteen contacts, those first that were active last.
    #[must_use]
    pub fn contacts(&self, page: u32) -> OutboundRequest {
        self.get(&format!("/contacts?sort=-last_activity_at&page={page}"))
    }

    /// Changes one contact; attributes are merged at their first level alone.
    #[must_use]
    pub fn contact_update(&self, id: &str, json: String) -> OutboundRequest {
        self.write("PUT", &format!("/contacts/{}", segment(id)), json)
    }

    /// One conversation, by the number that people see.
    #[must_use]
    pub fn conversation(&self, thread: &str) -> OutboundRequest {
        self.get(&format!("/conversations/{}", segment(thread)))
    }

    /// A page of 25 conversations, those first that were active last, or by when they began.
    #[must_use]
    pub fn conversations(&self, page: u32, is_by_beginning: bool) -> OutboundRequest {
        let order = match is_by_beginning {
            true => "created_at_asc",
            false => "last_activity_at_desc",
        };
        self.get(&format!(
            "/conversations?status=all&sort_by={order}&page={page}"
        ))
    }

    /// The hundred messages after one, or the last twenty; the oldest first.
    #[must_use]
    pub fn messages(&self, thread: &str, after: Option<&str>) -> OutboundRequest {
        let after = after.map_or_else(String::new, |id| format!("?after={}", segment(id)));
        self.get(&format!(
            "/conversations/{}/messages{after}",
            segment(thread)
        ))
    }

    /// The definitions of contacts' attributes.
    #[must_use]
    pub fn definitions(&self) -> OutboundRequest {
        self.get("/custom_attribute_definitions?attribute_model=1")
    }

    /// Defines an attribute of contacts.
    #[must_use]
    pub fn definition_create(&self, json: String) -> OutboundRequest {
        self.write("POST", "/custom_attribute_definitions", json)
    }

    /// Posts a message or a note; the content type is that of the body.
    #[must_use]
    pub fn message_create(
        &self,
        thread: &str,
        (content_type, body): (&str, Vec<u8>),
    ) -> OutboundRequest {
        let path = format!("/conversations/{}/messages", segment(thread));
        OutboundRequest {
            timeout_ms: SEND_TIMEOUT_MS,
            ..self.request("POST", &path, Some((content_type, body)))
        }
    }

    /// Writes one side of a conversation: `toggle_status`, `toggle_priority`, `assignments`, `labels`.
    #[must_use]
    pub fn conversation_write(&self, thread: &str, what: &str, json: String) -> OutboundRequest {
        let path = format!("/conversations/{}/{what}", segment(thread));
        self.write("POST", &path, json)
    }

    fn request(
        &self,
        method: &'static str,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> OutboundRequest {
        let (root, account) = (&self.root, segment(&self.account_id));
        self.at(
            method,
            format!("{root}/api/v1/accounts/{account}{path}"),
            body,
        )
    }

    fn at(
        &self,
        method: &'static str,
        url: String,
        body: Option<(&str, Vec<u8>)>,
    ) -> OutboundRequest {
        // Proxies drop a header with underscores, which is how the documentation spells it.
        let mut headers = vec![
            ("api-access-token", self.token.clone()),
            ("accept", "application/json".to_owned()),
        ];
        let body = body.map(|(content_type, body)| {
            headers.push(("content-type", content_type.to_owned()));
            body
        });
        OutboundRequest {
            method,
            url,
            headers,
            body,
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        }
    }
}
