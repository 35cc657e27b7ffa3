use super::mail::Mail;

/// Values of `Precedence` that no person's mail has.
const PRECEDENCES: [&str; 4] = ["bulk", "list", "junk", "auto_reply"];

/// Whether a program wrote the mail: an out-of-office note, a bounce, a mailing list. It is shown like
/// any other, and must never be answered by a program (RFC 3834 §2; channels.md §7.2).
#[must_use]
pub fn is_automatic(mail: &Mail) -> bool {
    let says = |name: &str| mail.header(name).map(str::trim);
    let is_submitted = says("auto-submitted").is_some_and(|value| {
        let word = value.split([';', ' ']).next().unwrap_or_default();
        !word.eq_ignore_ascii_case("no")
    });
    let is_precedence = says("precedence").is_some_and(|value| {
        PRECEDENCES
            .iter()
            .any(|known| value.eq_ignore_ascii_case(known))
    });
    let suppresses = says("x-auto-response-suppress")
        .is_some_and(|value| !value.is_empty() && !value.eq_ignore_ascii_case("none"));
    let names = ["list-id", "x-autoreply", "x-autorespond", "x-auto-reply"];
    // A bounce has nobody to be returned to.
    let is_bounce = mail
        .envelope_from
        .as_deref()
        .is_some_and(|from| from.trim().is_empty())
        || says("return-path").is_some_and(|path| path == "<>");
    let is_report = says("content-type").is_some_and(|value| {
        let start = value.get(..16).unwrap_or_default();
        start.eq_ignore_ascii_case("multipart/report")
    });
    is_submitted
        || is_precedence
        || suppresses
        || is_bounce
        || is_report
        || names.iter().any(|name| says(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_auto(name: &str, value: &str) -> bool {
        let headers = vec![(name.to_owned(), value.to_owned())];
        is_automatic(&Mail {
            headers,
            ..Mail::default()
        })
    }

    #[test]
    fn programs_are_known_by_their_headers() {
        for (name, value) in [
            ("auto-submitted", "auto-replied"),
            ("auto-submitted", "auto-generated; owner=x"),
            ("precedence", "Bulk"),
            ("precedence", "list"),
            ("precedence", "junk"),
            ("precedence", "auto_reply"),
            ("x-auto-response-suppress", "All"),
            ("list-id", "<news.example.com>"),
            ("return-path", "<>"),
            (
                "content-type",
                "multipart/report; report-type=delivery-status",
            ),
        ] {
            assert!(is_auto(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn people_are_not() {
        for (name, value) in [
            ("auto-submitted", "no"),
            ("auto-submitted", "No; x=y"),
            ("precedence", "first-class"),
            ("x-auto-response-suppress", "None"),
            ("return-path", "<joe@example.com>"),
            ("subject", "Automatic reply"),
        ] {
            assert!(!is_auto(name, value), "{name}: {value}");
        }
        assert!(!is_automatic(&Mail::default()));
        let bounce = Mail {
            envelope_from: Some(String::new()),
            ..Mail::default()
        };
        assert!(is_automatic(&bounce));
    }
}
