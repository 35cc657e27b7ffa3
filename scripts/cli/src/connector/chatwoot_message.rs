//! A message that somebody writes in Chatwoot, made by its own API in an inbox of kind API, so that it comes to us as any
//! other does.

use serde_json::{Value, json};
use ureq::http::Method;

use super::MAX_CHARS;
use crate::api::{Call, Client, Credential};
use crate::config::{BaseUrl, Config};
use crate::failure::Failure;
use crate::secret::Secret;
use crate::text::clean;

/// By which the contact of all tests is found again.
const IDENTIFIER: &str = "tieline-setup-test";
const NAME: &str = "Tieline test";
const TEXT: &str = "Test of the connection by `tieline chatwoot setup`: nobody has to do anything.";

/// An account of Chatwoot, as its own API has it.
pub(super) struct Chatwoot<'a> {
    client: Client,
    account: &'a str,
    token: &'a Secret,
}

impl<'a> Chatwoot<'a> {
    /// The account at an address, of which a page's will not do.
    pub(super) fn new(
        base: &str,
        account: &'a str,
        token: &'a Secret,
        config: &Config,
    ) -> Result<Self, Failure> {
        Ok(Self {
            client: Client::at(&BaseUrl::parse(base)?, config.timeout),
            account,
            token,
        })
    }

    /// Has the contact of the tests write in an inbox. The contact is made once, the conversation each time.
    pub(super) fn write(&self, inbox: u64) -> Result<(), Failure> {
        let found = self.get(&["contacts", "search"], ("q", IDENTIFIER))?;
        let known = found.get("payload").and_then(Value::as_array);
        let known = known.and_then(|all| {
            all.iter()
                .find(|one| one.get("identifier") == Some(&json!(IDENTIFIER)))
        });
        let contact = match known {
            Some(known) => id(Some(known))?,
            None => {
                let body = json!({"inbox_id": inbox, "name": NAME, "identifier": IDENTIFIER});
                id(self.post(&["contacts"], &body)?.pointer("/payload/contact"))?
            }
        };
        let body = json!({"inbox_id": inbox, "contact_id": contact});
        let conversation = id(Some(&self.post(&["conversations"], &body)?))?.to_string();
        let body = json!({"content": TEXT, "message_type": "incoming"});
        self.post(&["conversations", &conversation, "messages"], &body)?;
        Ok(())
    }

    fn get(&self, below: &[&str], query: (&str, &str)) -> Result<Value, Failure> {
        self.call(Method::GET, below, Some(query), None)
    }

    fn post(&self, below: &[&str], body: &Value) -> Result<Value, Failure> {
        let body = body.to_string();
        self.call(Method::POST, below, None, Some(body.as_bytes()))
    }

    fn call(
        &self,
        method: Method,
        below: &[&str],
        query: Option<(&str, &str)>,
        body: Option<&[u8]>,
    ) -> Result<Value, Failure> {
        let path = [&["api", "v1", "accounts", self.account], below].concat();
        let answer = self.client.send(&Call {
            method,
            path: &path,
            query: query.as_slice(),
            credential: Credential::Chatwoot(self.token),
            idempotency_key: None,
            body,
        });
        let answer = answer.and_then(|answer| answer.json());
        answer.map_err(|error| {
            let error = clean(&error.to_string(), MAX_CHARS);
            Failure::refused(format!(
                "the test could not be written in Chatwoot, at {}: {error}. Is --test-inbox the id of an inbox of kind API?",
                below.join("/")
            ))
        })
    }
}

fn id(of: Option<&Value>) -> Result<u64, Failure> {
    let id = of.and_then(|of| of.get("id")?.as_u64());
    id.ok_or_else(|| Failure::refused("Chatwoot did not answer with what was made for the test"))
}
