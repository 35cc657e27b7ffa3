-- Who embeds what CRM links have for a business: OpenAI-compatible servers that it sets. While it changes from one to
-- another both are here, since questions are embedded by the model whose vectors are searched.
CREATE TABLE embedders (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  model TEXT NOT NULL, -- names its vectors: dimension, model and server
  id TEXT NOT NULL, -- names the row to what seals its key
  settings TEXT NOT NULL, -- JSON: the server, the model, its dimension
  credentials TEXT NOT NULL, -- sealed; empty: the server asks for none
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, model)
) WITHOUT ROWID;
CREATE INDEX embedders_by_master_key
  ON embedders (substr(credentials, 1, 11), business_id, id) WHERE credentials <> '';

-- Which of them is set, and how embedding with it goes. No row: the built-in one, and nothing to do.
CREATE TABLE embeddings (
  business_id TEXT PRIMARY KEY REFERENCES businesses (id),
  model TEXT NOT NULL,
  due_at INTEGER, -- when something is to be done; NULL: never
  wakes INTEGER NOT NULL DEFAULT 0, -- counts what asked for it, so that none is lost while it is done
  lease_until INTEGER NOT NULL DEFAULT 0, -- somebody is at it
  attempts INTEGER NOT NULL DEFAULT 0, -- failures in a row
  error TEXT, -- why the last one failed
  failing_since INTEGER,
  set_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX embeddings_by_due_at ON embeddings (due_at) WHERE due_at IS NOT NULL;
