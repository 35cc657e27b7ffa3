use crate::cache::{self, Cache};
use crate::options::{Command, Pack, parse};
use crate::{runner, worker};
use std::fs;
use std::path::{Path, PathBuf};

fn parsed(arguments: &[&str]) -> anyhow::Result<Command> {
    parse(arguments.iter().map(Into::into))
}

fn packing(arguments: &[&str]) -> Pack {
    match parsed(arguments).unwrap() {
        Command::Pack(pack) => pack,
        other => unreachable!("{other:?}"),
    }
}

/// A folder of the test that is empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pack-{}-{name}", std::process::id()));
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The version of a package in a lock file.
fn locked(lock: &str, package: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(lock)).unwrap();
    let after = text
        .split_once(&format!("name = \"{package}\"\nversion = \""))
        .unwrap()
        .1;
    after.split_once('"').unwrap().0.to_owned()
}

#[test]
fn the_packer_has_the_wasm_bindgen_of_the_functions() {
    let functions = locked("../../Cargo.lock", "wasm-bindgen");
    assert_eq!(locked("Cargo.lock", "wasm-bindgen-cli-support"), functions);
}

#[test]
fn the_arguments_say_what_goes_where() {
    let pack = packing(&["--wasm", "in", "--out", "out/{}/build", "a-b", "c"]);
    assert_eq!(pack.wasm, Path::new("in"));
    assert_eq!(pack.names, ["a-b", "c"]);
    assert_eq!(pack.folder("a-b"), Path::new("out/a-b/build"));
    assert!(pack.wasm_opt.is_none() && !pack.keep_names);
    let named = packing(&["--wasm", "in", "--out", "out/{}", "--keep-names", "a"]);
    assert!(named.keep_names && named.names == ["a"]);
    assert!(matches!(parsed(&["--help"]).unwrap(), Command::Help));
    let Command::Test { wasm, filter } = parsed(&["test", "x.wasm", "part"]).unwrap() else {
        unreachable!()
    };
    assert_eq!(
        (wasm.as_path(), filter.as_deref()),
        (Path::new("x.wasm"), Some("part"))
    );
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let whole = ["--wasm", "in", "--out", "out/{}", "a"];
    for wrong in [
        &whole[..4],
        &["--wasm"],
        &["--wsm", "in"],
        &["--wasm", "in", "--out", "out", "a"],
        &["test"],
    ] {
        assert!(parsed(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_folder_counts_as_made_of_what_it_was_made_of_alone() {
    let folder = folder("cache");
    let tool = folder.join("wasm-opt");
    fs::write(&tool, "one").unwrap();
    let plain = Cache::new(None, false).unwrap();
    let key = plain.key(b"wasm");
    assert!(!cache::is_made_of(&folder, &key));
    cache::note(&folder, &key).unwrap();
    assert!(cache::is_made_of(&folder, &plain.key(b"wasm")));
    assert!(!cache::is_made_of(&folder, &plain.key(b"masw")));
    cache::forget(&folder);
    assert!(!cache::is_made_of(&folder, &key));
    let shrunk = Cache::new(Some(&tool), false).unwrap().key(b"wasm");
    fs::write(&tool, "two").unwrap();
    let shrunk_anew = Cache::new(Some(&tool), false).unwrap().key(b"wasm");
    let named = Cache::new(Some(&tool), true).unwrap().key(b"wasm");
    assert!(key != shrunk && shrunk != shrunk_anew && shrunk_anew != named);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_entry_takes_the_events_that_the_worker_has() {
    let entry = worker::entry(&["fetch", "queue"]);
    assert!(entry.contains("fetch(subject) { return run(this, glue.fetch, subject); }"));
    assert!(
        entry.contains("glue.queue")
            && !entry.contains("glue.email")
            && !entry.contains("/* events */")
    );
}

#[test]
fn glue_of_another_shape_is_refused() {
    let made = worker::glue("import source wasmModule from \"./index_bg.wasm\";\nlet a;").unwrap();
    assert_eq!(made, "import wasmModule from \"./index_bg.wasm\";\nlet a;");
    assert!(worker::glue("import wasm from \"./index_bg.wasm\";").is_err());
}

#[test]
fn classes_that_nothing_makes_are_found_with_their_exports() {
    let glue = "import a;\n\nexport class NeverMade {\nfree() {\n}\n}\nif (x) y;\n\nclass HandedOver {\n}\n\
        const imports = { f: () => HandedOver.__wrap(1) };\nexport class Made {\nconstructor() {\n}\n}\n";
    assert_eq!(worker::never_made(glue), ["nevermade"]);
    for export in [
        "__wbg_nevermade_free",
        "__wbg_get_nevermade_a",
        "__wbg_set_nevermade_a",
        "nevermade_run",
    ] {
        assert!(worker::is_of("nevermade", export), "{export}");
    }
    for export in [
        "fetch",
        "nevermades_run",
        "__wbg_made_free",
        "__wbg_reset_state",
    ] {
        assert!(!worker::is_of("nevermade", export), "{export}");
    }
}

#[test]
fn what_is_no_worker_is_refused() {
    assert!(worker::Worker::bind(b"not wasm".to_vec()).is_err());
}

#[test]
fn the_tests_of_a_program_are_its_exports_with_the_prefix() {
    let exports = ["memory", "__wbgt__a::one", "__wbgt__a::two", "other"];
    assert_eq!(
        runner::chosen(exports.into_iter(), None),
        ["__wbgt__a::one", "__wbgt__a::two"]
    );
    assert_eq!(
        runner::chosen(exports.into_iter(), Some("two")),
        ["__wbgt__a::two"]
    );
}
