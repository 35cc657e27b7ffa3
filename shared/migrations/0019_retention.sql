-- How long things are kept beside conversations, in days, where a business set it; NULL is the default.
CREATE TABLE retention_settings (
  business_id TEXT NOT NULL PRIMARY KEY REFERENCES businesses (id),
  event_bodies_days INTEGER, -- after an event was delivered everywhere
  deliveries_days INTEGER, -- with their attempts
  uploads_days INTEGER, -- that no message carries
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- When the sweep looks after a business next.
ALTER TABLE businesses ADD COLUMN sweep_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX businesses_by_sweep ON businesses (sweep_at);

-- Whether the sweep has looked at a delivery since it succeeded.
ALTER TABLE deliveries ADD COLUMN is_swept INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_unswept ON deliveries (business_id, updated_at)
  WHERE status = 'delivered' AND is_swept = 0;

CREATE INDEX attachments_unsent ON attachments (business_id, created_at) WHERE message_id IS NULL;

-- What a repeated request's answer is made of again, where that is not kept as it was: ids, no texts.
ALTER TABLE idempotency ADD COLUMN recall TEXT;
