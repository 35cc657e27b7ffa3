//! Server-sent events as they come, cut anywhere (completions.md §3).

use std::collections::VecDeque;

/// An event that was told to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The data, its lines joined; never empty.
    pub(crate) data: Vec<u8>,
    /// Whether it says by its name that it is an error.
    pub(crate) is_error: bool,
}

/// Reads events. Comments, ids, times to wait and events without data are left out.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The most bytes of an event.
    max_bytes: usize,
    line: Vec<u8>,
    data: Vec<u8>,
    is_error: bool,
    is_behind_return: bool,
    is_first_line: bool,
    told: VecDeque<Told>,
}

/// An event has more bytes than are read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Reader {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            line: Vec::new(),
            data: Vec::new(),
            is_error: false,
            is_behind_return: false,
            is_first_line: true,
            told: VecDeque::new(),
        }
    }

    /// Takes a piece.
    pub(crate) fn push(&mut self, mut piece: &[u8]) -> Result<(), TooLarge> {
        if piece.is_empty() {
            return Ok(());
        }
        if std::mem::replace(&mut self.is_behind_return, false) {
            piece = piece.strip_prefix(b"\n").unwrap_or(piece);
        }
        while let Some(end) = piece.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            let (line, rest) = piece.split_at(end);
            self.append(line)?;
            self.end_line();
            self.is_behind_return = rest == b"\r";
            piece = match rest {
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => rest,
            };
        }
        self.append(piece)
    }

    /// What was told behind the last event that was taken, where the sender ends without an empty line.
    pub(crate) fn end(&mut self) {
        self.end_line();
        self.end_line();
    }

    /// The next event.
    pub(crate) fn pop(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    fn append(&mut self, part: &[u8]) -> Result<(), TooLarge> {
        if self.line.len() + self.data.len() + part.len() > self.max_bytes {
            return Err(TooLarge);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let mut line = &*line;
        if std::mem::replace(&mut self.is_first_line, false) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            let is_error = std::mem::replace(&mut self.is_error, false);
            if !data.is_empty() {
                self.told.push_back(Told { data, is_error });
            }
            return;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => self.is_error = value == b"error",
            // Errors, by a field of their own (completions.md §2).
            b"data" | b"error" => {
                self.is_error |= field == b"error";
                if !self.data.is_empty() {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Told, TooLarge};

    fn read(pieces: &[&[u8]]) -> Vec<(String, bool)> {
        let mut reader = Reader::new(100);
        for piece in pieces {
            reader.push(piece).unwrap();
        }
        reader.end();
        let told = std::iter::from_fn(|| reader.pop());
        told.map(|Told { data, is_error }| (String::from_utf8(data).unwrap(), is_error))
            .collect()
    }

    fn data(stream: &[u8]) -> Vec<(String, bool)> {
        let whole = read(&[stream]);
        let bytes: Vec<_> = stream.chunks(1).collect();
        assert_eq!(read(&bytes), whole, "byte by byte");
        for at in 0..=stream.len() {
            let (first, second) = stream.split_at(at);
            assert_eq!(read(&[first, b"", second]), whole, "cut at {at}");
        }
        whole
    }

    #[test]
    fn events_end_with_an_empty_line_whatever_ends_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let stream = [
                "data: a",
                "",
                ": still here",
                "",
                "id: 1",
                "data:b",
                "data:  c",
                "",
                "",
            ];
            let expected = [("a".to_owned(), false), ("b\n c".to_owned(), false)];
            assert_eq!(data(stream.join(end).as_bytes()), expected, "{end:?}");
        }
    }

    #[test]
    fn what_is_no_data_is_left_out_and_errors_are_known_by_their_names() {
        let stream = b"\xef\xbb\xbfdata: a\n\nretry: 5\n\ndata\n\ndata:\n\nevent: error\ndata: b\n\nevent: ping\n\ndata: c\n\nerror: d\n\n";
        let expected = [("a", false), ("b", true), ("c", false), ("d", true)];
        assert_eq!(
            data(stream),
            expected.map(|(data, is)| (data.to_owned(), is))
        );
    }

    #[test]
    fn the_last_event_counts_without_an_empty_line_behind_it() {
        for stream in [&b"data: [DONE]"[..], b"data: [DONE]\n", b"data: [DONE]\r\n"] {
            assert_eq!(data(stream), [("[DONE]".to_owned(), false)]);
        }
        assert_eq!(data(b""), []);
        assert_eq!(data(b"\n\n\n"), []);
    }

    #[test]
    fn an_event_without_end_is_not_kept() {
        let mut line = Reader::new(100);
        assert_eq!(line.push(&[b'x'; 101]), Err(TooLarge));
        let mut data = Reader::new(100);
        let pushed = (0..100).try_for_each(|_| data.push(b"data: 123\n"));
        assert_eq!(pushed, Err(TooLarge));
        let mut short = Reader::new(100);
        let pushed = (0..100).try_for_each(|_| short.push(b"data: 123\n\n"));
        assert_eq!(pushed, Ok(()), "many short ones are no long one");
    }
}
