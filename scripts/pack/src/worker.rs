//! One Worker: wasm-bindgen's glue around its WASM, and the entry that workerd sees.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// The events that a Worker may take, as the `worker` crate's `#[event]` names them.
const EVENTS: [&str; 4] = ["fetch", "queue", "scheduled", "email"];

/// The module that workerd starts.
const ENTRY: &str = include_str!("entry.js");

/// A Worker that can be written.
#[derive(Debug)]
pub struct Worker {
    /// The program.
    pub wasm: Vec<u8>,
    /// Each JavaScript module by its path in the folder.
    modules: BTreeMap<String, String>,
}

impl Worker {
    /// Makes a Worker of what cargo compiled.
    pub fn bind(wasm: Vec<u8>) -> Result<Self> {
        let mut bindgen = Bindgen::new();
        bindgen
            .module(true)?
            .typescript(false)
            .reset_state_function(true)
            .force_enable_abort_handler(true)
            .input_bytes("index", wasm);
        let mut output = bindgen.generate_output()?;
        let events: Vec<&str> = EVENTS
            .into_iter()
            .filter(|event| {
                output
                    .wasm()
                    .exports
                    .iter()
                    .any(|export| export.name == *event)
            })
            .collect();
        if events.is_empty() {
            bail!(
                "it takes no event: none of {} is exported",
                EVENTS.join(", ")
            );
        }
        let dead = never_made(output.js());
        let exports = &mut output.wasm_mut().exports;
        let unused: Vec<_> = exports
            .iter()
            .filter(|export| dead.iter().any(|class| is_of(class, &export.name)))
            .map(|export| export.id())
            .collect();
        for id in unused {
            exports.delete(id);
        }
        let mut modules = BTreeMap::new();
        modules.insert("index.js".to_owned(), entry(&events));
        modules.insert("glue.js".to_owned(), glue(output.js())?);
        for (owner, sources) in output.snippets() {
            for (n, source) in sources.iter().enumerate() {
                modules.insert(format!("snippets/{owner}/inline{n}.js"), source.clone());
            }
        }
        for (path, source) in output.local_modules() {
            modules.insert(format!("snippets/{path}"), source.clone());
        }
        Ok(Self {
            wasm: output.wasm_mut().emit_wasm(),
            modules,
        })
    }

    /// Writes it in the place of what was there.
    pub fn write(&self, folder: &Path) -> Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        let mut files: BTreeMap<&str, &[u8]> = self
            .modules
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_bytes()))
            .collect();
        files.insert("index_bg.wasm", &self.wasm);
        for (path, bytes) in files {
            let file = folder.join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }
}

/// The classes of the glue that nothing makes an object of, in lower case: Rust hands none over, and they have no
/// constructor. wasm-bindgen exports the methods of whatever class a crate declares, and what is exported
/// stays.
pub fn never_made(glue: &str) -> Vec<String> {
    let classes = glue
        .split("\nexport class ")
        .flat_map(|part| part.split("\nclass "))
        .skip(1);
    classes
        .filter_map(|class| {
            let (name, rest) = class.split_once(" {\n")?;
            let body = rest.split("\n}\n").next()?;
            let is_made =
                body.contains("constructor(") || glue.contains(&format!("{name}.__wrap("));
            (!is_made).then(|| name.to_lowercase())
        })
        .collect()
}

/// Whether an export is a method of a class, by wasm-bindgen's names.
pub fn is_of(class: &str, export: &str) -> bool {
    let name = export.strip_prefix("__wbg_").unwrap_or(export);
    let name = ["get_", "set_"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    name.strip_prefix(class)
        .is_some_and(|rest| rest.starts_with('_'))
}

/// The entry for these events.
pub fn entry(events: &[&str]) -> String {
    let methods: String = events
        .iter()
        .map(|event| format!("  {event}(subject) {{ return run(this, glue.{event}, subject); }}\n"))
        .collect();
    ENTRY.replace("  /* events */\n", &methods)
}

/// wasm-bindgen's glue as workerd takes it: an import of WASM gives the module there, without the keyword
/// of the proposal.
pub fn glue(js: &str) -> Result<String> {
    let import = "import source wasmModule from ";
    if js.matches(import).count() != 1 {
        bail!("wasm-bindgen's glue does not import its WASM as it did");
    }
    Ok(js.replace(import, "import wasmModule from "))
}
