-- What people and keys changed. Written in the transaction of the change; kept for a year.
CREATE TABLE audit_log (
  business_id TEXT NOT NULL,
  id TEXT NOT NULL, -- carries the time
  operation TEXT NOT NULL, -- of the ledger
  target TEXT, -- the id of what was changed, or the name of a connector
  fields TEXT NOT NULL, -- JSON: the names of the fields that the request set, without their values
  key_id TEXT NOT NULL, -- the key, or the key that opened the session; platform for the platform token
  address TEXT, -- from where
  request_id TEXT NOT NULL,
  error TEXT, -- the code that was answered although something was written
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE INDEX audit_log_by_operation ON audit_log (business_id, operation, id);
CREATE INDEX audit_log_by_target ON audit_log (business_id, target, id) WHERE target IS NOT NULL;
CREATE INDEX audit_log_by_key ON audit_log (business_id, key_id, id);
