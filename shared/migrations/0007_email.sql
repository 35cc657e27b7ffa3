-- The Message-ID that a provider gave a mail of ours, by which answers name it.
CREATE TABLE email_ids (
  business_id TEXT NOT NULL,
  channel_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  provider_id TEXT NOT NULL, -- that of messages
  created_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, channel_id, message_id)
) WITHOUT ROWID;

CREATE INDEX email_ids_by_provider ON email_ids (business_id, channel_id, provider_id);

-- A domain all of whose mail is answers to one account's.
CREATE INDEX channels_by_reply_domain ON channels (settings ->> 'reply_domain')
  WHERE kind = 'email' AND deleted_at IS NULL;
