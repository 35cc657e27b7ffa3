//! Numbers of the state's and of banks: US social security numbers, IBANs.

use super::{Field, Span, around};

/// Lengths of IBANs by country (the IBAN registry of SWIFT, of the larger countries).
const IBANS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29CH21CR22CY28CZ24DE22DK18DO28EE20ES24FI18FO18FR27GB22GE22GI23GL18GR27\
                     GT28HR21HU28IE22IL23IS26IT27JO30KW30KZ20LB28LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29\
                     PT25QA29RO24RS22SA24SE24SI19SK24SM27TN24TR26UA29VG24XK20";

/// The numbers of a text that are nobody's business.
pub(super) fn spans(text: &str, field: Field) -> Vec<Span> {
    if matches!(field, Field::Id | Field::Phone) {
        return Vec::new();
    }
    let starts = text.char_indices().filter(|(at, c)| {
        let before = || text.get(..*at).and_then(|text| text.chars().next_back());
        c.is_ascii_alphanumeric()
            && before().is_none_or(|c| !c.is_alphanumeric() && !"-_+./#@".contains(c))
    });
    let found = starts.filter_map(|(at, c)| {
        let rest = text.get(at..)?;
        let length = match c.is_ascii_digit() {
            true => social_security(rest)?,
            false => iban(rest)?,
        };
        let (_, behind) = around(text, at, at + length);
        let is_apart = behind.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '@'));
        let goes_on = rest.get(length..)?.strip_prefix(['-', '.']);
        let goes_on = goes_on.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        (is_apart && !goes_on).then(|| Span::hidden(at, at + length))
    });
    found.collect()
}

/// The length of a number such as `123-45-6789`, with the areas, groups and serials that are given out (SSA, POMS RM
/// 10201.035).
fn social_security(text: &str) -> Option<usize> {
    let number = text.get(..11)?;
    let mut parts = number.split('-');
    let (area, group, serial) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_it = parts.next().is_none()
        && is_number(area, 3)
        && is_number(group, 2)
        && is_number(serial, 4)
        && !matches!(area, "000" | "666")
        && !area.starts_with('9')
        && group != "00"
        && serial != "0000";
    is_it.then_some(11)
}

/// The length of an IBAN, together or in groups of four: a country, its length, and the sum (ISO 13616).
fn iban(text: &str) -> Option<usize> {
    let start = text.get(..4)?.as_bytes();
    let is_start = matches!(start, [a, b, c, d] if a.is_ascii_uppercase() && b.is_ascii_uppercase()
        && c.is_ascii_digit() && d.is_ascii_digit());
    let country = text.get(..2).filter(|_| is_start)?;
    let mut rows = (0..IBANS.len())
        .step_by(4)
        .filter_map(|at| IBANS.get(at..at + 4));
    let length: usize = rows.find_map(|row| row.strip_prefix(country)?.parse().ok())?;
    let mut iban = Vec::with_capacity(length);
    let mut end = 0;
    for byte in text.bytes() {
        match byte {
            b' ' if iban.len() % 4 == 0 && !iban.is_empty() => {}
            b'0'..=b'9' | b'A'..=b'Z' => iban.push(byte),
            _ => break,
        }
        end += 1;
        if iban.len() == length {
            break;
        }
    }
    let (head, tail) = iban.split_at_checked(4)?;
    let remainder = tail.iter().chain(head).fold(0_u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    (iban.len() == length && remainder == 1).then_some(end)
}
