//! A draft that is read while it is written, whatever the server makes of it.

use crate::draft::Draft;
use crate::stream::{DraftStream, Piece};
use common::http::{BodyStream, Chunk, Error};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

pub(super) const KEY: &str = "sk-the-key-of-the-business";

/// A body of these pieces; `is_over` once it is let go.
struct Body {
    left: VecDeque<Result<Vec<u8>, String>>,
    is_over: Rc<Cell<bool>>,
}

impl BodyStream for Body {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Chunk> + '_>> {
        Box::pin(ready(self.left.pop_front()))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.is_over.set(true);
    }
}

pub(super) fn stream(
    pieces: impl IntoIterator<Item = Vec<u8>>,
    breaks: bool,
) -> (DraftStream, Rc<Cell<bool>>) {
    let is_over = Rc::new(Cell::new(false));
    let mut left: VecDeque<_> = pieces.into_iter().map(Ok).collect();
    left.extend(breaks.then(|| Err("the operation timed out".to_owned())));
    let body = Body {
        left,
        is_over: Rc::clone(&is_over),
    };
    (
        DraftStream::of(Box::new(body), vec![KEY.to_owned()]),
        is_over,
    )
}

pub(super) fn next(stream: &mut DraftStream) -> Result<Option<Piece>, Error> {
    let mut next = pin!(stream.next());
    match next.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(piece) => piece,
        Poll::Pending => panic!("nothing is waited for"),
    }
}

/// The texts that came, and the draft or why there is none.
pub(super) fn read(mut stream: DraftStream) -> (Vec<String>, Result<Draft, Error>) {
    let mut texts = Vec::new();
    loop {
        match next(&mut stream) {
            Ok(Some(Piece::Text(text))) => texts.push(text),
            Ok(Some(Piece::End(draft))) => {
                assert_eq!(next(&mut stream).unwrap(), None, "nothing behind the end");
                assert_eq!(texts.concat(), draft.text, "the pieces are the whole");
                return (texts, Ok(draft));
            }
            Ok(None) => panic!("an end without a draft"),
            Err(error) => {
                assert_eq!(next(&mut stream).unwrap(), None, "nothing behind an error");
                return (texts, Err(error));
            }
        }
    }
}

pub(super) fn of(body: &[u8]) -> (Vec<String>, Result<Draft, Error>) {
    read(stream([body.to_vec()], false).0)
}

pub(super) fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

pub(super) fn chunk(delta: &Value, finish: Option<&str>) -> String {
    let choice = json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish });
    event(
        &json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "small",
        "choices": [choice], "usage": null }),
    )
}

pub(super) fn text(content: &str) -> String {
    chunk(&json!({ "content": content }), None)
}

pub(super) fn stop() -> String {
    chunk(&json!({}), Some("stop"))
}

pub(super) const DONE: &str = "data: [DONE]\n\n";

fn draft(text: &str) -> Draft {
    Draft {
        text: text.to_owned(),
        is_cut: false,
        calls_tools: false,
    }
}

pub(super) fn whole(contents: &[&str]) -> String {
    let first = chunk(
        &json!({ "role": "assistant", "content": "", "refusal": null }),
        None,
    );
    let texts: String = contents.iter().map(|content| text(content)).collect();
    let usage =
        json!({ "object": "chat.completion.chunk", "choices": [], "usage": { "total_tokens": 9 } });
    [&*first, &texts, &stop(), &event(&usage), DONE].concat()
}

proptest! {
    #[test]
    fn a_stream_cut_anywhere_gives_the_same_draft(
        contents in prop::collection::vec(".{0,6}", 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        begin in prop_oneof![Just(""), Just("\u{feff}"), Just(": hello\n\n"), Just("\n \n")],
    ) {
        let mut contents: Vec<&str> = contents.iter().map(String::as_str).collect();
        contents.push("é. sk-the-");
        contents.push("key-of-the-business!");
        let body = [begin, &whole(&contents).replace("\n\n", "\n: still here\nid: 7\n\n")].concat();
        let body = body.replace('\n', end);
        let completion = json!({ "choices": [{ "message": { "content": contents.concat() }, "finish_reason": "stop" }] });
        let mut expected = Draft::of(completion.to_string().as_bytes()).unwrap();
        expected.hide(KEY);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).map(|cut| body.as_bytes()[cut[0]..cut[1]].to_vec()).collect();
        prop_assert_eq!(read(stream(pieces, false).0).1.unwrap(), expected);
    }
}

#[test]
fn a_piece_is_given_before_the_next_is_read() {
    let (first, rest) = (
        text("Tomorrow"),
        [text(" at ten."), stop(), DONE.to_owned()].concat(),
    );
    let (mut stream, is_over) = stream([first, rest].map(String::into_bytes), false);
    assert_eq!(
        next(&mut stream).unwrap(),
        Some(Piece::Text("Tomorrow".into()))
    );
    assert!(!is_over.get());
    assert_eq!(
        next(&mut stream).unwrap(),
        Some(Piece::Text(" at ten.".into()))
    );
    assert_eq!(
        next(&mut stream).unwrap(),
        Some(Piece::End(draft("Tomorrow at ten.")))
    );
    assert!(is_over.get());
}

#[test]
fn a_server_that_answers_whole_gives_one_piece() {
    let body = json!({ "choices": [{ "message": { "content": format!(" It is {KEY}. ") }, "finish_reason": "stop" }] });
    let body = format!("\n{body:#}").into_bytes();
    let expected = (vec!["It is ***.".to_owned()], draft("It is ***."));
    for size in [1, 7, body.len()] {
        let (texts, end) = read(stream(body.chunks(size).map(<[u8]>::to_vec), false).0);
        assert_eq!((texts, end.unwrap()), expected, "{size}");
    }
}

#[test]
fn what_other_servers_leave_out_or_add_does_no_harm() {
    let whole = |body: &str| of(body.as_bytes()).1.unwrap();
    let said = text("Yes.");
    for body in [
        [&*said, &*stop()].concat(),
        [&*said, "data: [DONE]"].concat(),
        [&*said, stop().trim_end()].concat(),
        [&*said, "data: {\"choices\":null}\n\n", DONE].concat(),
        [
            &*said,
            "data: {\"usage\":{}}\n\ndata:\n\n",
            DONE,
            &text("More."),
        ]
        .concat(),
        [
            "data: {\"choices\":[{\"delta\":{\"content\":\"Yes.\"}}]}\n\n",
            DONE,
        ]
        .concat(),
        [
            &*said,
            "data: {\"error\":null,\"choices\":[{\"delta\":null,\"finish_reason\":\"stop\"}]}\n\n",
        ]
        .concat(),
        [
            &*said,
            &event(&json!({ "choices": [{ "index": 1, "delta": { "content": "No." } }] })),
            DONE,
        ]
        .concat(),
        [
            &*chunk(
                &json!({ "content": null, "reasoning_content": "Hm." }),
                None,
            ),
            &said,
            DONE,
        ]
        .concat(),
    ] {
        assert_eq!(whole(&body), draft("Yes."), "{body}");
    }
    let cut = whole(&[&*said, &chunk(&json!({}), Some("length")), DONE].concat());
    assert!(cut.is_cut);
    let call = json!({ "tool_calls": [{ "index": 0, "function": { "name": "x" } }] });
    let calls = whole(&[&*said, &chunk(&call, Some("tool_calls")), DONE].concat());
    assert!(calls.calls_tools);
}
