//! What of Unicode BERT's tokeniser needs: three categories, and decompositions without their marks. The tables are
//! those of the version with which the model's table was made.

mod categories;
mod decompositions;

use categories::{MARKS, OTHER, PUNCTUATION};
use decompositions::{TO_MORE, TO_ONE};

/// Whether a list of bounds has the character within: where a run begins, and where it ends, in turn.
fn is_within(bounds: &[u32], c: char) -> bool {
    bounds.partition_point(|bound| *bound <= u32::from(c)) % 2 == 1
}

/// Category C: controls, formats, private use, unassigned.
pub(crate) fn is_other(c: char) -> bool {
    match c {
        ' '..='~' => false,
        _ => is_within(OTHER, c),
    }
}

/// The 32 of ASCII, and category P.
pub(crate) fn is_punctuation(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_punctuation(),
        false => is_within(PUNCTUATION, c),
    }
}

/// Category Mn: what is written onto the character before.
fn is_mark(c: char) -> bool {
    is_within(MARKS, c)
}

/// Adds the canonical decomposition of a character (NFD) without its marks. The few characters that have a place in
/// Unicode's order of marks and are none (Mc) stay as they stand: no word piece has one.
pub(crate) fn push_without_marks(out: &mut String, c: char) {
    if c.is_ascii() {
        out.push(c);
    } else if let Some(syllable) = u32::from(c).checked_sub(HANGUL).filter(|n| *n < SYLLABLES) {
        push_hangul(out, syllable);
    } else if let Some(base) = found(TO_ONE, c) {
        out.extend(char::from_u32(*base));
    } else if let Some(bases) = found(TO_MORE, c) {
        let bases = bases.iter().filter(|base| **base != 0);
        out.extend(bases.filter_map(|base| char::from_u32(*base)));
    } else if !is_mark(c) {
        out.push(c);
    }
}

fn found<T>(table: &'static [(u32, T)], c: char) -> Option<&'static T> {
    let at = table.binary_search_by_key(&u32::from(c), |(from, _)| *from);
    table.get(at.ok()?).map(|(_, to)| to)
}

/// The Unicode Standard, 3.12: syllables are numbered by their letters.
const HANGUL: u32 = 0xac00;
const SYLLABLES: u32 = 19 * VOWELS * FINALS;
const VOWELS: u32 = 21;
const FINALS: u32 = 28;

fn push_hangul(out: &mut String, syllable: u32) {
    let (rest, last) = (syllable / FINALS, syllable % FINALS);
    let letters = [0x1100 + rest / VOWELS, 0x1161 + rest % VOWELS];
    out.extend(letters.into_iter().filter_map(char::from_u32));
    if last != 0 {
        out.extend(char::from_u32(0x11a7 + last));
    }
}
