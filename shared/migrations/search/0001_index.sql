-- What is searched of CRM links. All of it can be fetched and made again; a D1 that holds FTS5 cannot be
-- exported, so it stands apart from the system's data.

-- Where the rows of a business are: its chunks have ids from slot * 2^33 on, those that are somebody's own from
-- 2^32 above that, so that a search of words keeps within them by a range of rowids.
CREATE TABLE spaces (
  business_id TEXT PRIMARY KEY NOT NULL,
  slot INTEGER NOT NULL UNIQUE,
  next_shared INTEGER NOT NULL, -- the next number of a chunk that is for all
  next_owned INTEGER NOT NULL, -- of one that is somebody's
  version INTEGER NOT NULL DEFAULT 0 -- counts changes of the segments, which isolates keep decoded
) WITHOUT ROWID;

-- What of a link is searched: the chunks born in this generation or before, and not gone by it.
CREATE TABLE indexed_links (
  business_id TEXT NOT NULL,
  link_id TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 0,
  staging INTEGER NOT NULL DEFAULT 0, -- a later one that is being written
  chunks INTEGER NOT NULL DEFAULT 0, -- of the generation
  records INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business_id, link_id)
) WITHOUT ROWID;

CREATE TABLE chunks (
  id INTEGER PRIMARY KEY NOT NULL,
  business_id TEXT NOT NULL,
  link_id TEXT NOT NULL,
  record_key TEXT NOT NULL,
  hash TEXT NOT NULL, -- of what is stored, but for the places of list items
  path TEXT NOT NULL, -- where it stood when it was stored
  text TEXT NOT NULL, -- a line for each field
  owners TEXT NOT NULL, -- JSON: whose it is, as texts; empty for all's
  born INTEGER NOT NULL,
  gone INTEGER, -- the generation that has it no more
  fetched_at INTEGER NOT NULL
);
CREATE INDEX chunks_by_record ON chunks (business_id, link_id, record_key);

-- The chunks that are somebody's own, by an email address, a phone number or an id of theirs.
CREATE TABLE chunk_owners (
  business_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  chunk_id INTEGER NOT NULL,
  PRIMARY KEY (business_id, owner, chunk_id)
) WITHOUT ROWID;

-- The words, by rowid as chunks have their ids.
CREATE VIRTUAL TABLE chunk_words USING fts5 (
  words, tokenize = 'trigram remove_diacritics 1', content = '', contentless_delete = 1, detail = 'none'
);

-- The vectors, up to 1,000 in a row: D1 gives a blob as an array of numbers, so base64.
CREATE TABLE segments (
  business_id TEXT NOT NULL,
  id INTEGER NOT NULL,
  is_owned INTEGER NOT NULL,
  numbers TEXT NOT NULL, -- base64 of u32s: the chunk of each vector, as its number within the space
  vectors TEXT NOT NULL, -- base64 of 128 bytes each
  model TEXT NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

-- Records that were pushed away, for as long as a push from before may still come.
CREATE TABLE removed_records (
  business_id TEXT NOT NULL,
  link_id TEXT NOT NULL,
  record_key TEXT NOT NULL,
  removed_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, link_id, record_key)
) WITHOUT ROWID;
