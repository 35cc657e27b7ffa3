//! From a link's settings and a record's owners to what `records` and the index take.

use common::signatures::sha256_hex;
use common::time::Timestamp;
use knowledge::index::{NewChunk, NewRecord};
use knowledge::link::{IdentityFields, Link, Settings};
use knowledge::owner::{NOBODY, of_email, of_external, of_phone};
use knowledge::source::connected::{is_of_people, with_known};
use records::{Owner, Owners, Record, Shape};

/// How the records of a link are read.
pub(crate) fn shape_of(name: &str, url: &str, settings: &Settings) -> Shape {
    let Settings {
        records_at,
        key,
        fields,
        identity,
        ..
    } = with_known(url, settings);
    Shape {
        name: name.to_owned(),
        records_at,
        key,
        include: fields.include,
        exclude: fields.exclude,
        rename: fields.rename.into_iter().collect(),
        mask: fields.mask,
        allow: fields.allow,
        identity: records::IdentityFields {
            email: identity.email,
            phone: identity.phone,
            external_id: identity.external_id,
            public: identity.public,
        },
    }
}

/// A record as the index takes it, with when it was fetched, or pushed.
pub(crate) fn indexed(link: &Link, record: Record, fetched_at: Timestamp) -> NewRecord {
    let identity = &link.settings.identity;
    let owned = owners_at(&link.url, identity, &record.owners);
    let owners = owners_of(identity, owned);
    let is_external = |owner: &Owner| matches!(owner, Owner::External(_));
    let has_ids = matches!(&record.owners, Owners::Of(list) if list.iter().any(is_external));
    // Whose an id is lies with the link's settings, which a record does not know.
    let hash = |hash: String| match has_ids {
        true => sha256_hex([&hash, " ", &identity.external_system].concat().as_bytes()),
        false => hash,
    };
    let chunk = |chunk: records::Chunk| NewChunk {
        hash: hash(hex::encode(chunk.hash)),
        text: chunk.text,
        clean: chunk.clean,
    };
    NewRecord {
        key: record.key,
        path: record.path,
        chunks: record.chunks.into_iter().map(chunk).collect(),
        owners,
        fetched_at,
    }
}

/// Whose a record is that is found at a URL: those of a CRM's people are never for everybody, unless the link says so.
pub(crate) fn owners_at<'r>(
    url: &str,
    identity: &IdentityFields,
    owners: &'r Owners,
) -> &'r Owners {
    match owners {
        Owners::Everyone if !identity.public && is_of_people(url) => &Owners::Unknown,
        owners => owners,
    }
}

/// Whose a record is, as the index keeps it. Ids of a system that is not named join it to nobody.
pub(crate) fn owners_of(identity: &IdentityFields, owners: &Owners) -> Vec<String> {
    let owner = |owner: &Owner| match owner {
        Owner::Email(email) => Some(of_email(email)),
        Owner::Phone(phone) => Some(of_phone(phone)),
        Owner::External(id) => of_external(&identity.external_system, id),
    };
    match owners {
        Owners::Everyone => Vec::new(),
        Owners::Unknown => vec![NOBODY.to_owned()],
        Owners::Of(list) => {
            let named: Vec<String> = list.iter().filter_map(owner).collect();
            match named.is_empty() {
                true => vec![NOBODY.to_owned()],
                false => named,
            }
        }
    }
}
