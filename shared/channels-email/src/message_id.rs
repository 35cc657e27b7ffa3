/// Longest id that is taken, in bytes; RFC 5322 §2.1.1 allows a line of 998, and none that is real
/// comes near it.
const MAX_ID_BYTES: usize = 250;
/// Most ids that are read of one header.
const MAX_READ: usize = 200;
/// How many of a long thread's last ids are kept, beside its first (channels.md §7.2).
const LAST_IDS: usize = 10;
/// Largest value of the header `References` that every provider takes, in bytes (channels.md §7.1).
const MAX_HEADER_BYTES: usize = 2048;

/// The ids of a header's value (`Message-ID`, `In-Reply-To`, `References`), each with its angle
/// brackets, in order, each once. What stands between them counts for nothing (RFC 5322 §3.6.4).
#[must_use]
pub fn message_ids(value: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for part in value.split('<').skip(1).take(MAX_READ) {
        let Some((id, _)) = part.split_once('>') else {
            continue;
        };
        // Some programs fold a long id.
        let id: String = id.chars().filter(|c| !c.is_whitespace()).collect();
        let is_id = id.contains('@')
            && id.len() <= MAX_ID_BYTES
            && id.bytes().all(|b| b.is_ascii_graphic());
        let id = format!("<{id}>");
        if is_id && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// An id that came with or without its angle brackets.
#[must_use]
pub fn message_id(value: &str) -> Option<String> {
    let bare = value.trim().trim_matches(['<', '>']);
    message_ids(&format!("<{bare}>")).into_iter().next()
}

/// The ids that an answer names, oldest first: those of its parent, and then the parent itself. Of a
/// long thread the first and the last ones.
#[must_use]
pub fn thread_of(mut references: Vec<String>, parent: &str) -> Vec<String> {
    references.retain(|id| id != parent);
    references.push(parent.to_owned());
    capped(references)
}

/// The first and the last ids, as many as fit into a header.
#[must_use]
pub fn capped(mut ids: Vec<String>) -> Vec<String> {
    if ids.len() > LAST_IDS + 1 {
        let last = ids.split_off(ids.len() - LAST_IDS);
        ids.truncate(1);
        ids.extend(last);
    }
    let length = |ids: &[String]| ids.iter().map(|id| id.len() + 1).sum::<usize>();
    while ids.len() > 1 && length(&ids) > MAX_HEADER_BYTES {
        // The first names the thread; the last is what is answered.
        ids.remove(if ids.len() > 2 { 1 } else { 0 });
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_whatever_stands_between_them() {
        let value = "<a@x>\r\n\t<b@x>,<c@\r\n x> (comment) junk <a@x> <> <no> <ä@x> <d@x";
        assert_eq!(message_ids(value), ["<a@x>", "<b@x>", "<c@x>"]);
        assert_eq!(message_id(" a@x ").as_deref(), Some("<a@x>"));
        assert_eq!(message_id("<a@x>").as_deref(), Some("<a@x>"));
        for none in ["", "<>", "a", "a@\u{e9}", &format!("{}@x", "a".repeat(400))] {
            assert_eq!(message_id(none), None, "{none}");
        }
    }

    #[test]
    fn a_long_thread_keeps_its_first_and_last_ids() {
        let ids = |n: usize| (0..n).map(|n| format!("<{n}@x>")).collect::<Vec<_>>();
        let thread = thread_of(ids(40), "<40@x>");
        assert_eq!(thread.len(), 11);
        assert_eq!(
            (thread[0].as_str(), thread[1].as_str()),
            ("<0@x>", "<31@x>")
        );
        assert_eq!(thread.last().unwrap(), "<40@x>");
        assert_eq!(
            thread_of(vec!["<a@x>".into(), "<b@x>".into()], "<a@x>"),
            ["<b@x>", "<a@x>"]
        );
        assert_eq!(thread_of(vec![], "<a@x>"), ["<a@x>"]);
    }

    #[test]
    fn no_header_is_longer_than_providers_take() {
        let long: Vec<_> = (0..9)
            .map(|n| format!("<{n}{}@x>", "a".repeat(246)))
            .collect();
        let references = capped(long.clone());
        assert!(references.join(" ").len() <= 2048 && references.len() == 8);
        assert_eq!(
            (references.first(), references.last()),
            (long.first(), long.last())
        );
        assert_eq!(message_ids(&"<a@x> ".repeat(100_000)).len(), 1);
    }
}
