//! `tieline import`: a file of customers into `POST api-customers-sync`.

mod answer;
mod batch;
mod csv_source;
mod field;
mod fingerprint;
mod jsonl_source;
mod mapping;
mod output;
mod paths;
mod progress;
mod record;
mod run;
mod source;
mod state;
mod totals;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use csv::ByteRecord;

pub(crate) use csv_source::Delimiter;
pub(crate) use mapping::MapRule;

use crate::api::{Client, Policy};
use crate::args::ImportArgs;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::text;
use crate::world::World;
use batch::Batcher;
use fingerprint::Fingerprint;
use output::Output;
use paths::Paths;
use progress::{Progress, rate};
use run::Import;
use source::Source;
use state::State;

/// Checks everything that can be checked, says what will be done, does it, and sums up.
pub(crate) fn run(
    args: &ImportArgs,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let mut import = prepare(args, config, world)?;
    let before = import.state.totals.rows();
    let began = Instant::now();
    if import.state.rows_done > 0 {
        import.batcher.skip_to(import.state.rows_done)?;
    }
    let bytes = import.batcher.source().bytes_read();
    import.progress.begin_at(bytes);
    let outcome = import.run(world);
    import.progress.bar.finish();
    import.report.finish();
    if let Some(mapping) = &import.mapping {
        mapping.finish();
    }
    let speed = rate(import.state.totals.rows() - before, began.elapsed());
    match outcome {
        Ok(()) => finish(&import, &speed, began.elapsed(), world),
        Err(failure) => Err(failure.with_context(how_to_go_on(&import))),
    }
}

/// Everything that can fail before something is sent.
fn prepare(args: &ImportArgs, config: &Config, world: &mut World<'_>) -> Result<Import, Failure> {
    let key = config.api_key()?;
    let paths = Paths::of(args)?;
    let source = source::open(args)?;
    let file = Fingerprint::of(&args.file)?;
    let state = starting_state(args, config, file, &paths)?;
    let report = Output::open(&state.report, report_header(source.columns()))?;
    let mapping_header = ByteRecord::from(vec!["external_id", "customer_id"]);
    let mapping = state.mapping.as_ref();
    let mapping = mapping.map(|place| Output::open(place, mapping_header));
    let mapping = mapping.transpose()?;
    let state_path = (!args.dry_run).then_some(paths.state);
    if let Some(path) = &state_path {
        state.save(path)?;
    }
    if !args.quiet {
        announce(source.as_ref(), &state, config, args, world);
    }
    Ok(Import {
        client: Client::new(config),
        key,
        policy: Policy {
            max_retries: args.retries.max_retries,
        },
        batch_size: usize::try_from(args.batch_size).unwrap_or(1000),
        dry_run: args.dry_run,
        batcher: Batcher::new(source),
        report,
        mapping,
        progress: Progress::new(state.file.bytes, world.interactive, args.quiet),
        ignored: BTreeSet::new(),
        state,
        state_path,
    })
}

/// The state to go on with, or that of a new import.
fn starting_state(
    args: &ImportArgs,
    config: &Config,
    file: Fingerprint,
    paths: &Paths,
) -> Result<State, Failure> {
    if args.dry_run {
        let report = State::load(&paths.state).ok().flatten();
        if report.is_some_and(|state| state.report.path == paths.report) {
            return Err(Failure::usage(format!(
                "{} belongs to an import that is to go on: give --report another file for the dry \
                 run",
                paths.report.display()
            )));
        }
    } else if !args.restart
        && let Some(state) = State::load(&paths.state)?
    {
        match state.check(args, &config.base, &file, paths) {
            Ok(()) => return Ok(state),
            Err(failure) if state.rows_done > 0 => return Err(failure),
            // Nothing is done yet, so nothing is lost by other options or another server.
            Err(_) => {}
        }
    }
    Ok(State::begin(args, &config.base, file, paths))
}

fn announce(
    source: &dyn Source,
    state: &State,
    config: &Config,
    args: &ImportArgs,
    world: &mut World<'_>,
) {
    let (name, size) = (&state.file.name, text::size(state.file.bytes));
    world.note(&format!("{name}: {size} of {}", source.describe()));
    let server = config.base.as_str();
    world.note(&if args.dry_run {
        format!("Dry run: {server} checks every record and writes nothing.")
    } else if state.rows_done > 0 {
        let row = text::count(state.rows_done + 1);
        let done = state.totals.sentence();
        format!("Going on at row {row} to {server}; before: {done}.")
    } else {
        format!("Importing to {server}. Stop it whenever you must: the same command goes on.")
    });
}

fn report_header(columns: &ByteRecord) -> ByteRecord {
    let mut header = ByteRecord::from(vec!["row", "external_id", "code", "error"]);
    header.extend(columns.iter());
    header
}

fn finish(
    import: &Import,
    speed: &str,
    time: Duration,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let (state, totals) = (&import.state, import.state.totals);
    if let Some(path) = &import.state_path {
        State::remove(path)?;
    }
    let rows = text::counted(totals.rows(), "row");
    world.say(&match import.dry_run {
        true => format!("{}: {rows} checked, nothing written.", state.file.name),
        false => format!("{}: {rows} done.", state.file.name),
    });
    let line = |name: &str, value: String| vec![format!("  {name}"), value];
    let mut lines: Vec<Vec<String>> = totals
        .parts()
        .into_iter()
        .map(|(name, number)| line(name, text::count(number)))
        .collect();
    lines.push(line(
        "speed",
        format!("{speed} in {:.1} s", time.as_secs_f64()),
    ));
    if !import.report.is_empty() {
        lines.push(line(
            "failed rows",
            import.report.path().display().to_string(),
        ));
    }
    if let Some(mapping) = import
        .mapping
        .as_ref()
        .filter(|mapping| !mapping.is_empty())
    {
        lines.push(line("mapping", mapping.path().display().to_string()));
    }
    world.say(&text::table(&lines));
    Ok(if totals.failed == 0 {
        Exit::Done
    } else {
        Exit::Refused
    })
}

fn how_to_go_on(import: &Import) -> String {
    if import.dry_run {
        return "The dry run ends here; nothing was written.".into();
    }
    let (row, done) = (import.state.rows_done, import.state.totals.sentence());
    if row == 0 {
        return "No row is done yet. Run the same command again.".into();
    }
    let row = text::count(row);
    format!("Done up to row {row}: {done}. The same command goes on from there.")
}
