-- Who says of a business who its members are, by OpenID Connect. No row: they sign in by links alone.
CREATE TABLE sign_in_providers (
  business_id TEXT PRIMARY KEY REFERENCES businesses (id),
  id TEXT NOT NULL, -- names the row to what seals its secret
  name TEXT NOT NULL,
  issuer TEXT NOT NULL,
  client_id TEXT NOT NULL,
  client_secret TEXT NOT NULL, -- sealed; empty: a public client
  allowed_domains TEXT NOT NULL, -- JSON: a list of domains in lower case, whose people become members
  default_role TEXT NOT NULL, -- admin, agent or viewer
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_providers_by_master_key
  ON sign_in_providers (substr(client_secret, 1, 11), business_id, id) WHERE client_secret <> '';

-- Domains that a business has proven its own: whoever gives an address of theirs is led to its provider. Two businesses may
-- have proven the same; then it leads nowhere.
CREATE TABLE sign_in_domains (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  domain TEXT NOT NULL, -- in lower case
  proven_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, domain)
) WITHOUT ROWID;
CREATE INDEX sign_in_domains_by_domain ON sign_in_domains (domain, business_id);

-- People who were sent to a provider, and have not come back yet.
CREATE TABLE sign_in_visits (
  state TEXT PRIMARY KEY, -- SHA-256 of the state that they were sent away with, hexadecimal
  business_id TEXT NOT NULL REFERENCES businesses (id),
  browser TEXT NOT NULL, -- SHA-256 of the cookie of the browser that they use, hexadecimal
  provider TEXT NOT NULL, -- the digest of issuer and client
  next TEXT NOT NULL, -- the page that they go to then
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_visits_by_expiry ON sign_in_visits (business_id, expires_at);

-- Members who were removed: whom an allowed domain does not make members again.
CREATE TABLE removed_members (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  email_hash TEXT NOT NULL, -- SHA-256 of the address in lower case, hexadecimal
  removed_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, email_hash)
) WITHOUT ROWID;
