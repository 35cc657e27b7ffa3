-- Times are microseconds since 1970, UTC. business_id leads every key, so that a business can move
-- to a database of its own.

CREATE TABLE businesses (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  default_region TEXT NOT NULL, -- ISO 3166-1 alpha-2; reads national phone numbers
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL, -- SHA-256 of the secret, hexadecimal
  scopes TEXT NOT NULL, -- names, separated by spaces
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

-- A presented key tells its id, not its business.
CREATE UNIQUE INDEX api_keys_by_id ON api_keys (id);

CREATE TABLE sessions (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  key_id TEXT NOT NULL, -- the admin key that opened it, and whose end is its end
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_expiry ON sessions (business_id, expires_at);

CREATE TABLE idempotency (
  business_id TEXT NOT NULL, -- empty for calls of the platform itself
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL, -- of method, path, query and body
  claimed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  status INTEGER, -- NULL while the request runs
  response TEXT,
  PRIMARY KEY (business_id, key)
) WITHOUT ROWID;

CREATE INDEX idempotency_by_expiry ON idempotency (business_id, expires_at);
