-- Replies that are sent by themselves: on which kinds of conversations, each with the time since which that is so.
ALTER TABLE reply_settings ADD COLUMN auto_reply TEXT NOT NULL DEFAULT '{}'; -- JSON: microseconds by kind
-- Why the server that writes replies did not write the last one; NULL once it writes again.
ALTER TABLE reply_settings ADD COLUMN failure TEXT;
ALTER TABLE reply_settings ADD COLUMN failed_at INTEGER;

-- What customers wrote that is to be replied to, once for each message.
CREATE TABLE auto_replies (
  business_id TEXT NOT NULL,
  message_id TEXT NOT NULL, -- what the customer wrote
  conversation_id TEXT NOT NULL,
  state TEXT NOT NULL, -- waiting, sending, handing_off; sent, handed_off, skipped
  written_at INTEGER NOT NULL, -- created_at of that message
  reason TEXT, -- why it was not replied to: a word of a closed list
  tries INTEGER NOT NULL DEFAULT 0,
  due_at INTEGER, -- when it is looked at, or given up that somebody does; NULL once that is over
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business_id, message_id)
) WITHOUT ROWID;
CREATE INDEX auto_replies_due ON auto_replies (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX auto_replies_by_conversation ON auto_replies (business_id, conversation_id, written_at);
CREATE INDEX auto_replies_by_age ON auto_replies (created_at) WHERE due_at IS NULL;
