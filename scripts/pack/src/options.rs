//! What the command line says.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::PathBuf;

/// The text of `--help`.
pub const HELP: &str =
    "Usage: pack --wasm DIR --out PATTERN [--wasm-opt PROGRAM] [--keep-names] NAME...
       pack test FILE [FILTER]

Writes, for each Worker NAME, what workerd runs (index.js, glue.js, snippets and index_bg.wasm) of
the WASM that cargo made. A Worker whose WASM is the one it was made of is left alone.

  --wasm DIR          where cargo left the .wasm files
  --out PATTERN       the folder to write, with {} for the name: target/workers/{}
  --wasm-opt PROGRAM  shrink each with this wasm-opt
  --keep-names        shrink all but the names of functions, for profiles

`pack test` runs a test program that was compiled to WASM, in Node; cargo calls it as its runner.
";

/// What to do.
#[derive(Debug)]
pub enum Command {
    Help,
    Pack(Pack),
    Test {
        wasm: PathBuf,
        filter: Option<String>,
    },
}

/// Which Workers to pack, and where.
#[derive(Debug)]
pub struct Pack {
    /// Where cargo left the `.wasm` files.
    pub wasm: PathBuf,
    /// The folder of a Worker, with `{}` for its name.
    pub out: String,
    /// The program that shrinks; none leaves the WASM as it is.
    pub wasm_opt: Option<PathBuf>,
    /// Whether what is shrunk keeps the names of its functions.
    pub keep_names: bool,
    /// The Workers.
    pub names: Vec<String>,
}

impl Pack {
    /// The folder of a Worker.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.out.replace("{}", name).into()
    }
}

/// Reads the arguments, the program's name left out.
pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command> {
    let mut arguments = arguments.map(|argument| {
        argument
            .into_string()
            .map_err(|argument| anyhow::anyhow!("{} is no text", argument.display()))
    });
    let mut pack = Pack {
        wasm: PathBuf::new(),
        out: String::new(),
        wasm_opt: None,
        keep_names: false,
        names: Vec::new(),
    };
    while let Some(argument) = arguments.next() {
        let argument = argument?;
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))?
        };
        match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "test" if pack.names.is_empty() => {
                let wasm = value()?.into();
                // cargo hands its own options on, such as --quiet.
                let is_filter = |argument: &Result<String, _>| {
                    argument
                        .as_ref()
                        .map_or(true, |text| !text.starts_with('-'))
                };
                let filter = arguments.find(is_filter).transpose()?;
                return Ok(Command::Test { wasm, filter });
            }
            "--wasm" => pack.wasm = value()?.into(),
            "--out" => pack.out = value()?,
            "--wasm-opt" => pack.wasm_opt = Some(value()?.into()),
            "--keep-names" => pack.keep_names = true,
            option if option.starts_with('-') => bail!("there is no {option}; see --help"),
            name => pack.names.push(name.to_owned()),
        }
    }
    if pack.wasm.as_os_str().is_empty() || !pack.out.contains("{}") || pack.names.is_empty() {
        bail!("--wasm, --out with {{}} in it, and a NAME are needed; see --help");
    }
    Ok(Command::Pack(pack))
}
