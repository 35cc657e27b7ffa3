//! The new part of a mail, without quoted mails. A heuristic, so the whole text is stored as well.

/// How many lines an attribution may be wrapped over.
const MAX_ATTRIBUTION_LINES: usize = 3;
/// How far below its first line the header of a quoted mail may go on.
const HEADER_LINES: usize = 8;
/// Longest line that can be an attribution, in bytes.
const MAX_ATTRIBUTION_BYTES: usize = 300;

/// What an attribution says, in the languages that programs write it in; it ends in a colon.
const WROTE: [&str; 14] = [
    "wrote",
    "schrieb",
    "a écrit",
    "escribió",
    "ha scritto",
    "escreveu",
    "schreef",
    "skrev",
    "kirjoitti",
    "napisał",
    "napsal",
    "написал",
    "yazdı",
    "写道",
];
/// What stands above a quoted mail.
const ORIGINAL: [&str; 8] = [
    "original message",
    "originalnachricht",
    "ursprüngliche nachricht",
    "message d'origine",
    "mensaje original",
    "messaggio originale",
    "oorspronkelijk bericht",
    "mensagem original",
];
/// What stands above a mail that is passed on: that is what its writer wants read.
const FORWARDED: [&str; 5] = [
    "forwarded message",
    "begin forwarded message:",
    "weitergeleitete nachricht",
    "message transféré",
    "mensaje reenviado",
];
/// The first lines of a quoted mail's header, as Outlook writes them, and what follows them.
const FROM: [&str; 5] = ["from:", "von:", "de:", "da:", "van:"];
const SENT: [&str; 9] = [
    "sent:",
    "date:",
    "gesendet:",
    "envoyé:",
    "enviado:",
    "inviato:",
    "verzonden:",
    "datum:",
    "to:",
];
const SUBJECT: [&str; 6] = [
    "subject:",
    "betreff:",
    "objet:",
    "asunto:",
    "oggetto:",
    "onderwerp:",
];

/// The text without quotes; the whole text if nothing else is left, if replies are between the quotes,
/// or if the mail is a forward.
#[must_use]
pub fn without_quotes(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let own_lines = match first_quoted(&lines) {
        None => lines.as_slice(),
        Some(at) => answer_around(&lines, at).unwrap_or(&lines),
    };
    let own_lines = own_lines.join("\n");
    match own_lines.trim() {
        "" => text.trim().to_owned(),
        own_lines => own_lines.to_owned(),
    }
}

/// What is new of a text whose quotes begin at this line; `None` where both are mixed.
fn answer_around<'l>(lines: &'l [&'l str], at: usize) -> Option<&'l [&'l str]> {
    let (before, quoted) = lines.split_at_checked(at)?;
    let is_marked = quoted.iter().any(|line| is_quote(line));
    let is_header = is_original(quoted.first()?) || is_header(quoted);
    if is_header || !is_marked {
        return Some(before);
    }
    let after = quoted.iter().rposition(|line| is_quote(line))? + 1;
    let behind = quoted.get(after..)?;
    if behind.iter().all(|line| line.trim().is_empty()) {
        let attributed = attribution_lines(quoted);
        let mut body = quoted.get(attributed..after)?.iter();
        let is_all_quoted = body.all(|line| is_quote(line) || line.trim().is_empty());
        return is_all_quoted.then_some(before);
    }
    // The answer stands below.
    let is_below = before.iter().all(|line| line.trim().is_empty());
    let attributed = attribution_lines(quoted);
    let mut body = quoted.get(attributed..after)?.iter();
    let is_one_block = body.all(|line| is_quote(line) || line.trim().is_empty());
    (is_below && is_one_block).then_some(behind)
}

/// Where what is quoted begins.
fn first_quoted(lines: &[&str]) -> Option<usize> {
    for (at, line) in lines.iter().enumerate() {
        let rest = lines.get(at..)?;
        let lower = line.trim().trim_matches('-').trim().to_lowercase();
        if FORWARDED.iter().any(|marker| lower.starts_with(marker)) {
            return None;
        }
        if is_quote(line) || is_original(line) || is_header(rest) || attribution_lines(rest) > 0 {
            return Some(at);
        }
    }
    None
}

fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// `-----Original Message-----`.
fn is_original(line: &str) -> bool {
    let line = line.trim();
    if !line.starts_with("--") {
        return false;
    }
    let words = line.trim_matches(['-', ' ']).to_lowercase();
    ORIGINAL.contains(&words.as_str())
}

/// Whether the header of a quoted mail begins here: who, when, and what about, on lines of their own.
fn is_header(lines: &[&str]) -> bool {
    let starts = |line: &str, with: &[&str]| {
        let line = line.trim().trim_matches('*').to_lowercase();
        with.iter().any(|word| line.starts_with(word))
    };
    let first = |line: &&str| starts(line, &FROM);
    if !lines.first().is_some_and(first) {
        return false;
    }
    let mut next = lines.iter().skip(1).take(HEADER_LINES);
    let is_sent = next.next().is_some_and(|line| starts(line, &SENT));
    is_sent && next.any(|line| starts(line, &SUBJECT))
}

/// Over how many lines an attribution goes that begins here; 0 where none does. It says that somebody wrote,
/// names a time or an address, and a quote follows, or nothing marked at all.
fn attribution_lines(lines: &[&str]) -> usize {
    let mut joined = String::new();
    for (n, line) in lines.iter().take(MAX_ATTRIBUTION_LINES).enumerate() {
        let line = line.trim();
        if line.is_empty() || is_quote(line) {
            return 0;
        }
        joined.push(' ');
        joined.push_str(line);
        if joined.len() > MAX_ATTRIBUTION_BYTES {
            return 0;
        }
        let lower = joined.to_lowercase();
        let is_one = lower.ends_with(':') && WROTE.iter().any(|wrote| lower.contains(wrote));
        if !is_one {
            continue;
        }
        let names_one =
            lower.contains('@') || lower.chars().filter(char::is_ascii_digit).count() >= 3;
        let mut behind = lines
            .iter()
            .skip(n + 1)
            .filter(|line| !line.trim().is_empty());
        let is_followed = behind.next().is_some_and(|line| is_quote(line));
        return if names_one && (is_followed || lower.contains('@')) {
            n + 1
        } else {
            0
        };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(without_quotes(text), expected);
    }

    #[test]
    fn an_answer_above_what_it_quotes_stays_alone() {
        check(
            "Yes, please.\r\n\r\nOn Mon, 3 Nov 2025 at 15:04, Shop <a@b.example> wrote:\r\n> Shall we?\r\n> \r\n> Regards",
            "Yes, please.",
        );
        check(
            "Ja.\n\nAm 03.11.2025 um 15:04 schrieb Shop:\n> Sollen wir?",
            "Ja.\n\nAm 03.11.2025 um 15:04 schrieb Shop:\n> Sollen wir?"
                .lines()
                .next()
                .unwrap(),
        );
        check(
            "Oui\n\nLe lun. 3 nov. 2025 à 15:04, Shop <a@b.example>\na écrit :\n\n> On y va ?\n",
            "Oui",
        );
        check(
            "Fine\n\n> quoted without a word before it\n>> and deeper",
            "Fine",
        );
    }

    #[test]
    fn outlooks_header_ends_what_is_new() {
        check(
            "Thanks!\n\n-----Original Message-----\nFrom: Shop\nSent: Monday\nAnything",
            "Thanks!",
        );
        check(
            "Danke\n\n________________________________\nVon: Shop <a@b.example>\nGesendet: Montag, 3. November\nAn: Joe\nBetreff: Re: Frage\n\nText",
            "Danke\n\n________________________________",
        );
        check(
            "Thanks\n\n*From:* Shop\n*Sent:* Monday\n*To:* Joe\n*Subject:* Hi\n\nOld",
            "Thanks",
        );
    }

    #[test]
    fn an_answer_below_is_found_and_answers_between_are_left_whole() {
        check("On 3 Nov 2025, Shop wrote:\n> Shall we?\n\nYes.", "Yes.");
        let mixed = "On 3 Nov 2025, Shop wrote:\n> One?\nYes\n> Two?\nNo";
        check(mixed, mixed);
    }

    #[test]
    fn what_only_looks_like_a_quote_stays() {
        for text in [
            "Yesterday he wrote:\nhello",
            "From: Dublin\nwe would like to order",
            "From: me\nTo: you",
            "a > b and b < c",
            "They wrote: nothing",
            "",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn a_forward_is_whole_and_nothing_new_is_better_than_nothing() {
        let forward = "See below\n\n---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: Mon\nSubject: Hi\n\n> text";
        check(forward, forward);
        check("> only a quote", "> only a quote");
        check(
            "On 3 Nov 2025, Shop wrote:\n> Shall we?",
            "On 3 Nov 2025, Shop wrote:\n> Shall we?",
        );
    }

    #[test]
    fn a_hostile_text_costs_little() {
        let lines = "From:\n".repeat(50_000);
        assert!(!without_quotes(&lines).is_empty());
        let wrapped = "a\n".repeat(100_000);
        assert!(without_quotes(&wrapped).starts_with('a'));
    }
}
