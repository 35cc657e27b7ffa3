//! `generator`: writes the files again that follow from the ledger.

fn main() -> generator::Result<()> {
    let root = generator::root();
    for file in generator::generate(&root)? {
        let path = root.join(&file.path);
        // A file that stays keeps its time, so that nothing is built anew.
        if std::fs::read_to_string(&path).is_ok_and(|there| there == file.text) {
            continue;
        }
        std::fs::write(path, file.text)?;
    }
    Ok(())
}
