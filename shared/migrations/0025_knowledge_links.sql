-- CRM links: where a business's data is, for which channels of a page it counts, and how its fetches went.
CREATE TABLE knowledge_links (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  page_id TEXT NOT NULL,
  url TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  channels TEXT NOT NULL, -- JSON object: whether it is on, by channel
  is_active INTEGER NOT NULL, -- whether it is on for any
  settings TEXT NOT NULL, -- JSON
  credentials TEXT NOT NULL, -- sealed
  revision INTEGER NOT NULL DEFAULT 1, -- counts changes of what is fetched; a run of an earlier one is given up
  fetch_at INTEGER, -- when it is due; NULL: never
  lease_until INTEGER NOT NULL DEFAULT 0, -- somebody is at it
  attempts INTEGER NOT NULL DEFAULT 0, -- failures in a row
  suspect INTEGER, -- how many records the last fetch had, which fell by more than half
  progress TEXT, -- JSON, of a fetch that goes on in another invocation
  validators TEXT, -- JSON: by which the place tells that nothing changed
  fetches TEXT NOT NULL DEFAULT '[]', -- JSON, the last ones, newest first
  failing_since INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER, -- what is searched of it goes, then the row
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX knowledge_links_by_id ON knowledge_links (id);
CREATE UNIQUE INDEX knowledge_links_by_url ON knowledge_links (business_id, page_id, url) WHERE deleted_at IS NULL;
CREATE INDEX knowledge_links_by_master_key
  ON knowledge_links (substr(credentials, 1, 11), business_id, id) WHERE credentials <> '';
CREATE INDEX knowledge_links_by_fetch_at ON knowledge_links (fetch_at) WHERE fetch_at IS NOT NULL;

-- What was pushed and is not yet searched. The sender's id keeps a push from being taken twice.
CREATE TABLE knowledge_pushes (
  business_id TEXT NOT NULL,
  link_id TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL, -- empty once it was applied
  sent_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, link_id, id)
) WITHOUT ROWID;
