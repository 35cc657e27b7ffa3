//! Without arguments: writes the files again that follow from the ledger. With `new NAME …`: makes the
//! files of a function.

use generator::new_function::NewFunction;
use std::fs;

fn main() {
    if let Err(error) = run() {
        // Nothing was written by halves: files are made first, and written when all could be.
        let _told = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("error: {error}\n").as_bytes(),
        );
        std::process::exit(2);
    }
}

fn run() -> generator::Result<()> {
    let root = generator::root();
    let mut arguments = std::env::args().skip(1);
    let files = match arguments.next().as_deref() {
        None => generator::generate(&root)?,
        Some("new") => NewFunction::parse(arguments)?.files(&root)?,
        Some(other) => return Err(format!("there is no {other}").into()),
    };
    for file in files {
        let path = root.join(&file.path);
        // A file that stays keeps its time, so that nothing is built anew.
        if fs::read_to_string(&path).is_ok_and(|there| there == file.text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, file.text)?;
    }
    Ok(())
}
