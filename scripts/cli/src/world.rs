//! What a command touches besides files and the network.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{Read, Write};
use std::time::Duration;

pub use crate::prompt::Prompt;

/// Waiting and chance, so that tests of retries neither wait nor vary.
pub trait Pause {
    /// Returns after `time` has passed.
    fn sleep(&mut self, time: Duration);
    /// A fraction in `0.0..1.0` that spreads waits of several clients apart.
    fn spread(&mut self) -> f64;
}

/// [`Pause`] as it is outside tests.
#[derive(Clone, Copy, Debug)]
pub struct RealPause;

impl Pause for RealPause {
    fn sleep(&mut self, time: Duration) {
        std::thread::sleep(time);
    }

    fn spread(&mut self) -> f64 {
        f64::from((random() >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
    }
}

/// Unpredictable enough for jitter and for telling runs apart; never for a secret.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The surroundings of one command.
pub struct World<'a> {
    /// Results, as scripts read them.
    pub out: &'a mut dyn Write,
    /// Progress, notes and errors.
    pub err: &'a mut dyn Write,
    /// What a file called `-` is read from.
    pub input: &'a mut dyn Read,
    /// Whether `err` is a terminal: decides on colours and the progress bar.
    pub interactive: bool,
    /// Somebody who answers questions; `None` where standard input is no terminal.
    pub prompt: Option<&'a mut dyn Prompt>,
    /// The environment's variables.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Waits between tries.
    pub pause: &'a mut dyn Pause,
}

impl World<'_> {
    /// The first of these variables that says something.
    pub(crate) fn variable(&self, names: &[&str]) -> Option<String> {
        let mut values = names.iter().filter_map(|name| (self.variable)(name));
        values.find(|value| !value.trim().is_empty())
    }

    /// A line of the result. A reader that has gone away is no reason to stop an import.
    pub(crate) fn say(&mut self, line: &str) {
        let _ = writeln!(self.out, "{line}");
    }

    /// A line beside the result.
    pub(crate) fn note(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }
}
