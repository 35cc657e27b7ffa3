//! Card numbers.

use super::{Field, Span, around, word_before};

/// Words before a long number that say it is no card.
const OTHERS: [&str; 16] = [
    "order",
    "orders",
    "tracking",
    "invoice",
    "ticket",
    "parcel",
    "shipment",
    "ref",
    "reference",
    "id",
    "sku",
    "ean",
    "imei",
    "barcode",
    "serial",
    "isbn",
];

/// The card numbers of a text: together, or in groups as they are printed, with one space, dash or dot between.
pub(super) fn spans(text: &str, field: Field) -> Vec<Span> {
    let mut spans = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
            continue;
        }
        let groups = groups(bytes, at);
        let first = groups.first().copied().unwrap_or((at, at + 1));
        let found = match field {
            Field::Phone => None,
            _ => grouped(text, &groups).or_else(|| together(text, first, field)),
        };
        match found {
            Some((end, last)) => {
                spans.push(Span {
                    start: at,
                    end,
                    shown: format!("**** {last}"),
                });
                at = end;
            }
            None => at = first.1,
        }
    }
    spans
}

/// At most five groups of digits from a byte on: where each begins and ends.
fn groups(bytes: &[u8], start: usize) -> Vec<(usize, usize)> {
    let mut groups = Vec::with_capacity(5);
    let mut at = start;
    while groups.len() < 5 {
        let from = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        if at == from {
            break;
        }
        groups.push((from, at));
        at += match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b' ' | b'-' | b'.'), _) => 1,
            (Some(0xc2), Some(0xa0)) => 2,
            _ => break,
        };
    }
    groups
}

/// The end and the last four digits of a card in groups.
fn grouped(text: &str, groups: &[(usize, usize)]) -> Option<(usize, String)> {
    const PRINTED: [&[usize]; 4] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];
    let lengths: Vec<usize> = groups.iter().map(|(start, end)| end - start).collect();
    let fits = PRINTED
        .into_iter()
        .filter(|printed| lengths.starts_with(printed));
    for printed in fits {
        let (start, _) = groups.first()?;
        let (_, end) = groups.get(printed.len() - 1)?;
        let (before, behind) = around(text, *start, *end);
        let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let digits = digits(text.get(*start..*end)?);
        if is_apart(before) && is_apart(behind) && is_card(&digits, false) {
            return Some((*end, last_four(&digits)));
        }
    }
    None
}

/// The end and the last four digits of a card in one piece.
fn together(text: &str, (start, end): (usize, usize), field: Field) -> Option<(usize, String)> {
    if field == Field::Id || !(13..=19).contains(&(end - start)) {
        return None;
    }
    let (before, behind) = around(text, start, end);
    let is_apart =
        |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '+' | '#' | '/' | '.');
    let ends = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '/' | '@');
    let is_part = field != Field::Card && !(before.is_none_or(is_apart) && behind.is_none_or(ends));
    let digits = digits(text.get(start..end)?);
    if is_part
        || !is_card(&digits, field == Field::Card)
        || OTHERS.contains(&word_before(text, start).as_str())
    {
        return None;
    }
    Some((end, last_four(&digits)))
}

fn digits(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(u8::is_ascii_digit)
        .map(|byte| byte - b'0')
        .collect()
}

fn last_four(digits: &[u8]) -> String {
    let last = digits.iter().rev().take(4).rev();
    last.map(|digit| char::from(b'0' + digit)).collect()
}

/// Whether digits are a card's: an issuer's range with a length that it gives out (ISO/IEC 7812), and Luhn's sum. A
/// field for cards may have any issuer's.
fn is_card(digits: &[u8], is_any_issuer: bool) -> bool {
    let start = |count: usize| {
        digits
            .iter()
            .take(count)
            .fold(0_u32, |all, digit| all * 10 + u32::from(*digit))
    };
    let (two, three, four) = (start(2), start(3), start(4));
    let length = digits.len();
    let is_issued = match length {
        14 => matches!(three, 300..=305 | 309) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        16 => {
            matches!(two, 40..=49 | 51..=55 | 62 | 65 | 50 | 56..=58 | 63 | 67)
                || matches!(four, 2221..=2720 | 6011 | 3528..=3589 | 2200..=2204)
                || matches!(three, 644..=649)
        }
        17..=18 => matches!(two, 62 | 50 | 56..=58 | 63 | 67),
        19 => matches!(two, 40..=49 | 62 | 65 | 50 | 56..=58 | 63 | 67),
        _ => false,
    };
    let is_length = (13..=19).contains(&length);
    let is_varied = digits.iter().any(|digit| digits.first() != Some(digit));
    is_varied && is_length && (is_issued || is_any_issuer) && luhn(digits)
}

/// Luhn's sum (ISO/IEC 7812-1).
fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let each = digits.iter().rev().enumerate();
    let sum: u32 = each
        .map(|(n, digit)| u32::from(if n % 2 == 1 { doubled(*digit) } else { *digit }))
        .sum();
    sum.is_multiple_of(10)
}
