-- What was pushed to CRM links, as it stands now: what is searched of it can be made again from here.
CREATE TABLE knowledge_records (
  business_id TEXT NOT NULL,
  link_id TEXT NOT NULL,
  record_key TEXT NOT NULL,
  path TEXT NOT NULL, -- where it stood in its push
  body TEXT NOT NULL, -- JSON of the fields that are taken, secrets masked; empty once it was pushed away
  owners TEXT NOT NULL, -- JSON: whose it was found to be; ["-"] where nobody knows, [] for all's
  identity TEXT NOT NULL, -- the hash of the settings by which that was found
  is_whole INTEGER NOT NULL, -- whether the body is all that came, so that it can be found anew
  sent_at INTEGER NOT NULL, -- of two pushes the later one counts
  removed_at INTEGER, -- pushed away; kept for as long as a push from before may still come
  PRIMARY KEY (business_id, link_id, record_key)
) WITHOUT ROWID;
CREATE INDEX knowledge_records_removed
  ON knowledge_records (business_id, link_id, removed_at) WHERE removed_at IS NOT NULL;

-- Whose they are, as the index has it, so that an erasure finds them.
CREATE TABLE knowledge_record_owners (
  business_id TEXT NOT NULL,
  link_id TEXT NOT NULL,
  record_key TEXT NOT NULL,
  owner TEXT NOT NULL,
  PRIMARY KEY (business_id, link_id, record_key, owner)
) WITHOUT ROWID;
CREATE INDEX knowledge_record_owners_by_owner ON knowledge_record_owners (business_id, owner);

-- Behind which key pushed records are to be made again; '' for all of them, NULL for none.
ALTER TABLE knowledge_links ADD COLUMN remade_after TEXT;
CREATE INDEX knowledge_links_by_type ON knowledge_links (type, business_id, id) WHERE type = 'webhook';

-- Customers whose records have to go from what is searched. By what they were known is in erasures.
CREATE TABLE knowledge_erasures (
  business_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  asked_at INTEGER NOT NULL, -- pushes from before may still bring a record
  due_at INTEGER, -- when to go on; while one does: when that must have ended; NULL once it is done
  progress TEXT NOT NULL DEFAULT '', -- the segment behind which vectors are looked at
  PRIMARY KEY (business_id, customer_id)
) WITHOUT ROWID;
CREATE INDEX knowledge_erasures_due ON knowledge_erasures (due_at) WHERE due_at IS NOT NULL;

-- By what erased customers were known, as keyed digests: what carries it is not indexed until somebody has it again.
CREATE TABLE erased_owners (
  business_id TEXT NOT NULL,
  name TEXT NOT NULL,
  erased_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, name)
) WITHOUT ROWID;
