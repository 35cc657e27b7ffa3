use common::Context;
use common::http::{Error, Kind, Response, Result};

/// The files of a function's pages.
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// The path below which they are, such as `/embed/assets`.
    pub path: &'static str,
    /// Their names, as addresses have them behind the version.
    pub names: &'static [&'static str],
    /// Names all of them as they are now, so that a browser may keep them for ever and yet never mixes two
    /// deployments: modules name each other by relative paths, which stay below the version. FNV-1a, made when this is
    /// compiled, so that the Worker carries no text.
    pub version: u64,
}

/// The [`Files`] below a path: `files! { "/embed/assets": "dom.js" "inbox/inbox.js" }`.
#[macro_export]
macro_rules! files {
    ($path:literal: $($name:literal)*) => {
        $crate::Files {
            path: $path,
            names: &[$($name),*],
            version: $crate::Files::version_of(&[
                $(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/pages/assets/", $name)))),*
            ]),
        }
    };
}

impl Files {
    /// What names these texts.
    #[must_use]
    pub const fn version_of(mut files: &[(&str, &str)]) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325;
        while let [(name, text), rest @ ..] = files {
            hash = hashed(hashed(hash, name), text);
            files = rest;
        }
        hash
    }

    /// The address below which they are kept.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}/{:016x}", self.path, self.version)
    }

    /// `GET <path>/<version>/<file>`: 200, kept for ever under its own version, and given but not kept under another,
    /// for pages of the deployment before.
    ///
    /// # Errors
    /// 404 for what is no file of these.
    pub async fn answer(&self, cx: &Context<'_>, path: &str) -> Result<Response> {
        let found = path.split_once('/').and_then(|(version, file)| {
            let name = self.names.iter().find(|name| **name == file)?;
            Some((version, *name))
        });
        let Some((version, name)) = found else {
            return Err(Error::new(Kind::NotFound, "There is no such file."));
        };
        let content_type = match name.ends_with(".css") {
            true => "text/css; charset=utf-8",
            false => "text/javascript; charset=utf-8",
        };
        let kept = match version == format!("{:016x}", self.version) {
            true => "public, max-age=31536000, immutable",
            false => "no-store",
        };
        let text = cx.ports.assets.read(name).await?;
        Ok(Response::content(200, content_type, text)
            .with_header("cache-control", kept)
            .with_header("cross-origin-resource-policy", "same-origin"))
    }
}

const fn hashed(mut hash: u64, text: &str) -> u64 {
    let mut bytes = text.as_bytes();
    while let [byte, rest @ ..] = bytes {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        bytes = rest;
    }
    hash
}
