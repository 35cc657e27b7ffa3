//! The terminal's end of [`tieline_cli`].

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use tieline_cli::{RealPause, World};

fn main() -> ExitCode {
    let interactive = io::stderr().is_terminal();
    ExitCode::from(tieline_cli::run(
        std::env::args_os(),
        &mut World {
            out: &mut io::stdout(),
            err: &mut io::stderr(),
            input: &mut io::stdin(),
            interactive,
            pause: &mut RealPause,
        },
    ))
}
