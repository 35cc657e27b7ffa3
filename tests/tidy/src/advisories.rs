//! What is known to be wrong with crates: the RustSec database, of which the repository has a copy without
//! its prose, so that a test needs no network. `cargo run -p tidy --bin advisories` makes it anew.

use semver::{Version, VersionReq};
use serde_json::Value;

/// Where the copy is.
pub const FILE: &str = "tests/tidy/advisories.json";

/// An advisory.
#[derive(Debug)]
pub struct Advisory {
    /// `RUSTSEC-2023-0096`.
    pub id: String,
    /// The crate.
    pub package: String,
    /// `vulnerability`, or what it is instead: `unmaintained`, `unsound`, `notice`.
    pub kind: String,
    /// The versions that it does not concern.
    pub safe: Vec<VersionReq>,
}

impl Advisory {
    /// Reads one of the copy: [id, crate, kind, [safe versions]]. `None` for another shape.
    #[must_use]
    pub fn of_row(row: &Value) -> Option<Self> {
        let text = |n: usize| row.get(n)?.as_str().map(str::to_owned);
        let safe = row.get(3)?.as_array()?.iter();
        Some(Self {
            id: text(0)?,
            package: text(1)?,
            kind: text(2)?,
            safe: safe
                .map(|one| VersionReq::parse(one.as_str()?).ok())
                .collect::<Option<_>>()?,
        })
    }

    /// Reads one of the database: Markdown that begins with TOML. `None` for one that was withdrawn.
    ///
    /// # Errors
    /// What is missing of it.
    pub fn row_of(text: &str) -> Result<Option<Value>, String> {
        let head = text.strip_prefix("```toml\n");
        let head = head.and_then(|rest| rest.split_once("\n```"));
        let (head, _) = head.ok_or("no TOML at its beginning")?;
        let head: toml::Table = head.parse().map_err(|error| format!("{error}"))?;
        let advisory = head.get("advisory").ok_or("no [advisory]")?;
        if advisory.get("withdrawn").is_some() {
            return Ok(None);
        }
        let field = |name: &str| advisory.get(name).and_then(toml::Value::as_str);
        let versions = |name: &str| {
            let list = head.get("versions").and_then(|all| all.get(name));
            let list = list.and_then(toml::Value::as_array).cloned();
            list.unwrap_or_default()
        };
        let safe = [versions("patched"), versions("unaffected")].concat();
        let safe: Vec<_> = safe.iter().filter_map(toml::Value::as_str).collect();
        Ok(Some(serde_json::json!([
            field("id").ok_or("no id")?,
            field("package").ok_or("no package")?,
            field("informational").unwrap_or("vulnerability"),
            safe,
        ])))
    }

    /// Whether it is about this version of its crate.
    #[must_use]
    pub fn concerns(&self, version: &Version) -> bool {
        !self.safe.iter().any(|safe| safe.matches(version))
    }
}
