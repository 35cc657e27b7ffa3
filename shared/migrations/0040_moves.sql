-- Which businesses are not simply in this database: those that are being moved to another one or from there, and those
-- that were moved (docs/databases.md). The row of one that was moved stays, so that whoever looks for it here goes on to
-- where it is.
CREATE TABLE moves (
  business_id TEXT NOT NULL,
  -- Where it is moved from: draining, frozen, flipping, moved. Where it is moved to: arriving.
  state TEXT NOT NULL CHECK (state IN ('draining', 'frozen', 'flipping', 'moved', 'arriving')),
  -- The other database, by its number.
  other INTEGER NOT NULL,
  -- How far its step is, as the mover wrote it; empty once there is nothing left to do.
  progress TEXT NOT NULL,
  -- When the state began, in microseconds.
  since INTEGER NOT NULL,
  -- When the mover last got on, and until when one call of it is at it alone.
  touched_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business_id)
) WITHOUT ROWID;

CREATE INDEX moves_open ON moves (business_id) WHERE progress <> '';
