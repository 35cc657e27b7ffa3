CREATE TABLE customers (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  external_id TEXT,
  external_system TEXT NOT NULL DEFAULT '', -- empty: the CRM did not say which
  other_external_ids TEXT, -- JSON: [{"external_id", "external_system"}], of further CRMs
  name TEXT,
  first_name TEXT,
  last_name TEXT,
  email TEXT,
  phone TEXT,
  whatsapp_number TEXT,
  address TEXT,
  notes TEXT,
  tags TEXT NOT NULL DEFAULT '[]', -- JSON array of texts
  custom_fields TEXT NOT NULL DEFAULT '{}', -- JSON object
  -- Of the record that was applied last, while nothing else has changed the customer since: the
  -- same record again changes nothing, and need not be compared.
  fingerprint TEXT,
  revision INTEGER NOT NULL, -- counts writes; a writer names the one it read
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  erased_at INTEGER, -- the person is gone, the row stays for what points at it
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

-- By what a customer is known. The customer's row holds the same values; this finds them.
CREATE TABLE identities (
  business_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- external_id, email, phone, whatsapp
  value TEXT NOT NULL,
  system TEXT NOT NULL, -- of an external_id; else empty
  customer_id TEXT NOT NULL,
  PRIMARY KEY (business_id, kind, value, system)
) WITHOUT ROWID;

-- What happened, in order. Rows name their subject; bodies are built when they are sent.
CREATE TABLE outbox (
  business_id TEXT NOT NULL,
  sequence INTEGER NOT NULL, -- strictly increasing within a business
  id TEXT NOT NULL, -- the event's id, the same over all deliveries
  event TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, sequence)
) WITHOUT ROWID;

-- Always empty: a row put in fails its check, which rolls back a transaction whose writer read
-- what is no longer true. A batch has no other way to stop itself.
CREATE TABLE stale_writes (
  ok INTEGER NOT NULL CONSTRAINT stale_write CHECK (ok)
);
