-- How much of what a business may have, where the operator said so; else the default of the program.
CREATE TABLE quotas (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  kind TEXT NOT NULL, -- channels, webhooks, api_keys, stored_bytes, messages_per_day
  n INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, kind)
) WITHOUT ROWID;

-- How much of it there is. Kept by the triggers below in the transaction of what they count, so that
-- nobody counts rows.
CREATE TABLE usage_counts (
  business_id TEXT NOT NULL,
  kind TEXT NOT NULL, -- channels, webhooks, api_keys, stored_bytes, sent, received
  day INTEGER NOT NULL, -- since 1970, UTC; 0 for what is not counted by the day
  n INTEGER NOT NULL,
  PRIMARY KEY (business_id, kind, day)
) WITHOUT ROWID;

INSERT INTO usage_counts (business_id, kind, day, n)
  SELECT business_id, 'channels', 0, count(*) FROM channels WHERE deleted_at IS NULL GROUP BY business_id;
INSERT INTO usage_counts (business_id, kind, day, n)
  SELECT business_id, 'webhooks', 0, count(*) FROM webhook_endpoints WHERE deleted_at IS NULL
  GROUP BY business_id;
INSERT INTO usage_counts (business_id, kind, day, n)
  SELECT business_id, 'api_keys', 0, count(*) FROM api_keys WHERE revoked_at IS NULL GROUP BY business_id;
INSERT INTO usage_counts (business_id, kind, day, n)
  SELECT business_id, 'stored_bytes', 0, sum(coalesce(size, 0)) FROM attachments WHERE state = 'ready'
  GROUP BY business_id;

CREATE TRIGGER channel_counted AFTER INSERT ON channels WHEN new.deleted_at IS NULL
BEGIN
  INSERT INTO usage_counts (business_id, kind, day, n) VALUES (new.business_id, 'channels', 0, 1)
    ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER channel_uncounted AFTER UPDATE OF deleted_at ON channels
WHEN (new.deleted_at IS NULL) <> (old.deleted_at IS NULL)
BEGIN
  UPDATE usage_counts SET n = n + iif(new.deleted_at IS NULL, 1, -1)
    WHERE business_id = new.business_id AND kind = 'channels' AND day = 0;
END;

CREATE TRIGGER channel_gone AFTER DELETE ON channels WHEN old.deleted_at IS NULL
BEGIN
  UPDATE usage_counts SET n = n - 1
    WHERE business_id = old.business_id AND kind = 'channels' AND day = 0;
END;

CREATE TRIGGER webhook_counted AFTER INSERT ON webhook_endpoints WHEN new.deleted_at IS NULL
BEGIN
  INSERT INTO usage_counts (business_id, kind, day, n) VALUES (new.business_id, 'webhooks', 0, 1)
    ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER webhook_uncounted AFTER UPDATE OF deleted_at ON webhook_endpoints
WHEN (new.deleted_at IS NULL) <> (old.deleted_at IS NULL)
BEGIN
  UPDATE usage_counts SET n = n + iif(new.deleted_at IS NULL, 1, -1)
    WHERE business_id = new.business_id AND kind = 'webhooks' AND day = 0;
END;

CREATE TRIGGER webhook_gone AFTER DELETE ON webhook_endpoints WHEN old.deleted_at IS NULL
BEGIN
  UPDATE usage_counts SET n = n - 1
    WHERE business_id = old.business_id AND kind = 'webhooks' AND day = 0;
END;

CREATE TRIGGER api_key_counted AFTER INSERT ON api_keys WHEN new.revoked_at IS NULL
BEGIN
  INSERT INTO usage_counts (business_id, kind, day, n) VALUES (new.business_id, 'api_keys', 0, 1)
    ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER api_key_uncounted AFTER UPDATE OF revoked_at ON api_keys
WHEN (new.revoked_at IS NULL) <> (old.revoked_at IS NULL)
BEGIN
  UPDATE usage_counts SET n = n + iif(new.revoked_at IS NULL, 1, -1)
    WHERE business_id = new.business_id AND kind = 'api_keys' AND day = 0;
END;

CREATE TRIGGER api_key_gone AFTER DELETE ON api_keys WHEN old.revoked_at IS NULL
BEGIN
  UPDATE usage_counts SET n = n - 1
    WHERE business_id = old.business_id AND kind = 'api_keys' AND day = 0;
END;

CREATE TRIGGER attachment_counted AFTER INSERT ON attachments WHEN new.state = 'ready'
BEGIN
  INSERT INTO usage_counts (business_id, kind, day, n)
    VALUES (new.business_id, 'stored_bytes', 0, coalesce(new.size, 0))
    ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER attachment_recounted AFTER UPDATE OF state, size ON attachments
WHEN iif(new.state = 'ready', coalesce(new.size, 0), 0) <> iif(old.state = 'ready', coalesce(old.size, 0), 0)
BEGIN
  INSERT INTO usage_counts (business_id, kind, day, n)
    VALUES (new.business_id, 'stored_bytes', 0, iif(new.state = 'ready', coalesce(new.size, 0), 0)
      - iif(old.state = 'ready', coalesce(old.size, 0), 0))
    ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER attachment_gone AFTER DELETE ON attachments WHEN old.state = 'ready'
BEGIN
  UPDATE usage_counts SET n = n - coalesce(old.size, 0)
    WHERE business_id = old.business_id AND kind = 'stored_bytes' AND day = 0;
END;

CREATE TRIGGER message_counted AFTER INSERT ON messages
BEGIN
  INSERT INTO usage_counts (business_id, kind, day, n)
    VALUES (new.business_id, iif(new.direction = 'inbound', 'received', 'sent'),
      new.created_at / 86400000000, 1)
    ON CONFLICT (business_id, kind, day) DO UPDATE SET n = n + 1;
END;
