//! Writes the OpenAPI document and the page of it to the gateway's assets, and the list of endpoints.

use std::path::Path;

fn main() -> contract::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for file in contract::generate()? {
        std::fs::write(root.join(file.path), file.text)?;
    }
    Ok(())
}
