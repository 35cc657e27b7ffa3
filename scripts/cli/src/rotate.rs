//! `tieline rotate-platform-token`: a new token before the old one, and then without it.

use std::fs;
use std::io::Write;
use std::path::Path;

use ureq::http::Method;

use crate::api::{Call, Client, Credential};
use crate::args::RotateArgs;
use crate::config::{Config, SecretKind};
use crate::failure::{Exit, Failure};
use crate::secret::Secret;
use crate::session::refusal;
use crate::world::World;

const NAME: &str = "PLATFORM_TOKEN";
/// One call of each function that takes the token and changes nothing: functions are deployed one by one.
const ASKED: [&[&str]; 4] = [
    &["healthz"],
    &["api", "dashboard", "parked-deliveries"],
    &["api", "dashboard", "storage"],
    &["api", "operator", "backup"],
];

pub(crate) fn run(
    args: &RotateArgs,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let path = &args.secrets;
    let text = fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    let (line, tokens) = tokens(path, &text)?;
    let file = path.display();
    match (args.finish, tokens.as_slice()) {
        (false, [old]) => {
            replace(path, &text, line, &format!("{},{old}", new_token()?))?;
            world.say(&format!(
                "{file} has a new platform token before the old one. Deploy with it: both are good from then on. Then \
                 run this again with --finish."
            ));
        }
        (false, _) => {
            return Err(Failure::usage(format!(
                "{file} has two platform tokens already: deploy with it, then run this with --finish"
            )));
        }
        (true, [_]) => {
            return Err(Failure::usage(format!(
                "{file} has one platform token: run this without --finish first"
            )));
        }
        (true, _) => {
            let new = tokens.first().cloned().unwrap_or_default();
            takes(config, &new)?;
            replace(path, &text, line, &new)?;
            world.say(&format!(
                "The deployment takes the new platform token, and {file} has that alone. Give it to whoever uses it, then \
                 deploy: the old one is void from then on."
            ));
        }
    }
    Ok(Exit::Done)
}

/// The line that has the tokens, and the tokens.
fn tokens(path: &Path, text: &str) -> Result<(usize, Vec<String>), Failure> {
    let value = |line: &str| {
        let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
        let (name, value) = line.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim() == NAME).then(|| value.to_owned())
    };
    let mut found = text
        .lines()
        .enumerate()
        .filter_map(|(n, line)| Some((n, value(line)?)));
    let (Some((line, value)), None) = (found.next(), found.next()) else {
        return Err(Failure::usage(format!(
            "{} does not have one line {NAME}=…",
            path.display()
        )));
    };
    let tokens = value
        .split(',')
        .map(str::trim)
        .filter(|token| !token.is_empty());
    let tokens: Vec<_> = tokens.map(str::to_owned).collect();
    match tokens.len() {
        1 | 2 => Ok((line, tokens)),
        _ => Err(Failure::usage(format!(
            "{} has {} platform tokens: one or two there may be",
            path.display(),
            tokens.len()
        ))),
    }
}

/// 32 bytes, as `openssl rand -hex 32` prints them.
fn new_token() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::usage(format!("this machine gives no randomness: {error}")))?;
    Ok(hex::encode(bytes))
}

/// Writes the file with another value, in one step and for nobody else's eyes.
fn replace(path: &Path, text: &str, line: usize, value: &str) -> Result<(), Failure> {
    let lines = text.lines().enumerate().map(|(n, old)| match n == line {
        true => format!("{NAME}={value}\n"),
        false => format!("{old}\n"),
    });
    let text: String = lines.collect();
    let new = path.with_extension("new.local");
    let write = || {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|error| Failure::file("write", path, &error))
}

/// Whether every function takes a token.
fn takes(config: &Config, token: &str) -> Result<(), Failure> {
    let (client, token) = (Client::new(config), Secret::from(token.to_owned()));
    for path in ASKED {
        let call = Call {
            method: Method::GET,
            path,
            query: &[],
            credential: Credential::Token(SecretKind::PlatformToken, &token),
            idempotency_key: None,
            body: None,
        };
        match client.send(&call) {
            Ok(_) => {}
            Err(error) if error.status() == Some(401) => {
                return Err(Failure::refused(format!(
                    "/{} does not take the new platform token yet: deploy with the file as it is, then run this again",
                    path.join("/")
                )));
            }
            Err(error) => return Err(refusal(&error)),
        }
    }
    Ok(())
}
