//! From the bytes of a CRM's answer to records that can be searched: what format it is ([`Format`]), one record after
//! the other ([`Reader`]), and of each its text, its owners and its key, with secrets masked ([`Recipe`]).
//!
//! Nothing here knows a database or a network. Whatever the sender made of the bytes, the work is bounded: a document is
//! walked, never built; nesting ends at [`MAX_DEPTH`], a record at [`MAX_RECORD_BYTES`], a run at [`MAX_RECORDS`].

mod decode;
mod fields;
mod format;
mod make;
mod mask;
mod node;
mod owners;
mod path;
mod reader;
mod shape;
mod text;
mod trouble;

pub use fields::{FieldSeen, FieldsSeen, Kind};
pub use format::{Expected, Format};
pub use make::{
    Chunk, Kept, Problem, Recipe, Record, embedded_texts, embedded_whole, without_repeats,
};
pub use mask::masked_text;
pub use node::Node;
pub use owners::{Owner, Owners};
pub use path::Pattern;
pub use reader::{Position, RawRecord, Reader};
pub use shape::{IdentityFields, Shape};
pub use trouble::Trouble;

/// Deepest nesting of lists, objects and elements; a document that goes deeper is refused.
pub const MAX_DEPTH: usize = 64;
/// Longest record, in bytes of its source; a longer one is skipped and counted.
pub const MAX_RECORD_BYTES: usize = 256 * 1024;
/// Most records of one body; what follows is left out ([`Reader::is_cut`]).
pub const MAX_RECORDS: usize = 50_000;
/// Most text of one record, in bytes of values; the rest is left out ([`Problem::TextCut`]).
pub const MAX_RECORD_TEXT: usize = 64 * 1024;
/// Most fields of one record; the rest is left out ([`Problem::FieldsCut`]).
pub const MAX_FIELDS: usize = 2_000;
/// Longest chunk, in characters.
pub const MAX_CHUNK: usize = 1_200;
/// About how much of a long text stands at the end of one chunk and at the start of the next, in characters.
pub const OVERLAP: usize = 150;

#[cfg(test)]
mod tests;
