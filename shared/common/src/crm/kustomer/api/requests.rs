use super::bodies::{
    AttachmentRef, ConversationPatch, CustomerPatch, DeliveryError, NewConversation, NewCustomer,
    NewMessage, NewNote, Search, array, iso, usable_tags,
};
use super::words::MessageStatus;
use crate::form::{encoded, escape};
use crate::json::written::{Written, quoted};
use crate::outside::OutboundRequest;
use crate::time::Timestamp;

/// By which Kustomer and we know what we wrote: the `app` of our messages.
pub const APP: &str = "tieline";
/// How long Kustomer may take.
pub const TIMEOUT_MS: u32 = 15_000;
/// Largest answer that is read: a page of a hundred messages with their texts.
pub(super) const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// How many records a page has.
const PAGE: &str = "100";
/// The same of lists that are read whole.
const LONG_PAGE: &str = "500";
/// Longest name of a file.
const MAX_FILENAME_CHARS: usize = 256;

/// An organisation's API.
#[derive(Clone)]
pub struct Api {
    /// The base URL, without a last slash.
    pub base: String,
    authorization: String,
}

impl Api {
    /// By a base of [`super::base_of`] and a key.
    #[must_use]
    pub fn new(base: String, key: &str) -> Self {
        let authorization = format!("Bearer {key}");
        Self {
            base,
            authorization,
        }
    }

    /// Whom the key is of, and its roles.
    #[must_use]
    pub fn token_current(&self) -> OutboundRequest {
        self.get("/v1/auth/tokens/current")
    }

    /// Who we are there, and of which organisation.
    #[must_use]
    pub fn user_current(&self) -> OutboundRequest {
        self.get("/v1/users/current")
    }

    /// The customer that has our id.
    #[must_use]
    pub fn customer_by_external_id(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/customers/externalId=", id))
    }

    /// The customer that has an address.
    #[must_use]
    pub fn customer_by_email(&self, email: &str) -> OutboundRequest {
        self.get(&of("/v1/customers/email=", email))
    }

    /// The customer that has a number, E.164.
    #[must_use]
    pub fn customer_by_phone(&self, phone: &str) -> OutboundRequest {
        self.get(&of("/v1/customers/phone=", phone))
    }

    /// A customer.
    #[must_use]
    pub fn customer(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/customers/", id))
    }

    /// Creates a customer.
    #[must_use]
    pub fn customer_create(&self, customer: &NewCustomer) -> OutboundRequest {
        self.send("POST", "/v1/customers", customer.body())
    }

    /// Changes a customer.
    #[must_use]
    pub fn customer_update(&self, id: &str, patch: &CustomerPatch) -> OutboundRequest {
        self.send("PATCH", &of("/v1/customers/", id), patch.body())
    }

    /// A conversation.
    #[must_use]
    pub fn conversation(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/conversations/", id))
    }

    /// The conversation that has our id.
    #[must_use]
    pub fn conversation_by_external_id(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/conversations/externalId=", id))
    }

    /// Creates a conversation.
    #[must_use]
    pub fn conversation_create(&self, conversation: &NewConversation) -> OutboundRequest {
        self.send("POST", "/v1/conversations", conversation.body())
    }

    /// Changes a conversation.
    #[must_use]
    pub fn conversation_update(&self, id: &str, patch: &ConversationPatch) -> OutboundRequest {
        self.send("PATCH", &of("/v1/conversations/", id), patch.body())
    }

    /// Adds tags to a conversation, by name; what Kustomer would refuse is left out.
    #[must_use]
    pub fn tags_add(&self, conversation: &str, tags: &[String]) -> OutboundRequest {
        self.tags_send("POST", conversation, tags)
    }

    /// Takes tags from a conversation, by name or id.
    #[must_use]
    pub fn tags_remove(&self, conversation: &str, tags: &[String]) -> OutboundRequest {
        self.tags_send("DELETE", conversation, tags)
    }

    fn tags_send(&self, method: &'static str, id: &str, tags: &[String]) -> OutboundRequest {
        let tags: Vec<_> = usable_tags(tags).into_iter().map(quoted).collect();
        let path = of("/v1/conversations/", id) + "/tags";
        self.send(method, &path, array(&tags))
    }

    /// A customer's conversations; pages count from 1.
    #[must_use]
    pub fn conversations_of(&self, customer: &str, page: u32) -> OutboundRequest {
        self.page(&(of("/v1/customers/", customer) + "/conversations"), page)
    }

    /// A conversation's messages, in no order that is promised.
    #[must_use]
    pub fn messages_of(&self, conversation: &str, page: u32) -> OutboundRequest {
        self.page(
            &(of("/v1/conversations/", conversation) + "/messages"),
            page,
        )
    }

    /// A message.
    #[must_use]
    pub fn message(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/messages/", id))
    }

    /// The message that has our id.
    #[must_use]
    pub fn message_by_external_id(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/messages/externalId=", id))
    }

    /// Writes a message down; nothing is delivered by it.
    #[must_use]
    pub fn message_create(&self, conversation: &str, message: &NewMessage) -> OutboundRequest {
        let path = of("/v1/conversations/", conversation) + "/messages";
        self.send("POST", &path, message.body())
    }

    /// Says that an agent's message did not arrive.
    #[must_use]
    pub fn message_failed(
        &self,
        id: &str,
        error: &DeliveryError,
        at: Timestamp,
    ) -> OutboundRequest {
        let body = Written::default()
            .text("status", MessageStatus::Error.as_str())
            .json("error", &error.written())
            .text("errorAt", &iso(at));
        self.send("PATCH", &of("/v1/messages/", id), body.finish())
    }

    /// Writes a note.
    #[must_use]
    pub fn note_create(&self, conversation: &str, note: &NewNote) -> OutboundRequest {
        let path = of("/v1/conversations/", conversation) + "/notes";
        self.send("POST", &path, note.body())
    }

    /// A conversation's notes, the first hundred.
    #[must_use]
    pub fn notes_of(&self, conversation: &str) -> OutboundRequest {
        self.page(&(of("/v1/conversations/", conversation) + "/notes"), 1)
    }

    /// Asks for a place for a file; see [`super::upload_of`].
    #[must_use]
    pub fn attachment_create(&self, name: &str, mime: &str, length: u64) -> OutboundRequest {
        let name: String = name.chars().take(MAX_FILENAME_CHARS).collect();
        let body = Written::default()
            .text("name", &name)
            .text("contentType", mime)
            .json("contentLength", &length.to_string());
        self.send("POST", "/v1/attachments", body.finish())
    }

    /// Asks where a file of a message is; see [`super::file_url`].
    #[must_use]
    pub fn attachment_of_message(&self, message: &str, id: &str) -> OutboundRequest {
        self.get(&(of("/v1/messages/", message) + &of("/attachments/", id)))
    }

    /// The teams, those that were deleted among them.
    #[must_use]
    pub fn teams(&self) -> OutboundRequest {
        self.get(&query("/v1/teams", &[("pageSize", LONG_PAGE)]))
    }

    /// The people, or the one that has an address.
    #[must_use]
    pub fn users(&self, email: Option<&str>) -> OutboundRequest {
        let mut pairs = vec![("pageSize", LONG_PAGE)];
        pairs.extend(email.map(|email| ("email", email)));
        self.get(&query("/v1/users", &pairs))
    }

    /// The tags, by which the ids on records get their names.
    #[must_use]
    pub fn tags(&self) -> OutboundRequest {
        self.page("/v1/tags", 1)
    }

    /// Searches; of its 100 pages the last is [`super::MOST_PAGES`].
    #[must_use]
    pub fn search(&self, search: &Search, page: u32) -> OutboundRequest {
        let page = page.to_string();
        let path = query(
            "/v1/customers/search",
            &[("page", &page), ("pageSize", PAGE)],
        );
        self.send("POST", &path, search.body())
    }

    /// Has Kustomer call us. `headers` go along with each call.
    #[must_use]
    pub fn webhook_create(
        &self,
        name: &str,
        url: &str,
        events: &[&str],
        headers: &[(&str, &str)],
    ) -> OutboundRequest {
        let events: Vec<_> = events.iter().map(|event| quoted(event)).collect();
        let header = |(name, value): &(&str, &str)| {
            Written::default()
                .text("name", name)
                .text("value", value)
                .finish()
        };
        let headers: Vec<_> = headers.iter().map(header).collect();
        let mut body = Written::default()
            .text("name", name)
            .text("url", url)
            .json("events", &array(&events));
        if !headers.is_empty() {
            body = body.json("headers", &array(&headers));
        }
        self.send("POST", "/v1/outbound-webhooks", body.finish())
    }

    /// The webhooks of the organisation, other people's among them.
    #[must_use]
    pub fn webhooks(&self) -> OutboundRequest {
        self.page("/v1/outbound-webhooks", 1)
    }

    /// A webhook, with its token.
    #[must_use]
    pub fn webhook(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/outbound-webhooks/", id))
    }

    /// Ends a webhook; see [`super::gone`].
    #[must_use]
    pub fn webhook_delete(&self, id: &str) -> OutboundRequest {
        let mut request = self.webhook(id);
        request.method = "DELETE";
        request
    }

    /// What a customer answered to a survey.
    #[must_use]
    pub fn satisfaction_response(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/satisfaction-responses/", id))
    }

    /// The next page of a list: [`super::Page::next`].
    #[must_use]
    pub fn next(&self, path: &str) -> OutboundRequest {
        self.get(path)
    }

    fn page(&self, path: &str, page: u32) -> OutboundRequest {
        let page = page.to_string();
        self.get(&query(path, &[("page", &page), ("pageSize", PAGE)]))
    }

    fn get(&self, path: &str) -> OutboundRequest {
        OutboundRequest {
            method: "GET",
            url: format!("{}{path}", self.base),
            headers: vec![
                ("authorization", self.authorization.clone()),
                ("accept", "application/json".to_owned()),
                ("user-agent", APP.to_owned()),
            ],
            body: None,
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_ANSWER_BYTES,
        }
    }

    fn send(&self, method: &'static str, path: &str, body: String) -> OutboundRequest {
        let mut request = self.get(path);
        request.method = method;
        request
            .headers
            .push(("content-type", "application/json".to_owned()));
        request.body = Some(body.into_bytes());
        request
    }
}

impl AttachmentRef {
    /// The reference to a file that was made by [`Api::attachment_create`] of the same.
    #[must_use]
    pub fn new(id: String, name: &str, mime: &str, length: u64) -> Self {
        Self {
            id,
            name: name.chars().take(MAX_FILENAME_CHARS).collect(),
            content_type: mime.to_owned(),
            content_length: length,
        }
    }
}

/// A request as it may be logged and shown: `GET /v1/customers/email=…`, without what names a person.
#[must_use]
pub fn shown(request: &OutboundRequest) -> String {
    let behind = request.url.split_once("://").map_or("", |(_, rest)| rest);
    let path = behind
        .find('/')
        .and_then(|at| behind.get(at..))
        .unwrap_or("/");
    let path = path.split('?').next().unwrap_or_default();
    let path = match path.split_once('=') {
        Some((before, _)) => format!("{before}=…"),
        None => path.to_owned(),
    };
    format!("{} {path}", request.method)
}

/// A path that ends in a value, in which no character has a meaning of its own.
fn of(path: &str, value: &str) -> String {
    let mut path = path.to_owned();
    let is_alone = path.ends_with('/');
    match value {
        "" => path.push_str("%00"),
        // Alone in their place they would lead elsewhere, also where they are escaped once.
        "." if is_alone => path.push_str("%252E"),
        ".." if is_alone => path.push_str("%252E%252E"),
        value => escape(value, b"-_.~", "%20", &mut path),
    }
    path
}

fn query(path: &str, pairs: &[(&str, &str)]) -> String {
    format!("{path}?{}", encoded(pairs.iter().copied()))
}
