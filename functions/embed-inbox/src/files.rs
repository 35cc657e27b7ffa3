//! The files of the page, which are in `assets/`.

macro_rules! files {
    ($($name:literal)*) => {
        /// Their names, as addresses have them.
        pub const NAMES: &[&str] = &[$($name),*];

        /// What each holds: for [`VERSION`] alone, so that the Worker carries no text.
        const TEXTS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../assets/", $name)))),*
        ];
    };
}

files! {
    "api.js"
    "card.js"
    "comments.js"
    "composer.js"
    "crm-card.css"
    "crm-card.js"
    "dialogs.js"
    "dom.js"
    "enter.js"
    "events.js"
    "format.js"
    "inbox.css"
    "inbox.js"
    "keys.js"
    "limits.js"
    "list.js"
    "live.js"
    "mail.css"
    "message.js"
    "outbox.js"
    "over.js"
    "suggest.js"
    "templates.js"
    "thread.js"
    "timeline.js"
    "uploads.js"
}

/// Names all files as they are now, so that a browser may keep them for ever and yet never mixes two
/// deployments: modules name each other by relative paths, which stay below the version. FNV-1a, made
/// when this is compiled.
pub const VERSION: u64 = version_of(TEXTS);

const fn version_of(mut files: &[(&str, &str)]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    while let [(name, text), rest @ ..] = files {
        hash = hashed(hashed(hash, name), text);
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
