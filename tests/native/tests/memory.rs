//! How much memory a refresh takes, whatever a source sends. A program of its own, since the allocator counts for all
//! of it.

#![cfg(test)]

use peak_alloc::PeakAlloc;
use serde_json::json;
use testkit::Links;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

const URL: &str = "https://crm.example/customers";
const MIB: usize = 1024 * 1024;
/// An eighth of the largest body that is read, so that the test is done in seconds.
const BODY: usize = 2 * MIB;
/// What a refresh may take: the body, its text where that is not the same, and the records of a slice. With the largest body
/// that is 54 MiB, of the 64 that a refresh may have. The pointers of a Worker are half as long as those here.
const BAR: usize = BODY * 5 / 2 + 14 * MIB;

/// Stands where a number is counted up.
const NUMBER: &str = "#######";

/// A body of this kind: what it begins with, what comes again and again, and what it ends with.
struct Shape {
    name: &'static str,
    kind: &'static str,
    begins: String,
    repeats: Vec<u8>,
    ends: &'static str,
}

fn shape(
    name: &'static str,
    kind: &'static str,
    begins: &str,
    repeats: impl Into<Vec<u8>>,
    ends: &'static str,
) -> Shape {
    Shape {
        name,
        kind,
        begins: begins.to_owned(),
        repeats: repeats.into(),
        ends,
    }
}

impl Shape {
    fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(BODY);
        body.extend(self.begins.bytes());
        let number = self
            .repeats
            .windows(NUMBER.len())
            .position(|at| at == NUMBER.as_bytes());
        let mut count = 0;
        while body.len() + self.repeats.len() + self.ends.len() <= BODY {
            let start = body.len();
            body.extend(&self.repeats);
            if let Some(at) = number {
                let counted = format!("{count:07}");
                body[start + at..start + at + NUMBER.len()].copy_from_slice(counted.as_bytes());
                count += 1;
            }
        }
        body.extend(self.ends.bytes());
        body
    }
}

/// A record of nearly 256 KiB that has this again and again.
fn large(begins: &str, repeats: &str, ends: &str) -> String {
    let count = (255 * 1024 - begins.len() - ends.len()) / repeats.len();
    format!("{begins}{}{ends},", repeats.repeat(count))
}

fn shapes() -> Vec<Shape> {
    let json = "application/json";
    let csv = "text/csv";
    let xml = "application/xml";
    vec![
        shape("records that are nothing", json, "[", "{},", "{}]"),
        shape("a text that never ends", json, "[\"", "a", ""),
        shape("escapes", json, "[{\"id\":1,\"a\":\"", "\\u00e9", "\"}]"),
        shape("one deep record", json, &"{\"a\":".repeat(60), " ", "1"),
        shape("deep lists", json, "", "[", ""),
        shape("fields of the root", json, "{", "\"a\":1,", "\"b\":[]}"),
        shape(
            "names of the root",
            json,
            "{",
            "\"#######\":1,",
            "\"b\":[]}",
        ),
        shape(
            "names within",
            json,
            "{\"meta\":{",
            "\"#######\":1,",
            "\"b\":[]}}",
        ),
        shape("a long name", json, "{\"", "\\u00e9", "\":1}"),
        shape("lists of the root", json, "{", "\"a\":[{}],", "\"b\":[]}"),
        shape("lists of lists", json, "[", "[{}],", "[]]"),
        shape(
            "large records of numbers",
            json,
            "[",
            large("{\"id\":1,\"a\":[1", ",1", "]}"),
            "{}]",
        ),
        shape(
            "large records of lists",
            json,
            "[",
            large("{\"id\":1,\"a\":[[]", ",[]", "]}"),
            "{}]",
        ),
        shape(
            "large records of fields",
            json,
            "[",
            large("{\"id\":1", ",\"\":1", "}"),
            "{}]",
        ),
        shape(
            "large records of texts",
            json,
            "[",
            large("{\"id\":1,\"a\":[\"b\"", ",\"b\"", "]}"),
            "{}]",
        ),
        shape(
            "large records of a text",
            json,
            "[",
            large("{\"id\":1,\"a\":\"", "A word or two. ", "\"}"),
            "{}]",
        ),
        shape("table of one line", csv, "", "a,", "\n1,2\n"),
        shape("table with an open quote", csv, "id,a\n1,\"", "a\n", ""),
        shape("attributes", xml, "<r><a ", "b='' ", "/></r>"),
        shape("elements in elements", xml, "", "<a>", ""),
        shape("references", xml, "<r><a>", "&lt;", "</a></r>"),
        shape("a page", "text/html", "<p>", "<b>a</b> ", ""),
        shape("headings of a page", "text/html", "", "<h6>a", ""),
        shape("Windows-1252", "text/plain", "", [0x80], ""),
        shape(
            "Windows-1252 in a table",
            csv,
            "id,a\n",
            [b"1,".as_slice(), &[0x80; 2_000], b"\n"].concat(),
            "",
        ),
        shape("faults of UTF-8", "text/plain", "é", [0xff], ""),
        shape("faults of UTF-8 in JSON", json, "[\"é", [0xff], "\"]"),
        shape("zeros", json, "[", [0], "]"),
    ]
}

#[test]
fn a_refresh_takes_no_more_memory_than_it_may_whatever_comes() {
    let mut over = Vec::new();
    let shapes = shapes();
    assert_eq!(shapes.len(), 28, "docs/performance.md says how many");
    for shape in shapes {
        let kind = match shape.kind.starts_with("text/") {
            true => "file",
            false => "api",
        };
        let links = Links::new();
        let mut response = testkit::answer(200, &json!(null)).expect("an answer");
        response.headers = vec![("content-type".into(), shape.kind.into())];
        response.body = shape.body();
        // What an isolate keeps is there before it is counted.
        links.serve_json(URL, &json!([{ "id": 0 }]));
        let id = links.add(URL, &json!({ "type": kind }));
        links.run();
        links.serve(URL, response);
        let before = ALLOCATED.current_usage();
        ALLOCATED.reset_peak_usage();
        links.later();
        let peak = ALLOCATED.peak_usage() - before;
        assert_ne!(links.link(&id)["last_fetch"], json!(null));
        if peak > BAR {
            over.push((shape.name, peak / MIB));
        }
    }
    assert!(over.is_empty(), "MiB: {over:?}");
}
