-- Who writes drafts of replies for a business: an OpenAI-compatible server that it sets. No row: nobody.
CREATE TABLE reply_settings (
  business_id TEXT PRIMARY KEY REFERENCES businesses (id),
  id TEXT NOT NULL, -- names the row to what seals its key
  settings TEXT NOT NULL, -- JSON: the server, the model, instructions
  credentials TEXT NOT NULL, -- sealed; empty: the server asks for none
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX reply_settings_by_master_key
  ON reply_settings (substr(credentials, 1, 11), business_id, id) WHERE credentials <> '';
