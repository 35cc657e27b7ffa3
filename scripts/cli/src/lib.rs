//! `tieline`: creates businesses, keys and members, imports customers, connects CRMs and looks after
//! what runs, over the public API alone.
//!
//! It is a library so that tests can run whole commands with their own writers and without
//! waiting; `main` only hands in the real ones. Exit codes: 0 all done, 1 refused or some records
//! failed, 2 usage or configuration, 3 an import stopped part-way and can go on.

mod api;
mod args;
mod backup;
mod bar;
mod business;
mod config;
mod connector;
mod failure;
mod given;
mod import;
mod key;
mod keys;
mod links;
mod member;
mod operate;
mod parked;
mod prompt;
mod rotate;
mod secret;
mod session;
mod text;
mod world;

use std::ffi::OsString;

use clap::Parser;

use args::{Args, Command};
use config::Config;
use failure::{Exit, Failure};
pub use prompt::{Prompt, RealPrompt};
pub use world::{Pause, RealPause, World};

/// Runs one command line, program name first, and gives the process's exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>, world: &mut World<'_>) -> u8 {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => return print_usage(&error, world),
    };
    match dispatch(&args, world) {
        Ok(exit) => exit.code(),
        Err(failure) => {
            world.note(&format!("tieline: {}", failure.message));
            failure.exit.code()
        }
    }
}

fn dispatch(args: &Args, world: &mut World<'_>) -> Result<Exit, Failure> {
    let config = Config::load(&args.global)?;
    match &args.command {
        Command::Business(command) => business::run(command, &config, world),
        Command::Key(command) => key::run(command, &config, world),
        Command::Keys(command) => keys::run(command, &config, world),
        Command::Kustomer(command) => connector::kustomer(command, &config, world),
        Command::Krayin(command) => connector::krayin(command, &config, world),
        Command::Chatwoot(command) => connector::chatwoot(command, &config, world),
        Command::Links(command) => links::run(command, &config, world),
        Command::Parked(command) => parked::run(command, &config, world),
        Command::Member(command) => member::run(command, &config, world),
        Command::Status(options) => operate::status::run(options, &config, world),
        Command::Tail(options) => operate::tail::run(options, &config, world),
        Command::Deliveries(command) => operate::deliveries::run(command, &config, world),
        Command::Recover(options) => operate::recover::run(options, &config, world),
        Command::Jobs(command) => operate::jobs::run(command, &config, world),
        Command::RotatePlatformToken(options) => rotate::run(options, &config, world),
        Command::Backup(options) => backup::backup(options, &config, world),
        Command::Restore(options) => backup::restore(options, &config, world),
        Command::Import(options) => import::run(options, &config, world),
    }
}

/// `--help` and `--version` arrive here too; clap knows which stream and code each deserves.
fn print_usage(error: &clap::Error, world: &mut World<'_>) -> u8 {
    let text = error.render();
    let shown = if world.interactive {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    let shown = shown.trim_end();
    if error.use_stderr() {
        world.note(shown);
        Exit::Usage.code()
    } else {
        world.say(shown);
        Exit::Done.code()
    }
}
