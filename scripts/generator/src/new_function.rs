//! The files of a new function, which answers and is tested as it is.

use crate::{Generated, Result};
use common::http::ledger::{Found, ROUTES, find, functions};
use common::http::{Method, Scope};
use std::fs;
use std::path::Path;

const ROUTES_FILE: &str = "shared/common/src/http/ledger/routes.rs";
const WORKERS_FILE: &str = "shared/common/src/http/ledger/workers.rs";
const DESCRIPTIONS: &str = "tests/contract/src/operations";

/// What a new function is to be.
#[derive(Debug)]
pub struct NewFunction {
    name: String,
    method: Method,
    path: String,
    scope: Scope,
    family: String,
}

/// How the arguments go.
pub const USAGE: &str = "Usage: scripts/new-function NAME --scope SCOPE [options]

Makes a function that answers, with its tests, its rows in the ledger and its description.

  NAME            the folder below functions/, such as customer-tags
  --scope SCOPE   the scope that its callers' keys need, such as customers:read
  --method M      GET (default), POST, PUT, PATCH or DELETE
  --path /PATH    the path below the base (default /api-NAME)
  --family NAME   the file of tests/contract/src/operations (default: by the scope)";

impl NewFunction {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Where they say nothing that could be made.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut arguments = arguments.into_iter();
        let name = arguments.next().ok_or(USAGE)?;
        let (mut method, mut path, mut scope, mut family) = (Method::Get, None, None, None);
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            match option.as_str() {
                "--method" => {
                    method = Method::parse(&value).ok_or(format!("{value} is no method"))?;
                }
                "--path" => path = Some(value),
                "--scope" => {
                    let known = Scope::ALL.iter().find(|(_, name)| *name == value);
                    scope = Some(known.ok_or(format!("{value} is no scope"))?.0);
                }
                "--family" => family = Some(value),
                _ => return Err(USAGE.into()),
            }
        }
        let scope = scope.ok_or(USAGE)?;
        let subject = scope.name().split(':').next().unwrap_or_default();
        let new = Self {
            path: path.unwrap_or(format!("/api-{name}")),
            family: family.unwrap_or_else(|| family_of(subject).to_owned()),
            name,
            method,
            scope,
        };
        new.checked()
    }

    fn checked(self) -> Result<Self> {
        let is_name = |text: &str| {
            let mut words = text.split('-');
            words.all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        };
        if !is_name(&self.name) {
            return Err(format!(
                "{} is not in lower case, with hyphens between words",
                self.name
            )
            .into());
        }
        let operation = self.operation();
        if functions().any(|known| known == self.name)
            || ROUTES.iter().any(|route| route.operation == operation)
        {
            return Err(format!("there is a {} already", self.name).into());
        }
        if !self.path.starts_with('/') || self.path.contains(['{', '?', '"']) {
            return Err(format!(
                "{} is no path, or has parts that the ledger has to say",
                self.path
            )
            .into());
        }
        if !matches!(find(self.method.as_str(), &self.path), Found::Nothing) {
            return Err(format!("{} is served already", self.path).into());
        }
        Ok(self)
    }

    /// The name of its operation and of its package in Rust.
    fn operation(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The words of its name, each with a capital.
    fn words(&self) -> impl Iterator<Item = String> {
        self.name.split('-').map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
    }

    /// Its name as a heading.
    fn title(&self) -> String {
        let (first, rest) = self.name.split_at(1);
        first.to_ascii_uppercase() + &rest.replace('-', " ")
    }

    fn takes_body(&self) -> bool {
        matches!(self.method, Method::Post | Method::Put | Method::Patch)
    }

    /// Its files, and those in which it has a row.
    ///
    /// # Errors
    /// Where one of these cannot be read, or does not look as expected.
    pub fn files(&self, root: &Path) -> Result<Vec<Generated>> {
        let own = |path: &str, text: String| Generated {
            path: format!("functions/{}/{path}", self.name),
            text,
        };
        let filled = |template: &str| self.filled(template);
        let handler = match self.takes_body() {
            true => include_str!("template/handler-with-body.rs.txt"),
            false => include_str!("template/handler.rs.txt"),
        };
        Ok(vec![
            own(
                "Cargo.toml",
                filled(include_str!("template/Cargo.toml.txt")),
            ),
            own("src/lib.rs", filled(include_str!("template/lib.rs.txt"))),
            own("src/handler.rs", filled(handler)),
            own(
                "src/tests.rs",
                filled(include_str!("template/tests.rs.txt")),
            ),
            self.routes(root)?,
            self.workers(root)?,
            self.description(root)?,
        ])
    }

    fn filled(&self, template: &str) -> String {
        let body = match self.takes_body() {
            true => ".json(&serde_json::json!({\"text\": \"Hello\"}))",
            false => "",
        };
        template
            .replace("{{name}}", &self.name)
            .replace("{{operation}}", &self.operation())
            .replace("{{method}}", self.method.as_str())
            .replace("{{path}}", &self.path)
            .replace("{{scope}}", self.scope.name())
            .replace(
                "{{key}}",
                if self.scope == Scope::Admin {
                    "admin_key"
                } else {
                    "api_key"
                },
            )
            .replace("{{type}}", &self.words().collect::<String>())
            .replace("{{title}}", &self.title())
            .replace("{{body}}", body)
    }

    fn routes(&self, root: &Path) -> Result<Generated> {
        let (name, operation, path) = (&self.name, self.operation(), &self.path);
        let (method, scope) = (self.method, self.scope);
        let body = match self.takes_body() {
            true => "Body::Json(SETTINGS_BYTES)",
            false => "Body::None",
        };
        let row = format!(
            "    route({name:?}, {operation:?}, Method::{method:?}, {path:?}, Access::Key(Scope::{scope:?}), {body}, &[]),\n"
        );
        self.with_row(root, ROUTES_FILE, &row)
    }

    fn workers(&self, root: &Path) -> Result<Generated> {
        let row = format!("    worker({:?}),\n", self.name);
        self.with_row(root, WORKERS_FILE, &row)
    }

    /// A table with a row before that of the next function by name, or at its end.
    fn with_row(&self, root: &Path, path: &str, row: &str) -> Result<Generated> {
        let there = fs::read_to_string(root.join(path))?;
        let mut lines: Vec<_> = there.split_inclusive('\n').collect();
        let is_row = |line: &str| function_of_row(line).is_some();
        let next = |line: &str| function_of_row(line).is_some_and(|of| of > self.name.as_str());
        let end = lines
            .iter()
            .rposition(|line| is_row(line))
            .map(|last| last + 1);
        let at = lines.iter().position(|line| next(line)).or(end);
        lines.insert(at.ok_or_else(|| format!("{path} has no rows"))?, row);
        Ok(Generated {
            path: path.to_owned(),
            text: lines.concat(),
        })
    }

    fn description(&self, root: &Path) -> Result<Generated> {
        let path = format!("{DESCRIPTIONS}/{}.rs", self.family);
        let there =
            fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        let template = match self.takes_body() {
            true => include_str!("template/description-with-body.rs.txt"),
            false => include_str!("template/description.rs.txt"),
        };
        let list = there
            .strip_suffix("];\n")
            .ok_or(format!("{path} does not end with its list"))?;
        let comma = if list.ends_with(['[', '\n']) { "" } else { "," };
        let text = format!("{list}{comma}{}];\n", self.filled(template));
        Ok(Generated { path, text })
    }
}

/// The family that most operations of a scope's subject are of.
fn family_of(subject: &str) -> &str {
    match subject {
        "sso" => "embedding",
        "attachments" => "messages",
        "webhooks" => "webhooks",
        "conversations" => "conversations",
        "messages" => "messages",
        _ => "customers",
    }
}

/// The function of a row of the ledger: `    worker("customers")…` or `    route("customers", …`.
fn function_of_row(line: &str) -> Option<&str> {
    let (kind, rest) = line.strip_prefix("    ")?.split_once("(\"")?;
    let (function, _) = rest.split_once('"')?;
    ["route", "secret", "worker"]
        .contains(&kind)
        .then_some(function)
}
