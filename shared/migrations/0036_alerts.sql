-- What is watched for a business, and who is told of it.

-- When a business is looked after next; while somebody does, when that must have ended.
ALTER TABLE businesses ADD COLUMN watch_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX businesses_by_watch ON businesses (watch_at);
-- Up to which messages.created_at what customers wrote is counted in inbound_hours.
ALTER TABLE businesses ADD COLUMN inbound_counted_to INTEGER NOT NULL DEFAULT 0;

CREATE TABLE alert_settings (
  business_id TEXT NOT NULL PRIMARY KEY REFERENCES businesses (id),
  rules TEXT NOT NULL DEFAULT '{}', -- JSON: by cause, what is not as by default
  quiet_hours TEXT, -- JSON; NULL: none
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Who is told. Endpoints of webhooks are told by the events alert.raised and alert.resolved.
CREATE TABLE alert_destinations (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  type TEXT NOT NULL, -- email, slack
  name TEXT NOT NULL,
  address TEXT NOT NULL, -- an address of email; of a URL, which is a secret, its host
  credentials TEXT NOT NULL DEFAULT '', -- the URL, sealed
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE INDEX alert_destinations_by_master_key
  ON alert_destinations (substr(credentials, 1, 11), business_id, id) WHERE credentials <> '';

-- Of one cause and one thing there is one alert while it lasts.
CREATE TABLE alerts (
  business_id TEXT NOT NULL,
  id TEXT NOT NULL,
  cause TEXT NOT NULL,
  severity TEXT NOT NULL, -- critical, warning
  object TEXT NOT NULL, -- the thing, within the cause: an id, a connector, a queue
  name TEXT NOT NULL, -- of the thing, for people
  summary TEXT NOT NULL, -- a sentence
  began_at INTEGER NOT NULL,
  raised_at INTEGER NOT NULL,
  clear_since INTEGER, -- since when the cause was not seen any more
  ended_at INTEGER,
  acknowledged_at INTEGER,
  acknowledged_by TEXT, -- a member, or a key
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX alerts_once ON alerts (business_id, cause, object) WHERE ended_at IS NULL;
CREATE INDEX alerts_open ON alerts (business_id, id) WHERE ended_at IS NULL;

-- Who is told what, each once.
CREATE TABLE alert_notifications (
  business_id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  destination_id TEXT NOT NULL,
  event TEXT NOT NULL, -- raised, resolved
  state TEXT NOT NULL DEFAULT 'pending', -- pending, sent, failed, skipped
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER, -- pending: when to send it; while somebody does: when that must have ended
  sent_at INTEGER,
  error TEXT, -- why it was not sent, for people
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, alert_id, destination_id, event)
) WITHOUT ROWID;

CREATE INDEX alert_notifications_due ON alert_notifications (due_at) WHERE due_at IS NOT NULL;

-- How many messages customers wrote to an account in an hour, for the last weeks.
CREATE TABLE inbound_hours (
  business_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  hour INTEGER NOT NULL, -- since 1970
  n INTEGER NOT NULL,
  last_at INTEGER NOT NULL, -- of the last of them
  PRIMARY KEY (business_id, channel_id, hour)
) WITHOUT ROWID;

-- What crm_days had come to at a time, so that the jobs of an hour can be told.
CREATE TABLE alert_samples (
  business_id TEXT NOT NULL,
  connector TEXT NOT NULL,
  at INTEGER NOT NULL,
  day INTEGER NOT NULL,
  done INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  PRIMARY KEY (business_id, connector, at)
) WITHOUT ROWID;

-- When the provider says that an account's token ends; NULL: never, or it does not say.
ALTER TABLE channels ADD COLUMN token_ends_at INTEGER;
-- When it is asked next. The credentials may be others since it was asked last.
ALTER TABLE channels ADD COLUMN token_check_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX channels_by_token_check ON channels (token_check_at)
  WHERE deleted_at IS NULL AND status = 'active' AND kind IN ('whatsapp', 'facebook', 'facebook_comments', 'instagram');
