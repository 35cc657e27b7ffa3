-- The keys that seal what businesses store. They are themselves sealed under a master key of the deployment,
-- so that another master key changes these rows and the first letters of sealed texts, and no secret.
CREATE TABLE data_keys (
  business_id TEXT NOT NULL, -- empty for the keys of the deployment itself
  purpose TEXT NOT NULL, -- 'seal', or what a key of the deployment names
  sealed TEXT NOT NULL, -- sealed under a master key
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, purpose)
) WITHOUT ROWID;

-- A sealed text begins with the id of its master key, by which those are found that are sealed under another
-- than the present one. Once a rotation is complete there are none.
CREATE INDEX data_keys_by_master_key ON data_keys (substr(sealed, 1, 11), business_id, purpose)
  WHERE sealed <> '';
CREATE INDEX channels_by_master_key ON channels (substr(credentials, 1, 11), business_id, id)
  WHERE credentials <> '';
CREATE INDEX webhook_endpoints_by_master_key
  ON webhook_endpoints (substr(secret, 1, 11), business_id, id) WHERE secret <> '';
CREATE INDEX webhook_endpoints_by_old_master_key
  ON webhook_endpoints (substr(old_secret, 1, 11), business_id, id) WHERE old_secret <> '';
CREATE INDEX integrations_by_master_key
  ON integrations (substr(credentials, 1, 11), business_id, connector) WHERE credentials <> '';
