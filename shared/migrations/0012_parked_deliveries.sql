-- Deliveries of providers that were parked in KV while the database was away, and failed since. A row
-- is there from the first failed try on; its bytes lie in KV under `inbound/…`, or `dead-inbound/…` once
-- it was given up.
CREATE TABLE parked_deliveries (
  key TEXT NOT NULL PRIMARY KEY,
  receiver TEXT NOT NULL,
  tries INTEGER NOT NULL,
  state TEXT NOT NULL, -- waiting | dead
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  first_tried_at INTEGER NOT NULL,
  last_tried_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
