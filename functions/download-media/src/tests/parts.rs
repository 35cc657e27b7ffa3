use super::*;
use common::in_flight::{MAX_BYTES, hold};

/// Most bytes of a part.
const PART: usize = 4 * 1024 * 1024;
/// Two parts, and a third of 1000 bytes.
const SIZE: usize = 2 * PART + 1000;

fn pattern(size: usize) -> Vec<u8> {
    (0..=250).cycle().take(size).collect()
}

fn key(tenant: &Tenant, end: &str) -> String {
    format!("{}/{ID}{end}", tenant.business_id)
}

/// A deployment with one file in parts.
fn in_parts(size: usize) -> (Stack, Tenant, Vec<u8>) {
    let (stack, tenant) = Stack::with_tenant();
    let bytes = pattern(size);
    put(&stack, &tenant, ID, "a.pdf", "ready", &bytes);
    let mut blobs = stack.ports.blobs.borrow_mut();
    blobs.clear();
    for (n, part) in bytes.chunks(PART).enumerate() {
        blobs.insert(key(&tenant, &format!(".{n}")), part.into());
    }
    drop(blobs);
    (stack, tenant, bytes)
}

fn range(stack: &Stack, first: usize, last: usize) -> Answer {
    let range = format!("bytes={first}-{last}");
    get(stack, &link(stack, ID), &[("range", &range)])
}

/// Which of the file's keys were read.
fn reads(stack: &Stack) -> Vec<String> {
    let reads = stack.ports.take_blob_reads();
    let end = |read: String| read.strip_prefix(ID).unwrap().to_owned();
    reads.into_iter().map(end).collect()
}

#[test]
fn a_range_reads_the_parts_that_it_is_in_and_no_other() {
    let (stack, _, bytes) = in_parts(SIZE);
    let cases = [
        (0, 9, vec![".0"]),
        (PART - 1, PART - 1, vec![".0"]),
        (PART, PART, vec![".1"]),
        (PART - 5, PART + 5, vec![".0", ".1"]),
        (PART, 2 * PART - 1, vec![".1"]),
        (2 * PART, SIZE - 1, vec![".2"]),
        (PART - 1, SIZE + 99, vec![".0", ".1", ".2"]),
    ];
    for (first, last, keys) in cases {
        let answer = range(&stack, first, last);
        let last = last.min(SIZE - 1);
        assert_eq!(answer.status, 206, "{first}-{last}: {}", answer.json);
        assert!(answer.bytes() == &bytes[first..=last], "{first}-{last}");
        let shown = format!("bytes {first}-{last}/{SIZE}");
        assert_eq!(answer.header("content-range"), Some(shown.as_str()));
        assert_eq!(reads(&stack), keys, "{first}-{last}");
    }
    let whole = get(&stack, &link(&stack, ID), &[]);
    assert!(whole.status == 200 && whole.bytes() == bytes);
    assert_eq!(reads(&stack), [".0", ".1", ".2"]);
}

#[test]
fn a_file_of_whole_parts_has_none_after_its_last_byte() {
    let (stack, _, bytes) = in_parts(2 * PART);
    let last = get(&stack, &link(&stack, ID), &[("range", "bytes=-1")]);
    assert_eq!((last.status, last.bytes()), (206, &bytes[2 * PART - 1..]));
    assert_eq!(reads(&stack), [".1"]);
    let whole = get(&stack, &link(&stack, ID), &[]);
    assert!(whole.status == 200 && whole.bytes() == bytes);
    assert_eq!(reads(&stack), [".0", ".1"]);
}

#[test]
fn a_file_that_was_stored_before_there_were_parts_is_read_whole() {
    let (stack, tenant) = Stack::with_tenant();
    let bytes = pattern(SIZE);
    put(&stack, &tenant, ID, "a.pdf", "ready", &bytes);
    let answer = range(&stack, PART + 1, PART + 3);
    assert_eq!(
        (answer.status, answer.bytes()),
        (206, &bytes[PART + 1..PART + 4])
    );
    assert_eq!(reads(&stack), [".1", ""]);
    let whole = get(&stack, &link(&stack, ID), &[]);
    assert!(whole.status == 200 && whole.bytes() == bytes);
}

#[test]
fn a_part_that_is_missing_or_cut_is_503_and_never_a_shorter_file() {
    let (stack, tenant, bytes) = in_parts(SIZE);
    let cut = bytes[PART..2 * PART - 1].to_vec();
    for part in [None, Some(cut)] {
        stack.ports.blobs.borrow_mut().remove(&key(&tenant, ".1"));
        if let Some(part) = part {
            let mut blobs = stack.ports.blobs.borrow_mut();
            blobs.insert(key(&tenant, ".1"), part);
        }
        let whole = get(&stack, &link(&stack, ID), &[]);
        assert_eq!(whole.refusal(), (503, "unavailable"));
        let within = range(&stack, PART, PART + 1);
        assert_eq!(within.refusal(), (503, "unavailable"));
        let across = range(&stack, PART - 1, PART);
        assert_eq!(across.refusal(), (503, "unavailable"));
        assert_eq!(range(&stack, 0, PART - 1).status, 206);
        assert_eq!(range(&stack, 2 * PART, SIZE).status, 206);
    }
    stack.ports.blobs.borrow_mut().remove(&key(&tenant, ".0"));
    let whole = get(&stack, &link(&stack, ID), &[]);
    assert_eq!(whole.refusal(), (503, "unavailable"));
}

#[test]
fn a_range_is_counted_with_one_part_and_an_old_file_with_all_of_its_bytes() {
    let (stack, tenant, bytes) = in_parts(SIZE);
    let others = hold(MAX_BYTES - PART - 100, stack.now()).unwrap();
    assert_eq!(range(&stack, PART, PART + 99).status, 206);
    assert_eq!(range(&stack, PART, PART + 100).refusal(), (503, "busy"));
    let whole = get(&stack, &link(&stack, ID), &[]);
    assert_eq!(whole.refusal(), (503, "busy"));
    let mut blobs = stack.ports.blobs.borrow_mut();
    blobs.clear();
    blobs.insert(key(&tenant, ""), bytes);
    drop(blobs);
    assert_eq!(range(&stack, 0, 9).refusal(), (503, "busy"));
    drop(others);
    let others = hold(MAX_BYTES - SIZE, stack.now()).unwrap();
    assert_eq!(range(&stack, 0, 9).status, 206);
    drop(others);
    assert!(hold(MAX_BYTES, stack.now()).is_ok());
}
