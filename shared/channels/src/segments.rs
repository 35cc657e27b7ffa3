//! How many segments a text is sent in by SMS, each of which is paid for (GSM 03.38; channels.md
//! §5.3).

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsEncoding {
    /// The alphabet of GSM 03.38: 160 characters alone, 153 in each of several segments.
    Gsm7,
    /// Anything else: 70 units of UTF-16, or 67.
    Ucs2,
}

/// What a text costs by SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// How many.
    pub count: u32,
    /// How it travels.
    pub encoding: SmsEncoding,
    /// How many units are left in the last segment.
    pub left: u32,
}

/// The alphabet of GSM 03.38, less the letters and digits of ASCII.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Its extension, of which each character takes two places.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The segments of a text; none of an empty one.
#[must_use]
pub fn segments(text: &str) -> Segments {
    let is_gsm = text.chars().all(|c| gsm_units(c).is_some());
    let (encoding, alone, joined) = match is_gsm {
        true => (SmsEncoding::Gsm7, 160, 153),
        false => (SmsEncoding::Ucs2, 70, 67),
    };
    let units_of = |c: char| match is_gsm {
        true => gsm_units(c).unwrap_or(1),
        false => u32::from(c.len_utf16() == 2) + 1,
    };
    let total: u32 = text.chars().map(units_of).sum();
    if total <= alone {
        return Segments {
            count: u32::from(total > 0),
            encoding,
            left: alone - total,
        };
    }
    let (mut count, mut used) = (1, 0);
    for c in text.chars() {
        // Neither an escaped character nor a surrogate pair is cut in two.
        let units = units_of(c);
        if used + units > joined {
            count += 1;
            used = 0;
        }
        used += units;
    }
    Segments {
        count,
        encoding,
        left: joined - used,
    }
}

fn gsm_units(c: char) -> Option<u32> {
    if c.is_ascii_alphanumeric() || BASIC.contains(c) {
        return Some(1);
    }
    EXTENDED.contains(c).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, count: u32, encoding: SmsEncoding) {
        let found = segments(text);
        assert_eq!((found.count, found.encoding), (count, encoding), "{text}");
    }

    #[test]
    fn a_segment_has_160_characters_alone_and_153_beside_others() {
        check("", 0, SmsEncoding::Gsm7);
        check("Hi", 1, SmsEncoding::Gsm7);
        check(&"x".repeat(160), 1, SmsEncoding::Gsm7);
        check(&"x".repeat(161), 2, SmsEncoding::Gsm7);
        check(&"x".repeat(306), 2, SmsEncoding::Gsm7);
        check(&"x".repeat(307), 3, SmsEncoding::Gsm7);
        check("äöüßÑ¿£¥Δ@\n", 1, SmsEncoding::Gsm7);
        assert_eq!(segments("Hi").left, 158);
    }

    #[test]
    fn an_extended_character_takes_two_places_and_is_not_cut_in_two() {
        check(&"€".repeat(80), 1, SmsEncoding::Gsm7);
        check(&"€".repeat(81), 2, SmsEncoding::Gsm7);
        // 76 of them fill 152 of 153 places.
        check(&"[".repeat(152), 2, SmsEncoding::Gsm7);
        check(&"[".repeat(153), 3, SmsEncoding::Gsm7);
    }

    #[test]
    fn what_gsm_lacks_turns_the_whole_into_ucs_2() {
        check(&"ç".repeat(70), 1, SmsEncoding::Ucs2);
        check(&"ç".repeat(71), 2, SmsEncoding::Ucs2);
        check(&"😀".repeat(35), 1, SmsEncoding::Ucs2);
        check(&"😀".repeat(36), 2, SmsEncoding::Ucs2);
        // A pair that would straddle two segments goes whole into the second.
        check(&"😀".repeat(67), 3, SmsEncoding::Ucs2);
        check(&format!("{}😀", "x".repeat(69)), 2, SmsEncoding::Ucs2);
    }
}
