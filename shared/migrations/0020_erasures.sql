-- Customers who are being erased, and how far that has come.
CREATE TABLE erasures (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  customer_id TEXT NOT NULL,
  names TEXT NOT NULL, -- JSON: by what they were known; {} after the second look
  eraser TEXT NOT NULL DEFAULT '', -- the one at work, by name; empty for the first
  progress TEXT NOT NULL DEFAULT '', -- how far that one has come
  is_second INTEGER NOT NULL DEFAULT 0, -- whether it looks for what was under way when it began
  due_at INTEGER, -- when to go on; while one does: when that must have ended; NULL after the second look
  started_at INTEGER NOT NULL,
  done_at INTEGER,
  PRIMARY KEY (business_id, customer_id)
) WITHOUT ROWID;

CREATE INDEX erasures_due ON erasures (due_at) WHERE due_at IS NOT NULL;

-- Whoever was erased before is erased again: tags, ids of providers and the events whose bodies had gone
-- were left.
INSERT INTO erasures (business_id, customer_id, names, due_at, started_at)
SELECT business_id, id, '{"contacts":[],"external_ids":[]}', erased_at, erased_at FROM customers
WHERE erased_at IS NOT NULL;

-- All events of a subject are found by it, not only those whose bodies are there.
DROP INDEX outbox_by_subject;
CREATE INDEX outbox_by_subject ON outbox (business_id, subject_id);
