//! `tieline links upload`, and the file of `tieline links add`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::show::Saved;
use super::{LINKS, read, say_json};
use crate::api::Answer;
use crate::args::LinksUpload;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::Session;
use crate::text::{clean, size};
use crate::world::World;

/// Largest file that the server takes, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Largest file of which the server makes a preview, in bytes.
const MAX_PREVIEWED: u64 = 1024 * 1024;

/// A file that is to be uploaded.
pub(super) struct Upload {
    name: String,
    bytes: Vec<u8>,
}

pub(super) fn run(
    options: &LinksUpload,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let file = Upload::read(&options.path)?;
    let session = Session::begin(config, &options.admin)?;
    let (answer, Saved { crm_link }) = file.send(&session, &options.id, world)?;
    if options.json {
        say_json(&answer, world);
        return Ok(Exit::Done);
    }
    let (name, link) = (clean(&file.name, 100), clean(&crm_link.name, 100));
    world.say(&format!("{name} is the file of {link} now."));
    world.say(match crm_link.is_active {
        true => "It is being read: `tieline links status` shows what comes of it.",
        false => "The link is switched off; it is read once it is on.",
    });
    Ok(Exit::Done)
}

impl Upload {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = name_of(path)?;
        let mut bytes = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        read.map_err(|error| Failure::file("read", path, &error))?;
        match bytes.len() as u64 {
            0 => Err(Failure::usage(format!("{name} is empty"))),
            1..=MAX_BYTES => Ok(Self { name, bytes }),
            _ => Err(Failure::usage(format!(
                "{name} has more than 16 MiB: divide it among several links"
            ))),
        }
    }

    /// What it has, as a field of a preview: a text, or base64 of what is not UTF-8.
    pub(super) fn content(self) -> Result<(&'static str, String), Failure> {
        if self.bytes.len() as u64 > MAX_PREVIEWED {
            let name = self.name;
            return Err(Failure::usage(format!(
                "{name} has more than 1 MiB, of which no preview is made: preview its beginning as a file of its own"
            )));
        }
        Ok(match String::from_utf8(self.bytes) {
            Ok(text) => ("content", text),
            Err(error) => ("content_base64", STANDARD.encode(error.as_bytes())),
        })
    }

    /// Sends it.
    pub(super) fn send(
        &self,
        session: &Session,
        id: &str,
        world: &mut World<'_>,
    ) -> Result<(Answer, Saved), Failure> {
        let bytes = size(self.bytes.len() as u64);
        world.note(&format!("Uploading {}, {bytes} …", clean(&self.name, 100)));
        read(session.upload(&[LINKS, id, "file"], &self.name, &self.bytes))
    }
}

/// The name of a file without its folder.
pub(super) fn name_of(path: &Path) -> Result<String, Failure> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.ok_or_else(|| Failure::usage(format!("{} names no file", path.display())))
}
