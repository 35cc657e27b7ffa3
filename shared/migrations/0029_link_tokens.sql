-- What people have authorized CRM links to read, by OAuth 2. A row is made when a person is first sent to authorize a
-- link, and goes with the link.
CREATE TABLE link_tokens (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  link_id TEXT NOT NULL,
  tokens TEXT NOT NULL DEFAULT '', -- JSON, sealed; empty: nobody has authorized the link yet
  version INTEGER NOT NULL DEFAULT 0, -- rises with each change of the tokens
  lease_until INTEGER NOT NULL DEFAULT 0, -- somebody renews them
  state TEXT, -- the digest of the state that a person was sent away with last; NULL once it is used
  state_session TEXT, -- the session that asked for it
  state_client TEXT, -- the digest of what the link was set to
  state_until INTEGER,
  PRIMARY KEY (business_id, link_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX link_tokens_by_state ON link_tokens (business_id, state) WHERE state IS NOT NULL;
CREATE INDEX link_tokens_by_master_key
  ON link_tokens (substr(tokens, 1, 11), business_id, link_id) WHERE tokens <> '';
