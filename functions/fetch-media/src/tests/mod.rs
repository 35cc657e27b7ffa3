mod addresses;
mod email;
mod events;
mod retries;
mod twilio;

use common::Context;
use common::db::Value as Column;
use common::ids::MessageId;
use common::ports::{FetchError, OutboundResponse, Queue};
use common::signatures::sha256_hex;
use dashboard_channels::settings::channel_create;
use fetch_media::handler::fetch;
use messaging::attachments::media_message;
use serde_json::{Value, json};
use testkit::{Stack, Tenant, answer};

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0bytes of a picture";
const MESSAGE: &str = "01920000-0000-7000-8000-0000000000aa";
const FILE: &str = "01920000-0000-7000-8000-000000000001";
const SECOND: i64 = 1_000_000;
const LOOKASIDE: &str = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1";

type Outcome = Result<OutboundResponse, FetchError>;

/// A business with a WhatsApp account, and a message that waits for its media.
struct Inbox {
    stack: Stack,
    tenant: Tenant,
    channel: String,
}

/// The address of the media, as Graph names it.
fn address(url: &str, bytes: &[u8]) -> Outcome {
    let body = json!({
        "messaging_product": "whatsapp", "url": url, "mime_type": "image/jpeg",
        "sha256": sha256_hex(bytes), "file_size": bytes.len(), "id": "900"
    });
    answer(200, &body)
}

fn gives(status: u16, bytes: &[u8]) -> Outcome {
    Ok(OutboundResponse {
        status,
        body: bytes.into(),
        ..OutboundResponse::default()
    })
}

fn redirects(location: &str) -> Outcome {
    Ok(OutboundResponse {
        status: 302,
        headers: vec![("location".into(), location.into())],
        ..OutboundResponse::default()
    })
}

impl Inbox {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        Self::of(stack, tenant, "106540352242922")
    }

    fn of(stack: Stack, tenant: Tenant, phone_number_id: &str) -> Self {
        let body = json!({
            "kind": "whatsapp", "name": "Shop", "phone_number_id": phone_number_id,
            "credentials": { "access_token": "EAAGtoken", "app_secret": "s" }
        });
        let mut channel = String::new();
        stack.job("", async |cx: &Context<'_>, _: &str| {
            let cx = cx.of_business(&tenant.business_id);
            channel = channel_create(&cx, &body.to_string())
                .await?
                .channel
                .id
                .to_string();
            Ok(())
        });
        // Connecting asked whose the account is.
        stack.ports.take_requests();
        let inbox = Self {
            stack,
            tenant,
            channel,
        };
        inbox.attachment(
            FILE,
            json!({ "media_id": "900", "mime_type": "image/jpeg" }),
        );
        inbox
    }

    /// What ingest writes for a message's media.
    fn attachment(&self, id: &str, mut source: Value) {
        source["channel_id"] = json!(self.channel);
        let (business, now) = (&self.tenant.business_id, self.stack.now().micros());
        self.stack.db.sql(&format!(
            "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type,
               source, due_at, created_at)
             SELECT '{business}', '{id}', '{MESSAGE}', count(*), 'pending', 'image.jpg',
               'image/jpeg', '{source}', {now}, {now} FROM attachments"
        ));
    }

    fn replace_source(&self, source: Value) {
        self.stack.db.sql("DELETE FROM attachments");
        self.attachment(FILE, source);
    }

    /// Holds the event that the message was received.
    fn hold(&self) {
        let (business, due) = (
            &self.tenant.business_id,
            self.stack.now().micros() + 5 * SECOND,
        );
        self.stack.db.sql(&format!(
            "INSERT INTO held_events (business_id, sequence, message_id, due_at)
             VALUES ('{business}', 1, '{MESSAGE}', {due})"
        ));
    }

    fn will(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        for outcome in outcomes {
            self.stack.ports.will(outcome);
        }
    }

    fn message(&self) -> String {
        media_message(&self.tenant.business_id, &MessageId::unchecked(MESSAGE))
    }

    /// Does the job once, and gives its log line.
    fn fetch(&self) -> Value {
        self.stack.job(&self.message(), fetch)
    }

    /// State, error and due time, in seconds from now.
    fn row(&self) -> (String, String, Option<i64>) {
        let query = "SELECT state, error, due_at FROM attachments ORDER BY position";
        let row = self.stack.db.sql(query).remove(0);
        let text = |n: usize| row[n].as_text().unwrap_or_default().to_owned();
        let due = row[2].as_integer();
        let due = due.map(|due| (due - self.stack.now().micros()) / SECOND);
        (text(0), text(1), due)
    }

    fn state(&self) -> String {
        self.row().0
    }

    fn events(&self) -> Vec<String> {
        let rows = self
            .stack
            .db
            .sql("SELECT event, subject_id FROM outbox ORDER BY sequence");
        let text = |value: &Column| value.as_text().unwrap_or_default().to_owned();
        let event = |row: &Vec<Column>| format!("{} {}", text(&row[0]), text(&row[1]));
        rows.iter().map(event).collect()
    }

    fn wakes(&self) -> Vec<(String, u32)> {
        self.stack.ports.take_wakes(Queue::Media)
    }

    /// Which of the requests since this was asked last carried the token, by their URLs.
    fn requests_made(&self) -> Vec<(String, bool)> {
        let requests = self.stack.ports.take_requests();
        let with_token = |headers: &[(&str, String)]| {
            headers.contains(&("authorization", "Bearer EAAGtoken".to_owned()))
        };
        requests
            .into_iter()
            .map(|request| {
                let has_token = with_token(&request.headers);
                assert!(!request.url.contains("EAAGtoken"));
                (request.url, has_token)
            })
            .collect()
    }
}

#[test]
fn media_are_fetched_by_the_accounts_token_and_stored_with_what_is_known_of_them() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    let query = "SELECT state, type, size, sha256, error, due_at FROM attachments";
    let row = inbox.stack.db.sql(query).remove(0);
    let size = i64::try_from(JPEG.len()).unwrap();
    let expected: [Column; 6] = [
        "ready".into(),
        "image/jpeg".into(),
        size.into(),
        sha256_hex(JPEG).into(),
        Column::Null,
        Column::Null,
    ];
    assert_eq!(row, expected);
    let key = format!("{}/{FILE}", inbox.tenant.business_id);
    assert_eq!(inbox.stack.ports.blobs.borrow()[&key], JPEG);
    let graph = "https://graph.facebook.com/v26.0/900?phone_number_id=106540352242922";
    assert_eq!(
        inbox.requests_made(),
        [(graph.to_owned(), true), (LOOKASIDE.to_owned(), true)]
    );
}

#[test]
fn what_could_run_is_stored_as_opaque_whatever_the_provider_calls_it() {
    let inbox = Inbox::new();
    let page = b"<html><script>alert(1)</script>";
    inbox.will([address(LOOKASIDE, page), gives(200, page)]);
    inbox.fetch();
    let stored = inbox.stack.db.value("SELECT type FROM attachments");
    assert_eq!(stored, "application/octet-stream".into());
}

#[test]
fn two_businesses_fetch_their_own() {
    let inbox = Inbox::new();
    let other = inbox.stack.tenant("Other");
    let message = media_message(&other.business_id, &MessageId::unchecked(MESSAGE));
    inbox.stack.job(&message, fetch);
    assert!(inbox.requests_made().is_empty());
    assert_eq!(inbox.state(), "pending");
}

#[test]
fn a_message_that_is_none_is_an_error_in_the_log_and_nothing_else() {
    let inbox = Inbox::new();
    for message in ["", "{}", "[1]"] {
        let log = inbox.stack.job(message, fetch);
        assert_eq!(log["code"], "internal", "{message}");
    }
    assert_eq!(inbox.state(), "pending");
}

#[test]
fn no_secret_is_stored_or_logged() {
    let inbox = Inbox::new();
    let body = json!({ "error": { "code": 190, "message": "Bad token EAAGtoken" } });
    inbox.will([answer(401, &body)]);
    let log = inbox.fetch();
    assert!(!log.to_string().contains("EAAGtoken"));
    for table in ["attachments", "outbox", "channels"] {
        let stored = format!(
            "{:?}",
            inbox.stack.db.sql(&format!("SELECT * FROM {table}"))
        );
        assert!(!stored.contains("EAAGtoken"), "{table}");
    }
}
