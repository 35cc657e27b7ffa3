use super::address::{Address, addresses, names_many};
use super::authentication::SenderVerified;
use super::message_id::{message_id, message_ids};
use common::date::mail_date;
use common::time::Timestamp;

/// Longest subject that is repeated in an answer, in characters; that of a request has 250.
const MAX_ANSWER_CHARS: usize = 250;
/// Most headers that are looked at.
const MAX_HEADERS: usize = 500;

/// A mail that came in, by whichever provider, before it is known whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// The headers, their names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// Who wrote it, by its header.
    pub from: Option<Address>,
    /// Whether its `From` has more than one author, or may be read so.
    pub has_many_authors: bool,
    /// What the provider found of the writer.
    pub sender_verified: SenderVerified,
    /// Where the writer wants answers.
    pub reply_to: Option<Address>,
    /// Who got it, by its headers.
    pub to: Vec<Address>,
    /// Who got a copy, by its headers.
    pub cc: Vec<Address>,
    /// Who got it by the envelope, which names aliases and blind copies too.
    pub envelope_to: Vec<String>,
    /// Whom the envelope says it is from; empty for a bounce.
    pub envelope_from: Option<String>,
    /// What it is about.
    pub subject: String,
    /// As plain text.
    pub text: Option<String>,
    /// As HTML, as it came.
    pub html: Option<String>,
    /// What the provider knows it by.
    pub provider_id: String,
    /// When the provider got it.
    pub received_at: Option<Timestamp>,
    /// The `Content-ID`s of what it carries, by their places.
    pub content_ids: Vec<(String, usize)>,
    /// Under which id its bytes are kept as they came.
    pub raw_id: Option<String>,
    /// Whether there is more to it than the provider gave.
    pub is_incomplete: bool,
}

impl Mail {
    /// Takes headers over, as a provider gives them.
    pub fn set_headers(&mut self, headers: impl Iterator<Item = (String, String)>) {
        let lower = |(name, value): (String, String)| (name.trim().to_ascii_lowercase(), value);
        self.headers = headers.take(MAX_HEADERS).map(lower).collect();
        let authors: Vec<_> = self.headers_named("from").collect();
        let is_ambiguous = authors.len() > 1 || authors.into_iter().any(names_many);
        self.has_many_authors |= is_ambiguous;
    }

    /// The values of a header, by its name in lower case, from the top down.
    pub fn headers_named<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m str> {
        let found = self.headers.iter().filter(move |(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A header's value, by its name in lower case: the first, which is the one that was added last.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The addresses of a header.
    #[must_use]
    pub fn addresses(&self, name: &str) -> Vec<Address> {
        self.header(name).map(addresses).unwrap_or_default()
    }

    /// Its `Message-ID`, where it has one that can be.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        message_id(self.header("message-id")?)
    }

    /// The ids of the thread that it continues, oldest first; what it answers comes last.
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        let mut ids = self
            .header("references")
            .map(message_ids)
            .unwrap_or_default();
        let answered = self.header("in-reply-to").map(message_ids);
        for id in answered.unwrap_or_default() {
            ids.retain(|known| *known != id);
            ids.push(id);
        }
        ids
    }

    /// When it was written, by the writer's clock, else when the provider got it.
    #[must_use]
    pub fn sent_at(&self) -> Option<Timestamp> {
        self.header("date").and_then(mail_date).or(self.received_at)
    }

    /// Everybody who got it, by the envelope and by the headers.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        let named = self.to.iter().chain(&self.cc);
        let envelope = self.envelope_to.iter().map(String::as_str);
        envelope.chain(named.map(|address| address.email.as_str()))
    }

    /// Whether it is a forwarded mail, which continues no thread of the forwarder (channels.md §9,
    /// gotcha 6).
    #[must_use]
    pub fn is_forward(&self) -> bool {
        let prefix = self
            .subject
            .trim_start()
            .split(':')
            .next()
            .unwrap_or_default();
        let prefix = prefix.trim().to_lowercase();
        let has_more = self.subject.contains(':');
        has_more
            && matches!(
                prefix.as_str(),
                "fwd" | "fw" | "wg" | "tr" | "rv" | "enc" | "vs"
            )
    }
}

/// A subject as an answer has it: `Re: ` and what it was, which some programs thread by. One line,
/// whatever the other side wrote into its own.
#[must_use]
pub fn answer_subject(subject: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = subject.chars().map(plain).take(MAX_ANSWER_CHARS).collect();
    match base_subject(&line).trim_end() {
        "" => "Re:".to_owned(),
        base => format!("Re: {base}"),
    }
}

/// A subject without what answers put before it, in the languages that programs do it in.
#[must_use]
pub fn base_subject(subject: &str) -> &str {
    let mut base = subject.trim();
    while let Some((prefix, rest)) = base.split_once(':') {
        let prefix = prefix.trim().to_lowercase();
        let word = prefix.split(['[', '(']).next().unwrap_or_default().trim();
        if !matches!(word, "re" | "aw" | "sv" | "antw" | "odp" | "ref" | "res") {
            break;
        }
        base = rest.trim_start();
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(headers: &[(&str, &str)]) -> Mail {
        let mut mail = Mail::default();
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        mail.set_headers(headers);
        mail
    }

    #[test]
    fn what_is_answered_comes_last() {
        let thread = mail(&[
            ("References", "<a@x> <b@x> <c@x>"),
            ("IN-REPLY-TO", "<b@x>"),
        ]);
        assert_eq!(thread.references(), ["<a@x>", "<c@x>", "<b@x>"]);
        // Some programs write one of the two alone.
        assert_eq!(mail(&[("In-Reply-To", "<b@x>")]).references(), ["<b@x>"]);
        assert_eq!(mail(&[("References", "<b@x>")]).references(), ["<b@x>"]);
        assert_eq!(mail(&[]).references(), Vec::<String>::new());
    }

    #[test]
    fn a_subject_is_answered_once_whatever_the_language() {
        for subject in [
            "Your order",
            "Re: Your order",
            "RE: AW: re[2]: Your order",
            "Antw: Your order",
        ] {
            assert_eq!(answer_subject(subject), "Re: Your order", "{subject}");
        }
        assert_eq!(answer_subject("Question: where?"), "Re: Question: where?");
        assert_eq!(answer_subject(""), "Re:");
        assert_eq!(
            answer_subject("a\r\nBcc: x@y.example"),
            "Re: a  Bcc: x@y.example"
        );
    }

    #[test]
    fn a_forward_is_known_by_its_subject() {
        for (subject, expected) in [
            ("Fwd: x", true),
            ("WG: x", true),
            ("fw : x", true),
            ("Re: Fwd: x", false),
            ("fwd", false),
        ] {
            let mail = Mail {
                subject: subject.into(),
                ..Mail::default()
            };
            assert_eq!(mail.is_forward(), expected, "{subject}");
        }
    }
}
