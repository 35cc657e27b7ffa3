-- What the operator does to a business, and in it.

-- Suspended: its keys, sessions and tokens are refused, what it sends waits. What comes in is stored.
ALTER TABLE businesses ADD COLUMN suspended_at INTEGER;
ALTER TABLE businesses ADD COLUMN suspended_reason TEXT;
-- The operator lists businesses by their names. lower() knows ASCII alone.
CREATE INDEX businesses_by_name ON businesses (lower(name), id);

-- A session that the operator opened as support. It has neither key nor member; it ends at expires_at.
ALTER TABLE sessions ADD COLUMN support_role TEXT; -- viewer, agent or admin
ALTER TABLE sessions ADD COLUMN support_reason TEXT;

-- Why, where the operator changed something.
ALTER TABLE audit_log ADD COLUMN reason TEXT;
