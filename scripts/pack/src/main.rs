//! Makes the folder that workerd runs of each compiled Worker, and runs tests that are compiled to WASM.

mod cache;
mod optimise;
mod options;
mod runner;
mod worker;

#[cfg(test)]
mod tests;

use anyhow::{Context, Result, bail};
use cache::Cache;
use options::{Command, Pack};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use worker::Worker;

fn main() -> ExitCode {
    let outcome = match options::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print(options::HELP);
            Ok(())
        }
        Ok(Command::Pack(pack)) => pack_all(&pack),
        Ok(Command::Test { wasm, filter }) => runner::run(&wasm, filter.as_deref()),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A line for whoever watches; that nobody listens is no failure.
fn say(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

fn print(text: &str) {
    drop(write!(std::io::stdout(), "{text}"));
}

/// Packs every Worker whose folder is not made of just this WASM, on all cores.
fn pack_all(pack: &Pack) -> Result<()> {
    let started = Instant::now();
    let cache = Cache::new(pack.wasm_opt.as_deref(), pack.keep_names)?;
    // Two at once would write the same folders. The lock ends with the process.
    let lock = std::fs::File::open(std::env::current_exe()?)?;
    lock.lock().context("cannot wait for another packer")?;
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(name) = pack.names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = pack_one(pack, &cache, name);
                    if let Ok(mut all) = outcomes.lock() {
                        all.push((name, outcome));
                    }
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap_or_default();
    let mut packed = 0;
    let mut failed = 0;
    for (name, outcome) in &outcomes {
        match outcome {
            Ok(fresh) => packed += usize::from(*fresh),
            Err(error) => {
                failed += 1;
                say(&format!("error: {name}: {error:#}"));
            }
        }
    }
    if failed > 0 || outcomes.len() != pack.names.len() {
        bail!(
            "{failed} of {} Workers could not be packed",
            pack.names.len()
        );
    }
    if packed > 0 {
        say(&format!(
            "Packed {packed} of {} Workers in {:.1} s.",
            pack.names.len(),
            started.elapsed().as_secs_f64()
        ));
    }
    Ok(())
}

/// Packs one Worker; false when its folder is what it would become.
fn pack_one(pack: &Pack, cache: &Cache, name: &str) -> Result<bool> {
    let started = Instant::now();
    let file = pack
        .wasm
        .join(name.replace('-', "_"))
        .with_extension("wasm");
    let wasm = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let folder = pack.folder(name);
    let key = cache.key(&wasm);
    if cache::is_made_of(&folder, &key) {
        return Ok(false);
    }
    let mut worker = Worker::bind(wasm)?;
    if let Some(wasm_opt) = &pack.wasm_opt {
        worker.wasm = optimise::optimise(wasm_opt, &worker.wasm, &folder, pack.keep_names)?;
        say(&format!(
            "Packed {name}: {} KB, {:.1} s",
            worker.wasm.len() / 1000,
            started.elapsed().as_secs_f64()
        ));
    }
    cache::forget(&folder);
    worker.write(&folder)?;
    cache::note(&folder, &key)?;
    Ok(true)
}
