//! The table of word pieces, as its file has it: see functions/embed-text/table/README.md.

use crate::words::each_word;
use knowledge::vector::{DIMENSION, Vector};

/// What a file begins with.
const MAGIC: &[u8; 4] = b"SE01";
/// Bytes before the scales: the magic, how many rows, how many components.
const HEAD: usize = 12;
/// Characters of the longest word that is cut into pieces; a longer one is unknown.
const MAX_WORD: usize = 100;
/// What a piece begins with that goes on within a word.
const WITHIN: &[u8] = b"##";
/// No row, in [`Table::slots`].
const EMPTY: u16 = u16::MAX;

/// A table that was read. The file's bytes stay as they are; beside them are where each piece stands, and slots to find
/// it by: together 4.7 MB.
#[derive(Debug)]
pub struct Table {
    bytes: Vec<u8>,
    rows: usize,
    /// Where each row's piece begins and ends, two bytes of length between them.
    places: Vec<(u32, u32)>,
    /// Rows by the hash of their pieces, each in the first free slot from there on. At most half are taken.
    slots: Vec<u16>,
    /// Bytes of the longest piece.
    longest: usize,
}

impl Table {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, &'static str> {
        if bytes.first_chunk() != Some(MAGIC) {
            return Err("this is no table of vectors");
        }
        let rows = number(&bytes, 4)?;
        if number(&bytes, 8)? != DIMENSION {
            return Err("the table's vectors do not have 128 components");
        }
        if rows >= usize::from(EMPTY) {
            return Err("the table has too many rows");
        }
        let scales = bytes.get(HEAD..HEAD + 4 * rows).ok_or(CUT)?;
        let (scales, _) = scales.as_chunks();
        if !scales
            .iter()
            .all(|scale| f32::from_le_bytes(*scale).is_finite())
        {
            return Err("a scale of the table is no number");
        }
        let mut table = Self {
            places: places(&bytes, HEAD + rows * (4 + DIMENSION), rows)?,
            slots: vec![EMPTY; (2 * rows + 1).next_power_of_two()],
            longest: 0,
            bytes,
            rows,
        };
        for row in 0..rows {
            table.enter(row)?;
        }
        Ok(table)
    }

    /// Gives a row its slot.
    fn enter(&mut self, row: usize) -> Result<(), &'static str> {
        let piece = self.piece(row);
        let (longest, slot) = (
            self.longest.max(piece.len()),
            self.slot(hash(START, piece), b"", piece),
        );
        self.longest = longest;
        let free = self.slots.get_mut(slot).filter(|slot| **slot == EMPTY);
        *free.ok_or("a piece of the table is there twice")? = row as u16;
        Ok(())
    }

    /// The row's piece.
    fn piece(&self, row: usize) -> &[u8] {
        let place = self.places.get(row);
        let piece = place.and_then(|(from, to)| self.bytes.get(*from as usize..*to as usize));
        piece.unwrap_or_default()
    }

    /// The slot of a piece that begins so and goes on so, or the free one where it would be.
    fn slot(&self, hash: u32, start: &[u8], rest: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots.get(slot) {
                Some(&row) if row != EMPTY => {
                    let piece = self.piece(usize::from(row));
                    if piece.strip_prefix(start) == Some(rest) {
                        return slot;
                    }
                    slot = (slot + 1) & mask;
                }
                _ => return slot,
            }
        }
    }

    /// The row of the longest piece that this text begins with, and the text after it.
    fn longest_match<'t>(&self, text: &'t str, start: &[u8]) -> Option<(usize, &'t str)> {
        let (mut hash_so_far, mut hashed) = (hash(START, start), 0);
        let mut found = None;
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            if start.len() + end > self.longest {
                break;
            }
            let bytes = text.as_bytes();
            hash_so_far = hash(hash_so_far, bytes.get(hashed..end)?);
            hashed = end;
            let slot = self.slot(hash_so_far, start, bytes.get(..end)?);
            match self.slots.get(slot) {
                Some(&row) if row != EMPTY => found = Some((usize::from(row), end)),
                _ => {}
            }
        }
        let (row, end) = found?;
        Some((row, text.get(end..)?))
    }

    /// The rows of a text's pieces, in order and with repeats. A word that is not wholly made of known pieces is left
    /// out.
    #[must_use]
    pub fn tokens(&self, text: &str) -> Vec<usize> {
        let mut tokens = Vec::new();
        each_word(text, |word| {
            let (before, mut rest) = (tokens.len(), word);
            let is_too_long = word.len() > MAX_WORD && word.chars().count() > MAX_WORD;
            while !rest.is_empty() {
                let start = if rest.len() == word.len() {
                    b""
                } else {
                    WITHIN
                };
                let found = match is_too_long {
                    true => None,
                    false => self.longest_match(rest, start),
                };
                let Some((row, after)) = found else {
                    tokens.truncate(before);
                    return;
                };
                tokens.push(row);
                rest = after;
            }
        });
        tokens
    }

    /// The sum of a text's rows; zeros where no word is known. It is not scaled: a cosine does not need it.
    #[must_use]
    pub fn sum(&self, text: &str) -> [f32; DIMENSION] {
        let mut sum = [0.0; DIMENSION];
        for token in self.tokens(text) {
            let Some((scale, row)) = self.row(token) else {
                continue;
            };
            for (sum, component) in sum.iter_mut().zip(row) {
                *sum += scale * f32::from(component.cast_signed());
            }
        }
        sum
    }

    fn row(&self, row: usize) -> Option<(f32, &[u8; DIMENSION])> {
        let scale = self.bytes.get(HEAD + 4 * row..)?.first_chunk()?;
        let components = self.bytes.get(HEAD + 4 * self.rows + DIMENSION * row..)?;
        Some((f32::from_le_bytes(*scale), components.first_chunk()?))
    }

    /// The vector of a text; `None` where no word is known.
    #[must_use]
    pub fn embed(&self, text: &str) -> Option<Vector> {
        Vector::of(&self.sum(text))
    }
}

const CUT: &str = "the table is cut short";

fn number(bytes: &[u8], at: usize) -> Result<usize, &'static str> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    let number = u32::from_le_bytes(*four.ok_or(CUT)?);
    usize::try_from(number).map_err(|_| CUT)
}

/// Where the pieces are, which end where the file ends.
fn places(bytes: &[u8], start: usize, rows: usize) -> Result<Vec<(u32, u32)>, &'static str> {
    let (mut at, mut places) = (start, Vec::with_capacity(rows));
    for _ in 0..rows {
        let length = bytes.get(at..).and_then(|rest| rest.first_chunk());
        let from = at + 2;
        at = from + usize::from(u16::from_le_bytes(*length.ok_or(CUT)?));
        if at > bytes.len() {
            return Err(CUT);
        }
        places.push((from as u32, at as u32));
    }
    match at == bytes.len() {
        true => Ok(places),
        false => Err("the table goes on after its end"),
    }
}

/// FNV-1a, 32 bits, which goes on from the hash of what stands before.
const START: u32 = 0x811c_9dc5;

fn hash(before: u32, bytes: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(before, step)
}
