-- People who sign in.
CREATE TABLE members (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  email TEXT NOT NULL, -- in lower case: where links to sign in are sent
  name TEXT NOT NULL,
  role TEXT NOT NULL, -- owner, admin, agent or viewer
  created_at INTEGER NOT NULL,
  signed_in_at INTEGER, -- the last time; NULL for one who was invited and has not come yet
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX members_by_email ON members (business_id, email);
-- Whoever signs in tells an address, and not a business.
CREATE INDEX members_by_address ON members (email, business_id);

-- Links to sign in, each good for once.
CREATE TABLE sign_in_links (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  secret_hash TEXT NOT NULL, -- SHA-256 of the secret, hexadecimal
  member_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX sign_in_links_by_id ON sign_in_links (id);
CREATE INDEX sign_in_links_by_member ON sign_in_links (business_id, member_id, created_at);
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);

-- A member's session has no key (key_id is empty). It goes on while it is used, until ends_at at most.
ALTER TABLE sessions ADD COLUMN member_id TEXT;
ALTER TABLE sessions ADD COLUMN ends_at INTEGER;
CREATE INDEX sessions_by_member ON sessions (business_id, member_id) WHERE member_id IS NOT NULL;

-- Who changed it, where a member did; key_id is empty then.
ALTER TABLE audit_log ADD COLUMN member_id TEXT;
CREATE INDEX audit_log_by_member ON audit_log (business_id, member_id, id) WHERE member_id IS NOT NULL;
