use super::requests::MAX_ANSWER_BYTES;
use common::ports::{OutboundRequest, PublicUrl};
use common::signatures::sha256_hex;

/// How long the storage may take over the bytes of a file.
const UPLOAD_TIMEOUT_MS: u32 = 30_000;

/// The form by which the bytes of an attachment are sent (kustomer.md §8.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadForm {
    /// Where to.
    pub url: PublicUrl,
    /// What goes before the file, in this order.
    pub fields: Vec<(String, String)>,
}

/// Sends the bytes of an attachment. The key stays with us: the form is its own permission.
#[must_use]
pub fn upload(form: &UploadForm, filename: &str, mime: &str, bytes: &[u8]) -> OutboundRequest {
    // What stands in no file may still stand in a field; then the storage refuses the form.
    let boundary = format!("tieline-{}", sha256_hex(bytes));
    let mut body = Vec::with_capacity(bytes.len() + 4096);
    for (name, value) in &form.fields {
        let name = quotable(name);
        let field = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(field.as_bytes());
    }
    let (filename, mime) = (quotable(filename), quotable(mime));
    let file = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
         filename=\"{filename}\"\r\nContent-Type: {mime}\r\n\r\n"
    );
    body.extend_from_slice(file.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let content_type = format!("multipart/form-data; boundary={boundary}");
    OutboundRequest {
        method: "POST",
        url: form.url.as_str().to_owned(),
        headers: vec![("content-type", content_type)],
        body: Some(body),
        timeout_ms: UPLOAD_TIMEOUT_MS,
        max_bytes: MAX_ANSWER_BYTES,
        ..OutboundRequest::default()
    }
}

/// A text that cannot break out of a header.
fn quotable(text: &str) -> String {
    let safe = |c: char| match c {
        '"' | '\\' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    text.chars().map(safe).collect()
}
