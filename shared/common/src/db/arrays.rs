use super::MAX_PARAMETER_BYTES;
use std::convert::Infallible;

/// A JSON array that fits a parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct JsonArray {
    /// The array.
    pub text: String,
    /// How many items it has.
    pub items: i64,
}

/// Joins JSON texts into arrays of at most [`MAX_PARAMETER_BYTES`], so that each fits a parameter.
///
/// One text that is larger alone becomes an array of its own; callers bound their items below that.
#[must_use]
pub fn json_arrays(items: impl IntoIterator<Item = String>) -> Vec<JsonArray> {
    let mut arrays = JsonArrays::default();
    for item in items {
        let Ok(()) = arrays.push(|text| {
            text.extend_from_slice(item.as_bytes());
            Ok::<_, Infallible>(())
        });
    }
    arrays.finish()
}

/// Arrays as of [`json_arrays`], each item written where it stays.
#[derive(Debug, Default)]
pub struct JsonArrays {
    full: Vec<JsonArray>,
    /// The array that is being written, without its last bracket.
    text: Vec<u8>,
    items: i64,
}

impl JsonArrays {
    /// Adds the item that is written, which must be JSON; nothing where the writer fails.
    ///
    /// # Errors
    /// That of the writer.
    pub fn push<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let start = self.text.len();
        self.text.push(if self.items == 0 { b'[' } else { b',' });
        if let Err(error) = write(&mut self.text) {
            self.text.truncate(start);
            return Err(error);
        }
        if self.items > 0 && self.text.len() + 1 > MAX_PARAMETER_BYTES {
            let mut next = self.text.split_off(start);
            if let Some(first) = next.first_mut() {
                *first = b'[';
            }
            self.close();
            self.text = next;
        }
        self.items += 1;
        Ok(())
    }

    fn close(&mut self) {
        let mut text = std::mem::take(&mut self.text);
        text.push(b']');
        let text = String::from_utf8(text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let items = std::mem::take(&mut self.items);
        self.full.push(JsonArray { text, items });
    }

    /// The arrays; none where nothing was added.
    #[must_use]
    pub fn finish(mut self) -> Vec<JsonArray> {
        if self.items > 0 {
            self.close();
        }
        self.full
    }
}
