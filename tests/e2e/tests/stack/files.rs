//! Files over the real stores: those of the shared stack lie in KV, those of a stack of its own in R2.

use e2e::{Stack, contents};
use std::path::Path;

/// More than two parts of 4 MiB.
const SIZE: usize = 9 * 1024 * 1024;
const PART: usize = 4 * 1024 * 1024;

/// A text of which no two lines are the same.
fn text(size: usize) -> String {
    let mut text = String::with_capacity(size + 16);
    for n in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(&format!("line {n}\n"));
    }
    text.truncate(size);
    text
}

/// Uploads a file, downloads ranges and all of it.
#[expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a stack that names no file should fail the test"
)]
fn goes_there_and_back(stack: &Stack) {
    let text = text(SIZE);
    let boundary = "----tieline-0123456789";
    let form = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lines.txt\"\r\n\
         Content-Type: text/plain\r\n\r\n{text}\r\n--{boundary}--\r\n"
    );
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let uploaded = stack.crm("Files").header("content-type", &content_type);
    let uploaded = uploaded.send("POST", "/api-upload-attachment", form.as_bytes());
    assert_eq!(uploaded.status, 200, "{}", uploaded.text);
    let url = uploaded.json["attachment"]["download_url"].as_str();
    let path = url.unwrap().strip_prefix(&stack.origin).unwrap();
    for (first, last) in [
        (0, 9),
        (PART - 5, PART + 5),
        (PART, PART),
        (2 * PART - 1, SIZE - 1),
    ] {
        let client = stack
            .client()
            .header("range", &format!("bytes={first}-{last}"));
        let range = client.get(path);
        assert_eq!(range.status, 206, "{first}-{last}: {}", range.text);
        let shown = format!("bytes {first}-{last}/{SIZE}");
        assert_eq!(range.header("content-range"), shown);
        assert!(range.text == text[first..=last], "{first}-{last}");
    }
    let whole = stack.client().get(path);
    assert!(
        whole.status == 200 && whole.text == text,
        "{}",
        whole.status
    );
}

/// How many bytes the files below a folder have.
fn stored(folder: &Path) -> usize {
    if folder.exists() {
        contents(folder).len()
    } else {
        0
    }
}

#[test]
fn a_large_file_goes_to_kv_and_back_in_parts() {
    goes_there_and_back(Stack::shared());
}

#[test]
fn a_large_file_goes_to_the_bucket_where_there_is_one() {
    let state = tempfile::tempdir().unwrap();
    let stack = Stack::with_bucket(state.path());
    goes_there_and_back(&stack);
    let stores = state.path().join("v3");
    assert!(stored(&stores.join("r2")) >= SIZE);
    assert!(stored(&stores.join("kv")) < SIZE);
}
