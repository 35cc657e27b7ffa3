use super::{Api, of};
use crate::api::bodies::{
    ConversationPatch, CustomerPatch, DeliveryError, MAX_NAME, NewConversation, NewCustomer,
    NewMessage, NewNote, array, cut, iso, usable_tags,
};
use crate::api::words::MessageStatus;
use common::json::writer::{JsonWriter, quoted};
use common::ports::OutboundRequest;
use common::time::Timestamp;

impl Api {
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

    /// Adds tags to a conversation, by name; what Kustomer would refuse is left out. Where nothing is left of
    /// them (`usable_tags`) it refuses the request.
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

    /// As [`Api::message_by_external_id`], as Kustomer's description spells it.
    #[must_use]
    pub fn message_by_externalid(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/messages/externalid=", id))
    }

    /// Writes a message down; nothing is delivered by it.
    #[must_use]
    pub fn message_create(&self, conversation: &str, message: &NewMessage) -> OutboundRequest {
        let path = of("/v1/conversations/", conversation) + "/messages";
        self.send("POST", &path, message.body())
    }

    /// Writes messages down that are items of `NewMessage::bulk_item`, at most a hundred; the answer is
    /// the job that Kustomer makes of them.
    #[must_use]
    pub fn messages_create(&self, items: &[String]) -> OutboundRequest {
        self.send("POST", "/v1/messages/bulk", array(items))
    }

    /// How a job stands: `attributes.status`.
    #[must_use]
    pub fn bulk(&self, id: &str) -> OutboundRequest {
        self.get(&of("/v1/bulk/", id))
    }

    /// What came of a job's items; see `bulk_results`.
    #[must_use]
    pub fn bulk_batches(&self, id: &str) -> OutboundRequest {
        self.get(&(of("/v1/bulk/", id) + "/batches"))
    }

    /// Says that an agent's message did not arrive.
    #[must_use]
    pub fn message_failed(
        &self,
        id: &str,
        error: &DeliveryError,
        at: Timestamp,
    ) -> OutboundRequest {
        let body = JsonWriter::default()
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

    /// Asks for a place for a file; see `upload_of`.
    #[must_use]
    pub fn attachment_create(&self, name: &str, mime: &str, length: u64) -> OutboundRequest {
        let body = JsonWriter::default()
            .text("name", cut(name, MAX_NAME))
            .text("contentType", mime)
            .json("contentLength", &length.to_string());
        self.send("POST", "/v1/attachments", body.finish())
    }

    /// Asks where a file of a message is; see `file_url`.
    #[must_use]
    pub fn attachment_of_message(&self, message: &str, id: &str) -> OutboundRequest {
        self.get(&(of("/v1/messages/", message) + &of("/attachments/", id)))
    }
}
