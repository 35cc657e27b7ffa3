use common::allowance::{Allowance, Need};
use common::ports::{Queue, Wake};

/// What one invocation does of the messages that a queue handed it.
#[derive(Debug)]
pub struct Batch {
    /// Those whose jobs it begins.
    pub begun: Vec<String>,
    /// The others, for the queue again: other invocations take them.
    pub left: Vec<Wake>,
    /// What each job may ask of the platform.
    pub share: Allowance,
}

/// Divides what an invocation is allowed among the messages of a queue. A message names what is due and says nothing
/// else, so that one that is handed back loses nothing, and its place behind others does no harm. `added`: as of
/// [`Need::of`].
#[must_use]
pub fn batch_of(queue: Option<Queue>, messages: Vec<String>, added: usize) -> Batch {
    let mut begun = messages;
    let Some(queue) = queue else {
        return Batch {
            begun,
            left: Vec::new(),
            share: Allowance::whole(),
        };
    };
    let (count, share) = Allowance::shares(Need::of(queue, added), begun.len());
    let left = begun.split_off(count.min(begun.len()));
    let wake = |message: String| Wake {
        queue,
        message,
        delay_seconds: 0,
    };
    Batch {
        begun,
        left: left.into_iter().map(wake).collect(),
        share,
    }
}
