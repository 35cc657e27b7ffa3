//! What a model wrote as plain text, whether it comes whole or in pieces. One implementation of both, so that no piece
//! is shown which the whole would not have.

/// Longest text, in characters.
pub(crate) const MAX_TEXT: usize = 4_000;
/// What some models think before they answer stands between these.
const THOUGHT: (&str, &str) = ("<think>", "</think>");
/// What stands for a secret.
const HIDDEN: &str = "***";

/// Makes plain text of what comes: without what was thought before it, without control characters (line ends stay),
/// without what hides text from people or changes its direction, without spaces at both ends, and cut at [`MAX_TEXT`].
/// Joiners stay: scripts and emoji need them. Whatever the pieces are, the same text comes out.
#[derive(Debug)]
pub(crate) struct PlainText {
    /// What must not be said: a server may repeat the key that it was asked with.
    secret: Option<String>,
    stage: Stage,
    is_behind_return: bool,
    /// How many characters there are, without those that are held.
    count: usize,
    /// Spaces that stand there only if something follows, as far as they have room.
    spaces: String,
    space_count: usize,
    /// The end of the text, which may be the beginning of the secret.
    held: String,
    is_long: bool,
}

#[derive(Debug)]
enum Stage {
    /// Nothing was said yet; this may become the mark before a thought.
    Begin(String),
    /// What is thought; the end of it may be the beginning of the mark behind it.
    Thought(String),
    Said,
}

impl PlainText {
    pub(crate) fn new(secret: Option<&str>) -> Self {
        Self {
            secret: secret.filter(|one| !one.is_empty()).map(str::to_owned),
            stage: Stage::Begin(String::new()),
            is_behind_return: false,
            count: 0,
            spaces: String::new(),
            space_count: 0,
            held: String::new(),
            is_long: false,
        }
    }

    /// All of a text at once.
    pub(crate) fn whole(answer: &str) -> (String, bool) {
        let mut plain = Self::new(None);
        let mut text = plain.push(answer);
        text.push_str(&plain.end());
        (text, plain.is_long)
    }

    /// Takes a piece, and gives what is sure of the text.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        match std::mem::replace(&mut self.stage, Stage::Said) {
            Stage::Said => self.said(piece),
            Stage::Begin(before) => self.begun(before + piece),
            Stage::Thought(before) => self.thought(before + piece),
        }
    }

    /// What was held, where nothing follows.
    pub(crate) fn end(&mut self) -> String {
        let mut text = match std::mem::replace(&mut self.stage, Stage::Said) {
            Stage::Begin(begun) => self.said(&begun),
            Stage::Thought(_) | Stage::Said => String::new(),
        };
        text.push_str(&std::mem::take(&mut self.held));
        text
    }

    /// Whether there was more than [`MAX_TEXT`] characters.
    pub(crate) const fn is_long(&self) -> bool {
        self.is_long
    }

    fn begun(&mut self, mut begun: String) -> String {
        begun.drain(..begun.len() - begun.trim_start().len());
        if begun.len() < THOUGHT.0.len() && THOUGHT.0.starts_with(&begun) {
            self.stage = Stage::Begin(begun);
            return String::new();
        }
        match begun.strip_prefix(THOUGHT.0) {
            None => self.said(&begun),
            Some(thought) => self.thought(thought.to_owned()),
        }
    }

    fn thought(&mut self, mut thought: String) -> String {
        if let Some((_, said)) = thought.split_once(THOUGHT.1) {
            self.stage = Stage::Said;
            return self.said(said);
        }
        let end = thought.len().saturating_sub(THOUGHT.1.len() - 1);
        thought.drain(..thought.ceil_char_boundary(end));
        self.stage = Stage::Thought(thought);
        String::new()
    }

    fn said(&mut self, piece: &str) -> String {
        let mut text = std::mem::take(&mut self.held);
        for c in piece.chars() {
            let is_rest_of_line_end = self.is_behind_return && c == '\n';
            self.is_behind_return = c == '\r';
            if is_rest_of_line_end || self.is_long {
                continue;
            }
            if let Some(c) = shown(c) {
                self.add(&mut text, c);
            }
        }
        self.without_secret(text)
    }

    fn add(&mut self, text: &mut String, c: char) {
        let at = self.count + self.space_count;
        if !c.is_whitespace() {
            self.is_long = at >= MAX_TEXT;
            if !self.is_long {
                text.push_str(&self.spaces);
                text.push(c);
                self.count = at + 1;
                self.space_count = 0;
                self.spaces.clear();
            }
        } else if self.count > 0 {
            self.space_count += 1;
            if at < MAX_TEXT {
                self.spaces.push(c);
            }
        }
    }

    /// The text up to where the secret may begin.
    fn without_secret(&mut self, mut text: String) -> String {
        let Some(secret) = &self.secret else {
            return text;
        };
        let mut sure = String::with_capacity(text.len());
        while let Some((before, behind)) = text.split_once(secret.as_str()) {
            sure.push_str(before);
            sure.push_str(HIDDEN);
            text = behind.to_owned();
        }
        let ends = text.char_indices().map(|(at, _)| at);
        let mut ends = ends.filter(|at| {
            text.get(*at..)
                .is_some_and(|end| end.len() < secret.len() && secret.starts_with(end))
        });
        let begin = ends.next().unwrap_or(text.len());
        self.held = text.split_off(begin);
        sure.push_str(&text);
        sure
    }
}

/// What is shown of a character.
fn shown(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => None,
        '\u{e0000}'..='\u{e007f}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}
