//! What a setup needs to know: from options, from variables, from what is stored, or by asking.

use std::path::Path;

use crate::args::Admin;
use crate::config::{Config, SecretKind};
use crate::failure::Failure;
use crate::given::token_of;
use crate::secret::Secret;
use crate::session::Session;
use crate::world::World;

/// How often somebody is asked for what cannot be left out.
const TRIES: usize = 3;

/// Something that is asked for.
pub(super) struct Wanted {
    /// To people, with where it is found.
    pub(super) what: &'static str,
    pub(super) option: &'static str,
    /// The first is the one that is told.
    pub(super) variables: &'static [&'static str],
}

/// What was asked for and is nowhere, all of which is told at once.
#[derive(Default)]
pub(super) struct Needs(Vec<String>);

impl Needs {
    /// Notes what is missing.
    fn lack(&mut self, wanted: &Wanted) {
        let variable = wanted.variables.first().copied().unwrap_or_default();
        let (what, option) = (wanted.what, wanted.option);
        self.0.push(format!("  {what}: {option}, or {variable}"));
    }

    /// A text; `None` where the stored one is to stay.
    pub(super) fn text(
        &mut self,
        wanted: &Wanted,
        given: Option<&str>,
        stored: Option<&str>,
        world: &mut World<'_>,
    ) -> Result<Option<String>, Failure> {
        let found = optional(wanted, given, world);
        if found.is_some() {
            return Ok(found);
        }
        let shown = stored.map_or_else(String::new, |stored| format!(" [{stored}]"));
        for _ in 0..TRIES {
            if !world.is_asked() {
                break;
            }
            let answer = world.ask(&format!("{}{shown}:", wanted.what))?;
            if answer.is_some() || stored.is_some() {
                return Ok(answer);
            }
        }
        if stored.is_none() {
            self.lack(wanted);
        }
        Ok(None)
    }

    /// A secret, of a file or a variable; `None` where the stored one is to stay.
    pub(super) fn secret(
        &mut self,
        wanted: &Wanted,
        file: Option<&Path>,
        is_stored: bool,
        world: &mut World<'_>,
    ) -> Result<Option<Secret>, Failure> {
        if let Some(file) = file {
            return token_of(file, world).map(Some);
        }
        if let Some(value) = world.variable(wanted.variables) {
            let Ok(secret) = Secret::from_argument(&value);
            let variable = wanted.variables.first().copied().unwrap_or_default();
            return match secret.is_sendable() {
                true => Ok(Some(secret)),
                false => Err(Failure::usage(format!(
                    "{variable} has spaces or characters that no token has (it is not shown here)"
                ))),
            };
        }
        let stored = if is_stored { " [the stored one]" } else { "" };
        for _ in 0..TRIES {
            if !world.is_asked() {
                break;
            }
            let answer = world.ask_secret(&format!("{}{stored}:", wanted.what))?;
            if answer.is_some() || is_stored {
                return Ok(answer);
            }
        }
        if !is_stored {
            self.lack(wanted);
        }
        Ok(None)
    }

    /// A session of the business; `None` where its admin key is missing, which is told with the rest.
    pub(super) fn session(
        &mut self,
        config: &Config,
        admin: &Admin,
        world: &mut World<'_>,
    ) -> Result<Option<Session>, Failure> {
        let kind = SecretKind::AdminKey;
        if config.has(kind, admin.admin_key.as_ref()) {
            return Session::begin(config, admin).map(Some);
        }
        let wanted = Wanted {
            what: "the admin key of the business",
            option: kind.option(),
            variables: &["TIELINE_ADMIN_KEY"],
        };
        let admin_key = self.secret(&wanted, None, false, world)?;
        match admin_key.is_some() {
            true => Session::begin(config, &Admin { admin_key }).map(Some),
            false => Ok(None),
        }
    }

    /// The end of it where something is missing.
    pub(super) fn check(self) -> Result<(), Failure> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Failure::usage(format!(
                "these values are missing:\n{}\nNothing was stored.",
                self.0.join("\n")
            ))),
        }
    }
}

/// What an option or a variable says.
pub(super) fn optional(wanted: &Wanted, given: Option<&str>, world: &World<'_>) -> Option<String> {
    let given = given.map(str::trim).filter(|given| !given.is_empty());
    let given = given.map(str::to_owned);
    given.or_else(|| {
        world
            .variable(wanted.variables)
            .map(|value| value.trim().to_owned())
    })
}
