-- What Messenger and Instagram need beside WhatsApp.

-- Instagram signs by the secret of one of two apps; accounts have both.
ALTER TABLE channels ADD COLUMN second_secret_id TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX channels_by_second_address ON channels (kind, address, second_secret_id)
  WHERE deleted_at IS NULL AND second_secret_id <> '';
DROP INDEX channels_by_app_secret;
CREATE INDEX channels_by_app_secret ON channels (app_secret_id, second_secret_id)
  WHERE deleted_at IS NULL AND app_secret_id <> '';

-- Up to when, by the provider's clock, the customer got and read what was sent: for messages whose
-- sending is recorded later.
ALTER TABLE conversations ADD COLUMN delivered_up_to INTEGER;
ALTER TABLE conversations ADD COLUMN read_up_to INTEGER;

-- What a watermark may still move.
CREATE INDEX messages_unread ON messages (business_id, conversation_id, sent_at)
  WHERE direction = 'outbound' AND channel IN ('facebook', 'instagram')
    AND status IN ('sent', 'delivered');

-- Edits and deletions that came before their message.
CREATE TABLE message_revisions (
  business_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  edits INTEGER NOT NULL, -- which edit it is, the first being 1
  content TEXT NOT NULL,
  is_deleted INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, channel_id, provider_id)
) WITHOUT ROWID;

CREATE INDEX message_revisions_by_age ON message_revisions (business_id, created_at);
