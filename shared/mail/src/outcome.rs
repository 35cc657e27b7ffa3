/// Longest answer that is kept and shown, in characters.
const MAX_ANSWER_CHARS: usize = 500;

/// What came of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// It may be taken later, after so many seconds at the soonest.
    Again(u32),
    /// It will not be taken.
    Failed,
}

/// What the other side said.
#[derive(Debug)]
pub struct Told {
    /// What came of it.
    pub outcome: Outcome,
    /// Of the answer, where one came.
    pub status: Option<u16>,
    /// What it says, or why none came.
    pub answer: String,
}

impl Told {
    /// Nothing was sent.
    #[must_use]
    pub fn failed(why: &str) -> Self {
        Self {
            outcome: Outcome::Failed,
            status: None,
            answer: why.to_owned(),
        }
    }
}

/// The beginning of what a server says, in one line. It may be hostile.
#[must_use]
pub fn excerpt(said: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = said.chars().take(MAX_ANSWER_CHARS).map(plain).collect();
    line.trim().to_owned()
}

/// An answer that is no success: whether the same may be taken later.
#[must_use]
pub fn again_or_failed(status: u16, after: Option<u32>) -> Outcome {
    match status {
        408 | 425 | 429 | 500..=599 => Outcome::Again(after.unwrap_or_default()),
        _ => Outcome::Failed,
    }
}
