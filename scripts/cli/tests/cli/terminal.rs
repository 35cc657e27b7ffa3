//! Runs commands as a terminal would, in a folder of their own and with waits that only count.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io};

use tempfile::TempDir;
use tieline_cli::{Pause, Prompt, World};

/// A folder with the files of one test.
pub(crate) struct Folder(TempDir);

/// What a command left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) exit: u8,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) waits: Vec<Duration>,
}

struct Counted(Vec<Duration>);

impl Pause for Counted {
    fn sleep(&mut self, time: Duration) {
        self.0.push(time);
    }

    fn spread(&mut self) -> f64 {
        0.0
    }
}

/// Somebody at a terminal, who types these lines and then leaves.
pub(crate) struct Answers {
    lines: std::vec::IntoIter<String>,
    pub(crate) questions: Vec<String>,
}

impl Answers {
    pub(crate) fn new(lines: &[&str]) -> Self {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        Self {
            lines: lines.into_iter(),
            questions: Vec::new(),
        }
    }
}

impl Prompt for Answers {
    fn line(&mut self, question: &str) -> io::Result<String> {
        self.questions.push(question.to_owned());
        self.lines
            .next()
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn secret(&mut self, question: &str) -> io::Result<String> {
        self.line(&format!("{question} (hidden)"))
    }
}

/// Runs a command line without the program's name.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    run_with(arguments, "")
}

/// The same with something on its standard input.
pub(crate) fn run_with(arguments: &[&str], input: &str) -> Outcome {
    run_in(arguments, input, &[], None)
}

/// The same with variables, and with somebody who answers questions.
pub(crate) fn run_in(
    arguments: &[&str],
    input: &str,
    variables: &[(&str, &str)],
    answers: Option<&mut Answers>,
) -> Outcome {
    let variable = |name: &str| {
        let found = variables.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let (mut out, mut err, mut pause) = (Vec::new(), Vec::new(), Counted(Vec::new()));
    let program = std::iter::once("tieline");
    let exit = tieline_cli::run(
        program.chain(arguments.iter().copied()).map(OsString::from),
        &mut World {
            out: &mut out,
            err: &mut err,
            input: &mut input.as_bytes(),
            interactive: false,
            prompt: answers.map(|answers| answers as &mut dyn Prompt),
            variable: &variable,
            pause: &mut pause,
        },
    );
    Outcome {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
        waits: pause.0,
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write(name, content);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Names of all files, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// `tieline import` of one of its files.
    pub(crate) fn import(&self, name: &str, url: &str, more: &[&str]) -> Outcome {
        let file = self.text(name);
        let command = ["import", &file, "--base-url", url, "--api-key", KEY];
        run(&[&command, more].concat())
    }
}

/// Seen nowhere but in a request's header.
pub(crate) const KEY: &str = "tl_key_do-not-print";
