mod breaker;
mod call;
mod change;
mod embedders;
mod file;
mod platform;
mod races;
mod settings;
mod texts;
mod vectorize;

use embed_text::table::Table;
use std::sync::LazyLock;

/// The file that is deployed.
const FILE: &[u8] = include_bytes!("../../assets/static128.bin");

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(FILE.to_vec()).unwrap());
