-- Conversations that a provider tells apart itself: a customer may have several at once on one account.
ALTER TABLE conversations ADD COLUMN thread TEXT NOT NULL DEFAULT ''; -- the provider's id of it; '' where it has none
ALTER TABLE inbound_items ADD COLUMN thread TEXT NOT NULL DEFAULT '';

DROP INDEX conversations_unclosed;
CREATE UNIQUE INDEX conversations_unclosed ON conversations (business_id, customer_id, channel_id)
  WHERE status <> 'closed' AND thread = '';
CREATE UNIQUE INDEX conversations_by_thread ON conversations (business_id, channel_id, thread)
  WHERE thread <> '';

-- People as a source of conversations knows them. One customer may be several there, and a merged one is
-- followed.
CREATE TABLE source_contacts (
  business_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  remote_id TEXT NOT NULL,
  customer_id TEXT, -- also of a merged one; NULL while nobody can tell who it is, and nobody was told of it
  merged_into TEXT, -- the remote id of the contact that took its place
  fingerprint TEXT, -- of the fields on which both sides last agreed
  last_activity_at INTEGER, -- by the source's clock, as last read
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, channel_id, remote_id)
) WITHOUT ROWID;

CREATE INDEX source_contacts_by_customer ON source_contacts (business_id, customer_id)
  WHERE customer_id IS NOT NULL;
