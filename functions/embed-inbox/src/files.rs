//! The files of the page. `embed-assets` serves them, and takes this list from here: one Worker with
//! the page and its files would be too large.

/// A file by its name.
pub struct File {
    /// As its address names it.
    pub name: &'static str,
    /// What it holds.
    pub text: &'static str,
}

macro_rules! file {
    ($name:literal) => {
        File {
            name: $name,
            text: include_str!(concat!("page/", $name)),
        }
    };
}

/// All of them.
#[rustfmt::skip]
pub const FILES: &[File] = &[
    file!("api.js"),
    file!("card.js"),
    file!("composer.js"),
    file!("dialogs.js"),
    file!("dom.js"),
    file!("format.js"),
    file!("inbox.css"),
    file!("inbox.js"),
    file!("keys.js"),
    file!("limits.js"),
    file!("list.js"),
    file!("live.js"),
    file!("mail.css"),
    file!("message.js"),
    file!("outbox.js"),
    file!("over.js"),
    file!("templates.js"),
    file!("thread.js"),
    file!("timeline.js"),
    file!("uploads.js"),
];

/// Names all files as they are now, so that a browser may keep them for ever and yet never mixes two
/// deployments: modules name each other by relative paths, which stay below the version. FNV-1a, made
/// when this is compiled, so that the page's Worker need not carry them.
pub const VERSION: u64 = version_of(FILES);

const fn version_of(mut files: &[File]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    while let [file, rest @ ..] = files {
        hash = hashed(hashed(hash, file.name), file.text);
        files = rest;
    }
    hash
}

const fn hashed(mut hash: u64, text: &str) -> u64 {
    let mut bytes = text.as_bytes();
    while let [byte, rest @ ..] = bytes {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        bytes = rest;
    }
    hash
}
