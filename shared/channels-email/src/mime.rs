//! Mail as it travels: RFC 5322 and MIME.

use super::address::Address;
use super::mail::Mail;
use mail_parser::{Address as Parsed, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// Most parts of a mail that are kept.
pub const MAX_PARTS: usize = 100;
/// Longest header that is looked at, in bytes.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// A part of a mail that is a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFile {
    /// Its name, as the mail has it.
    pub filename: Option<String>,
    /// Its type, as the mail has it.
    pub mime_type: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a mail. Whatever is wrong with it, what can be read is; `None` where that is nothing at all.
/// Text in a charset that is not known (the multi-byte ones of East Asia but UTF-8 and UTF-16) loses
/// what is not ASCII.
#[must_use]
pub fn mail_of_mime(raw: &[u8]) -> Option<(Mail, Vec<MailFile>)> {
    let message = MessageParser::default().parse(raw)?;
    let authors = all(message.from());
    let mut mail = Mail {
        has_many_authors: authors.len() > 1 || has_many_from(&message),
        from: authors.into_iter().next(),
        reply_to: first(message.reply_to()),
        to: all(message.to()),
        cc: all(message.cc()),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: body(&message, &message.text_body, false),
        html: body(&message, &message.html_body, true),
        ..Mail::default()
    };
    mail.set_headers(message.headers_raw().map(|(name, value)| {
        let end = value.floor_char_boundary(MAX_HEADER_BYTES);
        (
            name.to_owned(),
            value.get(..end).unwrap_or_default().trim().to_owned(),
        )
    }));
    let mut files = Vec::new();
    for part in message.attachments().take(MAX_PARTS) {
        if let Some(cid) = part.content_id() {
            mail.content_ids.push((cid.to_owned(), files.len()));
        }
        files.push(file(part));
    }
    Some((mail, files))
}

/// Whether the header came more than once, however far down.
fn has_many_from(message: &Message<'_>) -> bool {
    let is_from = |(name, _): &(&str, &str)| name.trim().eq_ignore_ascii_case("from");
    message.headers_raw().filter(is_from).count() > 1
}

fn file(part: &MessagePart<'_>) -> MailFile {
    let mime_type = part.content_type().map(|kind| {
        let subtype = kind.subtype().unwrap_or("octet-stream");
        format!("{}/{subtype}", kind.ctype())
    });
    let (bytes, fallback) = match &part.body {
        PartType::Message(message) => (message.raw_message(), Some("message.eml")),
        _ => (part.contents(), None),
    };
    let filename = part.attachment_name().or(fallback);
    MailFile {
        filename: filename.map(str::to_owned),
        mime_type,
        bytes: bytes.to_vec(),
    }
}

/// The parts that make up the body, one after the other. In place of what is missing the parser names
/// the other kind, which is not wanted here.
fn body(message: &Message<'_>, parts: &[u32], is_html: bool) -> Option<String> {
    let mut body = String::new();
    for id in parts.iter().take(MAX_PARTS) {
        let text = match message.part(*id).map(|part| &part.body) {
            Some(PartType::Text(text)) if !is_html => text,
            Some(PartType::Html(html)) if is_html => html,
            _ => continue,
        };
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(text);
    }
    (!body.is_empty()).then_some(body)
}

fn first(addresses: Option<&Parsed<'_>>) -> Option<Address> {
    all(addresses).into_iter().next()
}

fn all(addresses: Option<&Parsed<'_>>) -> Vec<Address> {
    let each = addresses.into_iter().flat_map(Parsed::iter).take(MAX_PARTS);
    each.filter_map(|one| Address::new(one.name(), one.address()?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> (Mail, Vec<MailFile>) {
        mail_of_mime(raw.replace('\n', "\r\n").as_bytes()).unwrap()
    }

    #[test]
    fn a_mail_with_text_html_and_files_is_read() {
        let (mail, files) = read(concat!(
            "Message-ID: <a@x>\nFrom: =?utf-8?Q?J=C3=BCrgen?= <J@Example.com>\n",
            "To: \"Shop, The\" <support@acme.example>, b@c.example\nReply-To: office@example.com\n",
            "Subject: =?utf-8?B?R3LDvMOfZQ==?=\nReferences: <r1@x>\n <r2@x>\nIn-Reply-To: <r2@x>\n",
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n",
            "--m\nContent-Type: multipart/alternative; boundary=a\n\n",
            "--a\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n",
            "--a\nContent-Type: text/html; charset=utf-8\n\n<p>Gr\u{fc}\u{df}e <img src=\"cid:logo@x\"></p>\n--a--\n",
            "--m\nContent-Type: image/png; name=l.png\nContent-ID: <logo@x>\nContent-Disposition: inline; filename=l.png\nContent-Transfer-Encoding: base64\n\niVBORw==\n",
            "--m\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''%C3%BC.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n--m--\n",
        ));
        assert_eq!(mail.from, Address::new(Some("Jürgen"), "j@example.com"));
        assert_eq!(
            (mail.to.len(), mail.to[0].name.as_deref()),
            (2, Some("Shop, The"))
        );
        assert_eq!(mail.reply_to.as_ref().unwrap().email, "office@example.com");
        assert_eq!(
            (mail.subject.as_str(), mail.text.as_deref().map(str::trim)),
            ("Grüße", Some("Grüße"))
        );
        assert!(mail.html.as_deref().unwrap().contains("Grüße"));
        assert_eq!(mail.message_id().as_deref(), Some("<a@x>"));
        assert_eq!(mail.references(), ["<r1@x>", "<r2@x>"]);
        assert_eq!(mail.content_ids, [("logo@x".to_owned(), 0)]);
        let names: Vec<_> = files
            .iter()
            .map(|file| file.filename.as_deref().unwrap())
            .collect();
        assert_eq!(names, ["l.png", "ü.pdf"]);
        assert_eq!(
            (files[1].bytes.as_slice(), files[1].mime_type.as_deref()),
            (&b"%PDF"[..], Some("application/pdf"))
        );
    }

    #[test]
    fn html_alone_is_no_text_and_a_mail_passed_on_is_a_file() {
        let (mail, _) = read("From: a@b.example\nContent-Type: text/html\n\n<p>Hi</p>");
        assert_eq!((mail.text, mail.html.as_deref()), (None, Some("<p>Hi</p>")));
        let (mail, files) = read(
            "From: a@b.example\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nSee\n--m\nContent-Type: message/rfc822\n\nSubject: inner\n\nText\n--m--",
        );
        assert_eq!(mail.text.as_deref().map(str::trim), Some("See"));
        assert_eq!(
            (files.len(), files[0].filename.as_deref()),
            (1, Some("message.eml"))
        );
        assert!(String::from_utf8_lossy(&files[0].bytes).contains("inner"));
    }

    #[test]
    fn hostile_mail_is_read_as_far_as_it_goes() {
        let mut nested = "From: a@b.example\n".to_owned();
        for n in 0..50 {
            nested.push_str(&format!(
                "Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"
            ));
        }
        nested.push_str("Content-Type: text/plain\n\ndeep\n");
        let (mail, _) = read(&nested);
        assert_eq!(mail.from.unwrap().email, "a@b.example");
        let huge = format!(
            "X: {}\nReferences: {}\n\nHi",
            "y".repeat(1_000_000),
            "<a@x> ".repeat(50_000)
        );
        let (mail, _) = read(&huge);
        assert!(
            mail.headers
                .iter()
                .all(|(_, value)| value.len() <= 32 * 1024)
        );
        assert_eq!(mail.text.as_deref(), Some("Hi"));
        let many = format!("{}\n\nHi", "X: y\n".repeat(20_000).trim_end());
        assert!(read(&many).0.headers.len() <= 500);
        let second = format!(
            "From: a@b.example\n{}From: c@d.example\n\nHi",
            "X: y\n".repeat(600)
        );
        assert!(read(&second).0.has_many_authors);
        let parts = "--m\nContent-Disposition: attachment\n\nx\n".repeat(5000);
        let parts = format!("Content-Type: multipart/mixed; boundary=m\n\n{parts}--m--");
        assert_eq!(read(&parts).1.len(), MAX_PARTS);
    }

    #[test]
    fn broken_charsets_and_encodings_do_no_harm() {
        for (charset, body) in [
            ("nonsense", &b"a\xff\xfeb"[..]),
            ("utf-8", b"a\xc3"),
            ("utf-16", b"a\x00b"),
            ("shift_jis", b"\x83\x65"),
            ("utf-7", b"+////-"),
        ] {
            let mut raw =
                format!("From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n")
                    .into_bytes();
            raw.extend_from_slice(body);
            let (mail, _) = mail_of_mime(&raw).unwrap();
            assert_eq!(mail.from.unwrap().email, "a@b.example", "{charset}");
        }
        for raw in [
            &b""[..],
            b"\r\n\r\n",
            b"\x00\xff",
            b"no headers at all",
            b"Content-Type: multipart/mixed; boundary=\r\n\r\n--",
            b"Content-Transfer-Encoding: base64\r\n\r\n%%%",
        ] {
            let _whatever = mail_of_mime(raw);
        }
    }

    #[test]
    fn no_header_is_smuggled_in_by_a_subject() {
        let (mail, files) = read(
            "From: a@b.example\nSubject: =?utf-8?Q?a=0D=0AAuto-Submitted:_auto-replied?=\nContent-Type: text/plain; name=\"=?utf-8?Q?a=0D=0Ab?=\"\nContent-Disposition: attachment\n\nx",
        );
        assert_eq!(mail.header("auto-submitted"), None);
        assert!(files.len() <= 1);
    }
}
