//! The bytes of attachments. Large ones lie in parts; the size, which D1 knows, says in which, so that
//! nothing else is read. Files that were stored before there were parts lie whole, whatever their size.
//! What is read has all bytes that were asked for, or is not there.

use super::blob_key;
use common::context::Context;
use common::db::{Columns, Row};
use common::http::Error;
use common::in_flight::{Held, hold};
use common::ports::{MAX_PARTS, PART_BYTES, file_keys, part_count, part_key};
use std::ops::Range;

/// What reading parts gave.
enum Parts {
    /// All bytes of the range.
    Complete(Vec<u8>),
    /// One of the parts is missing, or not as long as it was stored.
    Incomplete,
    /// The first of them is missing: the file may lie whole.
    Absent,
}

/// Stores the bytes of a file.
///
/// # Errors
/// 503 when the store is away. What was stored of it is removed, as far as the store allows.
pub async fn bytes_put(cx: &Context<'_>, key: &str, bytes: &[u8]) -> Result<(), Error> {
    if part_count(bytes.len()) == 0 {
        return cx.ports.blobs.put(key, bytes, None).await;
    }
    for (n, part) in bytes.chunks(PART_BYTES).enumerate() {
        if let Err(error) = cx.ports.blobs.put(&part_key(key, n), part, None).await {
            // Who tries again may take another id, and nothing would name these bytes.
            let _is_removed = bytes_delete(cx, key, Some(bytes.len())).await;
            return Err(error);
        }
    }
    Ok(())
}

/// All bytes of a file; `None` while they, or some of them, are not there. The caller counts them
/// ([`hold`]): reading takes their size and one part of it more.
///
/// # Errors
/// 503 when the store is away.
pub async fn bytes_get(
    cx: &Context<'_>,
    key: &str,
    size: Option<usize>,
) -> Result<Option<Vec<u8>>, Error> {
    let Some(size) = size else {
        return of_unknown_size(cx, key).await;
    };
    if part_count(size) > 0 {
        match parts(cx, key, size, &(0..size)).await? {
            Parts::Complete(bytes) => return Ok(Some(bytes)),
            Parts::Incomplete => return Ok(None),
            Parts::Absent => {}
        }
    }
    whole(cx, key, size).await
}

/// A range of a file's bytes, which must end within the file, and what counts them; `None` while they are
/// not there. At most the range and one part of the file are in memory, unless the file lies whole.
///
/// # Errors
/// 503 when the store is away, and `busy` where the isolate has too many bytes already.
pub async fn bytes_range(
    cx: &Context<'_>,
    key: &str,
    size: usize,
    range: Range<usize>,
) -> Result<Option<(Vec<u8>, Held)>, Error> {
    if part_count(size) > 0 {
        let held = hold(range.len() + PART_BYTES, cx.now)?;
        match parts(cx, key, size, &range).await? {
            Parts::Complete(bytes) => return Ok(Some((bytes, held))),
            Parts::Incomplete => return Ok(None),
            Parts::Absent => {}
        }
    }
    let held = hold(size, cx.now)?;
    let Some(mut bytes) = whole(cx, key, size).await? else {
        return Ok(None);
    };
    bytes.truncate(range.end);
    bytes.drain(..range.start.min(bytes.len()));
    Ok(Some((bytes, held)))
}

/// Removes a file, whichever way it lies. Where its size is not known, all parts that there may be.
///
/// # Errors
/// 503 when the store is away. Deleting it again removes what is left.
pub async fn bytes_delete(cx: &Context<'_>, key: &str, size: Option<usize>) -> Result<(), Error> {
    cx.ports.blobs.delete(&file_keys(key, size)).await
}

/// Removes the bytes of attachments, rows of `id` and `size`, from the first on, as many as lie under so many keys:
/// each is a call of KV, of which an invocation has a thousand. Gives the ids of those, at least of one, as a JSON
/// list; `None` where there are no rows.
///
/// # Errors
/// 503 when the store is away. Deleting them again removes what is left.
pub async fn files_delete(
    cx: &Context<'_>,
    rows: &[Row],
    max_keys: usize,
) -> Result<Option<String>, Error> {
    let (mut ids, mut all) = (Vec::new(), Vec::new());
    for row in rows {
        let mut columns = Columns::of(row);
        let id = columns.str("id")?;
        let size = size_of(columns.integer_or_null("size")?);
        let keys = file_keys(&blob_key(cx.business_id(), id), size);
        if !ids.is_empty() && all.len() + keys.len() > max_keys {
            break;
        }
        all.extend(keys);
        ids.push(id);
    }
    if ids.is_empty() {
        return Ok(None);
    }
    cx.ports.blobs.delete(&all).await?;
    serde_json::to_string(&ids)
        .map(Some)
        .map_err(Error::internal)
}

/// A size as D1 has it.
#[must_use]
pub fn size_of(column: Option<i64>) -> Option<usize> {
    column.and_then(|size| usize::try_from(size).ok())
}

/// Reads the parts that a range is in, one after the other.
async fn parts(
    cx: &Context<'_>,
    key: &str,
    size: usize,
    range: &Range<usize>,
) -> Result<Parts, Error> {
    let first = range.start / PART_BYTES;
    let mut bytes = Vec::new();
    for n in first..range.end.div_ceil(PART_BYTES) {
        let part = cx.ports.blobs.get(&part_key(key, n)).await?;
        let Some(part) = part else {
            let is_first = n == first;
            return Ok(if is_first {
                Parts::Absent
            } else {
                Parts::Incomplete
            });
        };
        let begin = n * PART_BYTES;
        if part.len() != (size - begin).min(PART_BYTES) {
            return Ok(Parts::Incomplete);
        }
        let end = (range.end - begin).min(part.len());
        let wanted = part.get(range.start.saturating_sub(begin)..end);
        // At once what the range needs: a vector that grows has its bytes twice meanwhile.
        bytes.reserve_exact(range.len() - bytes.len());
        bytes.extend_from_slice(wanted.unwrap_or_default());
    }
    Ok(Parts::Complete(bytes))
}

/// A file that lies whole.
async fn whole(cx: &Context<'_>, key: &str, size: usize) -> Result<Option<Vec<u8>>, Error> {
    let bytes = cx.ports.blobs.get(key).await?;
    Ok(bytes.filter(|bytes| bytes.len() == size))
}

/// A file of which only the key is known: whole, or in parts of which the last one is short.
async fn of_unknown_size(cx: &Context<'_>, key: &str) -> Result<Option<Vec<u8>>, Error> {
    let whole = cx.ports.blobs.get(key).await?;
    if whole.is_some() {
        return Ok(whole);
    }
    let mut bytes = Vec::new();
    for n in 0..MAX_PARTS {
        let Some(part) = cx.ports.blobs.get(&part_key(key, n)).await? else {
            break;
        };
        bytes.extend_from_slice(&part);
        if part.len() < PART_BYTES {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}
