/// Whether an `accept` header names this media type before JSON, which every operation answers with. Weights
/// (RFC 9110 §12.5.1) do not count.
#[must_use]
pub fn prefers(accept: &str, media: &str) -> bool {
    let types = accept
        .split(',')
        .map(|part| part.split(';').next().unwrap_or_default().trim());
    let mut ours = types.filter(|essence| {
        [media, "application/json", "application/*", "*/*"]
            .iter()
            .any(|one| one.eq_ignore_ascii_case(essence))
    });
    ours.next()
        .is_some_and(|first| first.eq_ignore_ascii_case(media))
}

#[cfg(test)]
mod tests {
    use super::prefers;

    #[test]
    fn a_media_type_is_preferred_where_it_stands_before_json() {
        for (accept, is_preferred) in [
            ("text/event-stream", true),
            ("TEXT/Event-Stream;q=0.5, application/json", true),
            ("text/html, text/event-stream, */*", true),
            ("application/json, text/event-stream", false),
            ("*/*", false),
            ("text/*", false),
            ("text/event-streams", false),
            ("", false),
        ] {
            assert_eq!(
                prefers(accept, "text/event-stream"),
                is_preferred,
                "{accept}"
            );
        }
    }
}
