-- Accounts at providers by which a business is reached.
CREATE TABLE channels (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  kind TEXT NOT NULL, -- whatsapp, facebook, instagram, sms, email
  name TEXT NOT NULL,
  address TEXT NOT NULL, -- the account at the provider: phone_number_id, page_id, address
  settings TEXT NOT NULL DEFAULT '{}', -- JSON: what else is known of it and no secret
  credentials TEXT, -- JSON, sealed under MASTER_KEY; NULL once deleted
  app_secret_id TEXT NOT NULL DEFAULT '', -- of a Meta account: which app secret signs for it
  verify_token_id TEXT, -- of a Meta account: which token its handshake tells
  status TEXT NOT NULL DEFAULT 'active', -- active, disabled
  status_reason TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

-- A provider names the account, not the business. The secret belongs to the key, so that nobody can
-- hold an account that is another's.
CREATE UNIQUE INDEX channels_by_address ON channels (kind, address, app_secret_id)
  WHERE deleted_at IS NULL;
CREATE INDEX channels_by_app_secret ON channels (app_secret_id)
  WHERE deleted_at IS NULL AND app_secret_id <> '';
CREATE INDEX channels_by_verify_token ON channels (verify_token_id)
  WHERE deleted_at IS NULL AND verify_token_id IS NOT NULL;

CREATE TABLE conversations (
  business_id TEXT NOT NULL,
  id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  channel TEXT NOT NULL, -- the channel's kind
  status TEXT NOT NULL DEFAULT 'open', -- open, pending, snoozed, closed
  priority TEXT NOT NULL DEFAULT 'medium', -- low, medium, high, urgent
  assignee TEXT,
  tags TEXT NOT NULL DEFAULT '[]', -- JSON array of texts
  message_count INTEGER NOT NULL DEFAULT 0,
  last_message_at INTEGER NOT NULL, -- created_at of the newest message, or of the conversation
  last_inbound_at INTEGER, -- the provider's time of the customer's newest message: the window
  closed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX conversations_unclosed ON conversations (business_id, customer_id, channel_id)
  WHERE status <> 'closed';
CREATE INDEX conversations_by_customer
  ON conversations (business_id, customer_id, last_message_at);

-- created_at is the order in which messages were committed: strictly increasing within a business,
-- so that whoever polls by it neither skips nor repeats one.
CREATE TABLE messages (
  business_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  direction TEXT NOT NULL, -- inbound, outbound
  type TEXT NOT NULL, -- text, image, video, audio, document, sticker, location, contacts, ...
  content TEXT NOT NULL DEFAULT '',
  detail TEXT, -- JSON object: what the type has beside its text
  status TEXT NOT NULL, -- received; queued, uncertain, sent, delivered, read, failed
  error TEXT, -- JSON: {"code", "message"}, of a message that failed or is unsure
  provider_id TEXT,
  reply_to TEXT, -- the id of the message that it answers
  sent_at INTEGER, -- the provider's time
  delivered_at INTEGER,
  read_at INTEGER,
  failed_at INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, created_at)
) WITHOUT ROWID;

CREATE UNIQUE INDEX messages_by_id ON messages (business_id, id);
CREATE UNIQUE INDEX messages_by_provider ON messages (business_id, channel_id, provider_id)
  WHERE provider_id IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages (business_id, conversation_id, created_at);

-- Empty between transactions: what one ingest takes in, while it finds out whose it is.
CREATE TABLE inbound_items (
  business_id TEXT NOT NULL,
  n INTEGER NOT NULL, -- the order in which they came
  channel_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  names TEXT NOT NULL, -- JSON: [[kind, value], ...] by which the sender may be known, best first
  name TEXT, -- the sender's, as the provider tells it
  whatsapp_number TEXT,
  phone TEXT, -- for a sender who is new
  new_customer_id TEXT NOT NULL, -- the same for all of one sender
  new_conversation_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  type TEXT NOT NULL,
  content TEXT NOT NULL,
  detail TEXT,
  sent_at INTEGER,
  reply_to TEXT, -- the provider's id of what it answers
  media TEXT, -- JSON: [[attachment id, filename, type, source], ...]
  opens_window INTEGER NOT NULL, -- whether the customer wrote, not the platform
  customer_id TEXT,
  is_new_customer INTEGER NOT NULL DEFAULT 0,
  conversation_id TEXT,
  PRIMARY KEY (business_id, n)
) WITHOUT ROWID;

CREATE INDEX inbound_items_by_customer ON inbound_items (business_id, customer_id);

-- What is being sent. The message's own row says how it stands for readers.
CREATE TABLE sends (
  business_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  state TEXT NOT NULL, -- queued, sending, done
  request TEXT NOT NULL, -- JSON: what to send, without credentials
  tries INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER, -- queued: when to try; sending: when to give up hope of an answer
  idempotency_key TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, message_id)
) WITHOUT ROWID;

CREATE INDEX sends_due ON sends (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX sends_by_idempotency_key ON sends (business_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- Statuses that came before the message knew its provider's id.
CREATE TABLE unmatched_statuses (
  business_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  status TEXT NOT NULL,
  at INTEGER NOT NULL,
  error TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, channel_id, provider_id, status)
) WITHOUT ROWID;

CREATE INDEX unmatched_statuses_by_age ON unmatched_statuses (business_id, created_at);

-- Names that no column of a customer holds.
CREATE INDEX identities_of_channels ON identities (business_id, customer_id)
  WHERE kind IN ('whatsapp_user', 'facebook', 'instagram');

-- Bytes lie in KV, under <business_id>/<id>.
CREATE TABLE attachments (
  business_id TEXT NOT NULL,
  id TEXT NOT NULL,
  message_id TEXT, -- NULL until a message carries it
  position INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL, -- ready, pending, failed
  filename TEXT NOT NULL,
  type TEXT NOT NULL,
  size INTEGER,
  sha256 TEXT, -- hexadecimal
  source TEXT, -- JSON: where a pending one is fetched
  error TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER, -- when a pending one is fetched next
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX attachments_by_id ON attachments (id);
CREATE INDEX attachments_by_message ON attachments (business_id, message_id, position)
  WHERE message_id IS NOT NULL;
CREATE INDEX attachments_due ON attachments (due_at) WHERE due_at IS NOT NULL;

-- What an event says that its subject's row will not say any more, and its body, built once.
ALTER TABLE outbox ADD COLUMN detail TEXT;
ALTER TABLE outbox ADD COLUMN body TEXT; -- empty once the person it was about is erased

CREATE INDEX outbox_by_subject ON outbox (business_id, subject_id) WHERE body IS NOT NULL;

-- Up to which sequence a business's events have been handed to its endpoints.
ALTER TABLE businesses ADD COLUMN fanned_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE businesses ADD COLUMN reopen_hours INTEGER NOT NULL DEFAULT 72;

-- Events that wait for the bytes of their message's attachments, though not for long.
CREATE TABLE held_events (
  business_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, sequence)
) WITHOUT ROWID;

CREATE INDEX held_events_due ON held_events (due_at);
CREATE INDEX held_events_by_message ON held_events (business_id, message_id);

CREATE TABLE webhook_endpoints (
  business_id TEXT NOT NULL REFERENCES businesses (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  events TEXT NOT NULL, -- JSON array of event names
  status TEXT NOT NULL DEFAULT 'active', -- active, disabled
  disabled_reason TEXT,
  secret TEXT NOT NULL, -- sealed under MASTER_KEY
  old_secret TEXT, -- while a rotation overlaps
  old_secret_until INTEGER,
  failing_since INTEGER, -- of the first failed delivery since the last that succeeded
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE TABLE deliveries (
  business_id TEXT NOT NULL,
  id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL,
  sequence INTEGER NOT NULL, -- of the event in the outbox
  event TEXT NOT NULL,
  event_id TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'pending', -- pending, delivered, failed
  attempts INTEGER NOT NULL DEFAULT 0, -- all of them, which numbers them
  tries INTEGER NOT NULL DEFAULT 0, -- since it was last made due by a person
  due_at INTEGER, -- pending: when to try; while one tries: when that must have ended
  lease TEXT, -- of the job that tries
  reason TEXT, -- why a failed one is not tried again
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX deliveries_by_event ON deliveries (business_id, endpoint_id, sequence);
CREATE INDEX deliveries_by_status ON deliveries (business_id, endpoint_id, status, sequence);
CREATE INDEX deliveries_due_of_endpoint ON deliveries (business_id, endpoint_id, due_at)
  WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_leased ON deliveries (business_id, endpoint_id, due_at)
  WHERE lease IS NOT NULL;

CREATE TABLE delivery_attempts (
  business_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  status_code INTEGER,
  duration_ms INTEGER NOT NULL,
  response_excerpt TEXT, -- the first 4 KiB of the answer
  error TEXT,
  PRIMARY KEY (business_id, delivery_id, number)
) WITHOUT ROWID;
