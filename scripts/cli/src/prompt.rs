//! Questions to somebody at a terminal.

use std::io;

use console::Term;

use crate::failure::Failure;
use crate::secret::Secret;
use crate::world::World;

/// How often an answer that is none is asked for again.
const TRIES: usize = 3;

/// Somebody who is asked, so that tests can answer.
pub trait Prompt {
    /// A line that is typed behind the question.
    ///
    /// # Errors
    /// Where the terminal has gone away.
    fn line(&mut self, question: &str) -> io::Result<String>;
    /// The same of a secret, which is not shown while it is typed.
    ///
    /// # Errors
    /// As above.
    fn secret(&mut self, question: &str) -> io::Result<String>;
}

/// [`Prompt`] as it is outside tests.
#[derive(Clone, Copy, Debug)]
pub struct RealPrompt;

impl Prompt for RealPrompt {
    fn line(&mut self, question: &str) -> io::Result<String> {
        let terminal = Term::stderr();
        terminal.write_str(&format!("{question} "))?;
        terminal.read_line()
    }

    fn secret(&mut self, question: &str) -> io::Result<String> {
        let terminal = Term::stderr();
        terminal.write_str(&format!("{question} (not shown) "))?;
        terminal.read_secure_line()
    }
}

impl World<'_> {
    /// Whether somebody answers questions.
    pub(crate) fn is_asked(&self) -> bool {
        self.prompt.is_some()
    }

    /// What somebody answers; `None` where nobody is there, or nothing was typed.
    pub(crate) fn ask(&mut self, question: &str) -> Result<Option<String>, Failure> {
        let Some(prompt) = self.prompt.as_mut() else {
            return Ok(None);
        };
        let line = prompt.line(question).map_err(|error| gone(&error))?;
        Ok(Some(line.trim().to_owned()).filter(|line| !line.is_empty()))
    }

    /// The same of a secret. One that no header can carry is asked for again.
    pub(crate) fn ask_secret(&mut self, question: &str) -> Result<Option<Secret>, Failure> {
        for _ in 0..TRIES {
            let Some(prompt) = self.prompt.as_mut() else {
                return Ok(None);
            };
            let line = prompt.secret(question).map_err(|error| gone(&error))?;
            let Ok(secret) = Secret::from_argument(&line);
            if secret.is_empty() {
                return Ok(None);
            }
            if secret.is_sendable() {
                return Ok(Some(secret));
            }
            self.note("  That has spaces or characters that no token has.");
        }
        Ok(None)
    }

    /// Whether somebody says yes; `usual` where nothing is typed, and where nobody is there.
    pub(crate) fn confirm(&mut self, question: &str, usual: bool) -> Result<bool, Failure> {
        let choices = if usual { "[Y/n]" } else { "[y/N]" };
        for _ in 0..TRIES {
            let Some(answer) = self.ask(&format!("{question} {choices}"))? else {
                return Ok(usual);
            };
            match answer.to_lowercase().as_str() {
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => self.note("  Answer y or n."),
            }
        }
        Ok(usual)
    }
}

fn gone(error: &io::Error) -> Failure {
    Failure::usage(format!(
        "nobody answers: {error}. What was asked can be given by options and variables instead, see --help"
    ))
}
