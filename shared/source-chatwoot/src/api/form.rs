use super::bodies::NewMessage;

/// A file of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File<'a> {
    /// Its name, safe within quotes.
    pub name: &'a str,
    /// Its type.
    pub mime_type: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// The form that posts a message with its files, and its content type.
#[must_use]
pub fn form(message: &NewMessage<'_>, files: &[File<'_>]) -> (String, Vec<u8>) {
    let fields = message.fields();
    let mut boundary = format!("tieline-{}", message.id);
    let is_within = |boundary: &str| {
        let mark = format!("\r\n--{boundary}");
        fields.iter().any(|(_, value)| value.contains(&mark))
            || files
                .iter()
                .any(|file| contains(file.bytes, mark.as_bytes()))
    };
    while is_within(&boundary) {
        boundary.push('-');
    }
    let room: usize = files.iter().map(|file| file.bytes.len() + 300).sum();
    let mut body = Vec::with_capacity(room + 1024);
    let mut push = |parts: &[&[u8]]| parts.iter().for_each(|part| body.extend_from_slice(part));
    for (name, value) in &fields {
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        push(&[head.as_bytes(), value.as_bytes(), b"\r\n"]);
    }
    for file in files {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"attachments[]\"; \
             filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            file.name, file.mime_type
        );
        push(&[head.as_bytes(), file.bytes, b"\r\n"]);
    }
    push(&[format!("--{boundary}--\r\n").as_bytes()]);
    (format!("multipart/form-data; boundary={boundary}"), body)
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}
