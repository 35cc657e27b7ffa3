//! The terminal's end of [`tieline_cli`].

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use tieline_cli::{RealPause, RealPrompt, World};

fn main() -> ExitCode {
    let interactive = io::stderr().is_terminal();
    let mut prompt = RealPrompt;
    let is_asked = interactive && io::stdin().is_terminal();
    ExitCode::from(tieline_cli::run(
        std::env::args_os(),
        &mut World {
            out: &mut io::stdout(),
            err: &mut io::stderr(),
            input: &mut io::stdin(),
            interactive,
            prompt: is_asked.then_some(&mut prompt as _),
            variable: &|name| std::env::var(name).ok(),
            pause: &mut RealPause,
        },
    ))
}
